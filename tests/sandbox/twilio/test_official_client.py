"""The official ``twilio`` client for Python against the sandbox, over real HTTP."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from voicehooks_sandbox.twilio import create_app

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import Serve, ToSandbox

AC = "AC" + "5a4db0c5" * 4
TOKEN = "a0704e4e" * 4


@pytest.fixture
def base_url(tmp_path: Path, serve: Serve) -> Iterator[Any]:
    """A sandbox on a real port, as fast as the machine can."""
    app = create_app(
        state_dir=tmp_path,
        account_sid=AC,
        auth_token=TOKEN,
        phone_numbers=["+15551234567", "+15551234568", "+15551234569"],
        time_factor=math.inf,
    )
    with serve(app) as url:
        yield url


@pytest.fixture
def client(base_url: Any) -> Any:
    """The official client, pointed at the sandbox."""
    return Client(AC, TOKEN, http_client=ToSandbox(base_url))


@pytest.fixture
def hooks(receiver: Receiver, serve: Serve) -> Iterator[Any]:
    """A webhook receiver on a real port."""
    with serve(receiver) as url:
        yield url


def ended(client: Any, sid: Any) -> Any:
    """A call once it is over."""
    client.http_client.session.get(client.http_client._base.geturl() + f"/_sandbox/calls/{sid}?wait=30")
    return client.calls(sid).fetch()


def test_numbers(client: Any) -> None:
    """List, read, update, clear, buy, release."""
    numbers = client.incoming_phone_numbers.list()
    assert [n.phone_number for n in numbers] == ["+15551234567", "+15551234568", "+15551234569"]
    updated = numbers[0].update(voice_url="https://a.example/v#rc=3", status_callback="https://a.example/s")
    assert (updated.voice_url, updated.status_callback_method) == ("https://a.example/v#rc=3", "POST")
    assert not numbers[0].update(voice_url="").voice_url
    bought = client.incoming_phone_numbers.create(phone_number="+15005550006")
    assert bought.delete()
    with pytest.raises(TwilioRestException) as refused:
        client.incoming_phone_numbers(bought.sid).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_paging_follows_the_links(client: Any) -> None:
    """``stream`` reads page after page."""
    assert len({n.sid for n in client.incoming_phone_numbers.stream(page_size=1)}) == 3
    assert len({c.iso_code for c in client.voice.v1.dialing_permissions.countries.stream(page_size=100)}) > 200


def test_an_error_has_code_and_text(client: Any) -> None:
    """As the client's exception shows them."""
    with pytest.raises(TwilioRestException) as refused:
        client.incoming_phone_numbers.list()[0].update(voice_url="nonsense")
    assert (refused.value.status, refused.value.code, refused.value.msg) == (
        400,
        21402,
        "Unable to update record: VoiceUrl is not valid",
    )


def test_a_wrong_token_is_refused(base_url: Any) -> None:
    """20003."""
    with pytest.raises(TwilioRestException) as refused:
        Client(AC, "wrong", http_client=ToSandbox(base_url)).balance.fetch()
    assert refused.value.code == 20003


def test_applications(client: Any) -> None:
    """Create, list, update, delete."""
    app = client.applications.create(friendly_name="Voice", voice_url="https://a.example/v")
    assert [a.sid for a in client.applications.list(friendly_name="Voice")] == [app.sid]
    assert app.update(voice_method="GET").voice_method == "GET"
    assert app.delete()


def test_calls_recordings_and_events(client: Any, receiver: Receiver, hooks: Any) -> None:
    """A recorded call from the order to its audio."""
    receiver.twiml("/voice", "<Response><Pause length='9'/></Response>")
    call = client.calls.create(
        to="+15557654321",
        from_="+15551234567",
        url=f"{hooks}/voice",
        record=True,
        status_callback=f"{hooks}/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
        recording_status_callback=f"{hooks}/recording",
    )
    done = ended(client, call.sid)
    assert (done.status, done.duration, done.direction) == ("completed", "9", "outbound-api")
    assert receiver.statuses("/status") == ["initiated", "ringing", "in-progress", "completed"]
    (recording,) = client.recordings.list(call_sid=call.sid)
    assert (recording.duration, recording.source, recording.channels) == ("9", "OutboundAPI", 1)
    assert client.calls(call.sid).recordings.list()[0].sid == recording.sid
    assert [c.sid for c in client.calls.list(start_time_after=date(2020, 1, 1), status="completed")] == [
        call.sid
    ]
    assert len(client.calls(call.sid).events.list()) == 6
    assert client.recordings(recording.sid).delete()


