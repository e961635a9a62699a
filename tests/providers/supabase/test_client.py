"""The Management API's client: what it refuses, repeats and waits for, and what its errors say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Any, TypeVar

import httpx
import pytest
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.request import CreateRequest, ReadRequest, UpdateRequest
from pulumi_provider_kit.values import plain, wrap
from pulumi_provider_kit.vendor_answer import UnexpectedAnswer
from pulumi_supabase.client import NotFound, ProjectAsleep, SupabaseError
from pulumi_supabase.edge_function_secrets.requests import delete_secrets, digest_of, write_secrets
from pulumi_supabase.edge_function_secrets.table import value_problem
from pulumi_supabase.lookups import GetApiKeys, GetProject
from pulumi_supabase.project import PROJECT_REF
from pulumi_supabase.project_originals import ProjectOriginals
from pulumi_supabase.provider import TABLE, connect
from pulumi_supabase.shapes import log_moment

from tests.providers.supabase.management_document import ManagementDocument
from tests.providers.supabase.scripted import PROJECT, REF, Scripted, answer

T = TypeVar("T")
# A project in one of these statuses answers, or may answer.
RUNNING = {
    "ACTIVE_HEALTHY",
    "ACTIVE_UNHEALTHY",
    "COMING_UP",
    "UNKNOWN",
    "UPGRADING",
    "RESTARTING",
    "RESIZING",
}
STATUSES = ManagementDocument().schema("V1ProjectWithDatabaseResponse")["properties"]["status"]["enum"]


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end."""
    return asyncio.run(coroutine)


def refused(answers: dict[str, Any], path: str = "/secrets") -> SupabaseError:
    """Return the refusal of a read."""
    scripted = Scripted(answers, attempts=1)
    with pytest.raises(SupabaseError) as caught:
        run(scripted.api.get(REF, path, "the_right"))
    return caught.value


@pytest.mark.parametrize("status", STATUSES)
def test_a_project_that_does_not_run_is_refused(status: str) -> None:
    """In every status of the document in which neither functions nor database answer, and in no other."""
    scripted = Scripted({"GET ": answer(body={**PROJECT, "status": status})})
    if status in RUNNING:
        run(scripted.api.require_awake(REF))
    else:
        with pytest.raises(ProjectAsleep, match=REF):
            run(scripted.api.require_awake(REF))


def test_a_project_is_looked_at_once() -> None:
    """Once it was seen to run, no operation asks again; a token that may not read it is no obstacle."""
    scripted = Scripted({"GET ": answer(403)})

    async def twice() -> None:
        await scripted.api.require_awake(REF)
        await scripted.api.require_awake(REF)

    run(twice())
    assert scripted.asked == ["GET "]


@pytest.mark.parametrize("status", [540, 544])
def test_a_database_that_does_not_answer_is_asked_again_while_the_project_runs(status: int) -> None:
    """Each time the project is asked whether it was paused; after three times the answer is final."""
    scripted = Scripted({"POST /database/query": [answer(status), answer(201, [{"a": 1}])]})
    assert run(scripted.api.query(REF, "select 1")) == [{"a": 1}]
    assert scripted.asked == ["POST /database/query", "GET ", "POST /database/query"]

    scripted = Scripted({"POST /database/query": answer(status)})
    with pytest.raises(SupabaseError) as caught:
        run(scripted.api.query(REF, "select 1"))
    assert caught.value.status == status
    assert scripted.asked == ["POST /database/query", "GET "] * 3
    assert len(scripted.waits) == 2

    paused = Scripted(
        {"POST /database/query": answer(status), "GET ": answer(body={**PROJECT, "status": "PAUSING"})}
    )
    with pytest.raises(ProjectAsleep):
        run(paused.api.query(REF, "select 1"))


@pytest.mark.parametrize(
    ("read_only", "body", "right"),
    [
        (True, {"query": "select 1", "read_only": True}, "database_read"),
        (False, {"query": "select 1"}, "database_write"),
    ],
)
def test_a_query_that_only_reads_says_so(read_only: bool, body: dict[str, Any], right: str) -> None:
    """A scoped token may be allowed to read alone, and the error names the right that is missing."""
    scripted = Scripted({"POST /database/query": answer(403)})
    with pytest.raises(SupabaseError, match=f"permission {right},"):
        run(scripted.api.query(REF, "select 1", read_only=read_only))
    assert json.loads(scripted.requests[0].content) == body


