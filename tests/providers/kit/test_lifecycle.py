"""What every call of a resource has in common: claims, replacements, failed creations, deletions."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from pulumi.runtime.proto import provider_pb2
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.errors import InitializationFailed, ProviderError
from pulumi_provider_kit.request import CreateRequest, DeleteRequest, ReadRequest, UpdateRequest
from pulumi_provider_kit.resource import OneHome, Operation, ReadResult, Resource
from pulumi_provider_kit.stack_state import Past, StackState
from pulumi_provider_kit.table import ListOf, Property, ProviderTable, ResourceTable, Scalar
from pulumi_provider_kit.values import strings, text, wrap

from tests.providers.servicer_client import (
    UNKNOWN,
    CheckFailed,
    Context,
    Refused,
    Secret,
    ServicerClient,
    struct,
)
from tests.providers.servicer_client import Resource as Known


class House(OneHome):
    """What the lamps' calls did, in order; some names make them fail."""

    home: ClassVar[Mapping[str, str]] = {}

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.failing: set[str] = set()
        self.deleting = 0

    async def close(self) -> None:
        """Nothing to close."""


LAMP = ResourceTable(
    name="Lamp",
    doc="A lamp in one or more sockets, each of which exists only once.",
    example="",
    import_id="",
    rights="",
    properties=(
        Property("sockets", ListOf(Scalar.STRING), "Its sockets.", required=True),
        Property("color", Scalar.STRING, "Its color.", allowed=("red", "blue")),
        Property("model", Scalar.STRING, "Another model is another lamp.", replaces=True),
        Property("before", Scalar.STRING, "What was there.", secret=True, computed=True, transient=True),
        Property("note", Scalar.STRING, "A note.", input_only=True),
        Property("inherited", Scalar.STRING, "From the lamp that was there.", output=True),
    ),
)


class Lamp(Resource[House]):
    """Notes its calls."""

    table = LAMP

    def singletons(self, operation: Any, values: Any, resource_id: str = "") -> list[Singleton]:
        if text(values, "model") == "numbered":  # known by its number alone, which it gets when it is created
            return [Singleton(f"number:{resource_id}", f"the lamp {resource_id}")] if resource_id else []
        return [Singleton(f"socket:{s}", f"the socket {s}", "sockets") for s in strings(values, "sockets")]

    async def preview_create(self, operation: Operation[House], request: CreateRequest) -> Any:
        return self._state(operation, request)

    async def create(self, operation: Operation[House], request: CreateRequest) -> tuple[str, Any]:
        operation.client.calls.append(f"create {operation.name}")
        if operation.name in operation.client.failing:
            raise ProviderError("no current")
        state = self._state(operation, request)
        if text(request.inputs, "color") == "blue":
            raise InitializationFailed(operation.name, state, ["it flickers"])
        return operation.name, state

    async def read(self, operation: Operation[House], request: ReadRequest) -> ReadResult | None:
        return ReadResult(request.id, {**request.state, "note": wrap("read")}, request.inputs)

    async def update(self, operation: Operation[House], request: UpdateRequest) -> Any:
        operation.client.calls.append(f"update {operation.name}")
        state = self._state(operation, request)
        if text(request.inputs, "color") == "blue":
            raise InitializationFailed(request.id, state, ["it flickers"])
        return state

    async def delete(self, operation: Operation[House], request: DeleteRequest) -> None:
        house = operation.client
        house.deleting += 1
        await asyncio.sleep(0)
        assert house.deleting == 1, "two deletions of one resource at once"
        house.deleting -= 1
        house.calls.append(" ".join(["delete", operation.name, "but", *sorted(operation.spared)]))

    def _state(self, operation: Operation[House], request: CreateRequest | UpdateRequest) -> Any:
        pasts = [operation.past(thing) for thing in self.singletons(operation, request.inputs)]
        inherited = ", ".join(text(past, "color") or "" for past in pasts if past)
        before = {"before": wrap("new")} if isinstance(request, UpdateRequest) else {}
        return {**request.inputs, "inherited": wrap(inherited), **before}


TABLE = ProviderTable(
    name="house", version="1.0.0", display_name="House", doc="Lamps.", config=(), resources=(LAMP,)
)


@pytest.fixture
def house() -> House:
    """Return a dark house."""
    return House()


@pytest.fixture
def client(house: House) -> ServicerClient:
    """Return a plugin in one run of the engine."""
    module = SimpleNamespace(TABLE=TABLE, RESOURCES=(Lamp(),), FUNCTIONS=(), connect=lambda *_: house)
    return ServicerClient(module, {})


