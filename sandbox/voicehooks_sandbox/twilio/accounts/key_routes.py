"""API keys over HTTP, as ``twilio login`` creates one.

Source: Twilio docs, "API keys"; twilio-oai, twilio_api_v2010: the secret is only in the answer to the creation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer, no_content
from ..dates import rfc2822
from ..errors import invalid_parameter
from ..paging import PageRequest, page_2010
from .models import KEY_KIND

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..store import Document

_LIST = "/2010-04-01/Accounts/{AccountSid}/Keys.json"
_ONE = "/2010-04-01/Accounts/{AccountSid}/Keys/{Sid}.json"
_PERMISSION = "/twilio/keys"


async def _list(request: ApiRequest) -> Response:
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KEY_KIND, request.account_sid)
    return answer(page_2010(page, "keys", found, more, _encode))


async def _create(request: ApiRequest) -> Response:
    name = _name(request)
    key = request.emulator.accounts.create_key(request.account_sid, "standard", [], name)
    return answer({**_encode(key), "secret": key["secret"]}, 201)


async def _read(request: ApiRequest) -> Response:
    return answer(_encode(_key(request)))


async def _update(request: ApiRequest) -> Response:
    key = _key(request)
    request.emulator.accounts.rename_key(key, _name(request))
    return answer(_encode(key))


async def _delete(request: ApiRequest) -> Response:
    request.emulator.accounts.delete_key(_key(request))
    return no_content()


def _key(request: ApiRequest) -> Document:
    return request.emulator.accounts.key(request.account_sid, request.param("Sid"), request.path)


def _name(request: ApiRequest) -> str:
    name = request.form.get("FriendlyName", "")
    if len(name) > 64:
        raise invalid_parameter("FriendlyName", name)
    return name


def _encode(key: Document) -> Document:
    return {
        "sid": key["sid"],
        "friendly_name": key.get("friendly_name", ""),
        "date_created": rfc2822(key.get("created", 0)),
        "date_updated": rfc2822(key.get("updated", 0)),
    }


ENDPOINTS = (
    Endpoint("GET", _LIST, _list, f"{_PERMISSION}/list", main_only=True),
    Endpoint("POST", _LIST, _create, f"{_PERMISSION}/create", main_only=True),
    Endpoint("GET", _ONE, _read, f"{_PERMISSION}/read", main_only=True),
    Endpoint("POST", _ONE, _update, f"{_PERMISSION}/update", main_only=True),
    Endpoint("DELETE", _ONE, _delete, f"{_PERMISSION}/delete", main_only=True),
)
