"""Queues and their members over HTTP.

Source: Twilio docs, "Queue resource" and "Queue Members resource": ``Front`` is the first member, and an update
takes a member out of the queue and to another document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer, no_content
from ..dates import rfc2822
from ..errors import invalid_parameter, not_found
from ..paging import PageRequest, page_2010
from ..parameters import is_url
from ..simulation.instructions import Instructions
from ..simulation.interruptions import Redirected
from .models import KIND, encode

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..simulation.waiting_line import Line, Seat
    from ..store import Document

_BASE = "/2010-04-01/Accounts/{AccountSid}/Queues"
_PERMISSION = "/twilio/voice/queues"


async def _list(request: ApiRequest) -> Response:
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KIND, request.account_sid)
    return answer(page_2010(page, "queues", found, more, lambda queue: _encode(request, queue)))


async def _create(request: ApiRequest) -> Response:
    return answer(_encode(request, request.emulator.queues.create(request.account_sid, request.form)), 201)


async def _read(request: ApiRequest) -> Response:
    return answer(_encode(request, _queue(request)))


async def _update(request: ApiRequest) -> Response:
    queue = _queue(request)
    request.emulator.queues.update(queue, request.form)
    return answer(_encode(request, queue))


async def _delete(request: ApiRequest) -> Response:
    """Only an empty queue can be deleted (Twilio docs, "Queue resource")."""
    queue = _queue(request)
    if _line(request, queue).waiting:
        raise invalid_parameter("Sid", queue["sid"])
    request.emulator.queues.delete(queue)
    return no_content()


async def _list_members(request: ApiRequest) -> Response:
    queue = _queue(request)
    page = PageRequest.of(request.http)
    found, more = page.slice(
        [_encode_member(queue, *member) for member in enumerate(_line(request, queue).waiting)]
    )
    return answer(page_2010(page, "queue_members", found, more, lambda member: member))


async def _read_member(request: ApiRequest) -> Response:
    queue, position, seat = _member(request)
    return answer(_encode_member(queue, position, seat))


async def _update_member(request: ApiRequest) -> Response:
    queue, position, seat = _member(request)
    url, method = request.form.get("Url", ""), (request.form.get("Method") or "POST").upper()
    if not is_url(url):
        raise invalid_parameter("Url", url)
    if method not in {"GET", "POST"}:
        raise invalid_parameter("Method", method)
    shown = _encode_member(queue, position, seat)
    seat.call.timeline.post(Redirected(Instructions(url, method)))
    return answer(shown)


def _queue(request: ApiRequest) -> Document:
    return request.emulator.queues.get(request.account_sid, request.param("Sid"), request.path)


def _line(request: ApiRequest, queue: Document) -> Line:
    return request.emulator.switchboard.lines.of(queue)


def _member(request: ApiRequest) -> tuple[Document, int, Seat]:
    queue = _queue(request)
    wanted = request.param("CallSid")
    for position, seat in enumerate(_line(request, queue).waiting):
        if wanted in {seat.call.root.sid, "Front"}:
            return queue, position, seat
    raise not_found(request.path)


def _encode(request: ApiRequest, queue: Document) -> Document:
    line = _line(request, queue)
    return encode(queue, len(line.waiting), line.average())


def _encode_member(queue: Document, position: int, seat: Seat) -> Document:
    sid = seat.call.root.sid
    return {
        "call_sid": sid,
        "date_enqueued": rfc2822(seat.since),
        "position": position + 1,
        "uri": f"/2010-04-01/Accounts/{queue['account_sid']}/Queues/{queue['sid']}/Members/{sid}.json",
        "wait_time": round(seat.call.timeline.current() - seat.since),
        "queue_sid": queue["sid"],
    }


ENDPOINTS = (
    Endpoint("GET", f"{_BASE}.json", _list, f"{_PERMISSION}/list"),
    Endpoint("POST", f"{_BASE}.json", _create, f"{_PERMISSION}/create"),
    Endpoint("GET", f"{_BASE}/{{Sid}}.json", _read, f"{_PERMISSION}/read"),
    Endpoint("POST", f"{_BASE}/{{Sid}}.json", _update, f"{_PERMISSION}/update"),
    Endpoint("DELETE", f"{_BASE}/{{Sid}}.json", _delete, f"{_PERMISSION}/delete"),
    Endpoint("GET", f"{_BASE}/{{Sid}}/Members.json", _list_members, f"{_PERMISSION}/members/list"),
    Endpoint("GET", f"{_BASE}/{{Sid}}/Members/{{CallSid}}.json", _read_member, f"{_PERMISSION}/members/read"),
    Endpoint(
        "POST", f"{_BASE}/{{Sid}}/Members/{{CallSid}}.json", _update_member, f"{_PERMISSION}/members/update"
    ),
)
