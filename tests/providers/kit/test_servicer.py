"""The servicer: what crosses the wire, in both directions."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2
from pulumi_provider_kit.claims import Claims
from pulumi_provider_kit.engine import RecordedLog
from pulumi_provider_kit.errors import Cancelled
from pulumi_provider_kit.servicer import Servicer
from pulumi_provider_kit.stack_state import StackState
from pulumi_provider_kit.values import wrap
from pulumi_provider_kit.wire import marshal, unmarshal

from tests.providers.kit import shelf_provider
from tests.providers.servicer_client import UNKNOWN, CheckFailed, Refused, Secret, ServicerClient, struct


@pytest.fixture
def client() -> ServicerClient:
    """Return a plugin with an empty shelf."""
    shelf_provider.SHELF.clear()
    return ServicerClient(shelf_provider, {"token": Secret("t")})


def run(coroutine: Any) -> Any:
    """Run a coroutine to its end."""
    return asyncio.run(coroutine)


def test_every_failure_is_reported_at_once(client: ServicerClient) -> None:
    """Unknown names, wrong types and values, missing properties: one answer."""
    inputs = {"kind": "play", "pages": "many", "tagz": [], "cover": {"colour": "red"}, "tags": ["a", 1]}
    with pytest.raises(CheckFailed) as caught:
        run(client.check("Book", "b", inputs))
    assert caught.value.failures == {
        "kind": "'play' is not one of novel, poems",
        "pages": "must be a whole number",
        "tagz": "is not a property here; did you mean tags?",
        "cover.colour": "is not a property here; did you mean color?",
        "tags[1]": "must be a string",
        "title": "is required and not given",
    }


def test_a_secret_is_not_shown_in_a_failure(client: ServicerClient) -> None:
    """A value that is not allowed is named, unless it is secret."""
    with pytest.raises(CheckFailed) as caught:
        run(client.check("Book", "b", {"title": "x", "kind": Secret("hunter2")}))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"kind": Secret("hunter2")}, "kind is not one of novel, poems"),
        ({"shelf": Secret("hunter2")}, "shelf is not the name of a shelf; they are A to Z"),
        ({"cover": Secret({"color": "hunter2"})}, "cover.color is not one of red, blue"),
        ({"notes": Secret("hunter2")}, "notes must be a map"),
        ({"notes": {"x": "hunter2"}}, "notes.x is not a page"),
        ({"pages": Secret("hunter2")}, "pages must be a whole number"),
    ],
)
def test_no_failure_repeats_a_secret(client: ServicerClient, given: dict[str, Any], sentence: str) -> None:
    """The sentence names the property; the engine, which prints the value of a named property, gets no name."""
    request = provider_pb2.CheckRequest(urn=client.urn("Book", "b"), news=struct({"title": "x", **given}))
    [failure] = run(client.servicer.Check(request, None)).failures
    assert (failure.property, failure.reason) == ("", sentence)


def test_wrong_names_types_and_values_are_found_in_one_go(client: ServicerClient) -> None:
    """An entry of a map that fails keeps neither the table nor the resource from checking the others."""
    notes = {"1": 5, "front": "x", "2": "forbidden", "3": "fine"}
    with pytest.raises(CheckFailed) as caught:
        run(client.check("Book", "b", {"title": "x", "notes": notes}))
    assert caught.value.failures == {
        "notes.1": "must be a string",
        "notes.front": "is not a page",
        "notes.2": "is forbidden here",
    }


def test_a_name_may_hold_colons(client: ServicerClient) -> None:
    """A logical name with ``::`` in it does not hide the resource's type."""
    assert run(client.create("Book", "a::b", {"title": "x"})).id == "x"


def test_unknown_values_pass_the_check(client: ServicerClient) -> None:
    """What is known only later is checked later."""
    checked = run(client.check("Book", "b", {"title": UNKNOWN, "pages": UNKNOWN}))
    assert checked["title"] is UNKNOWN


def test_null_is_not_given(client: ServicerClient) -> None:
    """A null input is dropped, an empty string stays."""
    assert run(client.check("Book", "b", {"title": "", "kind": None})) == {"title": ""}


def test_table_secrets_are_secret(client: ServicerClient) -> None:
    """A property that the table calls secret is secret in inputs and in state, no matter who set it."""
    book = run(client.create("Book", "b", {"title": "x", "notes": {"1": "n"}}))
    assert book.inputs["notes"] == Secret({"1": "n"})
    assert book.state["notes"] == Secret({"1": "n"})
    assert book.state["key"] == Secret("k")
    assert run(client.invoke("countBooks", {}))["key"] == Secret("k")


