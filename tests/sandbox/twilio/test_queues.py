"""``<Enqueue>`` and ``<Dial><Queue>``, and queues in the REST API.

Source: Twilio docs, "TwiML <Enqueue>", "<Queue>", "<Leave>", "Queue resource", "Queue Members resource".
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sandbox.twilio.receiver import HOOK, Receiver
from tests.sandbox.twilio.sandbox_client import API, NUMBERS, MakeSandbox, Sandbox

pytestmark = pytest.mark.anyio
WAIT = "<Response><Enqueue action='/left' {}>support</Enqueue></Response>"
ANSWER = "<Response><Dial action='/served'><Queue url='/greeting'>support</Queue></Dial></Response>"


def prepare(receiver: Receiver) -> None:
    """What the actions answer."""
    for path in ("/left", "/served"):
        receiver.twiml(path, "<Response><Hangup/></Response>")
    receiver.twiml("/greeting", "<Response><Say>You are being connected</Say></Response>")


async def waiting(sandbox: Sandbox, receiver: Receiver, attributes: str = "", **scenario: object) -> str:
    """A caller who waits in the queue; the call's SID."""
    prepare(receiver)
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", WAIT.format(attributes)))
    sid = (await sandbox.control("POST", "/calls", {"to": NUMBERS[0], **scenario}))["sid"]
    await sandbox.until(seated(sandbox, sid), sid)
    return str(sid)


def seated(sandbox: Sandbox, sid: str) -> Callable[[], bool]:
    """Whether a call waits in a queue."""

    def holds() -> bool:
        live = sandbox.emulator.switchboard.live(sid)
        return live is not None and live.seat is not None

    return holds


async def serve_queue(sandbox: Sandbox, receiver: Receiver) -> str:
    """An agent calls in and dials the queue; the call's SID."""
    await sandbox.configure(NUMBERS[1], VoiceUrl=receiver.twiml("/agent", ANSWER))
    return str((await sandbox.control("POST", "/calls", {"to": NUMBERS[1]}))["sid"])


async def queue(sandbox: Sandbox) -> str:
    """The queue's path."""
    (found,) = (await sandbox.get(f"{API}/Queues.json")).json()["queues"]
    return f"{API}/Queues/{found['sid']}"


async def test_an_agent_is_connected_with_the_first_in_the_queue(
    make_sandbox: MakeSandbox, receiver: Receiver
) -> None:
    """Greeting, conversation, and both actions when the parties have parted."""
    async with make_sandbox(factor=20) as sandbox:
        caller = await waiting(sandbox, receiver)
        path = await queue(sandbox)
        (member,) = (await sandbox.get(f"{path}/Members.json")).json()["queue_members"]
        assert (member["call_sid"], member["position"]) == (caller, 1)
        assert (await sandbox.get(f"{path}.json")).json()["current_size"] == 1
        agent = await serve_queue(sandbox, receiver)
        ended = await sandbox.ended(caller)
        await sandbox.ended(agent)
        assert (await sandbox.get(f"{path}.json")).json()["current_size"] == 0
    assert ended["status"] == "completed"
    assert len(receiver.on("/greeting")) == 1
    assert receiver.on("/greeting")[0].params["CallSid"] == caller
    (left,) = receiver.on("/left")
    assert left.params["QueueResult"] == "bridged"
    assert left.params["QueueSid"] in path
    (served,) = receiver.on("/served")
    assert served.params["DialCallStatus"] == "completed"


