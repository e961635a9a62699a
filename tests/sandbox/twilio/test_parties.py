"""Playing a party through the control plane: answer, decline, hang up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import API, MakeSandbox, Sandbox

pytestmark = pytest.mark.anyio
AGENT = "+15557654321"
# Rings, talks and stays until somebody acts.
PLAYED = {"ringSeconds": None, "talkSeconds": None}


async def dialing(sandbox: Sandbox, receiver: Receiver) -> tuple[str, str]:
    """A call that rings an agent; its SID and the SID of the agent's leg."""
    twiml = f"<Response><Dial timeout='600' action='/done'>{AGENT}</Dial></Response>"
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    receiver.twiml("/done", "<Response><Hangup/></Response>")
    call = await sandbox.control("POST", "/calls", {"to": "+15551234567", **PLAYED})
    sid = call["sid"]
    await sandbox.until(lambda: _ringing(sandbox, sid), sid)
    return sid, _ringing(sandbox, sid)


def _ringing(sandbox: Sandbox, sid: str) -> str:
    legs = [leg for leg in sandbox.emulator.calls.children(sid) if leg["status"] == "ringing"]
    return legs[0]["sid"] if legs and legs[0]["started"] else ""


async def act(sandbox: Sandbox, sid: str, action: str) -> Any:
    """What a party does."""
    return await sandbox.client.post(f"/_sandbox/calls/{sid}/{action}")


async def test_an_agent_answers_and_hangs_up(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """The leg rings until it is answered, and the conversation lasts until somebody hangs up."""
    async with make_sandbox(factor=1) as sandbox:
        sid, leg = await dialing(sandbox, receiver)
        assert (await act(sandbox, leg, "answer")).json() == {"sid": leg, "status": "in-progress"}
        await act(sandbox, leg, "hang-up")
        ended = await sandbox.ended(sid)
    assert [item["status"] for item in ended["legs"]] == ["completed"]
    assert [request.params["DialCallStatus"] for request in receiver.on("/done")] == ["completed"]


async def test_an_agent_declines(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """The leg ends as busy, and the action hears of it."""
    async with make_sandbox(factor=1) as sandbox:
        sid, leg = await dialing(sandbox, receiver)
        await act(sandbox, leg, "decline")
        await sandbox.ended(sid)
    assert [request.params["DialCallStatus"] for request in receiver.on("/done")] == ["busy"]


async def test_the_caller_hangs_up(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """While it rings: the leg is canceled."""
    async with make_sandbox(factor=1) as sandbox:
        sid, _ = await dialing(sandbox, receiver)
        await act(sandbox, sid, "hang-up")
        ended = await sandbox.ended(sid)
    assert [leg["status"] for leg in ended["legs"]] == ["canceled"]


@pytest.mark.parametrize(("action", "status"), [("answer", "completed"), ("decline", "busy")])
async def test_a_call_of_the_api_is_answered_or_declined(
    make_sandbox: MakeSandbox, action: str, status: str
) -> None:
    """The called party of `calls.create`."""
    async with make_sandbox(factor=1) as sandbox:
        await sandbox.script(everybody={"ringSeconds": None, "setupSeconds": 0})
        call = await sandbox.order(Timeout="600", Twiml="<Response><Hangup/></Response>")
        sid = call["sid"]
        await sandbox.until(lambda: sandbox.emulator.calls.find(sid)["status"] == "ringing", sid)
        await act(sandbox, sid, action)
        assert (await sandbox.ended(sid))["status"] == status


async def test_what_cannot_be_done_is_refused(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """One sentence each: an unknown call, an incoming one, a leg that does not ring, a call that is over."""
    async with make_sandbox(factor=1) as sandbox:
        assert (await act(sandbox, "CA0", "answer")).status_code == 404
        sid, leg = await dialing(sandbox, receiver)
        assert "the TwiML of +15551234567 answers it" in (await act(sandbox, sid, "answer")).json()["message"]
        assert "decline it instead" in (await act(sandbox, leg, "hang-up")).json()["message"]
        await act(sandbox, leg, "answer")
        assert "does not ring" in (await act(sandbox, leg, "answer")).json()["message"]
        await act(sandbox, sid, "hang-up")
        await sandbox.ended(sid)
        assert "is over" in (await act(sandbox, leg, "decline")).json()["message"]
        assert (await sandbox.get(f"{API}/Calls/{leg}.json")).json()["status"] == "completed"
