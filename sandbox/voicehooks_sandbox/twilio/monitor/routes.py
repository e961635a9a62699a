"""Monitor alerts over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer
from ..paging import PageRequest, page_v1
from .models import KIND, encode

if TYPE_CHECKING:
    from starlette.responses import Response


async def _list(request: ApiRequest) -> Response:
    page, base_url = PageRequest.of(request.http), request.base_url
    found, more = page.select(
        request.emulator.store, KIND, request.account_sid, request.emulator.alerts.filters(request.query)
    )
    return answer(
        page_v1(page, "alerts", found, more, lambda alert: encode(alert, base_url), base_url=base_url)
    )


async def _read(request: ApiRequest) -> Response:
    alert = request.emulator.alerts.get(request.account_sid, request.param("Sid"), request.path)
    return answer(encode(alert, request.base_url, whole=True))


ENDPOINTS = (
    Endpoint("GET", "/v1/Alerts", _list, "/twilio/monitor/alerts/list"),
    Endpoint("GET", "/v1/Alerts/{Sid}", _read, "/twilio/monitor/alerts/read"),
)
