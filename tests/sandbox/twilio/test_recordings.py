"""Recordings: lists, metadata, audio, and recordings of live calls."""

from __future__ import annotations

import io
import wave
from typing import Any

import httpx
import pytest
from starlette.responses import Response

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import Sandbox

pytestmark = pytest.mark.anyio
AC = "AC" + "5a4db0c5" * 4
ACCOUNT = f"/2010-04-01/Accounts/{AC}"
DUAL = "<Response><Dial record='record-from-answer-dual'>+15557654321</Dial></Response>"
MONO = "<Response><Dial record='record-from-answer'>+15557654321</Dial></Response>"


async def recorded(sandbox: Sandbox, receiver: Receiver, twiml: Any, **scenario: Any) -> Any:
    """The recording of a call that runs this TwiML."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", twiml))
    ended = await sandbox.call_in(**scenario)
    return ended["recordings"][0]


async def test_a_recording_is_listed_by_account_and_by_call(sandbox: Sandbox, receiver: Receiver) -> None:
    """Both lists show it, with keys of their own."""
    recording = await recorded(sandbox, receiver, DUAL, talkSeconds=7)
    (listed,) = (await sandbox.get(f"{ACCOUNT}/Recordings.json", CallSid=recording["call_sid"])).json()[
        "recordings"
    ]
    assert (listed["duration"], listed["channels"], listed["source"]) == ("7", 2, "DialVerb")
    path = f"{ACCOUNT}/Calls/{recording['call_sid']}/Recordings"
    (of_call,) = (await sandbox.get(f"{path}.json")).json()["recordings"]
    assert (of_call["sid"], of_call["track"]) == (recording["sid"], "both")
    assert (await sandbox.get(f"{path}/{recording['sid']}.json")).json() == of_call
    assert (await sandbox.get(f"{ACCOUNT}/Recordings.json", **{"DateCreated<": "2020-01-01"})).json()[
        "recordings"
    ] == []


async def test_wav_is_real_audio_of_the_recordings_length(sandbox: Sandbox, receiver: Receiver) -> None:
    """Without extension or with ``.wav``: 8 kHz, 16 bit, as many channels as recorded."""
    recording = await recorded(sandbox, receiver, DUAL, talkSeconds=7)
    for suffix in ("", ".wav"):
        audio = await sandbox.get(f"{ACCOUNT}/Recordings/{recording['sid']}{suffix}")
        assert audio.headers["content-type"] == "audio/x-wav"
        with wave.open(io.BytesIO(audio.content)) as file:
            assert (file.getnframes() / file.getframerate(), file.getnchannels()) == (7, 2)
            assert any(file.readframes(100))


async def test_mp3_is_a_stream_of_valid_frames(sandbox: Sandbox, receiver: Receiver) -> None:
    """``.mp3``: 32 kbit/s frames, each beginning with its sync word, together as long as the recording."""
    recording = await recorded(sandbox, receiver, MONO, talkSeconds=7)
    audio = await sandbox.get(f"{ACCOUNT}/Recordings/{recording['sid']}.mp3")
    assert audio.headers["content-type"] == "audio/mpeg"
    assert len(audio.content) % 288 == 0
    frames = len(audio.content) // 288
    assert all(audio.content[n * 288 : n * 288 + 2] == b"\xff\xe3" for n in range(frames))
    assert round(frames * 576 / 8000) == 7


async def test_channels_can_be_requested(sandbox: Sandbox, receiver: Receiver) -> None:
    """``RequestedChannels=1`` mixes down; 2 of a mono recording is a 400."""
    dual = await recorded(sandbox, receiver, DUAL)
    audio = await sandbox.get(f"{ACCOUNT}/Recordings/{dual['sid']}.wav", RequestedChannels=1)
    with wave.open(io.BytesIO(audio.content)) as file:
        assert file.getnchannels() == 1
    mono = await recorded(sandbox, receiver, MONO)
    assert (
        await sandbox.get(f"{ACCOUNT}/Recordings/{mono['sid']}.wav", RequestedChannels=2)
    ).status_code == 400


async def test_media_asks_for_credentials(sandbox: Sandbox, receiver: Receiver) -> None:
    """Basic auth holds for the audio too."""
    recording = await recorded(sandbox, receiver, MONO)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sandbox.app), base_url="http://t") as stranger:
        assert (await stranger.get(f"{ACCOUNT}/Recordings/{recording['sid']}.mp3")).status_code == 401


async def test_the_callbacks_url_leads_to_the_audio(sandbox: Sandbox, receiver: Receiver) -> None:
    """``RecordingUrl`` has no extension; with one, or without, it can be fetched."""
    twiml = MONO.replace("record=", "recordingStatusCallback='https://hooks.example/rec' record=")
    await recorded(sandbox, receiver, twiml)
    url = receiver.on("/rec")[0].params["RecordingUrl"]
    assert url.endswith(receiver.on("/rec")[0].params["RecordingSid"])
    assert (await sandbox.get(url)).status_code == 200
    assert (await sandbox.get(url + ".mp3")).status_code == 200


async def test_media_is_404_until_the_recording_is_completed(sandbox: Sandbox, receiver: Receiver) -> None:
    """Fetched from the dial's own end, before the recording callback, there is nothing yet."""
    answers = []
    action = "https://hooks.example/action"

    async def fetch_at_once(_: Any) -> Any:

        url = receiver.on("/action")[0].params["RecordingUrl"]
        answers.append((await sandbox.get(url)).status_code)
        return Response("<Response/>", media_type="text/xml")

    receiver.answer("/action", fetch_at_once)
    recording = await recorded(sandbox, receiver, MONO.replace("<Dial", f"<Dial action='{action}'"))
    answers.append((await sandbox.get(f"{ACCOUNT}/Recordings/{recording['sid']}")).status_code)
    assert answers == [404, 200]


