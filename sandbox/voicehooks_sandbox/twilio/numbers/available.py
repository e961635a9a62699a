"""Numbers that could be bought: a search that invents them, as the sandbox has no number inventory.

Source: Twilio docs, "AvailablePhoneNumber Local resource"; twilio-oai, twilio_api_v2010. United States only:
local numbers (``AreaCode``, ``Contains``) and toll-free ones. A number that the search offers can be bought.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer, not_emulated
from ..errors import invalid_parameter, not_found
from ..paging import PageRequest, page_2010
from .models import TOLL_FREE, formatted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.responses import Response

    from ..store import Document

_BASE = "/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers"
_PERMISSION = "/twilio/phone-numbers/available"
_AREA = "212"
_MOST = 30
_MOST_TRIES = 10_000


async def _countries(request: ApiRequest) -> Response:
    return answer({"countries": [_country(request)], "uri": request.path})


async def _one_country(request: ApiRequest) -> Response:
    _require_us(request)
    return answer(_country(request))


def _country(request: ApiRequest) -> Document:
    uri = f"/2010-04-01/Accounts/{request.account_sid}/AvailablePhoneNumbers/US"
    return {
        "country_code": "US",
        "country": "United States",
        "uri": f"{uri}.json",
        "beta": False,
        "subresource_uris": {"local": f"{uri}/Local.json", "toll_free": f"{uri}/TollFree.json"},
    }


async def _local(request: ApiRequest) -> Response:
    _require_us(request)
    area = request.query.get("AreaCode", "")
    if area and not re.fullmatch(r"[2-9][0-9]{2}", area):
        raise invalid_parameter("AreaCode", area)
    return _offer(request, (f"+1{area or _AREA}",))


async def _toll_free(request: ApiRequest) -> Response:
    _require_us(request)
    area = request.query.get("AreaCode", "")
    if area and f"+1{area}" not in TOLL_FREE:
        raise invalid_parameter("AreaCode", area)
    return _offer(request, (f"+1{area}",) if area else TOLL_FREE)


def _require_us(request: ApiRequest) -> None:
    if request.param("CountryCode").upper() != "US":
        raise not_found(request.path)


def _offer(request: ApiRequest, prefixes: tuple[str, ...]) -> Response:
    page = PageRequest.of(request.http)
    numbers: list[Document] = []
    wanted = _pattern(request.query.get("Contains", ""))
    for number in _invented(prefixes):
        if len(numbers) == min(page.size, _MOST):
            break
        if wanted.search(number) and request.emulator.numbers.by_number(number) is None:
            numbers.append(_encode(number))
    return answer(page_2010(page, "available_phone_numbers", numbers, more=False, encode=lambda number: number))


def _invented(prefixes: tuple[str, ...]) -> Iterator[str]:
    """Numbers whose last seven digits differ in each, so that most patterns find one."""
    for count in range(_MOST_TRIES):
        prefix = prefixes[count % len(prefixes)]
        yield f"{prefix}{2_000_000 + count * 7_919 % 8_000_000:07d}"


def _pattern(contains: str) -> re.Pattern[str]:
    """``Contains``: digits, letters of a keypad, ``*`` for any digit."""
    if not re.fullmatch(r"[0-9A-Za-z*+]*", contains):
        raise invalid_parameter("Contains", contains)
    keypad = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
    return re.compile(re.escape(contains.lower().translate(keypad)).replace(r"\*", "[0-9]"))


def _encode(number: str) -> Document:
    return {
        "friendly_name": formatted(number),
        "phone_number": number,
        "lata": None,
        "locality": None,
        "rate_center": None,
        "latitude": None,
        "longitude": None,
        "region": None,
        "postal_code": None,
        "iso_country": "US",
        "address_requirements": "none",
        "beta": False,
        "capabilities": {"voice": True, "SMS": True, "MMS": True},
    }


ENDPOINTS = (
    Endpoint("GET", f"{_BASE}.json", _countries, f"{_PERMISSION}/list"),
    Endpoint("GET", f"{_BASE}/{{CountryCode}}.json", _one_country, f"{_PERMISSION}/read"),
    Endpoint("GET", f"{_BASE}/{{CountryCode}}/Local.json", _local, f"{_PERMISSION}/list"),
    Endpoint("GET", f"{_BASE}/{{CountryCode}}/TollFree.json", _toll_free, f"{_PERMISSION}/list"),
    Endpoint("GET", f"{_BASE}/{{CountryCode}}/Mobile.json", not_emulated, ""),
)
