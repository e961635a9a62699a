"""Account-wide voice settings, and Monitor alerts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.responses import Response

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import Sandbox

pytestmark = pytest.mark.anyio
COUNTRIES = "/v1/DialingPermissions/Countries"


async def test_voice_settings(sandbox: Sandbox) -> None:
    """GET 200, POST 202: dialing permissions inheritance is all there is."""
    assert (await sandbox.get("/v1/Settings")).json()["dialing_permissions_inheritance"] is True
    updated = await sandbox.post("/v1/Settings", DialingPermissionsInheritance="false")
    assert (updated.status_code, updated.json()["dialing_permissions_inheritance"]) == (202, False)
    assert (await sandbox.get("/v1/Settings")).json()["dialing_permissions_inheritance"] is False
    assert (await sandbox.post("/v1/Settings", DialingPermissionsInheritance="maybe")).status_code == 400


async def test_countries_are_paged_with_absolute_links_under_content(sandbox: Sandbox) -> None:
    """The v1 page shape; following the links finds every country once."""
    url, found = COUNTRIES + "?PageSize=100", []
    while url:
        body = (await sandbox.get(url)).json()
        assert body["meta"]["key"] == "content"
        found += [c["iso_code"] for c in body["content"]]
        url = body["meta"]["next_page_url"]
        assert url is None or url.startswith("http://127.0.0.1:4710/v1/")
    assert len(found) == len(set(found)) > 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"IsoCode": "DE"}, {"DE"}),
        ({"CountryCode": "1"}, {"US", "CA"}),
        ({"CountryCode": "+44"}, {"GB"}),
        ({"Continent": "NORTH_AMERICA", "LowRiskNumbersEnabled": "true"}, {"US", "CA"}),
        ({"HighRiskTollfraudNumbersEnabled": "true"}, set()),
        ({"HighRiskSpecialNumbersEnabled": "true"}, set()),
    ],
)
async def test_country_filters(sandbox: Sandbox, query: dict[str, Any], expected: Any) -> None:
    """By code, continent, country code and permission."""
    assert {c["iso_code"] for c in (await sandbox.get(COUNTRIES, **query)).json()["content"]} == expected


async def test_one_country_and_its_prefixes(sandbox: Sandbox) -> None:
    """One object; its high-risk prefixes are a list of their own."""
    country = (await sandbox.get(f"{COUNTRIES}/LV")).json()
    assert (country["name"], country["low_risk_numbers_enabled"]) == ("Latvia", False)
    prefixes = (await sandbox.get(country["links"]["highrisk_special_prefixes"])).json()["content"]
    assert prefixes == [{"prefix": "+37181"}, {"prefix": "+3719000"}]
    assert (await sandbox.get(f"{COUNTRIES}/XX")).status_code == 404
    assert (await sandbox.get(f"{COUNTRIES}/XX/HighRiskSpecialPrefixes")).status_code == 404


@pytest.mark.parametrize("true", [True, "true"])
async def test_bulk_updates_change_the_named_countries_only(sandbox: Sandbox, true: bool | str) -> None:
    """UpdateRequest is a JSON string; booleans or their names."""
    before = (await sandbox.get(f"{COUNTRIES}/US")).json()
    update = [
        {
            "iso_code": "FR",
            "low_risk_numbers_enabled": true,
            "high_risk_special_numbers_enabled": "false",
            "high_risk_tollfraud_numbers_enabled": False,
        }
    ]
    response = await sandbox.post("/v1/DialingPermissions/BulkCountryUpdates", UpdateRequest=json.dumps(update))
    assert response.status_code == 201
    assert (await sandbox.get(f"{COUNTRIES}/FR")).json()["low_risk_numbers_enabled"] is True
    assert (await sandbox.get(f"{COUNTRIES}/US")).json() == before


@pytest.mark.parametrize(
    "update",
    ["", "nonsense", "{}", '[{"iso_code":"XX"}]', '[{"iso_code":"FR","low_risk_numbers_enabled":"maybe"}]'],
)
async def test_a_bad_bulk_update_changes_nothing(sandbox: Sandbox, update: str) -> None:
    """400, all or nothing."""
    response = await sandbox.post("/v1/DialingPermissions/BulkCountryUpdates", UpdateRequest=update)
    assert response.status_code == 400


async def test_insights_settings(sandbox: Sandbox) -> None:
    """Advanced features and voice trace, also of a subaccount."""
    assert (await sandbox.get("/v1/Voice/Settings")).json()["advanced_features"] is False
    updated = await sandbox.post("/v1/Voice/Settings", AdvancedFeatures="true")
    assert (updated.status_code, updated.json()["advanced_features"], updated.json()["voice_trace"]) == (
        200,
        True,
        False,
    )
    sub = (await sandbox.post("/2010-04-01/Accounts.json")).json()["sid"]
    await sandbox.post("/v1/Voice/Settings", SubaccountSid=sub, VoiceTrace="true")
    assert (await sandbox.get("/v1/Voice/Settings", SubaccountSid=sub)).json()["voice_trace"] is True
    assert (await sandbox.get("/v1/Voice/Settings")).json()["voice_trace"] is False
    assert (await sandbox.get("/v1/Voice/Settings", SubaccountSid="AC" + "9" * 32)).status_code == 404


async def broken_call(sandbox: Sandbox, receiver: Receiver) -> Any:
    """A call whose voice URL answers 403."""
    await sandbox.configure(VoiceUrl=receiver.answer("/voice", Response("no", 403)))
    return await sandbox.call_in()


async def test_only_the_single_alert_has_request_and_response(sandbox: Sandbox, receiver: Receiver) -> None:
    """The list has the text, the instance the whole exchange."""
    call = await broken_call(sandbox, receiver)
    (listed,) = await sandbox.alerts()
    assert (listed["error_code"], listed["resource_sid"], listed["log_level"]) == (
        "11200",
        call["sid"],
        "error",
    )
    assert listed["alert_text"].startswith(
        "sourceComponent=14100&httpResponse=403&url=https%3A%2F%2Fhooks.example%2Fvoice"
    )
    whole = (await sandbox.get(f"/v1/Alerts/{listed['sid']}")).json()
    assert (whole["response_body"], "CallSid=" in whole["request_variables"]) == ("no", True)
    assert "TwilioProxy" in whole["request_headers"]
    assert (await sandbox.get("/v1/Alerts/NO" + "0" * 32)).status_code == 404


async def test_alert_filters(sandbox: Sandbox, receiver: Receiver) -> None:
    """By level and date; only the last 30 days are shown."""
    await broken_call(sandbox, receiver)
    for query, count in (
        ({"LogLevel": "error"}, 1),
        ({"LogLevel": "warning"}, 0),
        ({"StartDate": "2020-01-01"}, 1),
        ({"EndDate": "2020-01-01T00:00:00Z"}, 0),
    ):
        assert len((await sandbox.get("/v1/Alerts", **query)).json()["alerts"]) == count
    assert (await sandbox.get("/v1/Alerts", LogLevel="loud")).status_code == 400
    assert (await sandbox.get("/v1/Alerts", StartDate="yesterday")).status_code == 400
    await sandbox.control("POST", "/clock", {"advanceSeconds": 31 * 86_400})
    assert await sandbox.alerts() == []
