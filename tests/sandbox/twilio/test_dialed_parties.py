"""What ``<Dial>`` does with a party that answered: machine detection, and the star that ends the conversation.

Source: Twilio docs, "TwiML <Number>", "<Sip>", "<Dial>"; error dictionary 21262.
"""

from __future__ import annotations

import pytest

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import API, MakeSandbox, Sandbox

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("noun", ["<Number {}>+15557654321</Number>", "<Sip {}>sip:kate@example.com</Sip>"])
async def test_a_dialed_party_is_detected_during_the_conversation(
    sandbox: Sandbox, receiver: Receiver, noun: str
) -> None:
    """The parties are connected at once; the result goes to ``amdStatusCallback`` and to the leg."""
    attributes = "machineDetection='DetectMessageEnd' amdStatusCallback='/detected'"
    twiml = f"<Response><Dial>{noun.format(attributes)}</Dial></Response>"
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    call = await sandbox.call_in(answeredBy="machine_start", detectionSeconds=4, talkSeconds=9)
    (leg,) = call["legs"]
    (parameters,) = (request.params for request in receiver.on("/detected"))
    assert parameters == {
        "CallSid": leg["sid"],
        "AccountSid": leg["account_sid"],
        "AnsweredBy": "machine_end_beep",
        "MachineDetectionDuration": "4000",
    }
    assert (leg["answered_by"], leg["duration"]) == ("machine_end_beep", "9")


async def test_machine_detection_without_a_callback_is_a_warning(sandbox: Sandbox, receiver: Receiver) -> None:
    """21262; the result is in the leg alone."""
    twiml = "<Response><Dial><Number machineDetection='Enable'>+15557654321</Number></Dial></Response>"
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    call = await sandbox.call_in()
    assert call["legs"][0]["answered_by"] == "human"
    assert [alert["error_code"] for alert in await sandbox.alerts()] == ["21262"]


async def test_asynchronous_detection_needs_no_callback(sandbox: Sandbox, receiver: Receiver) -> None:
    """Of a call of the API, too: the TwiML is asked for at once, without a result."""
    url = receiver.twiml("/voice", "<Response><Pause length='9'/></Response>")
    call = await sandbox.place(Url=url, MachineDetection="Enable", AsyncAmd="true")
    assert "AnsweredBy" not in receiver.on("/voice")[0].params
    assert call["call"]["answered_by"] == "human"


@pytest.mark.parametrize(("attribute", "bridged"), [("hangupOnStar='true'", True), ("", False)])
async def test_a_star_ends_the_conversation_for_the_caller(
    make_sandbox: MakeSandbox, receiver: Receiver, attribute: str, bridged: bool
) -> None:
    """The caller goes on with the action; without the attribute nobody listens."""
    receiver.twiml("/after", "<Response><Hangup/></Response>")
    twiml = f"<Response><Dial action='/after' {attribute}>+15557654321</Dial></Response>"
    async with make_sandbox(factor=20) as sandbox:
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
        sid = (await sandbox.control("POST", "/calls", {"to": "+15551234567", "talkSeconds": None}))["sid"]

        def connected() -> bool:
            call = sandbox.emulator.switchboard.live(sid)
            return any(leg.answered for leg in call.dialed.values())

        await sandbox.until(connected, sid)
        pressed = await sandbox.client.post(f"/_sandbox/calls/{sid}/digits", json={"digits": "*"})
        assert pressed.status_code == (200 if bridged else 400)
        if not bridged:
            await sandbox.post(f"{API}/Calls/{sid}.json", Status="completed")
        await sandbox.ended(sid)
    assert [request.params["DialCallStatus"] for request in receiver.on("/after")] == (
        ["completed"] if bridged else []
    )