def test_a_preview_creates_nothing(client: ServicerClient) -> None:
    """Outputs are unknown in a preview, and the client is left alone."""
    book = run(client.create("Book", "b", {"title": "x"}, preview=True))
    assert book.state["shelfmark"] is UNKNOWN
    assert shelf_provider.SHELF == {}


def test_paths_of_a_diff(client: ServicerClient) -> None:
    """Each differing element has a path of its own; replacement shows as such."""
    book = run(
        client.create("Book", "b", {"title": "x", "notes": {"a": "1", "b.c": "2"}, "cover": {"color": "red"}})
    )
    diff = run(client.diff(book, {"title": "y", "notes": {"a": "9"}, "cover": {"color": "blue"}, "pages": 3}))
    assert diff == {
        "title": "UPDATE_REPLACE",
        "notes.a": "UPDATE",
        'notes["b.c"]': "DELETE",
        "cover.color": "UPDATE",
        "pages": "ADD",
    }
    assert run(client.diff(book, book.inputs)) == {}


def test_a_nested_change_names_its_property(client: ServicerClient) -> None:
    """The list of changed properties has top-level names, which a preview without ``--diff`` prints."""
    book = run(client.create("Book", "b", {"title": "x", "cover": {"color": "red"}}))
    request = provider_pb2.DiffRequest(
        urn=book.urn,
        id=book.id,
        olds=struct(book.state),
        old_inputs=struct(book.inputs),
        news=struct({"title": "y", "cover": {"color": "blue"}}),
    )
    answer = run(client.servicer.Diff(request, None))
    assert (list(answer.diffs), list(answer.replaces)) == (["title", "cover"], ["title"])


def test_old_inputs_reach_update_and_delete(client: ServicerClient) -> None:
    """What the program gave last time is there when it changes and when it goes."""
    book = run(client.create("Book", "b", {"title": "x", "pages": 3}))
    assert run(client.update(book, {"title": "x"})).state["shelfmark"] == "pages,title"
    run(client.delete(book))
    assert shelf_provider.SHELF["deleted with"] == ["pages", "title"]


def test_gone_is_an_empty_answer(client: ServicerClient) -> None:
    """A read of what is not there says so without an error."""
    book = run(client.create("Book", "b", {"title": "x"}))
    shelf_provider.SHELF.clear()
    assert run(client.read(book)) is None


def test_a_failure_after_a_write_keeps_the_state(client: ServicerClient) -> None:
    """The engine learns ID, state and reason (ErrorResourceInitFailed)."""
    with pytest.raises(Refused, match="the label did not stick") as caught:
        run(client.create("Book", "b", {"title": "half"}))
    assert caught.value.kept is not None
    resource_id, state = caught.value.kept
    assert (resource_id, state["shelfmark"], state["key"]) == ("half", "A1", Secret("k"))


def test_a_users_error_is_one_sentence(client: ServicerClient) -> None:
    """A property's error names it; its status is INVALID_ARGUMENT."""
    with pytest.raises(Refused, match="^title: is forbidden here; choose another$") as caught:
        run(client.create("Book", "b", {"title": "forbidden"}))
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT


def test_without_credentials_the_schema_is_served_all_the_same() -> None:
    """A plugin that cannot sign in still serves its schema, and says why an operation fails."""
    client = ServicerClient(shelf_provider, {})
    answer = run(client.servicer.GetSchema(provider_pb2.GetSchemaRequest(), None))
    assert json.loads(answer.schema)["name"] == "shelf"
    with pytest.raises(Refused, match=r"no token: pulumi config set --stack \S+ --secret shelf:token"):
        run(client.create("Book", "b", {"title": "x"}))


def test_a_cancelled_plugin_starts_nothing(client: ServicerClient) -> None:
    """After the engine's Cancel no create, update or delete begins, and waits end; a preview goes on."""
    book = run(client.create("Book", "old", {"title": "y"}))
    before = dict(shelf_provider.SHELF)

    async def cancelled() -> None:
        await client.servicer.Cancel(None, None)
        with pytest.raises(Cancelled):
            await client.servicer.cancellation.sleep(3600)
        with pytest.raises(Refused, match="interrupted"):
            await client.create("Book", "b", {"title": "x"})
        with pytest.raises(Refused, match="interrupted"):
            await client.update(book, {"title": "y", "pages": 2})
        with pytest.raises(Refused, match="interrupted"):
            await client.delete(book)
        await client.create("Book", "c", {"title": "z"}, preview=True)
        await client.update(book, {"title": "y", "pages": 2}, preview=True)

    run(cancelled())
    assert before == shelf_provider.SHELF


