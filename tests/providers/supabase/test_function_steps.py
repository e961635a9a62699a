"""The steps of a function's life by themselves: inputs, checks, records, and what is restored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.request import CreateRequest, DeleteRequest, ReadRequest, UpdateRequest
from pulumi_provider_kit.stack_state import Past
from pulumi_provider_kit.values import UNKNOWN, plain, wrap
from pulumi_supabase.edge_function import EdgeFunction
from pulumi_supabase.edge_function.adoption import function_claim, put_back, take_over
from pulumi_supabase.edge_function.checks import Check, CheckFailed, Patience, parse_checks, run_checks
from pulumi_supabase.edge_function.inputs import functions_url, revision_of, rollout_of
from pulumi_supabase.edge_function.live import LiveFunction
from pulumi_supabase.edge_function.original import from_state, imported_inputs, to_state
from pulumi_supabase.edge_function.revision import Deployment
from pulumi_supabase.edge_function.rollout import NotRolledOut, Rollout
from pulumi_supabase.edge_function.state import foreseen
from pulumi_supabase.edge_function.table import TABLE

from tests.providers.supabase.scripted import REF, Scripted, answer

T = TypeVar("T")
FUNCTION = {
    "id": "id",
    "slug": "answer",
    "name": "Answers",
    "version": 3,
    "status": "ACTIVE",
    "verify_jwt": False,
    "ezbr_sha256": "b3",
}
LIVE = LiveFunction("id", "answer", "Answers", 3, "ACTIVE", False, "b3", "index.ts", "")
URL = f"https://{REF}.supabase.co/functions/v1/answer"
PUBLIC = "/functions/v1/answer"
OLD = Deployment({"index.ts": b"old"}, "index.ts", "", (), False, "Answers")
NEW = Deployment({"index.ts": b"new"}, "index.ts", "", (), False, "Answers", "r1")
QUICK = Patience(0.0, 1)


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end."""
    return asyncio.run(coroutine)


def given(folder: Path, **more: Any) -> dict[str, Any]:
    """Return inputs for a function of one file."""
    (folder / "index.ts").write_text("export {};", encoding="utf-8")
    values = {"projectRef": REF, "slug": "answer", "directory": str(folder), "verifyJwt": False, **more}
    return {name: wrap(value) for name, value in values.items()}


