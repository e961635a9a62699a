"""The recordings of conferences over HTTP.

Source: Twilio docs, "Recordings resource"; twilio-oai, twilio_api_v2010 (ConferenceRecording).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer, no_content
from ..errors import not_found
from ..paging import PageRequest, page_2010
from ..recordings.models import KIND, encode_of_conference, filters
from ..recordings.update_request import change_recording
from ..store import Where
from .routes import CONFERENCES, conference_of

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..simulation.recorder import RecordingInProgress
    from ..store import Document

_LIST = f"{CONFERENCES}/{{ConferenceSid}}/Recordings.json"
_ONE = f"{CONFERENCES}/{{ConferenceSid}}/Recordings/{{Sid}}.json"
_PERMISSION = "/twilio/voice/recordings"


async def _list(request: ApiRequest) -> Response:
    conference = conference_of(request, "ConferenceSid")
    page = PageRequest.of(request.http)
    where = [*filters(request.query), Where.equals("conference_sid", conference["sid"])]
    found, more = page.select(request.emulator.store, KIND, request.account_sid, where)
    return answer(page_2010(page, "recordings", found, more, encode_of_conference))


async def _read(request: ApiRequest) -> Response:
    return answer(encode_of_conference(_recording(request)))


async def _update(request: ApiRequest) -> Response:
    recording = _recording(request)
    return answer(encode_of_conference(change_recording(_running(request), recording["sid"], request.form)))


async def _delete(request: ApiRequest) -> Response:
    request.emulator.recordings.delete(_recording(request))
    return no_content()


def _running(request: ApiRequest) -> list[RecordingInProgress]:
    """The recordings of the conference that run."""
    room = request.emulator.switchboard.rooms.of(conference_of(request, "ConferenceSid"))
    return [] if room is None or room.recordings is None else room.recordings.recordings


def _recording(request: ApiRequest) -> Document:
    """A recording of the conference; ``Twilio.CURRENT`` is the only one in progress."""
    conference = conference_of(request, "ConferenceSid")
    if request.param("Sid") == "Twilio.CURRENT":
        running = _running(request)
        if len(running) != 1:
            raise not_found(request.path)
        return running[0].document
    recording = request.emulator.recordings.get(request.account_sid, request.param("Sid"), request.path)
    if recording["conference_sid"] != conference["sid"]:
        raise not_found(request.path)
    return recording


ENDPOINTS = (
    Endpoint("GET", _LIST, _list, f"{_PERMISSION}/list"),
    Endpoint("GET", _ONE, _read, f"{_PERMISSION}/read"),
    Endpoint("POST", _ONE, _update, f"{_PERMISSION}/update"),
    Endpoint("DELETE", _ONE, _delete, f"{_PERMISSION}/delete"),
)
