"""Applications over HTTP: decode, call the rules, encode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer, no_content
from ..paging import PageRequest, page_2010
from .models import KIND, encode, filters

if TYPE_CHECKING:
    from starlette.responses import Response

_LIST = "/2010-04-01/Accounts/{AccountSid}/Applications.json"
_ONE = "/2010-04-01/Accounts/{AccountSid}/Applications/{Sid}.json"
_PERMISSION = "/twilio/voice/twiml.apps"


async def _list(request: ApiRequest) -> Response:
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KIND, request.account_sid, filters(request.query))
    return answer(page_2010(page, "applications", found, more, encode))


async def _create(request: ApiRequest) -> Response:
    return answer(encode(request.emulator.applications.create(request.account_sid, request.form)), 201)


async def _read(request: ApiRequest) -> Response:
    return answer(
        encode(request.emulator.applications.get(request.account_sid, request.param("Sid"), request.path))
    )


async def _update(request: ApiRequest) -> Response:
    applications = request.emulator.applications
    document = applications.get(request.account_sid, request.param("Sid"), request.path)
    return answer(encode(applications.update(document, request.form)))


async def _delete(request: ApiRequest) -> Response:
    """Twilio deletes an application that is in use, and takes it out of the numbers."""
    applications = request.emulator.applications
    document = applications.get(request.account_sid, request.param("Sid"), request.path)
    applications.delete(document)
    request.emulator.numbers.forget_application(request.account_sid, document["sid"])
    return no_content()


ENDPOINTS = (
    Endpoint("GET", _LIST, _list, f"{_PERMISSION}/list"),
    Endpoint("POST", _LIST, _create, f"{_PERMISSION}/create"),
    Endpoint("GET", _ONE, _read, f"{_PERMISSION}/read"),
    Endpoint("POST", _ONE, _update, f"{_PERMISSION}/update"),
    Endpoint("DELETE", _ONE, _delete, f"{_PERMISSION}/delete"),
)