@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [
        (400, SupabaseError, ""),
        (401, SupabaseError, "pulumi config set --secret supabase:accessToken"),
        (402, SupabaseError, "plan"),
        (403, SupabaseError, "the_right"),
        (404, NotFound, ""),
        (429, SupabaseError, "later"),
        (302, SupabaseError, "supabase:apiUrl"),
        (500, SupabaseError, ""),
    ],
)
def test_what_each_status_means(status: int, kind: type[SupabaseError], word: str) -> None:
    """The kind of the error, Supabase's own words, and what to do where there is something to do."""
    error = refused({"GET /secrets": answer(status, {"message": "the cause"})})
    assert type(error) is kind
    assert (error.status, error.detail) == (status, "the cause")
    assert word in str(error)
    assert ("; " in str(error)) is bool(word)
    assert error.refused is (status < 500), "after a fault of the server, a write may have been carried out"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"message": ["a is wrong", "b is wrong"]}', "a is wrong; b is wrong"),
        (b'{"message": ""}', "Bad Request"),
        (b'{"message": 7}', "Bad Request"),
        (b"[]", "Bad Request"),
        (b"<html>", "Bad Request"),
    ],
)
def test_the_words_of_a_refusal(body: bytes, detail: str) -> None:
    """A list of validation errors is joined; where there are no words, the status has some."""
    assert refused({"GET /secrets": httpx.Response(400, content=body)}).detail == detail


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"X-RateLimit-Reset": "7"}, 7.1),
        (429, {"Retry-After": "3", "X-RateLimit-Reset": "7"}, 3.1),
        (429, {"Retry-After": "0", "X-RateLimit-Reset": "7"}, 0.1),
        (429, {"X-RateLimit-Reset": "100000"}, 120.1),
        (503, {"Retry-After": "3", "X-RateLimit-Reset": "7"}, 3),
    ],
)
def test_how_long_a_busy_api_is_waited_for(status: int, headers: dict[str, str], wait: float) -> None:
    """Until the limit's window is over, or as long as the answer says; never for hours."""
    scripted = Scripted({"GET /secrets": [answer(status, **headers), answer(body=[])]})
    run(scripted.api.get(REF, "/secrets", ""))
    assert scripted.waits == [pytest.approx(wait)]


def test_an_answer_is_checked_by_its_path_without_the_query() -> None:
    """What is not as documented is not read."""
    scripted = Scripted({"GET /api-keys": answer(body=[{"name": 1}])})
    with pytest.raises(UnexpectedAnswer):
        run(scripted.api.get(REF, "/api-keys?reveal=true", ""))


@pytest.mark.parametrize(
    ("method", "path", "wrong"),
    [
        ("GET", "", []),
        ("GET", "/functions", {}),
        ("POST", "/functions/deploy", []),
        ("GET", "/functions/answer", {"slug": "answer"}),
        ("GET", "/secrets", {}),
        ("GET", "/api-keys", {}),
        ("GET", "/api-keys/legacy", {}),
        ("GET", "/health", {}),
        ("GET", "/analytics/endpoints/logs", {"result": [{"timestamp": "yesterday"}]}),
        ("POST", "/database/query", {}),
    ],
)
def test_an_answer_of_another_shape_is_not_read(method: str, path: str, wrong: Any) -> None:
    """Each answer that is read has its documented shape; an answer that is not read may be anything."""
    scripted = Scripted(
        {f"{method} {path}": answer(body=wrong), "DELETE /functions/answer": httpx.Response(200)}
    )
    with pytest.raises(UnexpectedAnswer):
        run(scripted.api.send(method, REF, path, ""))
    run(scripted.api.send("DELETE", REF, "/functions/answer", ""))


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1_764_000_000_000_000, "2025-11-24T16:00:00+00:00"),
        (1_764_000_000_500_000.0, "2025-11-24T16:00:00.500000+00:00"),
        ("1764000000000000", "2025-11-24T16:00:00+00:00"),
        ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00+00:00"),
        ("2026-11-24 10:00:00.123456789", "2026-11-24T10:00:00.123456+00:00"),
        ("2026-11-24T10:00:00+02:00", "2026-11-24T10:00:00+02:00"),
        ("yesterday", None),
        (10**30, None),
    ],
)
def test_the_time_of_a_log_line(value: str | float, moment: str | None) -> None:
    """Microseconds since 1970, or text, which is in UTC where it does not say."""
    if moment is None:
        with pytest.raises(ValueError):  # noqa: PT011 - what pydantic turns into an error of its own
            log_moment(value)
    else:
        assert log_moment(value).isoformat() == moment