def test_stack_settings_get_their_types(client: ServicerClient) -> None:
    """The engine sends a stack's settings as strings; secrets among them stay secret."""
    request = provider_pb2.CheckRequest(
        urn="urn", news=marshal({"token": wrap("t"), "strict": wrap("true"), "version": wrap("1")})
    )
    answer = unmarshal(run(client.servicer.CheckConfig(request, None)).inputs)
    assert answer["strict"].value is True
    assert answer["token"].is_secret


def test_new_credentials_replace_nothing(client: ServicerClient) -> None:
    """A rotated token is a change of the provider, never of its resources."""
    request = provider_pb2.DiffRequest(olds=marshal({"token": wrap("a")}), news=marshal({"token": wrap("b")}))
    answer = run(client.servicer.DiffConfig(request, None))
    assert (answer.changes, list(answer.replaces)) == (provider_pb2.DiffResponse.DIFF_SOME, [])


def test_what_a_plugin_says_of_itself(client: ServicerClient) -> None:
    """Its version; the values that it takes; and that a preview of a create asks it."""
    assert run(client.servicer.GetPluginInfo(None, None)).version == "1.2.3"
    answer = run(client.servicer.Configure(provider_pb2.ConfigureRequest(), None))
    assert answer == provider_pb2.ConfigureResponse(
        acceptSecrets=True, acceptResources=True, acceptOutputs=True, supportsPreview=True
    )


def test_what_the_engine_adds_to_the_configuration_is_handed_back(client: ServicerClient) -> None:
    """It is no setting of the provider, and a setting that is none is refused."""
    given = {"token": "t", "version": "1", "pluginDownloadURL": "https://a.example"}
    answer = run(client.servicer.CheckConfig(provider_pb2.CheckRequest(news=struct(given)), None))
    assert {name: value.value for name, value in unmarshal(answer.inputs).items()} == given
    assert list(answer.failures) == []
    answer = run(client.servicer.CheckConfig(provider_pb2.CheckRequest(news=struct({"tokn": "t"})), None))
    assert ["did you mean token" in failure.reason for failure in answer.failures] == [True]


def test_equal_configurations_are_no_change(client: ServicerClient) -> None:
    """A setting that appears or disappears is one."""

    def changed(olds: dict[str, Any], news: dict[str, Any]) -> tuple[bool, list[str]]:
        request = provider_pb2.DiffRequest(olds=struct(olds), news=struct(news))
        answer = run(client.servicer.DiffConfig(request, None))
        return answer.changes == provider_pb2.DiffResponse.DIFF_SOME, list(answer.diffs)

    assert changed({"token": "a"}, {"token": Secret("a")}) == (False, [])
    assert changed({"token": "a"}, {}) == (True, ["token"])
    assert changed({"a": "1"}, {"token": "t", "a": "2"}) == (True, ["a", "token"])


def test_what_the_provider_does_not_have_is_refused(client: ServicerClient) -> None:
    """A function or a resource of another version, for example; wrong arguments of a function are named."""
    with pytest.raises(Refused, match="shelf:index:burnBooks is not a function of the shelf provider"):
        run(client.invoke("burnBooks", {}))
    with pytest.raises(Refused, match="shelf:index:Scroll is not a resource of the shelf provider"):
        run(client.create("Scroll", "b", {}))
    with pytest.raises(CheckFailed) as failed:
        run(client.invoke("countBooks", {"kint": "novel"}))
    assert failed.value.failures == {"kint": "is not a property here; did you mean kind?"}


def test_new_settings_make_a_new_client() -> None:
    """The engine configures a plugin again after a rotation; one client serves until then, and is closed."""
    made: list[Any] = []

    class Client(shelf_provider.Shelf):
        closed = False

        async def close(self) -> None:
            self.closed = True

    def connect(config: Any, cancellation: Any) -> Client:
        made.append(Client(token=config["token"].value))
        return made[-1]

    names = ("TABLE", "RESOURCES", "FUNCTIONS")
    module = SimpleNamespace(**{name: getattr(shelf_provider, name) for name in names}, connect=connect)
    client = ServicerClient(module, {"token": "one"})
    for title in ("x", "y"):
        run(client.create("Book", title, {"title": title}))
    run(client.servicer.Configure(provider_pb2.ConfigureRequest(args=struct({"token": "two"})), None))
    run(client.invoke("countBooks", {}))
    run(client.close())
    assert [(shelf["token"], shelf.closed) for shelf in made] == [("one", False), ("two", True)]


