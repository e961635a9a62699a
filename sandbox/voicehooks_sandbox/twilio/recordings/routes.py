"""Recordings over HTTP: the account's list, a call's list, the audio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from ..api import ApiRequest, Endpoint, answer, no_content
from ..errors import invalid_parameter, not_found
from ..paging import PageRequest, page_2010
from ..simulation.recorder import EVENTS, RecordingInProgress, RecordingPlan
from ..store import Where
from . import errors
from .audio import mp3, wav
from .models import KIND, encode, encode_of_call, filters
from .update_request import change_recording

if TYPE_CHECKING:
    from ..store import Document

_ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
_LIST = f"{_ACCOUNT}/Recordings.json"
_ONE = f"{_ACCOUNT}/Recordings/{{Sid}}"
_OF_CALL = f"{_ACCOUNT}/Calls/{{CallSid}}/Recordings.json"
_ONE_OF_CALL = f"{_ACCOUNT}/Calls/{{CallSid}}/Recordings/{{Sid}}.json"
_PERMISSION = "/twilio/voice/recordings"
_CHOICES = {
    "RecordingChannels": ("mono", "dual"),
    "RecordingTrack": ("inbound", "outbound", "both"),
    "Trim": ("trim-silence", "do-not-trim"),
    "RecordingStatusCallbackMethod": ("GET", "POST"),
}


async def _list(request: ApiRequest) -> Response:
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KIND, request.account_sid, filters(request.query))
    return answer(
        page_2010(page, "recordings", found, more, lambda recording: encode(recording, request.own_url))
    )


async def _read(request: ApiRequest) -> Response:
    deleted_too = request.query.get("IncludeSoftDeleted", "").lower() == "true"
    return answer(encode(_recording(request, deleted_too=deleted_too), request.own_url))


async def _delete(request: ApiRequest) -> Response:
    request.emulator.recordings.delete(_recording(request))
    return no_content()


async def _wav(request: ApiRequest) -> Response:
    recording, channels = _audible(request)
    return Response(wav(recording["duration"], channels), media_type="audio/x-wav")


async def _mp3(request: ApiRequest) -> Response:
    recording, channels = _audible(request)
    return Response(mp3(recording["duration"], channels), media_type="audio/mpeg")


async def _list_of_call(request: ApiRequest) -> Response:
    call = _call(request)
    page = PageRequest.of(request.http)
    where = [*filters(request.query), Where.search_is(call["sid"])]
    found, more = page.select(request.emulator.store, KIND, request.account_sid, where)
    return answer(page_2010(page, "recordings", found, more, encode_of_call))


async def _start(request: ApiRequest) -> Response:
    call = _call(request)
    live = request.emulator.switchboard.live(call["sid"])
    if live is None or call["status"] != "in-progress":
        raise errors.not_recordable(call["sid"])
    form = request.form
    for name, choices in _CHOICES.items():
        if form.get(name) and form[name] not in choices:
            raise invalid_parameter(name, form[name])
    events = [
        word
        for name, value in request.form_items
        if name.startswith("RecordingStatusCallbackEvent")
        for word in value.split()
    ]
    plan = RecordingPlan(
        source="StartCallRecordingAPI",
        channels=2 if form.get("RecordingChannels") == "dual" else 1,
        track=form.get("RecordingTrack") or "both",
        callback=form.get("RecordingStatusCallback", ""),
        method=form.get("RecordingStatusCallbackMethod") or "POST",
        events=frozenset(events or ["completed"]) & frozenset(EVENTS),
    )
    return answer(encode_of_call(RecordingInProgress(live, live.root, plan).document), 201)


async def _read_of_call(request: ApiRequest) -> Response:
    return answer(encode_of_call(_recording_of_call(request)))


async def _update_of_call(request: ApiRequest) -> Response:
    recording = _recording_of_call(request)
    live = request.emulator.switchboard.live(recording["call_sid"])
    running = [] if live is None else live.recordings
    return answer(encode_of_call(change_recording(running, recording["sid"], request.form)))


async def _delete_of_call(request: ApiRequest) -> Response:
    request.emulator.recordings.delete(_recording_of_call(request))
    return no_content()


def _recording(request: ApiRequest, *, deleted_too: bool = False) -> Document:
    return request.emulator.recordings.get(
        request.account_sid, request.param("Sid"), request.path, deleted_too=deleted_too
    )


def _call(request: ApiRequest) -> Document:
    return request.emulator.calls.get(request.account_sid, request.param("CallSid"), request.path)


def _recording_of_call(request: ApiRequest) -> Document:
    """A recording of a call; ``Twilio.CURRENT`` is the only one in progress."""
    call = _call(request)
    if request.param("Sid") == "Twilio.CURRENT":
        live = request.emulator.switchboard.live(call["sid"])
        if live is None or len(live.recordings) != 1:
            raise not_found(request.path)
        return live.recordings[0].document
    recording = _recording(request)
    if recording["call_sid"] != call["sid"]:
        raise not_found(request.path)
    return recording


def _audible(request: ApiRequest) -> tuple[Document, int]:
    """The recording and how many channels were asked for; there is audio only once it is completed."""
    recording = _recording(request)
    if recording["status"] != "completed":
        raise not_found(request.path)
    asked = request.query.get("RequestedChannels", "")
    if asked not in {"", "1", "2"}:
        raise invalid_parameter("RequestedChannels", asked)
    if asked == "2" and recording["channels"] == 1:
        raise errors.not_stereo()
    return recording, int(asked or recording["channels"])


ENDPOINTS = (
    Endpoint("GET", _LIST, _list, f"{_PERMISSION}/list"),
    Endpoint("GET", f"{_ONE}.json", _read, f"{_PERMISSION}/read"),
    Endpoint("DELETE", f"{_ONE}.json", _delete, f"{_PERMISSION}/delete"),
    Endpoint("GET", f"{_ONE}.mp3", _mp3, f"{_PERMISSION}/read"),
    Endpoint("GET", f"{_ONE}.wav", _wav, f"{_PERMISSION}/read"),
    Endpoint("GET", _ONE, _wav, f"{_PERMISSION}/read"),
    Endpoint("GET", _OF_CALL, _list_of_call, f"{_PERMISSION}/list"),
    Endpoint("POST", _OF_CALL, _start, f"{_PERMISSION}/create"),
    Endpoint("GET", _ONE_OF_CALL, _read_of_call, f"{_PERMISSION}/read"),
    Endpoint("POST", _ONE_OF_CALL, _update_of_call, f"{_PERMISSION}/update"),
    Endpoint("DELETE", _ONE_OF_CALL, _delete_of_call, f"{_PERMISSION}/delete"),
)
