"""Conferences over HTTP.

Source: Twilio docs, "Conference resource".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer
from ..errors import invalid_parameter
from ..paging import PageRequest, page_2010
from ..parameters import is_url
from ..simulation.conference_room import Announcement
from ..simulation.instructions import Instructions, http_method
from .models import KIND, encode, filters

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..store import Document

CONFERENCES = "/2010-04-01/Accounts/{AccountSid}/Conferences"
PERMISSION = "/twilio/voice/conferences"


async def _list(request: ApiRequest) -> Response:
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KIND, request.account_sid, filters(request.query))
    return answer(page_2010(page, "conferences", found, more, encode))


async def _read(request: ApiRequest) -> Response:
    return answer(encode(conference_of(request)))


async def _update(request: ApiRequest) -> Response:
    conference = conference_of(request)
    status = request.form.get("Status", "")
    if status not in {"", "completed"}:
        raise invalid_parameter("Status", status)
    source = instructions(request, "AnnounceUrl", "AnnounceMethod", "POST")
    rooms = request.emulator.switchboard.rooms
    room = rooms.of(conference)
    if source is not None and room is not None and room.participants:
        rooms.announce(next(iter(room.participants.values())), Announcement(source, to_all=True))
    if status and room is not None:
        rooms.end(room, None, "conference-ended-via-api")
        await request.emulator.switchboard.settle()
    return answer(
        encode(request.emulator.conferences.get(request.account_sid, conference["sid"], request.path))
    )


def conference_of(request: ApiRequest, name: str = "Sid") -> Document:
    """The conference that a path names.

    Raises:
        TwilioError: 20404.
    """
    return request.emulator.conferences.get(request.account_sid, request.param(name), request.path)


def instructions(request: ApiRequest, url: str, method: str, default: str) -> Instructions | None:
    """Where something to be played comes from; None where the request names nothing.

    Raises:
        TwilioError: 20001 for a URL or a method that is not valid.
    """
    address, how = request.form.get(url, ""), request.form.get(method) or default
    if not address:
        return None
    if not is_url(address):
        raise invalid_parameter(url, address)
    if how.upper() not in {"GET", "POST"}:
        raise invalid_parameter(method, how)
    return Instructions(address, http_method(how))


ENDPOINTS = (
    Endpoint("GET", f"{CONFERENCES}.json", _list, f"{PERMISSION}/list"),
    Endpoint("GET", f"{CONFERENCES}/{{Sid}}.json", _read, f"{PERMISSION}/read"),
    Endpoint("POST", f"{CONFERENCES}/{{Sid}}.json", _update, f"{PERMISSION}/update"),
)
