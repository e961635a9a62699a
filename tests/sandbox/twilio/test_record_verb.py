"""``<Record>``: the keys that end it, and its transcription.

Source: Twilio docs, "TwiML <Record>", "Transcriptions resource".
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import API, MakeSandbox, Sandbox

pytestmark = pytest.mark.anyio


async def voicemail(sandbox: Sandbox, receiver: Receiver, attributes: str, **scenario: Any) -> dict[str, Any]:
    """A call whose caller speaks into a ``<Record>``."""
    receiver.twiml("/kept", "<Response><Hangup/></Response>")
    twiml = f"<Response><Record action='/kept' {attributes}/></Response>"
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    return await sandbox.call_in(**scenario)


@pytest.mark.parametrize(
    ("attributes", "pressed", "digits"),
    [("", "5", "5"), ("finishOnKey='#'", "#", "#"), ("finishOnKey='#'", "5", ""), ("finishOnKey=''", "#", "")],
)
async def test_only_the_keys_of_finish_on_key_end_it(
    sandbox: Sandbox, receiver: Receiver, attributes: str, pressed: str, digits: str
) -> None:
    """All keys by default; with an empty value none."""
    await voicemail(sandbox, receiver, attributes, recordEndsBy=pressed)
    assert receiver.on("/kept")[0].params["Digits"] == digits


async def test_a_key_that_is_pressed_ends_it(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """Through the control plane, while the caller speaks."""
    receiver.twiml("/kept", "<Response><Hangup/></Response>")
    twiml = "<Response><Record action='/kept' finishOnKey='#'/></Response>"
    async with make_sandbox(factor=20) as sandbox:
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
        sid = (await sandbox.control("POST", "/calls", {"to": "+15551234567", "recordSeconds": None}))["sid"]
        live = sandbox.emulator.switchboard.live(sid)
        await sandbox.until(lambda: live.listening is not None, sid)
        await sandbox.control("POST", f"/calls/{sid}/digits", {"digits": "5"})
        await sandbox.control("POST", f"/calls/{sid}/digits", {"digits": "#"})
        await sandbox.ended(sid)
    assert [request.params["Digits"] for request in receiver.on("/kept")] == ["#"]


async def test_what_is_said_is_transcribed(sandbox: Sandbox, receiver: Receiver) -> None:
    """The text is the scenario's; callback and resource have it."""
    call = await voicemail(
        sandbox, receiver, "transcribeCallback='/transcribed'", transcription="Please call me back"
    )
    (parameters,) = (request.params for request in receiver.on("/transcribed"))
    (recording,) = call["recordings"]
    assert (
        parameters["TranscriptionStatus"],
        parameters["TranscriptionText"],
        parameters["RecordingSid"],
        parameters["CallSid"],
    ) == (
        "completed",
        "Please call me back",
        recording["sid"],
        call["sid"],
    )
    of_recording = f"{API}/Recordings/{recording['sid']}/Transcriptions"
    for path in (f"{API}/Transcriptions", of_recording):
        (listed,) = (await sandbox.get(f"{path}.json")).json()["transcriptions"]
        assert (listed["sid"], listed["transcription_text"]) == (
            parameters["TranscriptionSid"],
            "Please call me back",
        )
    one = f"{of_recording}/{parameters['TranscriptionSid']}.json"
    assert (await sandbox.get(one)).json()["status"] == "completed"
    assert (await sandbox.delete(one)).status_code == 204
    assert (await sandbox.get(one)).status_code == 404


async def test_without_a_text_the_transcription_fails(sandbox: Sandbox, receiver: Receiver) -> None:
    """Nothing is said in the file, and nothing is made up."""
    await voicemail(sandbox, receiver, "transcribe='true' transcribeCallback='/transcribed'")
    (parameters,) = (request.params for request in receiver.on("/transcribed"))
    assert (parameters["TranscriptionStatus"], parameters["TranscriptionText"]) == ("failed", "")


async def test_long_recordings_are_not_transcribed(sandbox: Sandbox, receiver: Receiver) -> None:
    """Above 120 s; a recording that is transcribed ends there by default."""
    call = await voicemail(
        sandbox, receiver, "maxLength='121' transcribe='true' transcribeCallback='/transcribed'"
    )
    assert receiver.on("/transcribed") == []
    assert any("nothing is transcribed" in step["text"] for step in call["steps"])
    call = await voicemail(sandbox, receiver, "transcribe='true'", recordSeconds=500)
    assert call["recordings"][0]["duration"] == "120"