def run(coroutine: Any) -> Any:
    """Run a coroutine to its end."""
    return asyncio.run(coroutine)


def lamp(client: ServicerClient, name: str, *sockets: str, **given: Any) -> Known:
    """Return a lamp that an earlier run created."""
    state = {"sockets": list(sockets), **given}
    return Known(client.urn("Lamp", name), name, dict(state), dict(state))


@pytest.fixture
def state(client: ServicerClient, monkeypatch: pytest.MonkeyPatch) -> list[Past]:
    """Return the stack's resources, as the state has them."""
    resources: list[Past] = []

    async def found(self: StackState, urn: str) -> list[Past]:
        return resources

    monkeypatch.setattr(StackState, "resources", found)
    return resources


def test_two_resources_for_one_object_are_refused_by_a_check(client: ServicerClient) -> None:
    """The first one has it, the other one's failure names the property and the first one."""
    run(client.check("Lamp", "one", {"sockets": ["a"]}))
    with pytest.raises(CheckFailed, match="one") as caught:
        run(client.check("Lamp", "two", {"sockets": ["b", "a"]}))
    assert caught.value.failures.keys() == {"sockets"}
    assert run(client.check("Lamp", "three", {"sockets": ["b"]})), "a refused resource claims nothing"


def test_a_resource_with_a_mistake_claims_nothing(client: ServicerClient) -> None:
    """The user is told of the mistake, and not of a conflict that it causes."""
    with pytest.raises(CheckFailed, match="color"):
        run(client.check("Lamp", "one", {"sockets": ["a"], "color": "green"}))
    assert run(client.check("Lamp", "two", {"sockets": ["a"]}))


def test_an_object_that_no_check_knew_is_refused_by_the_create(client: ServicerClient, house: House) -> None:
    """Its name was an output of another resource, for example."""
    run(client.create("Lamp", "one", {"sockets": ["a"]}))
    request = provider_pb2.CreateRequest(urn=client.urn("Lamp", "two"), properties=struct({"sockets": ["a"]}))
    with pytest.raises(Refused, match="one"):
        run(client.servicer.Create(request, Context()))
    assert house.calls == ["create one"]


def test_two_resources_with_one_id_are_refused_by_the_diff(client: ServicerClient) -> None:
    """The same object was imported twice; no check knows IDs."""
    one, two = (lamp(client, name, "a", model="numbered") for name in ("one", "two"))
    one.id = two.id = "7"
    assert run(client.diff(one, one.inputs)) == {}
    with pytest.raises(Refused, match="one"):
        run(client.diff(two, two.inputs))


def test_a_transient_input_reaches_the_create_alone(client: ServicerClient) -> None:
    """The engine's inputs do not keep it; an update does not get it back."""
    created = run(client.create("Lamp", "one", {"sockets": ["a"], "before": "old"}))
    assert "before" not in created.inputs
    assert created.state["before"] == Secret("old")
    updated = run(client.update(created, {"sockets": ["a"], "before": "other", "color": "red"}))
    assert "before" not in updated.inputs
    assert updated.state["before"] == Secret("new")
    assert run(client.diff(created, {"sockets": ["a"], "before": "third"})) == {}


def test_an_input_only_property_is_in_no_state(client: ServicerClient) -> None:
    """Neither after a create nor after a preview, a read, an update or a failure that keeps the state."""
    given = {"sockets": ["a"], "note": "mine"}
    created = run(client.create("Lamp", "one", given))
    assert created.inputs["note"] == "mine"
    states = [created.state, run(client.create("Lamp", "one", given, preview=True)).state]
    states += [run(client.update(created, {**given, "note": "other"}, preview=p)).state for p in (True, False)]
    states.append(run(client.read(created)).state)
    with pytest.raises(Refused) as failed:
        run(client.create("Lamp", "two", {"sockets": ["b"], "note": "mine", "color": "blue"}))
    assert failed.value.kept is not None
    states.append(failed.value.kept[1])
    with pytest.raises(Refused) as failed:
        run(client.update(created, {**given, "color": "blue"}))
    assert failed.value.kept is not None
    resource_id, kept = failed.value.kept
    assert (resource_id, kept["sockets"]) == ("one", ["a"])
    assert [state for state in [*states, kept] if "note" in state] == []