def test_a_defect_is_no_sentence_for_the_user(client: ServicerClient) -> None:
    """It reaches the plugin's own error handling with its traceback."""
    with pytest.raises(ZeroDivisionError):
        run(client.create("Book", "b", {"title": "broken"}))


def test_a_check_needs_no_credentials() -> None:
    """A plan without them still finds every mistake."""
    client = ServicerClient(shelf_provider, {})
    with pytest.raises(CheckFailed, match="must be a whole number"):
        run(client.check("Book", "b", {"title": "x", "pages": "many"}))
    assert run(client.check("Book", "b", {"title": "x"})) == {"title": "x"}


def test_what_each_operation_gets() -> None:
    """The run's claims, the stack's state, the log, the client; only what writes is no preview."""
    seen: dict[str, Any] = {}
    before: list[set[str]] = []

    class Spy(shelf_provider.Book):
        async def check(self, operation: Any, request: Any) -> Any:
            seen["check"] = operation
            before.append(set(request.old_inputs))
            return await super().check(operation, request)

        async def diff(self, operation: Any, request: Any) -> Any:
            seen["diff"] = operation
            return await super().diff(operation, request)

        async def preview_create(self, operation: Any, request: Any) -> Any:
            seen["preview"] = operation
            return await super().preview_create(operation, request)

        async def create(self, operation: Any, request: Any) -> Any:
            seen["create"] = operation
            return await super().create(operation, request)

        async def read(self, operation: Any, request: Any) -> Any:
            seen["read"] = operation
            return await super().read(operation, request)

        async def preview_update(self, operation: Any, request: Any) -> Any:
            seen["preview update"] = operation
            return await super().preview_update(operation, request)

        async def update(self, operation: Any, request: Any) -> Any:
            seen["update"] = operation
            return await super().update(operation, request)

        async def delete(self, operation: Any, request: Any) -> None:
            seen["delete"] = operation

    class Count(shelf_provider.CountBooks):
        async def invoke(self, operation: Any, arguments: Any) -> Any:
            seen["invoke"] = operation
            return await super().invoke(operation, arguments)

    module = SimpleNamespace(
        TABLE=shelf_provider.TABLE, RESOURCES=(Spy(),), FUNCTIONS=(Count(),), connect=shelf_provider.connect
    )
    client = ServicerClient(module, {"token": "t"})

    async def everything() -> None:
        await client.create("Book", "b", {"title": "x"}, preview=True)
        book = await client.create("Book", "b", {"title": "x"})
        await client.diff(book, {"title": "x", "pages": 1})
        await client.read(book)
        await client.update(book, {"title": "x", "pages": 1}, preview=True)
        await client.update(book, {"title": "x", "pages": 1})
        await client.delete(book)
        await client.invoke("countBooks", {})

    run(everything())
    assert before == [set(), set(), {"title"}, {"title"}, {"title"}]
    writing = {"create", "update", "delete"}
    assert {name for name, operation in seen.items() if not operation.preview} == writing
    assert {name for name, operation in seen.items() if operation.urn != client.urn("Book", "b")} == {"invoke"}
    for operation in seen.values():
        assert operation.connected
        assert operation.client is shelf_provider.SHELF
        assert operation.claims is client.servicer.claims
        assert operation.stack is client.servicer._state
        assert operation.log is client.log
        assert operation.cancellation is client.servicer.cancellation


def test_the_plugins_of_one_run_share_claims_and_state() -> None:
    """As they are given; a plugin on its own has some for itself."""
    parts = (shelf_provider.TABLE, (), (), shelf_provider.connect, RecordedLog())
    claims, state = Claims(), StackState(None)
    servicer: Servicer[Any] = Servicer(*parts, claims=claims, state=state)
    assert servicer.claims is claims
    assert servicer._operation("", connected=False).stack is state
    alone: Servicer[Any] = Servicer(*parts, claims=None, state=None)
    assert alone.claims is not claims
    assert alone._operation("", connected=False).stack is not state
