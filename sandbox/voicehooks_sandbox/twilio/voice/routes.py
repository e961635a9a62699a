"""Voice and Voice Insights settings over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api import ApiRequest, Endpoint, answer
from ..errors import invalid_parameter, not_found
from ..paging import PageRequest, page_v1
from .models import countries, encode

if TYPE_CHECKING:
    from starlette.responses import Response

    from ..store import Document

_COUNTRIES = "/v1/DialingPermissions/Countries"
_PERMISSION = "/twilio/voice/dialing-permissions"
_INSIGHTS = {"AdvancedFeatures": "advanced_features", "VoiceTrace": "voice_trace"}


async def _list(request: ApiRequest) -> Response:
    page, base_url = PageRequest.of(request.http), request.base_url
    found, more = page.slice(request.emulator.permissions.list(request.query))
    return answer(
        page_v1(page, "content", found, more, lambda country: encode(country, base_url), base_url=base_url)
    )


async def _read(request: ApiRequest) -> Response:
    country = request.emulator.permissions.country(request.param("IsoCode"), request.path)
    return answer(encode(country, request.base_url))


async def _prefixes(request: ApiRequest) -> Response:
    known = countries().get(request.param("IsoCode").upper())
    if known is None:
        raise not_found(request.path)
    page = PageRequest.of(request.http)
    found, more = page.slice([{"prefix": prefix} for prefix in known["highrisk_special_prefixes"]])
    return answer(page_v1(page, "content", found, more, lambda prefix: prefix, base_url=request.base_url))


async def _update(request: ApiRequest) -> Response:
    count = request.emulator.permissions.update(request.form.get("UpdateRequest", ""))
    return answer({"update_count": count, "update_request": "accepted"}, 201)


async def _read_settings(request: ApiRequest) -> Response:
    return answer(_settings(request))


async def _update_settings(request: ApiRequest) -> Response:
    if inherit := request.form.get("DialingPermissionsInheritance"):
        request.emulator.store.set_value(
            f"inherit-{request.account_sid}", _flag("DialingPermissionsInheritance", inherit)
        )
    return answer(_settings(request), 202)


def _settings(request: ApiRequest) -> Document:
    inherited = request.emulator.store.value(f"inherit-{request.account_sid}")
    return {
        "dialing_permissions_inheritance": inherited is not False,
        "url": f"{request.base_url}/v1/Settings",
    }


async def _read_insights(request: ApiRequest) -> Response:
    return answer(_insights(request, request.query.get("SubaccountSid", "")))


async def _update_insights(request: ApiRequest) -> Response:
    sid = request.form.get("SubaccountSid", "")
    flags = _insights(request, sid)
    for name, key in _INSIGHTS.items():
        if text := request.form.get(name):
            flags[key] = _flag(name, text)
    request.emulator.store.set_value(
        f"insights-{flags['account_sid']}", {key: flags[key] for key in _INSIGHTS.values()}
    )
    return answer(flags)


def _insights(request: ApiRequest, subaccount_sid: str) -> Document:
    sid = request.account_sid
    if subaccount_sid:
        sid = str(request.emulator.accounts.reach(request.principal, subaccount_sid, request.path)["sid"])
    known = request.emulator.store.value(f"insights-{sid}") or dict.fromkeys(_INSIGHTS.values(), False)
    return {"account_sid": sid, **known, "url": f"{request.base_url}/v1/Voice/Settings"}


def _flag(name: str, text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise invalid_parameter(name, text)
    return text.lower() == "true"


ENDPOINTS = (
    Endpoint("GET", _COUNTRIES, _list, f"{_PERMISSION}/countries/list"),
    Endpoint("GET", f"{_COUNTRIES}/{{IsoCode}}", _read, f"{_PERMISSION}/countries/read"),
    Endpoint(
        "GET", f"{_COUNTRIES}/{{IsoCode}}/HighRiskSpecialPrefixes", _prefixes, f"{_PERMISSION}/countries/read"
    ),
    Endpoint("POST", "/v1/DialingPermissions/BulkCountryUpdates", _update, f"{_PERMISSION}/countries/update"),
    Endpoint("GET", "/v1/Settings", _read_settings, "/twilio/voice/settings/read"),
    Endpoint("POST", "/v1/Settings", _update_settings, "/twilio/voice/settings/update"),
    Endpoint("GET", "/v1/Voice/Settings", _read_insights, "/twilio/voice/insights.settings/read"),
    Endpoint("POST", "/v1/Voice/Settings", _update_insights, "/twilio/voice/insights.settings/update"),
)