def test_a_preview_of_an_update_shows_what_stays(client: ServicerClient) -> None:
    """Outputs and computed properties that the state has; those that it has not are not known yet."""
    known = lamp(client, "one", "a", color="red", inherited="blue", before=Secret("old"), note="mine")
    shown = run(client.update(known, {"sockets": ["a", "b"], "before": "new"}, preview=True)).state
    assert shown == {"sockets": ["a", "b"], "inherited": "blue", "before": Secret("old")}
    known.state = {"sockets": ["a"]}
    shown = run(client.update(known, {"sockets": ["a"]}, preview=True)).state
    assert shown == {"sockets": ["a"], "inherited": UNKNOWN, "before": Secret(UNKNOWN)}


class TestDeleting:
    """A deletion leaves alone what the program still has."""

    def test_what_nobody_else_has_is_deleted(self, client: ServicerClient, house: House) -> None:
        """Also where it left the program, so that nothing was checked."""
        run(client.delete(lamp(client, "old", "a")))
        assert house.calls == ["delete old but"]

    def test_a_resource_without_such_an_object_is_deleted(self, client: ServicerClient, house: House) -> None:
        """There is nothing that another resource could have."""
        run(client.delete(lamp(client, "old")))
        assert house.calls == ["delete old but"]

    def test_an_object_of_a_new_resource_stays(self, client: ServicerClient, house: House) -> None:
        """Renamed without an alias: created under the new name, then deleted under the old one."""
        run(client.create("Lamp", "new", {"sockets": ["a"]}))
        run(client.delete(lamp(client, "old", "a")))
        assert house.calls == ["create new"]
        assert "the socket a is managed by the resource new now; it stays as it is" in client.said

    def test_what_the_state_says_counts(self, client: ServicerClient, house: House) -> None:
        """A refresh found it elsewhere; the inputs say where it is only if the state does not."""
        run(client.create("Lamp", "new", {"sockets": ["b"]}))
        known = lamp(client, "old", "a")
        known.state = {"sockets": ["b"]}
        run(client.delete(known))
        known = lamp(client, "other", "b")
        known.state = {}
        run(client.delete(known))
        assert house.calls == ["create new"]

    def test_only_the_other_resources_part_stays(self, client: ServicerClient, house: House) -> None:
        """The rest is deleted, and the resource learns what to spare."""
        run(client.create("Lamp", "new", {"sockets": ["b"]}))
        run(client.delete(lamp(client, "old", "a", "b", "c")))
        assert house.calls == ["create new", "delete old but socket:b"]

    def test_an_unchanged_resource_keeps_what_it_has(self, client: ServicerClient, house: House) -> None:
        """An interrupted replacement left a copy; the program's resource did not change."""
        known = lamp(client, "one", "a")
        run(client.diff(known, {"sockets": ["a"]}))
        run(client.delete(known))
        assert house.calls == []

    def test_the_copy_under_the_old_name_may_go(self, client: ServicerClient, house: House) -> None:
        """A rename was interrupted before the deletion; the resource under the new name did not change."""
        run(client.diff(lamp(client, "new", "a"), {"sockets": ["a"]}))
        run(client.delete(lamp(client, "old", "a")))
        assert house.calls == []
        assert "the socket a is managed by the resource new now" in client.said

    def test_a_refresh_keeps_nothing(self, client: ServicerClient, house: House) -> None:
        """It compares a resource that left the program, which no check announces."""
        known = lamp(client, "one", "a")
        assert run(client.diff(known, known.inputs, refreshing=True)) == {}
        run(client.delete(known))
        assert house.calls == ["delete one but"]

    def test_a_replaced_resource_keeps_its_object(self, client: ServicerClient, house: House) -> None:
        """The replacement is created first; the deletion of the original is silent about it."""
        known = lamp(client, "one", "a", model="x")
        assert run(client.diff(known, {"sockets": ["a"], "model": "y"})) == {"model": "UPDATE_REPLACE"}
        run(client.create("Lamp", "one", {"sockets": ["a"], "model": "y"}))
        run(client.delete(known))
        assert house.calls == ["create one"]
        assert "managed by" not in client.said

    def test_a_deletion_before_the_replacement_leaves_the_object(
        self, client: ServicerClient, house: House
    ) -> None:
        """A program says delete_before_replace: the replacement wants the object, and takes it over next."""
        known = lamp(client, "one", "a", model="x")
        run(client.diff(known, {"sockets": ["a"], "model": "y"}))
        run(client.delete(known))
        assert house.calls == []

    @pytest.mark.parametrize("name", ["new", "old"], ids=["renamed", "replaced"])
    def test_nothing_is_deleted_after_a_failed_creation(
        self, client: ServicerClient, house: House, name: str
    ) -> None:
        """Only the old resource knows the object then, so it has to stay in the state."""
        house.failing = {name}
        with pytest.raises(Refused, match="no current"):
            run(client.create("Lamp", name, {"sockets": ["a"]}))
        with pytest.raises(Refused, match=f"managed by the resource {name}, which could not be created"):
            run(client.delete(lamp(client, "old", "a")))
        assert house.calls == [f"create {name}"]

    def test_nothing_is_deleted_before_another_resource_is_created(
        self, client: ServicerClient, house: House
    ) -> None:
        """The program has a resource for the object, and its creation was never reached."""
        run(client.check("Lamp", "new", {"sockets": ["a"]}))
        with pytest.raises(Refused, match="which could not be created"):
            run(client.delete(lamp(client, "old", "a")))
        assert house.calls == []

    def test_a_partly_created_resource_manages_its_object(self, client: ServicerClient, house: House) -> None:
        """It is in the state, so the old one may go."""
        with pytest.raises(Refused, match="it flickers"):
            run(client.create("Lamp", "new", {"sockets": ["a"], "color": "blue"}))
        run(client.delete(lamp(client, "old", "a")))
        assert house.calls == ["create new"]

    def test_an_update_takes_an_object_over(self, client: ServicerClient, house: House) -> None:
        """And what it leaves is free for the deletion of another resource."""
        run(client.update(lamp(client, "one", "a"), {"sockets": ["b"]}))
        run(client.delete(lamp(client, "old", "b")))
        assert house.calls == ["update one"]

    def test_an_object_that_an_update_has_not_reached(self, client: ServicerClient, house: House) -> None:
        """The diff foresees it, and the update may still fail: only the old resource knows it until then."""
        assert run(client.diff(lamp(client, "one", "a"), {"sockets": ["a", "b"]}))
        with pytest.raises(Refused, match="which could not be created"):
            run(client.delete(lamp(client, "old", "b")))
        assert house.calls == []

    def test_a_preview_manages_nothing(self, client: ServicerClient) -> None:
        """A create that was only previewed leaves the deletion refused."""
        run(client.create("Lamp", "new", {"sockets": ["a"]}, preview=True))
        with pytest.raises(Refused, match="which could not be created"):
            run(client.delete(lamp(client, "old", "a")))

    def test_two_copies_are_deleted_one_after_the_other(self, client: ServicerClient, house: House) -> None:
        """An interrupted replacement leaves two in the state, which the engine deletes at once."""

        async def both() -> None:
            old = lamp(client, "old", "a")
            await asyncio.gather(client.delete(old), client.delete(old))

        run(both())
        assert house.calls == ["delete old but"] * 2


