"""The control plane's description, its stream of events, resending and snapshots."""

from __future__ import annotations

import asyncio
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator
from voicehooks_sandbox.twilio.control.routes import _ACCOUNT_KEYS
from voicehooks_sandbox.twilio.simulation.scenario import _WIRE

from tests.sandbox.twilio.receiver import HOOK, Receiver
from tests.sandbox.twilio.sandbox_client import API, AUTH_TOKEN, MakeSandbox, Sandbox, Serve
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.anyio


async def test_the_description_has_every_operation(sandbox: Sandbox) -> None:
    """OpenAPI 3.1: each path that is served, with a summary and the body that it takes."""
    document = await sandbox.control("GET", "/openapi.json")
    served = {
        (f"/_sandbox{route.path}", method.lower())
        for route in sandbox.app.routes[0].routes
        if isinstance(route, Route)  # the rest is the page
        for method in route.methods - {"HEAD"}
    }
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert served - described == {("/_sandbox/openapi.json", "get")}
    assert described <= served
    operations = [item for methods in document["paths"].values() for item in methods.values()]
    assert all(operation["summary"].endswith((".", ";")) or operation["summary"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)


async def test_the_described_bodies_have_the_keys_that_are_taken(sandbox: Sandbox) -> None:
    """A scenario's keys and an account's are those of the code that reads them."""
    document = await sandbox.control("GET", "/openapi.json")

    def properties(path: str) -> set[str]:
        content = document["paths"][path]["post"]["requestBody"]["content"]
        return set(content["application/json"]["schema"]["properties"])

    caller = {"from", "to", "forwardedFrom", "callerName", "username", "sourceIp", "sipHeaders"}
    assert properties("/_sandbox/calls") == {*_WIRE, *caller}
    assert properties("/_sandbox/account") == {*_ACCOUNT_KEYS, "account_sid"}


async def read_events(url: str, count: int, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """The first events of a stream, each with its kind."""
    found: list[dict[str, Any]] = []
    async with (
        httpx.AsyncClient(timeout=30) as client,
        client.stream("GET", url, headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        kind = ""
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                found.append({"event": kind, **json.loads(value)})
                if len(found) == count:
                    break
    return found


async def test_events_are_streamed_as_they_happen(
    make_sandbox: MakeSandbox, receiver: Receiver, serve: Serve
) -> None:
    """A call's steps and requests; a client that connects again goes on where it was."""
    async with make_sandbox() as sandbox:
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", "<Response><Say>Hi</Say></Response>"))
        with serve(sandbox.app) as base:
            url = f"{base}/_sandbox/events"
            first = await sandbox.call_in()
            past = await asyncio.wait_for(read_events(f"{url}?after=0&call_sid={first['sid']}", 3), 30)
            assert (past[0]["event"], past[0]["status"]) == ("call", "ringing")
            assert past[1]["text"].startswith("+15550001111 calls")
            assert past[1]["root_call_sid"] == first["sid"]
            last = past[0]["id"]
            again = await asyncio.wait_for(
                read_events(f"{url}?call_sid={first['sid']}", 2, {"Last-Event-ID": str(last)}), 30
            )
            assert again == past[1:]
            refused = await sandbox.client.get("/_sandbox/events?after=x")
            assert (refused.status_code, "is the id of an event" in refused.json()["message"]) == (400, True)


async def test_events_arrive_while_a_client_listens(sandbox: Sandbox, serve: Serve) -> None:
    """A client hears of an entry that is written later, and its stream ends with the sandbox."""
    lines: list[str] = []
    with serve(sandbox.app) as base:
        async with (
            asyncio.timeout(PATIENCE),
            httpx.AsyncClient(timeout=PATIENCE) as client,
            client.stream("GET", f"{base}/_sandbox/events") as answer,
        ):
            async for line in answer.aiter_lines():
                lines.append(line)
                if line == ": connected":
                    await sandbox.get(f"{API}.json")
                elif line.startswith("data: "):
                    assert json.loads(line.removeprefix("data: "))["path"] == f"{API}.json"
                    sandbox.emulator.store.end_listening()
    assert [line.partition(":")[0] for line in lines if line] == ["", "id", "event", "data"]


async def test_a_client_hears_of_the_events_that_are_gone(sandbox: Sandbox, serve: Serve) -> None:
    """Of a journal that has been cut, the stream says so, and goes on with what is kept."""
    store = sandbox.emulator.store
    first = store.log("step", "CA1", {"text": "gone"})
    store.clear(kinds=())
    store.log("step", "CA1", {"text": "also gone"})
    store.clear(kinds=())
    kept = store.log("step", "CA1", {"text": "kept"})
    with serve(sandbox.app) as base:
        gap, entry = await read_events(f"{base}/_sandbox/events?after={first}", 2)
    assert gap == {"event": "gap", "after": first}
    assert entry == {"event": "step", "id": kept, "root_call_sid": "CA1", "text": "kept"}


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:4710", 200), ("sandbox.localhost", 200), ("localhost", 200), ("example.com", 403)],
)
async def test_the_control_plane_answers_to_names_of_this_machine(
    sandbox: Sandbox, host: str, status: int
) -> None:
    """A site whose name resolves to 127.0.0.1 reads nothing; the names that the documents use work."""
    answer = await sandbox.client.get("/_sandbox/account", headers={"Host": host})
    assert answer.status_code == status
    assert ("authToken" in answer.json()) is (status == 200)


@pytest.mark.parametrize(("signature", "valid"), [("valid", True), ("wrong", False), ("none", None)])
async def test_a_request_is_sent_again_with_changes(
    sandbox: Sandbox, receiver: Receiver, signature: str, valid: bool | None
) -> None:
    """Its parameters with changes, signed for these; the official validator says of what kind it is."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", "<Response/>"))
    await sandbox.call_in()
    (sent,) = [webhook for webhook in await sandbox.webhooks() if webhook["kind"] == "voice"]
    body = {"params": {"From": "+15550009999", "CallerCity": None}, "signature": signature}
    again = await sandbox.control("POST", f"/webhook-requests/{sent['id']}/resend", body)

    received = receiver.on("/voice")[1]
    assert received.params["From"] == "+15550009999"
    assert received.params.keys() == sent["params"].keys() - {"CallerCity"}
    assert again["webhook_request"]["status"] == 200
    given = received.headers.get("x-twilio-signature")
    if valid is None:
        assert given is None
    else:
        assert RequestValidator(AUTH_TOKEN).validate(f"{HOOK}/voice", received.params, given) is valid


async def test_a_resend_that_makes_no_sense_is_refused(sandbox: Sandbox, receiver: Receiver) -> None:
    """An unknown request, key or signature."""
    await sandbox.configure(VoiceUrl=receiver.answer("/voice", Response(status_code=500)))
    await sandbox.call_in()
    number = (await sandbox.webhooks())[0]["id"]
    path = f"/_sandbox/webhook-requests/{number}/resend"
    assert (await sandbox.client.post("/_sandbox/webhook-requests/999/resend")).status_code == 404
    for body in ({"x": 1}, {"signature": "odd"}, {"params": {"From": 1}}, {"params": []}, []):
        assert (await sandbox.client.post(path, json=body)).status_code == 400


async def test_a_snapshot_brings_twilios_half_back(
    make_sandbox: MakeSandbox, receiver: Receiver, tmp_path: Path
) -> None:
    """Numbers, calls, faults and journals are those of the moment; also in another sandbox."""
    async with make_sandbox() as sandbox:
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", "<Response/>"))
        call = await sandbox.call_in()
        await sandbox.control("POST", "/faults", [{"fault": "drop"}])
        saved = await sandbox.control("POST", "/snapshots", {"save": "menu-1"})
        assert (saved["name"], saved["file"]) == ("menu-1", "menu-1.voicehooks.zip")
        await sandbox.control("POST", "/reset", {})
        assert (await sandbox.get(f"{API}/Calls.json")).json()["calls"] == []
        await sandbox.control("POST", "/snapshots", {"load": "menu-1"})
        await loaded(sandbox, call["sid"])
        listed = await sandbox.control("GET", "/snapshots")
        assert [snapshot["name"] for snapshot in listed["snapshots"]] == ["menu-1"]
    file = Path(listed["folder"]) / "menu-1.voicehooks.zip"
    assert file.stat().st_mode & 0o777 == 0o600
    (tmp_path / "colleague" / "snapshots").mkdir(parents=True)
    file.rename(tmp_path / "colleague" / "snapshots" / file.name)
    async with make_sandbox(folder="colleague/twilio") as sandbox:
        await sandbox.control("POST", "/snapshots", {"load": "menu-1"})
        await loaded(sandbox, call["sid"])


async def loaded(sandbox: Sandbox, sid: str) -> None:
    """What the snapshot has is there."""
    assert (await sandbox.number())["voice_url"] == f"{HOOK}/voice"
    assert [call["sid"] for call in (await sandbox.get(f"{API}/Calls.json")).json()["calls"]] == [sid]
    assert (await sandbox.control("GET", "/faults"))["faults"] == [{"fault": "drop"}]
    assert len(await sandbox.webhooks()) == 1


async def test_snapshots_that_cannot_be_are_refused(make_sandbox: MakeSandbox, tmp_path: Path) -> None:
    """A name that is a path, none of that name, a file of another kind, a body of another kind."""
    async with make_sandbox() as sandbox:
        (tmp_path / "snapshots").mkdir()
        (tmp_path / "snapshots" / "junk.voicehooks.zip").write_text("junk")
        with zipfile.ZipFile(tmp_path / "snapshots" / "other.voicehooks.zip", "w") as archive:
            archive.writestr("x", "y")
        for body, status in (
            ({"save": "../x"}, 400),
            ({"load": "none"}, 404),
            ({"load": "junk"}, 400),
            ({"load": "other"}, 400),
            ({"load": "x", "save": "y"}, 400),
        ):
            assert (await sandbox.client.post("/_sandbox/snapshots", json=body)).status_code == status