def test_requests_that_clean_up_have_their_own_connections_and_the_same_token() -> None:
    """They go on after an interrupt; all connections end with the client."""
    scripted = Scripted({"GET /secrets": answer(body=[])})

    async def both() -> list[bool]:
        api = scripted.api
        api.cancellation.cancel()
        await api.steadfast.get(REF, "/secrets", "")
        assert api.steadfast is api.steadfast
        assert not api.steadfast.cancellation._event.is_set()
        await api.close()
        return [http.is_closed for http in (api.public, api._rest._http, api.steadfast._rest._http)]

    assert run(both()) == [True] * 3
    request = scripted.requests[-1]
    assert request.headers["Authorization"] == "Bearer sbp_x"
    assert str(request.url) == f"https://api.supabase.com/v1/projects/{REF}/secrets"


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("https://api.example.com", True),
        ("http://127.0.0.1:54321", True),
        ("http://localhost:54321", True),
        ("http://[::1]:54321", True),
        ("http://api.example.com", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://127.0.0.1@example.com", False),
        ("http://[", False),
        ("api.example.com", False),
    ],
)
def test_the_token_is_only_sent_encrypted_or_within_the_machine(url: str, accepted: bool) -> None:
    """Whatever an address begins with."""
    check = next(p for p in TABLE.config if p.name == "apiUrl").check
    assert check is not None
    assert (check(url) is None) is accepted


@pytest.mark.parametrize("ref", ["a" * 19, "a" * 21, "A" * 20, "a1" * 10, "a" * 20 + "\n", ""])
def test_what_is_not_a_project_reference(ref: str) -> None:
    """Twenty lower-case letters, and nothing else."""
    assert PROJECT_REF.check is not None
    assert PROJECT_REF.check("a" * 20) is None
    assert PROJECT_REF.check(ref) is not None


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {"organizationSlug": "", "databaseHost": "", "databaseVersion": ""}),
        (
            {
                "organization_slug": "acme",
                "organization_id": "1",
                "database": {"host": "db.example.com", "version": "17.4"},
            },
            {"organizationSlug": "acme", "databaseHost": "db.example.com", "databaseVersion": "17.4"},
        ),
        ({"organization_id": "1", "database": None}, {"organizationSlug": "1", "databaseHost": ""}),
    ],
)
def test_a_project(more: dict[str, Any], expected: dict[str, str]) -> None:
    """Each output is the field of its name; what Supabase leaves out is empty."""
    scripted = Scripted({"GET ": answer(body={**PROJECT, **more})})
    found = run(GetProject().invoke(scripted.operation, {"projectRef": wrap(REF)}))
    given = {
        "name": "shop",
        "region": "eu-central-1",
        "status": "ACTIVE_HEALTHY",
        "createdAt": "2026-01-02T03:04:05Z",
        "databaseVersion": "",
        "url": f"https://{REF}.supabase.co",
    }
    assert {name: plain(value) for name, value in found.items()} == {**given, **expected}


@pytest.mark.parametrize("reveal", [True, False])
def test_keys_by_their_kind(reveal: bool) -> None:
    """Legacy keys have the type `legacy` or, in older projects, none; a key without a value is left out."""
    keys = [
        {"name": "default", "type": "publishable", "api_key": "sb_publishable_1"},
        {"name": "web", "type": "publishable", "api_key": None},
        {"name": "default", "type": "secret", "api_key": "sb_secret_1"},
        {"name": "anon", "type": "legacy", "api_key": "eyJ.anon"},
        {"name": "service_role", "api_key": "eyJ.service"},
    ]
    scripted = Scripted({"GET /api-keys": answer(body=keys)})
    arguments = {"projectRef": wrap(REF), "reveal": wrap(reveal)}
    found = run(GetApiKeys().invoke(scripted.operation, arguments))
    assert {name: plain(value) for name, value in found.items()} == {
        "publishableKeys": {"default": "sb_publishable_1"},
        "secretKeys": {"default": "sb_secret_1"} if reveal else {},
        "anonKey": "eyJ.anon",
        "serviceRoleKey": "eyJ.service" if reveal else "",
    }
    assert scripted.requests[-1].url.query == (b"reveal=true" if reveal else b"")