class TestInheriting:
    """A new resource gets what the state says of its objects."""

    @pytest.mark.parametrize("preview", [True, False])
    def test_of_the_same_type_and_object(
        self, client: ServicerClient, state: list[Past], preview: bool
    ) -> None:
        """Resources of other types and of other objects do not count."""
        state += [
            Past(client.urn("Lamp", "old"), "old", {"sockets": wrap(["a"]), "color": wrap("red")}),
            Past(client.urn("Lamp", "far"), "far", {"sockets": wrap(["z"]), "color": wrap("far")}),
            Past(client.urn("Fan", "fan"), "fan", {"sockets": wrap(["a"]), "color": wrap("fan")}),
        ]
        created = run(client.create("Lamp", "new", {"sockets": ["a"]}, preview=preview))
        assert created.state["inherited"] == "red"

    @pytest.mark.parametrize(("sockets", "inherited"), [(["a", "b"], "own, red"), (["a"], "")])
    def test_an_update_inherits_what_is_new_to_it(
        self, client: ServicerClient, state: list[Past], sockets: list[str], inherited: str
    ) -> None:
        """The state is not read for an object that the resource already has."""
        state += [
            Past(client.urn("Lamp", "one"), "one", {"sockets": wrap(["a"]), "color": wrap("own")}),
            Past(client.urn("Lamp", "old"), "old", {"sockets": wrap(["b"]), "color": wrap("red")}),
        ]
        updated = run(client.update(lamp(client, "one", "a"), {"sockets": sockets}))
        assert updated.state["inherited"] == inherited

    def test_a_state_that_cannot_be_read_is_a_warning(
        self, client: ServicerClient, state: list[Past], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Once for all resources of a type."""
        monkeypatch.setattr(client.servicer._state, "unreadable", True)
        run(client.create("Lamp", "one", {"sockets": ["a"]}))
        run(client.create("Lamp", "two", {"sockets": ["b"]}))
        assert client.said.count("pulumi stack export failed") == 1
