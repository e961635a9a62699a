"""The steps of secrets by themselves: previews, imports, and what a resource inherits from another one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from pulumi_provider_kit.errors import PropertyError, ProviderError
from pulumi_provider_kit.request import CreateRequest, DeleteRequest, ReadRequest, UpdateRequest
from pulumi_provider_kit.stack_state import Past
from pulumi_provider_kit.values import UNKNOWN, PropertyMap, plain, wrap
from pulumi_supabase.edge_function_secrets import EdgeFunctionSecrets
from pulumi_supabase.edge_function_secrets.claims import secret_claim
from pulumi_supabase.edge_function_secrets.requests import digest_of
from pulumi_supabase.edge_function_secrets.table import TABLE

from tests.providers.supabase.scripted import REF, Scripted, answer

T = TypeVar("T")
SECRETS = EdgeFunctionSecrets()
READ, WRITE, DELETE = "GET /secrets", "POST /secrets", "DELETE /secrets"


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end."""
    return asyncio.run(coroutine)


def project(**live: str) -> Scripted:
    """Return a project with these secrets, and one of the platform's own."""
    listed = [{"name": name, "value": digest_of(value)} for name, value in live.items()]
    own = {"name": "SUPABASE_URL", "value": digest_of("x")}
    return Scripted({READ: answer(body=[own, *listed]), WRITE: answer(201), DELETE: answer(200)})


def given(values: Any, **more: Any) -> PropertyMap:
    """Return a program's inputs."""
    return {
        "projectRef": wrap(REF),
        "values": wrap(values, is_secret=True),
        **{k: wrap(v) for k, v in more.items()},
    }


def state(values: Mapping[str, str], created: Iterable[str], key: str = "k") -> dict[str, Any]:
    """Return the state after these values were written."""
    return {
        **given(values),
        "digests": wrap({name: digest_of(value) for name, value in values.items()}, is_secret=True),
        "created": wrap(list(created)),
        "key": wrap(key, is_secret=True),
    }


def sent(scripted: Scripted, request: str) -> Any:
    """Return the body of the only request of a kind; None without one."""
    bodies = [
        json.loads(r.content)
        for r, asked in zip(scripted.requests, scripted.asked, strict=True)
        if asked == request
    ]
    assert len(bodies) <= 1
    return bodies[0] if bodies else None


class TestPreview:
    """What is known before anything is written."""

    @pytest.mark.parametrize("update", [False, True])
    def test_values_that_are_not_known_yet(self, update: bool) -> None:
        """They are neither compared with live ones nor fingerprinted; known ones are."""
        scripted = project(ONE="1", TWO="theirs")
        inputs = given({"ONE": "1", "TWO": UNKNOWN})
        if update:
            request = UpdateRequest(REF, state({"ONE": "1"}, ["ONE"]), inputs, inputs)
            preview = run(SECRETS.preview_update(scripted.operation, request))
            assert plain(preview["fingerprints"].value["ONE"]) == "4258ee31"
            assert list(scripted.log.messages) == [], "an own secret is nothing to report"
        else:
            preview = run(SECRETS.preview_create(scripted.operation, CreateRequest(inputs)))
            assert preview["fingerprints"].value["ONE"] is UNKNOWN
        assert preview["fingerprints"].value["TWO"] is UNKNOWN
        assert preview["digests"].is_secret
        assert "POST /secrets" not in scripted.asked

    @pytest.mark.parametrize("update", [False, True])
    def test_a_map_that_is_not_known_yet(self, update: bool) -> None:
        """Its fingerprints are not known to be none, or a function's revision would look known as well."""
        inputs = given(UNKNOWN)
        if update:
            request = UpdateRequest(REF, state({"ONE": "1"}, ["ONE"]), inputs, inputs)
            preview = run(SECRETS.preview_update(project().operation, request))
        else:
            preview = run(SECRETS.preview_create(project().operation, CreateRequest(inputs)))
        assert preview["fingerprints"] is UNKNOWN

    def test_what_is_taken_over_is_reported(self) -> None:
        """By its name: overwritten values, and equal ones that another resource may have written."""
        scripted = project(SAME="1", TAKEN="theirs", OTHER="x")
        inputs = given({"SAME": "1", "TAKEN": "2", "NEW": "3"}, adopt=True)
        run(SECRETS.preview_create(scripted.operation, CreateRequest(inputs)))
        assert [(kind, message.split()[0]) for kind, message in scripted.log.messages] == [
            ("warning", "SAME"),
            ("info", "TAKEN"),
        ]

    def test_a_project_that_is_not_known_yet_is_not_asked(self) -> None:
        """Its preview cannot fail."""
        scripted = project()
        preview = run(
            SECRETS.preview_create(
                scripted.operation, CreateRequest({**given({"ONE": "1"}), "projectRef": UNKNOWN})
            )
        )
        assert preview["fingerprints"].value == {"ONE": UNKNOWN}
        assert scripted.requests == []


