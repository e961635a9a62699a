"""Notifications over HTTP: the alerts of one call or of the account, as the API 2010-04-01 shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer
from ..errors import not_found
from ..monitor.models import KIND, encode_notification
from ..paging import PageRequest, page_2010
from ..store import Where
from .models import moment_filters

if TYPE_CHECKING:
    from starlette.responses import Response

_ACCOUNT = "/2010-04-01/Accounts/{AccountSid}/Notifications"
_OF_CALL = "/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}/Notifications"
_PERMISSION = "/twilio/voice/calls/notifications"


async def _list(request: ApiRequest) -> Response:
    where = moment_filters(request.query, "MessageDate", "generated")
    if "Sid" in request.http.path_params:
        call = request.emulator.calls.get(request.account_sid, request.param("Sid"), request.path)
        where.append(Where.search_is(call["sid"]))
    if (log := request.query.get("Log")) in {"0", "1"}:
        where.append(Where.equals("log_level", "error" if log == "0" else "warning"))
    page = PageRequest.of(request.http)
    found, more = page.select(request.emulator.store, KIND, request.account_sid, where)
    return answer(page_2010(page, "notifications", found, more, encode_notification))


async def _read(request: ApiRequest) -> Response:
    alert = request.emulator.alerts.get(request.account_sid, request.param("NotificationSid"), request.path)
    if "Sid" in request.http.path_params:
        call = request.emulator.calls.get(request.account_sid, request.param("Sid"), request.path)
        if alert["call_sid"] != call["sid"]:
            raise not_found(request.path)
    return answer(encode_notification(alert, whole=True))


ENDPOINTS = tuple(
    endpoint
    for base in (_ACCOUNT, _OF_CALL)
    for endpoint in (
        Endpoint("GET", f"{base}.json", _list, f"{_PERMISSION}/list"),
        Endpoint("GET", f"{base}/{{NotificationSid}}.json", _read, f"{_PERMISSION}/read"),
    )
)