def test_a_refused_lookup_names_the_right() -> None:
    """The keys have a permission of their own; a project that does not exist is named."""
    scripted = Scripted({"GET /api-keys": answer(403)})
    with pytest.raises(SupabaseError, match="permission api_gateway_keys_read,"):
        run(GetApiKeys().invoke(scripted.operation, {"projectRef": wrap(REF)}))
    for function, path in ((GetApiKeys(), "GET /api-keys"), (GetProject(), "GET ")):
        scripted = Scripted({path: answer(404)})
        with pytest.raises(ProviderError, match=REF):
            run(function.invoke(scripted.operation, {"projectRef": wrap(REF)}))


class TestSecretWrites:
    """One request with what differs, and none where nothing does."""

    def test_only_what_differs_is_sent(self) -> None:
        """A write takes effect in every function at once, so that equal values are left alone."""
        scripted = Scripted({"POST /secrets": answer(201)})
        wanted = {"TWO": "2", "ONE": "1", "SAME": "s"}
        live = {"TWO": digest_of("old"), "SAME": digest_of("s"), "OTHER": digest_of("x")}
        run(write_secrets(scripted.operation, REF, wanted, live, {}))
        assert json.loads(scripted.requests[0].content) == [
            {"name": "ONE", "value": "1"},
            {"name": "TWO", "value": "2"},
        ]
        run(write_secrets(scripted.operation, REF, {"SAME": "s"}, live, {}))
        run(delete_secrets(scripted.operation, REF, []))
        assert scripted.asked == ["POST /secrets"]

    @pytest.mark.parametrize(("status", "kept"), [(403, False), (500, True), (503, True)])
    def test_a_write_whose_result_is_not_known_is_kept(self, status: int, kept: bool) -> None:
        """A refusal wrote nothing; after a fault of the server the secrets may be there."""
        scripted = Scripted({"POST /secrets": answer(status)}, attempts=1)
        attempted = {"created": wrap(["ONE"])}
        with pytest.raises(InitializationFailed if kept else SupabaseError) as caught:
            run(write_secrets(scripted.operation, REF, {"ONE": "1"}, {}, attempted))
        if isinstance(caught.value, InitializationFailed):
            assert (caught.value.resource_id, caught.value.state) == (REF, attempted)

    def test_the_longest_value_is_accepted(self) -> None:
        """Supabase's limit is the last length that it takes; what is not known yet is checked later."""
        assert value_problem(wrap("x" * 24_576)) is None
        assert value_problem(wrap("x" * 24_577)) is not None
        assert value_problem(wrap(None)) is None