def test_an_ended_call_cannot_be_completed(client: Any) -> None:
    """A call that is over is refused with Twilio's own code."""
    call = client.calls.create(
        to="+15557654321", from_="+15551234567", twiml="<Response><Say>Hi</Say></Response>"
    )
    ended(client, call.sid)
    with pytest.raises(TwilioRestException) as refused:
        client.calls(call.sid).update(status="completed")
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_settings_and_alerts(client: Any, receiver: Receiver, hooks: Any) -> None:
    """Voice settings, permissions, insights, balance, alerts with their details."""
    assert client.voice.v1.dialing_permissions.settings().fetch().dialing_permissions_inheritance is True
    assert client.voice.v1.dialing_permissions.countries("US").fetch().low_risk_numbers_enabled is True
    update = '[{"iso_code":"FR","low_risk_numbers_enabled":"true"}]'
    client.voice.v1.dialing_permissions.bulk_country_updates.create(update_request=update)
    assert client.voice.v1.dialing_permissions.countries("FR").fetch().low_risk_numbers_enabled is True
    assert client.insights.v1.settings().update(voice_trace=True).voice_trace is True
    assert client.balance.fetch().currency == "USD"
    assert client.api.v2010.accounts(AC).fetch().status == "active"
    call = client.calls.create(to="+15557654321", from_="+15551234567", url=f"{hooks}/nothing")
    ended(client, call.sid)
    (alert,) = client.monitor.v1.alerts.list()
    assert (alert.error_code, alert.resource_sid) == ("12300", call.sid)
    assert client.monitor.v1.alerts(alert.sid).fetch().request_variables
    assert client.calls(call.sid).notifications.list()[0].error_code == "12300"


def control(client: Any, method: str, path: str, body: Any) -> None:
    """Send a request to the control plane of the sandbox."""
    url = f"{client.http_client._base.geturl()}/_sandbox{path}"
    client.http_client.session.request(method, url, json=body).raise_for_status()


def test_conferences(client: Any, hooks: Any) -> None:
    """Participants, hold, recordings and the end, by the client's own models."""
    control(client, "POST", "/clock", {"factor": 20})
    control(client, "PUT", "/scenarios", {"*": {"talkSeconds": None}})
    room = client.conferences("Room")
    first = room.participants.create(
        from_="+15551234567", to="+15557654321", label="agent", conference_record="record-from-start"
    )
    second = room.participants.create(from_="+15551234567", to="+15550002222")
    conference = client.conferences(first.conference_sid)
    while conference.fetch().status != "in-progress":
        assert client.calls(first.call_sid).fetch().status != "completed"
    held = conference.participants("agent").update(hold=True, hold_url=f"{hooks}/music")
    assert (held.hold, held.call_sid) == (True, first.call_sid)
    assert {participant.call_sid for participant in conference.participants.list()} == {
        first.call_sid,
        second.call_sid,
    }
    (recording,) = conference.recordings.list()
    assert conference.recordings("Twilio.CURRENT").update(status="paused").sid == recording.sid
    assert conference.update(status="completed").reason_conference_ended == "conference-ended-via-api"
    for call in (first, second):
        assert ended(client, call.call_sid).status == "completed"


def test_transcriptions_and_streams(client: Any) -> None:
    """Of a recording, and of a call in progress."""
    control(client, "PUT", "/scenarios", {"*": {"transcription": "Hello"}})
    record = "<Response><Record transcribe='true' action='https://127.0.0.1:1/'/></Response>"
    call = client.calls.create(to="+15557654321", from_="+15551234567", twiml=record)
    ended(client, call.sid)
    (recording,) = client.recordings.list(call_sid=call.sid)
    (transcription,) = client.recordings(recording.sid).transcriptions.list()
    assert client.transcriptions(transcription.sid).fetch().transcription_text == "Hello"
    assert client.transcriptions(transcription.sid).delete()
    with pytest.raises(TwilioRestException) as refused:
        client.calls(call.sid).streams.create(url="wss://127.0.0.1:1/")
    assert refused.value.code == 21220