async def test_an_agent_waits_for_the_first_caller(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """The queue exists and is empty: the dial waits until its timeout."""
    prepare(receiver)
    async with make_sandbox(factor=20) as sandbox:
        await sandbox.post(f"{API}/Queues.json", FriendlyName="support")
        agent = await serve_queue(sandbox, receiver)
        await sandbox.until(seated(sandbox, agent), agent)
        caller = await waiting(sandbox, receiver, hangUpBy="caller")
        await sandbox.ended(caller)
        await sandbox.ended(agent)
    assert [request.params["DialCallStatus"] for request in receiver.on("/served")] == ["completed"]


@pytest.mark.parametrize(("exists", "status"), [(True, "no-answer"), (False, "failed")])
async def test_nobody_waits(sandbox: Sandbox, receiver: Receiver, exists: bool, status: str) -> None:
    """After the timeout, or at once if there is no such queue."""
    prepare(receiver)
    if exists:
        await sandbox.post(f"{API}/Queues.json", FriendlyName="support")
    agent = await serve_queue(sandbox, receiver)
    await sandbox.ended(agent)
    assert [request.params["DialCallStatus"] for request in receiver.on("/served")] == [status]


async def test_the_wait_url_hears_the_position_until_the_caller_leaves(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    """It is requested again when its document ends; ``<Leave>`` takes the caller out."""
    prepare(receiver)
    receiver.twiml("/leave", "<Response><Leave/></Response>")
    ask = "<Gather numDigits='1' action='/leave' timeout='2'><Say>Press 1 to leave</Say></Gather>"
    receiver.twiml("/wait", f"<Response>{ask}</Response>")
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", WAIT.format("waitUrl='/wait'")))
    ended = await sandbox.call_in(gather=[{"timeout": True}, {"digits": "1"}])
    asked = [request.params for request in receiver.on("/wait")]
    assert [(request["QueuePosition"], request["CurrentQueueSize"]) for request in asked] == [
        ("1", "1"),
        ("1", "1"),
    ]
    assert int(asked[1]["QueueTime"]) > int(asked[0]["QueueTime"])
    assert [request.params["QueueResult"] for request in receiver.on("/left")] == ["leave"]
    assert ended["status"] == "completed"


async def test_a_caller_who_hangs_up_is_out_of_the_queue(sandbox: Sandbox, receiver: Receiver) -> None:
    """The action hears of it."""
    prepare(receiver)
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", WAIT.format("")))
    ended = await sandbox.call_in(callerHangsUpAfter=7)
    assert [request.params["QueueResult"] for request in receiver.on("/left")] == ["hangup"]
    assert ended["call"]["duration"] == "7"
    assert (await sandbox.get(f"{await queue(sandbox)}/Members.json")).json()["queue_members"] == []


async def test_the_api_takes_a_member_out(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """The member goes on with the document at the URL, and the action hears ``redirected``."""
    receiver.twiml("/elsewhere", "<Response><Say>Elsewhere</Say></Response>")
    async with make_sandbox(factor=20) as sandbox:
        caller = await waiting(sandbox, receiver)
        path = await queue(sandbox)
        assert (await sandbox.post(f"{path}/Members/Front.json")).status_code == 400
        assert (await sandbox.delete(f"{path}.json")).status_code == 400
        taken = await sandbox.post(f"{path}/Members/Front.json", Url=f"{HOOK}/elsewhere")
        assert taken.json()["call_sid"] == caller
        ended = await sandbox.ended(caller)
        assert (await sandbox.get(f"{path}/Members/{caller}.json")).status_code == 404
        assert (await sandbox.delete(f"{path}.json")).status_code == 204
    assert any(step["text"] == "<Say> Elsewhere" for step in ended["steps"])
    assert [request.params["QueueResult"] for request in receiver.on("/left")] == ["redirected"]


async def test_a_full_queue_takes_nobody(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """The next caller's action hears ``queue-full``, without a queue's SID."""
    async with make_sandbox(factor=20) as sandbox:
        await sandbox.post(f"{API}/Queues.json", FriendlyName="support", MaxSize="1")
        first = await waiting(sandbox, receiver)
        second = (await sandbox.control("POST", "/calls", {"to": NUMBERS[0]}))["sid"]
        await sandbox.ended(second)
        await sandbox.client.post(f"/_sandbox/calls/{first}/hang-up")
        await sandbox.ended(first)
    full, hung_up = receiver.on("/left")
    assert (full.params["QueueResult"], "QueueSid" in full.params) == ("queue-full", False)
    assert hung_up.params["QueueResult"] == "hangup"


async def test_queues_are_managed_by_the_api(sandbox: Sandbox) -> None:
    """Create, rename, list, refuse what is not valid, delete."""
    created = (await sandbox.post(f"{API}/Queues.json", FriendlyName="sales", MaxSize="7")).json()
    path = f"{API}/Queues/{created['sid']}.json"
    assert (created["max_size"], created["current_size"]) == (7, 0)
    assert (await sandbox.post(path, FriendlyName="sales 2")).json()["friendly_name"] == "sales 2"
    for form in ({"FriendlyName": "sales 2"}, {"FriendlyName": ""}, {"FriendlyName": "x", "MaxSize": "0"}):
        assert (await sandbox.post(f"{API}/Queues.json", data=form)).status_code == 400
    assert (await sandbox.delete(path)).status_code == 204
    assert (await sandbox.get(path)).status_code == 404


async def test_a_workflow_is_skipped(sandbox: Sandbox, receiver: Receiver) -> None:
    """TaskRouter is not emulated: no queue is made up, no action is requested, and the next verb follows."""
    prepare(receiver)
    document = "<Enqueue workflowSid='WW0' action='/left'><Task>{}</Task></Enqueue><Say>Next</Say>"
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", f"<Response>{document}</Response>"))
    call = await sandbox.call_in()
    skipped = [step["text"] for step in call["steps"] if step["kind"] == "not-emulated"]
    assert any("TaskRouter" in text for text in skipped)
    assert any(step["text"] == "<Say> Next" for step in call["steps"])
    assert receiver.on("/left") == []
    assert (await sandbox.get(f"{API}/Queues.json")).json()["queues"] == []
