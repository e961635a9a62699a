"""Studio flows over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import Endpoint, answer, no_content
from ..paging import PageRequest, page_v1
from .models import KIND, encode

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..api import ApiRequest
    from ..store import Document

_FLOWS = "/v2/Flows"
_RIGHT = "/twilio/studio/flows"


def _flow(request: ApiRequest) -> Document:
    return request.emulator.flows.get(request.account_sid, request.param("Sid"), request.path)


async def _list(request: ApiRequest) -> Response:
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KIND, request.account_sid)

    def shown(one: Document) -> Document:
        return encode(one, request.base_url, whole=False)

    return answer(page_v1(page, "flows", found, more, shown, base_url=request.base_url))


async def _create(request: ApiRequest) -> Response:
    return answer(
        encode(request.emulator.flows.create(request.account_sid, request.form), request.base_url), 201
    )


async def _read(request: ApiRequest) -> Response:
    return answer(encode(_flow(request), request.base_url))


async def _delete(request: ApiRequest) -> Response:
    request.emulator.flows.delete(_flow(request))
    return no_content()


ENDPOINTS = (
    Endpoint("GET", _FLOWS, _list, f"{_RIGHT}/list"),
    Endpoint("POST", _FLOWS, _create, f"{_RIGHT}/create"),
    Endpoint("GET", f"{_FLOWS}/{{Sid}}", _read, f"{_RIGHT}/read"),
    Endpoint("DELETE", f"{_FLOWS}/{{Sid}}", _delete, f"{_RIGHT}/delete"),
)
