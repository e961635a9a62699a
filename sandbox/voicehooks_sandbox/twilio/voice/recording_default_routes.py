"""The account's default recording configuration over HTTP: JSON, replaced as a whole, with an ETag."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from ..api import Endpoint, answer, no_content
from ..dates import iso8601
from ..errors import TwilioError, not_found
from .recording_defaults import unprocessable

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..api import ApiRequest
    from ..store import Document

_PATH = "/v2/AccountDefaultConfiguration/Recording"
_RIGHT = "/twilio/voice/account-default-configuration/recording"


async def _create(request: ApiRequest) -> Response:
    if request.emulator.recording_defaults.of(request.account_sid) is not None:
        raise TwilioError(409, 20409, "The account has a default recording configuration already")
    body = await _body(request)
    return _answer(request, request.emulator.recording_defaults.write(request.account_sid, body), 201)


async def _read(request: ApiRequest) -> Response:
    return _answer(request, _found(request))


async def _update(request: ApiRequest) -> Response:
    wanted = request.http.headers.get("if-match")
    if wanted not in (None, "*", _etag(_found(request))):
        raise TwilioError(412, 20412, "The configuration was changed in the meantime: ETag mismatch")
    body = await _body(request)
    return _answer(request, request.emulator.recording_defaults.write(request.account_sid, body))


async def _delete(request: ApiRequest) -> Response:
    _found(request)
    request.emulator.recording_defaults.delete(request.account_sid)
    return no_content()


def _found(request: ApiRequest) -> Document:
    found = request.emulator.recording_defaults.of(request.account_sid)
    if found is None:
        raise not_found(request.path)
    return found


async def _body(request: ApiRequest) -> dict[str, Any]:
    try:
        body = json.loads(await request.http.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise unprocessable("the body is not a JSON object")
    return body


def _answer(request: ApiRequest, found: Document, status: int = 200) -> Response:
    response = answer(
        {
            "account_sid": request.account_sid,
            "description": found["description"],
            "date_created": iso8601(found["created"]),
            "date_updated": iso8601(found["updated"]),
            "configuration": found["configuration"],
        },
        status,
    )
    response.headers["ETag"] = _etag(found)
    return response


def _etag(found: Document) -> str:
    return f'"{hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]}"'


ENDPOINTS = (
    Endpoint("POST", _PATH, _create, f"{_RIGHT}/create"),
    Endpoint("GET", _PATH, _read, f"{_RIGHT}/read"),
    Endpoint("PUT", _PATH, _update, f"{_RIGHT}/update"),
    Endpoint("DELETE", _PATH, _delete, f"{_RIGHT}/delete"),
)