@pytest.mark.parametrize(
    ("import_id", "live", "names"),
    [
        (REF, {"TWO": "2", "ONE": "1"}, ["ONE", "TWO"]),
        (f"{REF}/TWO,GONE", {"TWO": "2", "ONE": "1"}, ["TWO"]),
        (REF, {}, None),
    ],
)
def test_what_an_import_finds(import_id: str, live: dict[str, str], names: list[str] | None) -> None:
    """The named secrets, or all; never the platform's own. Nothing of them is plain or counts as created."""
    found = run(SECRETS.read(project(**live).operation, ReadRequest(import_id, {}, {})))
    if names is None:
        assert found is None
        return
    assert found is not None
    assert found.id == REF
    assert found.inputs["values"].is_secret
    assert list(plain(found.inputs["values"])) == names
    assert plain(found.inputs["projectRef"]) == REF
    assert {n: plain(found.state[n]) for n in ("digests", "created")} == {
        "digests": {n: digest_of(live[n]) for n in names},
        "created": [],
    }
    assert all(found.state[n].is_secret for n in ("values", "digests", "key"))
    assert list(plain(found.state["fingerprints"])) == names


class TestUpdate:
    """What an update creates and deletes."""

    def test_an_adopted_name_that_was_deleted_elsewhere_is_created(self) -> None:
        """So that a delete removes it: nothing is left of what was there before."""
        scripted = project()
        inputs = given({"SAME": "1"})
        after = run(
            SECRETS.update(scripted.operation, UpdateRequest(REF, state({"SAME": "1"}, []), inputs, inputs))
        )
        assert plain(after["created"]) == ["SAME"]
        assert sent(scripted, WRITE) == [{"name": "SAME", "value": "1"}]

    def test_a_name_that_moved_to_another_resource_is_not_deleted(self) -> None:
        """Both resources are in one program; the other one manages it now. An adopted name stays, too."""
        scripted = project(ONE="1", MOVED="2", GONE="3", ADOPTED="4")
        operation = scripted.operation
        operation.claims.want("urn:pulumi:t::t::supabase:index:X::other", [secret_claim(REF, "MOVED")])
        before = state(
            {"ONE": "1", "MOVED": "2", "GONE": "3", "ADOPTED": "4", "LATE": "5"},
            ["ONE", "MOVED", "GONE", "LATE"],
        )
        inputs = given({"ONE": "1"})
        after = run(SECRETS.update(operation, UpdateRequest(REF, before, inputs, inputs)))
        assert sent(scripted, DELETE) == ["GONE"]
        assert sent(scripted, WRITE) is None
        assert plain(after["created"]) == ["ONE"]
        assert plain(after["key"]) == "k"

    def test_a_resource_inherits_what_another_one_wrote(self) -> None:
        """Renamed or moved: who created the name, and the key, so that no function is deployed again."""
        scripted = project(ONE="1", TWO="2", THREE="3")
        urn = "urn:pulumi:t::t::supabase:index:X::old"
        past = Past(urn, REF, state({"ONE": "1", "TWO": "old", "FOUR": "4"}, ["ONE", "FOUR"], key="past"))
        pasts = {secret_claim(REF, name).key: past for name in ("ONE", "TWO", "FOUR")}
        operation = replace(scripted.operation, pasts=pasts)
        inputs = given({"ONE": "1", "TWO": "new", "THREE": "3"})
        run(SECRETS.preview_create(operation, CreateRequest(inputs)))
        warnings = [message for kind, message in scripted.log.messages if kind == "warning"]
        assert any("ONE, TWO" in message for message in warnings)
        _, after = run(SECRETS.create(operation, CreateRequest(inputs)))
        assert plain(after["created"]) == ["ONE"]
        assert plain(after["key"]) == "past"
        assert sent(scripted, WRITE) == [{"name": "TWO", "value": "new"}]

    def test_a_state_that_does_not_say_who_wrote_it_is_no_permission(self) -> None:
        """A past resource that claimed the name without having written it, for example in a failed create."""
        scripted = project(ONE="theirs")
        past = Past("urn:pulumi:t::t::supabase:index:X::old", REF, state({"TWO": "2"}, ["TWO"]))
        operation = replace(scripted.operation, pasts={secret_claim(REF, "ONE").key: past})
        with pytest.raises(PropertyError):
            run(SECRETS.create(operation, CreateRequest(given({"ONE": "ours"}))))