@pytest.mark.parametrize(
    ("resource", "replacing", "secret"),
    [
        ("EdgeFunction", {"projectRef", "slug"}, {"original"}),
        ("EdgeFunctionSecrets", {"projectRef"}, {"values", "digests", "key"}),
        ("Migrations", {"projectRef"}, set()),
        ("ProjectOriginals", {"projectRef"}, {"functionFiles"}),
    ],
)
def test_what_replaces_a_resource_and_what_is_secret(
    resource: str, replacing: set[str], secret: set[str]
) -> None:
    """An object cannot move to another project; values, their digests and earlier files are never plain."""
    table = next(r for r in TABLE.resources if r.name == resource)
    assert {p.name for p in table.properties if p.replaces} == replacing
    assert {p.name for p in table.properties if p.secret} == secret
    assert next(p for p in TABLE.config if p.name == "accessToken").secret


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"apiUrl": "https://api.example.com"}, "supabase:accessToken"),
        ({"accessToken": "sbp_x", "apiUrl": "http://api.example.com"}, "supabase:apiUrl"),
    ],
)
def test_what_is_needed_to_connect(config: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said before the first request; the API is Supabase's own unless another one is named."""
    monkeypatch.delenv("SUPABASE_ACCESS_TOKEN", raising=False)
    monkeypatch.delenv("SUPABASE_API_URL", raising=False)
    with pytest.raises(ProviderError, match=words):
        connect({name: wrap(value) for name, value in config.items()}, Cancellation())
    api = connect({"accessToken": wrap("sbp_x")}, Cancellation())
    assert api._rest.base_url == "https://api.supabase.com"
    assert api.home == {}


class TestOriginals:
    """ProjectOriginals: a record of what a project had."""

    READ, FIND, BODY = "GET /secrets", "GET /functions/answer", "GET /functions/answer/body"
    LISTED = answer(body=[{"name": n, "value": "0f"} for n in ("OTHER", *"HGFEDCBA")])

    def project(self) -> Scripted:
        """Return a project with secrets and one function."""
        function = {"id": "i", "slug": "answer", "name": "Answers", "version": 1, "status": "ACTIVE"}
        body = httpx.Response(
            200,
            content=b'--b\r\nContent-Disposition: form-data; filename="index.ts"\r\n\r\nold\r\n--b--\r\n',
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
        return Scripted(
            {
                self.READ: self.LISTED,
                self.FIND: answer(body=function),
                self.BODY: body,
                "GET /functions/gone": answer(404),
                "GET /functions": answer(body=[]),
            }
        )

    def test_what_is_recorded(self) -> None:
        """Names that exist, in order; a function's files, secret, or nothing."""
        scripted = self.project()
        inputs = {
            "projectRef": wrap(REF),
            "secretNames": wrap(list("HGXFEDCBA")),
            "functions": wrap(["answer", "gone"]),
        }
        resource_id, state = run(ProjectOriginals().create(scripted.operation, CreateRequest(inputs)))
        assert resource_id == REF
        assert plain(state["existingSecrets"]) == list("ABCDEFGH")
        assert state["functionFiles"].is_secret
        files = plain(state["functionFiles"])
        assert json.loads(files["answer"])["files"] == {"index.ts": "old"}
        assert files["gone"] == ""
        assert scripted.asked.count("GET ") == 1

    def test_a_record_does_not_change(self) -> None:
        """Neither what it has is read again, nor what left the program remembered."""
        scripted = self.project()
        old = {"projectRef": wrap(REF), "secretNames": wrap(["A", "X"]), "functions": wrap(["answer", "left"])}
        state = {
            **old,
            "existingSecrets": wrap(["X", "LEFT"]),
            "functionFiles": wrap({"answer": "recorded", "left": "x"}, is_secret=True),
        }
        new = {**old, "secretNames": wrap(["A", "B", "X"]), "functions": wrap(["answer", "gone"])}
        for step in (ProjectOriginals().update, ProjectOriginals().preview_update):
            after = run(step(scripted.operation, UpdateRequest(REF, state, old, new)))
            # A was not there when the program first named it; it was set since then.
            assert plain(after["existingSecrets"]) == ["B", "X"]
            assert plain(after["functionFiles"]) == {"answer": "recorded", "gone": ""}
        assert self.FIND not in scripted.asked
        unchanged = self.project()
        same = run(ProjectOriginals().update(unchanged.operation, UpdateRequest(REF, state, old, old)))
        assert plain(same["existingSecrets"]) == ["X"]
        assert unchanged.asked == []

    def test_a_refresh_and_an_import(self) -> None:
        """A refresh asks nothing; an import begins with an empty record of a project that exists."""
        scripted = self.project()
        inputs = {"projectRef": wrap(REF), "secretNames": wrap(["A"])}
        state = {**inputs, "existingSecrets": wrap(["A"])}
        found = run(ProjectOriginals().read(scripted.operation, ReadRequest(REF, state, inputs)))
        assert found is not None
        assert (found.state, found.inputs) == (state, inputs)
        assert scripted.asked == []
        found = run(ProjectOriginals().read(scripted.operation, ReadRequest(REF, {}, {})))
        assert found is not None
        assert {n: plain(v) for n, v in found.inputs.items()} == {"projectRef": REF}
        assert plain(found.state["existingSecrets"]) == []
        gone = Scripted({"GET /functions": answer(404)})
        with pytest.raises(SupabaseError, match=REF):
            run(ProjectOriginals().read(gone.operation, ReadRequest(REF, {}, {})))


def test_a_project_that_the_token_cannot_see() -> None:
    """The property is named, so that the engine shows where to correct it; a bad token is another error."""
    with pytest.raises(PropertyError) as caught:
        run(Scripted({"GET ": answer(404)}).api.require_awake(REF))
    assert caught.value.property == "projectRef"
    with pytest.raises(SupabaseError, match="supabase:accessToken"):
        run(Scripted({"GET ": answer(401)}).api.require_awake(REF))
