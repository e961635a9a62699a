"""The Media Streams of a call over HTTP: start and stop a unidirectional one.

Source: Twilio docs, "Stream resource"; twilio-oai, twilio_api_v2010.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer
from ..dates import rfc2822
from ..errors import invalid_parameter, not_found
from ..simulation.media_stream import MediaStream
from ..simulation.stream_order import TRACKS, StreamOrder
from . import errors

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..simulation.live_call import LiveCall
    from ..store import Document

_LIST = "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Streams.json"
_ONE = "/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Streams/{Sid}.json"
_PERMISSION = "/twilio/voice/streams"
_PARAMETER = re.compile(r"Parameter(\d{1,2})\.Name")


async def _create(request: ApiRequest) -> Response:
    form = request.form
    if not form.get("Url"):
        raise invalid_parameter("Url", "")
    track, method = form.get("Track") or "inbound_track", (form.get("StatusCallbackMethod") or "POST").upper()
    if track not in TRACKS:
        raise invalid_parameter("Track", track)
    if method not in {"GET", "POST"}:
        raise invalid_parameter("StatusCallbackMethod", method)
    live, call = _live(request)
    if live is None or call["status"] != "in-progress":
        raise errors.not_in_progress()
    numbers = [found[1] for name in form if (found := _PARAMETER.fullmatch(name))]
    order = StreamOrder(
        url=form["Url"],
        name=form.get("Name", ""),
        tracks=TRACKS[track],
        parameters={form[f"Parameter{n}.Name"]: form.get(f"Parameter{n}.Value", "") for n in numbers},
        callback=form.get("StatusCallback", ""),
        method=method,
    )
    stream = MediaStream(live, live.root, order)
    live.streams.append(stream)
    await stream.open()
    return answer(_encode(call, stream))


async def _update(request: ApiRequest) -> Response:
    """Stop a stream, by its SID or by its name."""
    status = request.form.get("Status", "")
    if status != "stopped":
        raise invalid_parameter("Status", status)
    live, call = _live(request)
    wanted = request.param("Sid")
    streams = [] if live is None else live.streams
    found = next((stream for stream in streams if wanted in {stream.stream_sid, stream.order.name}), None)
    if found is None:
        raise not_found(request.path)
    found.stop()
    return answer(_encode(call, found))


def _live(request: ApiRequest) -> tuple[LiveCall | None, Document]:
    call = request.emulator.calls.get(request.account_sid, request.param("CallSid"), request.path)
    return request.emulator.switchboard.live(call["sid"]), call


def _encode(call: Document, stream: MediaStream) -> Document:
    base = f"/2010-04-01/Accounts/{call['account_sid']}/Calls/{call['sid']}"
    return {
        "sid": stream.stream_sid,
        "account_sid": call["account_sid"],
        "call_sid": call["sid"],
        "name": stream.order.name or None,
        "status": "in-progress" if stream.running else "stopped",
        "date_updated": rfc2822(stream.updated),
        "uri": f"{base}/Streams/{stream.stream_sid}.json",
    }


ENDPOINTS = (
    Endpoint("POST", _LIST, _create, f"{_PERMISSION}/create"),
    Endpoint("POST", _ONE, _update, f"{_PERMISSION}/update"),
)