class TestDelete:
    """Only what this resource created, and nobody else has."""

    def test_what_another_resource_manages_now_is_spared(self) -> None:
        """Its own replacement, for example; neither deleted nor called adopted."""
        scripted = project(ONE="1", KEPT="2", ADOPTED="3")
        operation = replace(
            scripted.operation, spared=frozenset({secret_claim(REF, n).key for n in ("KEPT", "TAKEN")})
        )
        before = state(
            {"ONE": "1", "KEPT": "2", "TAKEN": "4", "ADOPTED": "3", "GONE": "5"}, ["ONE", "KEPT", "GONE"]
        )
        run(SECRETS.delete(operation, DeleteRequest(REF, before, {})))
        assert sent(scripted, DELETE) == ["ONE"]
        assert [message.split()[0] for _, message in scripted.log.messages] == ["ADOPTED"]

    def test_a_project_that_is_not_there(self) -> None:
        """The token may just not see it: the state must not forget the secrets."""
        scripted = Scripted({READ: answer(404), "GET /functions": answer(404)})
        with pytest.raises(ProviderError, match=f"project {REF} does not exist"):
            run(SECRETS.delete(scripted.operation, DeleteRequest(REF, state({"ONE": "1"}, ["ONE"]), {})))


def test_every_name_that_is_taken_is_refused_at_once() -> None:
    """By their names, and none that is free, equal, or this stack's own."""
    scripted = project(A="theirs", B="theirs", SAME="1", OURS="changed")
    inputs = given({"B": "2", "A": "1", "SAME": "1", "OURS": "1", "NEW": "1"})
    request = UpdateRequest(REF, state({"OURS": "1"}, ["OURS"]), inputs, inputs)
    for step in (SECRETS.update, SECRETS.preview_update):
        with pytest.raises(PropertyError, match="^values: A, B exist already") as caught:
            run(step(scripted.operation, request))
        assert caught.value.property == "values"


@pytest.mark.parametrize(
    ("name", "accepted"),
    [
        ("A", True),
        ("a b", True),
        ("N" * 256, True),
        ("N" * 257, False),
        ("", False),
        ("A=B", False),
        ("A\0", False),
        ("SUPABASE_X", False),
        ("SUPABASEX", True),
    ],
)
def test_names(name: str, accepted: bool) -> None:
    """As Supabase accepts them; the platform's own prefix is not for programs."""
    values = next(p for p in TABLE.properties if p.name == "values")
    assert values.type.key_problem is not None
    assert (values.type.key_problem(name) is None) is accepted
