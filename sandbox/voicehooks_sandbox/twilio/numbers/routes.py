"""IncomingPhoneNumbers over HTTP: decode, call the rules, encode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer, no_content, not_emulated
from ..paging import PageRequest, page_2010
from ..store import Where
from .models import KIND, encode, filters

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..store import Document

_LIST = "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json"
_ONE = "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json"
_PERMISSION = "/twilio/phone-numbers/incoming"
_TYPES = {"Local": "local", "Mobile": "mobile", "TollFree": "toll-free"}


async def _list(request: ApiRequest) -> Response:
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KIND, request.account_sid, filters(request.query))
    return answer(page_2010(page, "incoming_phone_numbers", found, more, encode))


async def _list_type(request: ApiRequest) -> Response:
    """The numbers of one type, which Twilio shows without ``type`` (twilio-oai)."""
    name = request.path.rpartition("/")[2].removesuffix(".json")
    page = PageRequest.of(request.http)
    where = [*filters(request.query), Where.equals("type", _TYPES[name])]
    found, more = page.select(request.emulator.store, KIND, request.account_sid, where)
    return answer(page_2010(page, "incoming_phone_numbers", found, more, _encode_without_type))


def _encode_without_type(document: Document) -> Document:
    return {key: value for key, value in encode(document).items() if key != "type"}


async def _buy(request: ApiRequest) -> Response:
    return answer(encode(request.emulator.numbers.buy(request.account_sid, request.form)), 201)


async def _read(request: ApiRequest) -> Response:
    return answer(encode(request.emulator.numbers.get(request.account_sid, request.param("Sid"), request.path)))


async def _update(request: ApiRequest) -> Response:
    number = request.emulator.numbers.get(request.account_sid, request.param("Sid"), request.path)
    targets = request.emulator.accounts.family(request.principal.account["sid"])
    return answer(encode(request.emulator.numbers.update(number, request.form, targets)))


async def _release(request: ApiRequest) -> Response:
    numbers = request.emulator.numbers
    numbers.release(numbers.get(request.account_sid, request.param("Sid"), request.path))
    return no_content()


ENDPOINTS = (
    Endpoint("GET", _LIST, _list, f"{_PERMISSION}/list"),
    Endpoint("POST", _LIST, _buy, f"{_PERMISSION}/create"),
    *(
        endpoint
        for name in _TYPES
        for endpoint in (
            Endpoint("GET", _LIST.replace(".json", f"/{name}.json"), _list_type, f"{_PERMISSION}/list"),
            Endpoint("POST", _LIST.replace(".json", f"/{name}.json"), not_emulated, ""),
        )
    ),
    Endpoint("GET", _ONE, _read, f"{_PERMISSION}/read"),
    Endpoint("POST", _ONE, _update, f"{_PERMISSION}/update"),
    Endpoint("DELETE", _ONE, _release, f"{_PERMISSION}/delete"),
)