class TestInputs:
    """What a program gives."""

    @pytest.mark.parametrize(
        "name",
        [
            "directory",
            "entrypoint",
            "importMap",
            "staticPatterns",
            "revisionFile",
            "files",
            "triggers",
            "verifyJwt",
            "name",
        ],
    )
    def test_the_revision_is_not_known_before_everything_in_it_is(self, tmp_path: Path, name: str) -> None:
        """A revision of half of the settings would not be the deployed one."""
        assert revision_of(given(tmp_path)) is not None
        assert revision_of({**given(tmp_path), name: UNKNOWN}) is None

    def test_what_is_left_out_has_its_documented_default(self, tmp_path: Path) -> None:
        """Supabase's own domain, the checks of the slug for the candidate, 120 seconds, three times."""
        inputs = given(tmp_path, checks=[{"name": "up"}])
        rollout = rollout_of(Scripted({}).operation, inputs)
        assert (rollout.ref, rollout.slug) == (REF, "answer")
        assert rollout.functions_url == f"https://{REF}.supabase.co/functions/v1"
        assert (
            rollout.checks
            == rollout.candidate_checks
            == (Check("up", "POST", "", {}, None, None, 200, {}, None),)
        )
        assert rollout.patience == Patience(120.0, 3)

    def test_what_is_given_arrives(self, tmp_path: Path) -> None:
        """Each in its place."""
        inputs = given(
            tmp_path,
            projectUrl="https://api.example.com",
            checks=[{"name": "a", "method": "GET", "path": "/x", "body": "b", "expect": {"status": 204}}],
            candidateChecks=[],
            checkTimeoutSeconds=7,
            consecutiveChecks=2,
        )
        rollout = rollout_of(Scripted({}).operation, inputs)
        assert rollout.functions_url == functions_url(inputs) == "https://api.example.com/functions/v1"
        assert rollout.checks == (Check("a", "GET", "/x", {}, None, "b", 204, {}, None),)
        assert rollout.candidate_checks == ()
        assert rollout.patience == Patience(7.0, 2)

    @pytest.mark.parametrize(
        ("name", "accepted", "refused"),
        [
            ("slug", ["a", "a-b_C9"], ["", "1a", "-a", "a b", "a/b", "ä"]),
            ("projectUrl", ["https://a.example", "http://127.0.0.1:1"], ["a.example", "https://a.example/"]),
            ("entrypoint", ["a.ts", "a/b.ts"], ["", "/a.ts", "../a.ts", "a/../../b.ts", "a\\b.ts"]),
            ("revisionFile", ["a.json"], ["../a.json"]),
            ("files", [{}, {"a.ts": "x"}], [{"a.ts": "x", "../b.ts": "y"}]),
            ("checkTimeoutSeconds", [1], [0, -1]),
            ("consecutiveChecks", [1], [0]),
        ],
    )
    def test_what_each_property_accepts(self, name: str, accepted: list[Any], refused: list[Any]) -> None:
        """Refused by the check, before anything is sent."""
        check = next(p for p in TABLE.properties if p.name == name).check
        assert check is not None
        assert [value for value in accepted if check(value) is not None] == []
        assert [value for value in refused if check(value) is None] == []

    @pytest.mark.parametrize(
        ("values", "is_secret"),
        [
            ({"files": {"a.ts": wrap("x")}, "triggers": {"A": wrap("1")}}, False),
            ({"files": {"a.ts": wrap("x"), "b.ts": wrap("y", is_secret=True)}}, True),
            ({"triggers": {"A": wrap("1", is_secret=True)}}, True),
            ({"triggers": wrap({"A": "1"}, is_secret=True)}, True),
        ],
    )
    def test_a_hash_over_a_secret_is_secret(
        self, tmp_path: Path, values: Mapping[str, Any], is_secret: bool
    ) -> None:
        """Whichever part of it is secret."""
        known = foreseen(given(tmp_path, **values))
        assert known["revision"].is_secret is is_secret
        assert plain(known["url"]) == URL

    @pytest.mark.parametrize("name", ["projectRef", "slug", "projectUrl"])
    def test_the_url_is_not_known_before_its_parts_are(self, tmp_path: Path, name: str) -> None:
        """A preview does not show half an address."""
        assert "url" not in foreseen({**given(tmp_path), name: UNKNOWN})


def asked(check: Mapping[str, Any], reply: httpx.Response | Exception) -> str:
    """Return the failure of one check; empty where the answer is the expected one."""
    method = str(check.get("method", "POST"))
    scripted = Scripted({f"{method} {PUBLIC}": reply})
    try:
        run(
            run_checks(
                scripted.operation, URL, parse_checks([{"name": "c", **check}]), revision="r1", patience=QUICK
            )
        )
    except CheckFailed as failed:
        return str(failed)
    return ""


