"""Inbound processing Regions over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import Endpoint, answer
from ..errors import not_found
from .models import encode

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..api import ApiRequest
    from ..store import Document

_PATH = "/v2/PhoneNumbers/{PhoneNumber}"


async def _read(request: ApiRequest) -> Response:
    number = _number(request)
    return answer(encode(number, request.emulator.regions.route(number), request.base_url))


async def _update(request: ApiRequest) -> Response:
    number = _number(request)
    region, name = request.form.get("VoiceRegion", ""), request.form.get("FriendlyName", "")
    return answer(encode(number, request.emulator.regions.change(number, region, name), request.base_url))


def _number(request: ApiRequest) -> Document:
    number = request.emulator.numbers.by_number(request.param("PhoneNumber"))
    if number is None or number["account_sid"] != request.account_sid:
        raise not_found(request.path)
    return number


ENDPOINTS = (
    Endpoint("GET", _PATH, _read, "/twilio/routes/phone-numbers/read"),
    Endpoint("POST", _PATH, _update, "/twilio/routes/phone-numbers/update"),
)
