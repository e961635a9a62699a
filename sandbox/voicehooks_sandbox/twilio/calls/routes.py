"""Calls over HTTP: decode, call the rules, encode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer, no_content
from ..paging import PageRequest, page_2010
from ..simulation.outgoing import place
from ..webhooks.delivery import WEBHOOK_JOURNAL
from . import errors
from .create_request import read_create_call
from .models import FINAL, KIND, encode, filters
from .update_request import update_call

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..store import Document

_LIST = "/2010-04-01/Accounts/{AccountSid}/Calls.json"
_CALL = "/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}"
_PERMISSION = "/twilio/voice/calls"


async def _list(request: ApiRequest) -> Response:
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KIND, request.account_sid, filters(request.query))
    return answer(page_2010(page, "calls", found, more, encode))


async def _create(request: ApiRequest) -> Response:
    order = read_create_call(request.emulator, request.account, request.form, request.form_items)
    return answer(encode(place(request.emulator.switchboard, request.account, order, request.own_url)), 201)


async def _read(request: ApiRequest) -> Response:
    return answer(encode(_call(request)))


async def _update(request: ApiRequest) -> Response:
    return answer(encode(await update_call(request.emulator, _call(request), request.form, request.path)))


async def _delete(request: ApiRequest) -> Response:
    """Only a call that is over can be forgotten."""
    call = _call(request)
    if call["status"] not in FINAL:
        raise errors.invalid_value("Status", call["status"])
    request.emulator.calls.delete(call)
    return no_content()


async def _events(request: ApiRequest) -> Response:
    """Every request that Twilio made about the call, with its answer."""
    call = _call(request)
    root = call["parent_call_sid"] or call["sid"]
    entries = request.emulator.store.journal(WEBHOOK_JOURNAL, topic=root)
    page = PageRequest.of(request.http)
    found, more = page.slice([entry for entry in entries if entry["call_sid"] == call["sid"]])
    return answer(page_2010(page, "events", found, more, _encode_event))


def _call(request: ApiRequest) -> Document:
    return request.emulator.calls.get(request.account_sid, request.param("Sid"), request.path)


def _encode_event(entry: Document) -> Document:
    return {
        "request": {"method": entry["method"], "url": entry["url"], "parameters": _snake(entry["params"])},
        "response": {
            "response_code": entry["status"],
            "request_duration": entry["duration_ms"],
            "content_type": entry["response_headers"].get("content-type"),
            "response_body": entry["body"],
            "date_created": entry["date"],
        },
    }


def _snake(params: Document) -> Document:
    """Parameters as Events name them: ``call_sid`` for ``CallSid``."""
    return {
        "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_"): value
        for name, value in params.items()
    }


ENDPOINTS = (
    Endpoint("GET", _LIST, _list, f"{_PERMISSION}/list"),
    Endpoint("POST", _LIST, _create, f"{_PERMISSION}/create"),
    Endpoint("GET", f"{_CALL}.json", _read, f"{_PERMISSION}/read"),
    Endpoint("POST", f"{_CALL}.json", _update, f"{_PERMISSION}/update"),
    Endpoint("DELETE", f"{_CALL}.json", _delete, f"{_PERMISSION}/delete"),
    Endpoint("GET", f"{_CALL}/Events.json", _events, f"{_PERMISSION}/events/list"),
)