class TestChecks:
    """A request and the expected answer."""

    @pytest.mark.parametrize(
        ("expect", "body", "correct"),
        [
            (
                {"json": {"n": "3", "on": "true", "s": "x", "l": "[1]"}},
                '{"n":3,"on":true,"s":"x","l":[1]}',
                True,
            ),
            ({"json": {"n": "3"}}, '{"n":"3"}', True),
            ({"json": {"n": "3"}}, '{"n":4}', False),
            ({"json": {"n": "3", "s": "x"}}, '{"n":3}', False),
            ({"json": {"r": "id {revision}"}}, '{"r":"id r1"}', True),
            ({"json": {"r": "{revision}"}}, '{"r":"r0"}', False),
            ({"json": {"n": "3"}}, "[3]", False),
            ({"json": {"n": "3"}}, "n=3", False),
            ({"contains": "b"}, "abc", True),
            ({"contains": "d"}, "abc", False),
            ({"contains": ""}, "", True),
            ({"contains": "3", "json": {"n": "4"}}, '{"n":3}', False),
            ({}, "anything", True),
            ({"status": 201}, "anything", False),
        ],
    )
    def test_the_expected_answer(self, expect: dict[str, Any], body: str, correct: bool) -> None:
        """Status, text and JSON must all be as expected; what is not text is compared as JSON."""
        failure = asked({"expect": expect}, httpx.Response(200, content=body.encode()))
        assert (failure == "") is correct
        if not correct:
            assert "answer: check 'c' expected" in failure
            assert f"status {expect.get('status', 200)}" in failure
            assert body in failure
            assert str(expect.get("contains", "")) in failure

    @pytest.mark.parametrize(
        "reply",
        [
            httpx.ReadTimeout(""),
            httpx.ConnectError(""),
            httpx.InvalidURL(""),
            httpx.RemoteProtocolError(""),
            httpx.DecodingError(""),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_no_answer_is_a_wrong_answer(self, reply: Exception) -> None:
        """It may come with the next round; in the end it is one sentence."""
        assert "last seen: no answer" in asked({}, reply)

    def test_what_a_check_sends_does_not_show(self) -> None:
        """A function may echo a header or a form; the longer of two values that begin alike is masked whole."""
        check = {
            "headers": {"X-Key": "secret-header"},
            "form": {"a": "secret-form", "b": "secret-form-and-more", "c": "short"},
        }
        echo = "secret-header secret-form secret-form-and-more short"
        failure = asked({**check, "expect": {"status": 500}}, httpx.Response(200, content=echo.encode()))
        assert "*** *** *** short" in failure

    def test_a_long_answer_is_cut_and_an_empty_one_is_named(self) -> None:
        """A page of HTML does not fill the terminal."""
        wrong = {"expect": {"status": 500}}
        failure = asked(wrong, httpx.Response(200, content=b"x" * 201))
        assert "x" * 200 + "..." in failure
        assert "x" * 201 not in failure
        assert "..." not in asked(wrong, httpx.Response(200, content=b"x" * 200))
        assert "nothing in the body" in asked(wrong, httpx.Response(200, content=b" \n"))

    def test_a_wrong_answer_begins_the_count_again(self) -> None:
        """Three in a row means in a row; waits grow, and each correct answer makes them short again."""
        replies = [answer(status) for status in (200, 200, 500, 500, 200, 500, 200, 200, 200)]
        scripted = Scripted({f"GET {PUBLIC}": replies})
        checks = parse_checks([{"name": "c", "method": "GET"}])
        run(run_checks(scripted.operation, URL, checks, revision="", patience=Patience(60.0, 3)))
        assert len(scripted.requests) == len(replies)
        first, second, third = (scripted.waits[n] for n in (2, 3, 5))
        assert first < second
        assert third == first


class TestRecords:
    """A function's previous files in the state, and as a program's inputs."""

    def test_the_record_restores_everything(self) -> None:
        """Text, bytes that are no text, and each setting."""
        found = Deployment(
            files={"a/index.ts": "é".encode(), "a/logo.png": b"\xff\x00"},
            entrypoint="a/index.ts",
            import_map="a/deno.json",
            static_patterns=("a/*.png",),
            verify_jwt=True,
            name="Answers",
        )
        assert from_state(to_state(found)) == found
        assert json.loads(to_state(found))["files"] == {"a/index.ts": "é"}

    @pytest.mark.parametrize(
        "other",
        [{"verify_jwt": True}, {"name": "x"}, {"entrypoint": "b.ts"}, {"files": {"index.ts": b"x"}}],
    )
    def test_another_deploy_is_not_the_same(self, other: dict[str, Any]) -> None:
        """Each of these makes another function."""
        assert OLD.is_same(replace(OLD))
        assert not OLD.is_same(replace(OLD, **other))

    def test_an_import_describes_the_function(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What differs from the defaults is an input; hashes are by the paths that this provider sends."""
        monkeypatch.chdir(tmp_path)
        plain_inputs = _imported(LIVE, OLD)
        assert plain_inputs == {
            "projectRef": REF,
            "slug": "answer",
            "directory": "supabase/functions/answer",
            "verifyJwt": False,
            "name": "Answers",
            "fileHashes": plain_inputs["fileHashes"],
            "deployment": "of this program",
        }
        found = Deployment(
            {"f/answer/main.ts": b"1", "f/_shared/a.ts": b"2", "lib.ts": b"3"},
            "f/answer/main.ts",
            "f/answer/map.json",
            (),
            True,
            "answer",
        )
        (tmp_path / "functions" / "answer").mkdir(parents=True)
        inputs = _imported(replace(LIVE, name="answer", verify_jwt=True), found)
        assert inputs["directory"] == "functions/answer"
        assert (inputs["entrypoint"], inputs["importMap"], inputs["verifyJwt"]) == ("main.ts", "map.json", True)
        assert set(inputs["fileHashes"]) == {"answer/main.ts", "_shared/a.ts", "lib.ts"}
        assert inputs["fileHashes"]["lib.ts"] == "4e07408562bedb8b"
        assert "name" not in inputs
        for usual in ("deno.json", "deno.jsonc"):
            assert "importMap" not in _imported(LIVE, replace(OLD, import_map=f"f/answer/{usual}"))

    @pytest.mark.parametrize("folder", ["supabase/functions", "../supabase/functions", "../functions"])
    def test_an_import_finds_the_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
    ) -> None:
        """The program may be next to the functions, or one folder below."""
        program = tmp_path / "infra"
        program.mkdir()
        (program / folder / "answer").mkdir(parents=True)
        monkeypatch.chdir(program)
        assert _imported(LIVE, OLD)["directory"] == f"{folder}/answer"


def _imported(live: LiveFunction, found: Deployment) -> dict[str, Any]:
    return {name: plain(value) for name, value in imported_inputs(REF, live, found).items()}


def rolled_out(scripted: Scripted, previous: LiveFunction | None, before: Deployment | None) -> LiveFunction:
    """Deploy without a candidate, with one check of the slug."""
    rollout = Rollout(
        operation=scripted.operation,
        ref=REF,
        slug="answer",
        functions_url=URL.rpartition("/")[0],
        checks=parse_checks([UP]),
        candidate_checks=(),
        patience=QUICK,
    )
    return run(rollout.deploy(NEW, previous, before))


class TestAdoption:
    """A function that exists already."""

    PAST = Past(
        "urn:pulumi:t::t::supabase:index:X::old",
        f"{REF}/answer",
        {
            "revision": wrap("r0"),
            "lastDeployed": wrap({"bundleSha256": "b3"}),
            "original": wrap("{}", is_secret=True),
        },
    )

    def taken(self, tmp_path: Path, past: Past | None = None, **more: Any) -> tuple[str | None, Scripted]:
        """Return what a new resource records of the function, and what was asked for that."""
        scripted = Scripted({BODY: FILES})
        inputs = given(tmp_path, entrypoint="index.ts", **more)
        pasts = {function_claim(REF, "answer")[0].key: past} if past else {}
        return run(take_over(replace(scripted.operation, pasts=pasts), inputs, LIVE)), scripted

    def test_one_that_this_stack_did_not_deploy_is_refused(self, tmp_path: Path) -> None:
        """A record of its files is no permission either; nor is a state that knows another deploy."""
        elsewhere = replace(self.PAST, state={**self.PAST.state, "lastDeployed": wrap({"bundleSha256": "b2"})})
        for past, more in ((None, {}), (None, {"original": "{}"}), (elsewhere, {}), (None, {"adopt": False})):
            with pytest.raises(PropertyError) as caught:
                self.taken(tmp_path, past, **more)
            assert caught.value.property == "adopt"

    def test_an_adopted_ones_files_are_recorded_once(self, tmp_path: Path) -> None:
        """By the first record: later, they may be this program's. An empty one says that there were none."""
        downloaded, scripted = self.taken(tmp_path, adopt=True)
        assert downloaded is not None
        assert from_state(downloaded).files == {"index.ts": b"old"}
        for original, kept in (("{}", "{}"), ("", None)):
            recorded, scripted = self.taken(tmp_path, adopt=True, original=original)
            assert recorded == kept
            assert scripted.asked == []

    def test_a_renamed_resource_keeps_the_record(self, tmp_path: Path) -> None:
        """And the user is told how to avoid it."""
        recorded, scripted = self.taken(tmp_path, self.PAST)
        assert recorded == "{}"
        assert [kind for kind, _ in scripted.log.messages] == ["warning"]
        assert scripted.asked == []

    def test_one_with_exactly_our_files_is_ours(self, tmp_path: Path) -> None:
        """Left behind by a killed create: it has no earlier files. Its name is kept where none is given."""
        scripted = Scripted({BODY: FILES})
        (tmp_path / "answer").mkdir()
        inputs = {**given(tmp_path / "answer"), "directory": wrap(str(tmp_path / "answer"))}
        files = {"answer/index.ts": b"export {};"}
        body = b"--b\r\nSupabase-Path: answer/index.ts\r\n\r\n" + files["answer/index.ts"] + b"\r\n--b--\r\n"
        scripted = Scripted({BODY: httpx.Response(200, content=body, headers=FILES.headers)})
        live = replace(LIVE, entrypoint="answer/index.ts")
        assert run(take_over(scripted.operation, inputs, live)) is None
        assert [kind for kind, _ in scripted.log.messages] == ["warning"]
        with pytest.raises(PropertyError):
            run(take_over(scripted.operation, {**inputs, "name": wrap("Other")}, live))

    @pytest.mark.parametrize("ours", [True, False])
    def test_a_delete_restores_the_files_unless_somebody_deployed_since(self, ours: bool) -> None:
        """Then theirs stay, with a warning."""
        scripted = Scripted({DEPLOY: DEPLOYED})
        state = {
            "revision": wrap("r0"),
            "lastDeployed": wrap({"bundleSha256": "b3" if ours else "b2"}),
            "original": wrap(to_state(OLD)),
        }
        run(put_back(scripted.operation, REF, LIVE, state))
        assert scripted.asked == ([DEPLOY] if ours else [])
        assert [kind for kind, _ in scripted.log.messages] == ["info" if ours else "warning"]
        if ours:
            assert b"old" in scripted.requests[0].content
            assert scripted.requests[0].url.params["slug"] == "answer"

    def test_the_claim_is_on_the_slug_in_its_project(self) -> None:
        """By the ID where there is one; nothing is claimed before both are known."""
        operation = Scripted({}).operation
        values = {"projectRef": wrap("p"), "slug": wrap("s")}
        claims = EdgeFunction().singletons
        assert [c.key for c in claims(operation, values)] == ["supabase:p:function:s"]
        assert [c.key for c in claims(operation, values, "q/t")] == ["supabase:q:function:t"]
        assert claims(operation, {**values, "slug": UNKNOWN}) == []
        assert claims(operation, {**values, "projectRef": UNKNOWN}) == []


DEPLOY, FIND, REMOVE, CHECK = (
    "POST /functions/deploy",
    "GET /functions/answer",
    "DELETE /functions/answer",
    f"GET {PUBLIC}",
)
DEPLOYED = answer(201, {**FUNCTION, "version": 4, "ezbr_sha256": "b4"})
WRONG = answer(500)
# Nothing is waited for then.
PAUSED = answer(540)
UP = {"name": "up", "method": "GET"}
BODY = "GET /functions/answer/body"
FILES = httpx.Response(
    200,
    content=b'--b\r\nContent-Disposition: form-data; filename="index.ts"\r\n\r\nold\r\n--b--\r\n',
    headers={"Content-Type": "multipart/form-data; boundary=b"},
)


class TestRollout:
    """What is behind the slug after a failure, and what is known of it."""

    def test_a_deploy_that_was_refused_changed_nothing(self) -> None:
        """The slug serves its previous function, and nobody deploys that again."""
        scripted = Scripted({DEPLOY: answer(403), FIND: answer(body=FUNCTION)})
        with pytest.raises(NotRolledOut) as caught:
            rolled_out(scripted, LIVE, OLD)
        assert (caught.value.settled, caught.value.serving) == (True, LIVE)
        assert scripted.asked == [DEPLOY, FIND]

    def test_a_new_function_that_fails_is_removed(self) -> None:
        """Nothing was there before."""
        scripted = Scripted({DEPLOY: DEPLOYED, CHECK: WRONG, FIND: answer(body=FUNCTION), REMOVE: answer(200)})
        with pytest.raises(NotRolledOut) as caught:
            rolled_out(scripted, None, None)
        assert (caught.value.settled, caught.value.serving) == (True, None)
        assert scripted.asked[-1] == REMOVE

    def test_the_previous_files_are_deployed_again(self) -> None:
        """What serves then is what the API says, or the deploy's own answer if it says nothing."""
        restored = {**FUNCTION, "version": 5}
        for last, version in ((answer(body={**restored, "version": 6}), 6), (answer(404), 5)):
            scripted = Scripted(
                {
                    DEPLOY: [DEPLOYED, answer(201, restored)],
                    CHECK: WRONG,
                    FIND: [answer(body={**FUNCTION, "version": 4}), last],
                }
            )
            with pytest.raises(NotRolledOut, match=f"version {version}") as caught:
                rolled_out(scripted, LIVE, OLD)
            assert caught.value.settled
            assert caught.value.serving is not None
            assert caught.value.serving.version == version
            assert b"old" in scripted.requests[-2].content

    def test_files_that_are_not_available_cannot_be_restored(self) -> None:
        """It is not certain then what the slug serves."""
        scripted = Scripted({DEPLOY: DEPLOYED, CHECK: WRONG, FIND: answer(body={**FUNCTION, "version": 4})})
        with pytest.raises(NotRolledOut) as caught:
            rolled_out(scripted, LIVE, None)
        assert (caught.value.settled, caught.value.serving) == (False, None)
        assert scripted.asked.count(DEPLOY) == 1

    @pytest.mark.parametrize(
        ("last", "version"), [(answer(403), 4), (answer(404), 4), (answer(body=FUNCTION), 3)]
    )
    def test_a_deploy_that_works_does_not_fail_at_its_last_read(
        self, last: httpx.Response, version: int
    ) -> None:
        """Later reads are compared with this read, or else with the deploy's answer."""
        scripted = Scripted({DEPLOY: DEPLOYED, CHECK: answer(), FIND: last})
        assert rolled_out(scripted, LIVE, OLD).version == version


class TestResource:
    """What the state says of a function."""

    def test_a_refresh_compares_what_is_deployed_with_the_program(self, tmp_path: Path) -> None:
        """The inputs may come from an update that failed; what was deployed is in the state."""
        deployed: dict[str, Any] = {
            "directory": "old",
            "entrypoint": "old.ts",
            "importMap": "old.json",
            "staticPatterns": ["old"],
            "files": {"old": "1"},
            "revisionFile": "old.json",
            "triggers": {"OLD": "1"},
            "fileHashes": {"old": "1"},
        }
        remembered: dict[str, Any] = {
            "revision": "r0",
            "lastDeployed": {"version": "2", "bundleSha256": "b2"},
            "original": "{}",
        }
        inputs = {
            **{name: wrap("new") for name in deployed},
            "projectRef": wrap(REF),
            "slug": wrap("answer"),
            "verifyJwt": wrap(True),
            "adopt": wrap(True),
        }
        state = {name: wrap(value) for name, value in {**deployed, **remembered}.items()}
        scripted = Scripted({FIND: answer(body=FUNCTION)})
        found = run(EdgeFunction().read(scripted.operation, ReadRequest(f"{REF}/answer", state, inputs)))
        assert found is not None
        assert {name: plain(value) for name, value in found.inputs.items()} == {
            **deployed,
            "projectRef": REF,
            "slug": "answer",
            "verifyJwt": False,
            "adopt": True,
            "deployment": "version 3, from elsewhere",
        }
        outputs = {name: plain(value) for name, value in found.state.items()}
        assert outputs == {
            **{name: plain(value) for name, value in found.inputs.items()},
            **remembered,
            "functionId": "id",
            "url": URL,
            "version": 3,
            "status": "ACTIVE",
            "bundleSha256": "b3",
        }

    @pytest.mark.parametrize(
        ("changed", "drifted", "version"),
        [(False, False, 3), (True, False, UNKNOWN), (False, True, UNKNOWN)],
    )
    def test_a_preview_knows_the_version_where_nothing_is_deployed(
        self, tmp_path: Path, changed: bool, drifted: bool, version: Any
    ) -> None:
        """A deploy, also one that replaces a deploy from elsewhere, makes another version."""
        inputs = given(tmp_path, checks=[UP], candidateChecks=[])
        state = {
            **inputs,
            "revision": wrap("x" if changed else revision_of(inputs)),
            "version": wrap(3),
            "bundleSha256": wrap("b3"),
            "functionId": wrap("id"),
            "status": wrap("ACTIVE"),
            "original": wrap("{}", is_secret=True),
        }
        old = {**inputs, "deployment": wrap("version 4, from elsewhere" if drifted else "of this program")}
        request = UpdateRequest(f"{REF}/answer", state, old, inputs)
        preview = run(EdgeFunction().preview_update(Scripted({}).operation, request))
        for name, known in (("version", 3), ("bundleSha256", "b3")):
            assert preview[name] is UNKNOWN if version is UNKNOWN else plain(preview[name]) == known
        assert {name: plain(preview[name]) for name in ("functionId", "status", "original")} == {
            "functionId": "id",
            "status": "ACTIVE",
            "original": "{}",
        }

    def test_a_preview_of_an_update_refuses_a_foreign_candidate(self, tmp_path: Path) -> None:
        """Before anything is deployed, and only where something would be."""
        inputs = given(tmp_path, checks=[UP])
        scripted = Scripted({"GET /functions/answer-candidate": answer(body={**FUNCTION, "name": "Theirs"})})
        request = UpdateRequest(f"{REF}/answer", {"revision": wrap("r0")}, inputs, inputs)
        with pytest.raises(ProviderError, match="answer-candidate"):
            run(EdgeFunction().preview_update(scripted.operation, request))

    def test_a_create_whose_result_is_not_known_is_kept(self, tmp_path: Path) -> None:
        """The slug may serve the new files; a revision that no check accepted is recorded as none."""
        scripted = Scripted(
            {
                FIND: [answer(404), answer(body=FUNCTION)],
                DEPLOY: answer(201, FUNCTION),
                CHECK: PAUSED,
                REMOVE: answer(403),
            }
        )
        inputs = given(tmp_path, checks=[UP], candidateChecks=[])
        with pytest.raises(InitializationFailed) as caught:
            run(EdgeFunction().create(scripted.operation, CreateRequest(inputs)))
        assert caught.value.resource_id == f"{REF}/answer"
        assert plain(caught.value.state["revision"]) == ""
        assert "original" not in caught.value.state

    @pytest.mark.parametrize(
        ("deploys", "finds", "kept"),
        [
            ([answer(403)], [], None),
            (
                [DEPLOYED, answer(201, {**FUNCTION, "version": 5})],
                [answer(body={**FUNCTION, "version": 4}), answer(body={**FUNCTION, "version": 5})],
                ("r0", "5"),
            ),
            ([DEPLOYED, answer(403)], [answer(body={**FUNCTION, "version": 4})], ("", "2")),
        ],
        ids=["nothing was deployed", "the previous files are back", "nobody knows"],
    )
    def test_what_is_recorded_of_an_update_that_fails(
        self,
        tmp_path: Path,
        deploys: list[httpx.Response],
        finds: list[httpx.Response],
        kept: tuple[str, str] | None,
    ) -> None:
        """A deploy that put the previous files back is this program's; else it would look like somebody's."""
        scripted = Scripted(
            {FIND: [answer(body=FUNCTION), *finds], BODY: FILES, DEPLOY: deploys, CHECK: PAUSED}
        )
        inputs = given(tmp_path, checks=[UP], candidateChecks=[])
        state = {
            **inputs,
            "revision": wrap("r0"),
            "lastDeployed": wrap({"version": "2", "bundleSha256": "b3"}),
        }
        request = UpdateRequest(f"{REF}/answer", state, inputs, inputs)
        with pytest.raises(ProviderError) as caught:
            run(EdgeFunction().update(scripted.operation, request))
        if kept is None:
            assert not isinstance(caught.value, InitializationFailed)
            return
        assert isinstance(caught.value, InitializationFailed)
        recorded = {name: plain(value) for name, value in caught.value.state.items()}
        assert (recorded["revision"], recorded["lastDeployed"]["version"]) == kept

    def test_without_checks_a_function_without_sources_is_replaced(self, tmp_path: Path) -> None:
        """Nothing would be restored, so that nothing is downloaded in vain."""
        scripted = Scripted({FIND: answer(body=FUNCTION), BODY: answer(404), DEPLOY: DEPLOYED})
        request = UpdateRequest(f"{REF}/answer", {"revision": wrap("r0")}, {}, given(tmp_path))
        run(EdgeFunction().update(scripted.operation, request))
        assert DEPLOY in scripted.asked

    def test_a_delete_with_a_project_that_is_not_there_fails(self) -> None:
        """The token may just not see it; the state must not forget the function."""
        scripted = Scripted({FIND: answer(404), "GET /functions": answer(404)})
        with pytest.raises(ProviderError, match=f"project {REF} does not exist"):
            run(EdgeFunction().delete(scripted.operation, DeleteRequest(f"{REF}/answer", {}, {})))

    @pytest.mark.parametrize("candidate", [403, 404])
    def test_a_delete_removes_the_function_whatever_its_candidate(self, candidate: int) -> None:
        """A candidate that cannot be read does not keep the function alive."""
        scripted = Scripted(
            {
                FIND: answer(body=FUNCTION),
                "GET /functions/answer-candidate": answer(candidate),
                REMOVE: answer(404),
            }
        )
        run(EdgeFunction().delete(scripted.operation, DeleteRequest(f"{REF}/answer", {}, {})))
        assert scripted.asked[-1] == REMOVE