async def test_a_deleted_recording_keeps_its_metadata(sandbox: Sandbox, receiver: Receiver) -> None:
    """The audio is gone; ``IncludeSoftDeleted`` still shows that it was."""
    recording = await recorded(sandbox, receiver, MONO)
    path = f"{ACCOUNT}/Recordings/{recording['sid']}"
    assert (await sandbox.delete(f"{path}.json")).status_code == 204
    assert (await sandbox.get(f"{path}.json")).status_code == 404
    assert (await sandbox.get(f"{path}.mp3")).status_code == 404
    assert (await sandbox.get(f"{path}.json", IncludeSoftDeleted="true")).json()["status"] == "deleted"
    assert (await sandbox.get(f"{ACCOUNT}/Recordings.json")).json()["recordings"] == []
    assert (
        len((await sandbox.get(f"{ACCOUNT}/Recordings.json", IncludeSoftDeleted="true")).json()["recordings"])
        == 1
    )


async def test_a_live_call_is_recorded_paused_and_stopped(sandbox: Sandbox, receiver: Receiver) -> None:
    """POST starts it, Status pauses, resumes and stops it; the callback tells what was asked for."""
    await sandbox.control("POST", "/clock", {"factor": 1000})
    call = await sandbox.order(Twiml="<Response><Pause length='14000'/></Response>")
    await sandbox.until(
        lambda: sandbox.emulator.calls.find(call["sid"])["status"] == "in-progress", call["sid"]
    )
    path = f"{ACCOUNT}/Calls/{call['sid']}/Recordings"
    started = await sandbox.post(
        f"{path}.json",
        data={
            "RecordingStatusCallback": "https://hooks.example/rec",
            "RecordingStatusCallbackEvent": "in-progress completed absent",
            "RecordingChannels": "dual",
        },
    )
    assert (started.status_code, started.json()["source"]) == (201, "StartCallRecordingAPI")
    one = f"{path}/{started.json()['sid']}.json"
    for status in ("paused", "in-progress", "stopped"):
        assert (await sandbox.post(one, Status=status)).json()["status"] == status
    assert (await sandbox.post(one, Status="paused")).status_code == 404
    assert (await sandbox.post(one, Status="nonsense")).status_code == 400
    await sandbox.post(f"{ACCOUNT}/Calls/{call['sid']}.json", Status="completed")
    await sandbox.ended(call["sid"])
    reported = [(r.params["RecordingStatus"], r.params["RecordingSource"]) for r in receiver.on("/rec")]
    assert reported[0] == ("in-progress", "StartCallRecordingAPI")
    assert reported[1][0] in {"completed", "absent"}


async def test_the_only_running_recording_has_a_name(sandbox: Sandbox) -> None:
    """``Twilio.CURRENT`` stands for it."""
    await sandbox.control("POST", "/clock", {"factor": 1000})
    call = await sandbox.order(Twiml="<Response><Pause length='14000'/></Response>")
    await sandbox.until(
        lambda: sandbox.emulator.calls.find(call["sid"])["status"] == "in-progress", call["sid"]
    )
    path = f"{ACCOUNT}/Calls/{call['sid']}/Recordings"
    sid = (await sandbox.post(f"{path}.json")).json()["sid"]
    assert (await sandbox.post(f"{path}/Twilio.CURRENT.json", Status="paused")).json()["sid"] == sid
    assert (await sandbox.delete(f"{path}/{sid}.json")).status_code == 204
    await sandbox.post(f"{ACCOUNT}/Calls/{call['sid']}.json", Status="completed")


async def test_a_call_that_is_over_cannot_be_recorded(sandbox: Sandbox) -> None:
    """21220 for a recording after the end."""
    ended = await sandbox.place(Twiml="<Response><Say>Hi</Say></Response>")
    response = await sandbox.post(f"{ACCOUNT}/Calls/{ended['sid']}/Recordings.json")
    assert (response.status_code, response.json()["code"]) == (400, 21220)
