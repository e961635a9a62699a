"""Which fields an answer of Twilio's must have, by its path: an absent field would read as an empty one."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_twilio.shapes import shape_of
from pydantic import TypeAdapter, ValidationError

ACCOUNT = "/2010-04-01/Accounts/AC1"
VOICE = {
    "sid",
    "friendly_name",
    "voice_url",
    "voice_method",
    "voice_fallback_url",
    "voice_fallback_method",
    "status_callback",
    "status_callback_method",
    "voice_caller_id_lookup",
}
CALL = {"sid", "status", "from", "to", "account_sid", "direction", "date_created"}
RECORDING = {"sid", "account_sid", "call_sid", "status", "date_created"}
LOW, SPECIAL, FRAUD = (
    f"{name}_numbers_enabled" for name in ("low_risk", "high_risk_special", "high_risk_tollfraud")
)


@pytest.mark.parametrize(
    ("methods", "path", "fields"),
    [
        ("GET", "/2010-04-01/Accounts.json", {"accounts"}),
        ("POST", "/2010-04-01/Accounts.json", {"sid", "status", "friendly_name"}),
        ("POST", f"{ACCOUNT}.json", {"sid", "status", "friendly_name"}),
        ("GET", f"{ACCOUNT}.json", {"sid", "status"}),
        ("POST", f"{ACCOUNT}/Keys.json", {"sid", "friendly_name", "secret"}),
        ("GET POST", f"{ACCOUNT}/Keys/SK1.json", {"sid", "friendly_name"}),
        ("GET", f"{ACCOUNT}/Balance.json", {"balance"}),
        ("GET", f"{ACCOUNT}/IncomingPhoneNumbers.json", {"incoming_phone_numbers"}),
        (
            "GET POST",
            f"{ACCOUNT}/IncomingPhoneNumbers/PN1.json",
            {*VOICE, "phone_number", "voice_application_sid"},
        ),
        ("GET", f"{ACCOUNT}/Applications.json", {"applications"}),
        ("POST", f"{ACCOUNT}/Applications.json", VOICE),
        ("GET POST", f"{ACCOUNT}/Applications/AP1.json", VOICE),
        ("GET", f"{ACCOUNT}/Calls.json", {"calls"}),
        ("POST", f"{ACCOUNT}/Calls.json", {"sid", "status"}),
        ("GET", f"{ACCOUNT}/Calls/CA1.json", CALL),
        ("POST", f"{ACCOUNT}/Calls/CA1.json", {"sid", "status"}),
        ("GET", f"{ACCOUNT}/Calls/CA1/Events.json", {"events"}),
        ("GET", f"{ACCOUNT}/Calls/CA1/Notifications.json", {"notifications"}),
        ("GET", f"{ACCOUNT}/Recordings.json", {"recordings"}),
        ("GET", f"{ACCOUNT}/Recordings/RE1.json", RECORDING),
        ("GET", f"{ACCOUNT}/OutgoingCallerIds.json", {"outgoing_caller_ids"}),
        ("GET", "/v1/DialingPermissions/Countries", {"content", "meta"}),
        ("GET", "/v1/DialingPermissions/Countries/US", {"iso_code", LOW, SPECIAL, FRAUD}),
        ("GET", "/v1/Alerts", {"alerts"}),
        ("GET POST", "/v1/Settings", {"dialing_permissions_inheritance"}),
        ("GET POST", "/v1/Voice/Settings", {"advanced_features", "voice_trace"}),
        ("GET", "/v1/Webhooks/Rules", {"meta"}),
        ("GET", "/v1/Webhooks/Settings", {"meta"}),
        ("GET", "/v1/Webhooks/SharedKeys", {"meta"}),
        ("POST", "/v1/Webhooks/SharedKeys", {"id"}),
        ("GET PATCH", "/v1/Webhooks/SharedKeys/1", {"id"}),
        ("POST", "/v1/Webhooks/Settings", {"id"}),
        ("GET PATCH", "/v1/Webhooks/Settings/1", {"id"}),
        ("POST", "/v1/Webhooks/Rules", {"operation", "rule"}),
        ("PATCH", "/v1/Webhooks/Rules/1", {"operation", "rule"}),
        ("GET", "/v1/Webhooks/Rules/1", {"id", "matchType", "settings"}),
        ("GET", "/v1/Webhooks/Operations/1", {"id", "status"}),
        ("POST", "/v1/Webhooks/Tests", {"result"}),
        ("GET POST PUT", "/v2/AccountDefaultConfiguration/Recording", {"configuration"}),
        ("GET POST", "/v2/PhoneNumbers/PN1", {"voice_region"}),
        ("GET", "/v1/Sinks", {"sinks", "meta"}),
        ("GET", "/v1/Subscriptions", {"subscriptions", "meta"}),
        ("POST", "/v1/AuthTokens/Secondary", {"secondary_auth_token"}),
        ("POST", "/v1/AuthTokens/Promote", {"auth_token"}),
    ],
)
def test_the_fields_of_an_answer(methods: str, path: str, fields: set[str]) -> None:
    """Those that Twilio's page of the resource documents and that are read here."""
    for method in methods.split():
        with pytest.raises(ValidationError) as refused:
            TypeAdapter(shape_of(method, path)).validate_python({})
        assert {error["loc"][0] for error in refused.value.errors() if error["type"] == "missing"} == fields


TIMES = {"date_updated", "start_time", "end_time", "duration"}


@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [
        ("GET", f"{ACCOUNT}.json", {"type", "friendly_name", "auth_token"}),
        ("POST", f"{ACCOUNT}.json", {"owner_account_sid", "auth_token"}),
        ("GET", f"{ACCOUNT}/Balance.json", {"currency"}),
        (
            "GET",
            f"{ACCOUNT}/IncomingPhoneNumbers/PN1.json",
            {"trunk_sid", "sms_application_sid", "capabilities"},
        ),
        ("GET", f"{ACCOUNT}/IncomingPhoneNumbers.json", {"next_page_uri"}),
        (
            "POST",
            f"{ACCOUNT}/Calls.json",
            {*TIMES, "from", "to", "account_sid", "direction", "parent_call_sid", "date_created"},
        ),
        ("GET", f"{ACCOUNT}/Calls/CA1.json", {*TIMES, "parent_call_sid"}),
        (
            "GET",
            f"{ACCOUNT}/Recordings/RE1.json",
            {"start_time", "duration", "channels", "source", "track", "error_code", "media_url"},
        ),
        ("GET", "/v1/DialingPermissions/Countries/US", {"country_codes"}),
        ("GET", "/v1/Webhooks/SharedKeys/1", {"friendlyName", "secret"}),
        ("GET", "/v1/Webhooks/Settings/1", {"friendlyName", "description", "signature", "auth", "connection"}),
        ("GET", "/v1/Webhooks/Rules/1", {"friendlyName", "description", "prefix", "value"}),
        ("GET", "/v2/AccountDefaultConfiguration/Recording", {"description"}),
    ],
)
def test_a_field_that_may_be_absent_has_its_type_where_it_is_not(
    method: str, path: str, fields: set[str]
) -> None:
    """A value of another type is refused at its field."""
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(shape_of(method, path)).validate_python(dict.fromkeys(fields, object()))
    assert {error["loc"][0] for error in refused.value.errors() if error["type"] != "missing"} == fields


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", f"{ACCOUNT}/Applications/AP1.json"),
        ("GET", f"{ACCOUNT}/Applications/AP1.json/x"),
        ("GET", f"/x{ACCOUNT}.json"),
        ("PUT", "/v1/Settings"),
        ("GET", "/v1/Else"),
    ],
)
def test_any_other_answer_is_an_object(method: str, path: str) -> None:
    """Of which nothing is known."""
    assert shape_of(method, path) == dict[str, Any]


CALL_ANSWER = {
    "sid": "CA1",
    "status": "completed",
    "from": None,
    "to": "+15551234567",
    "account_sid": "AC1",
    "direction": "inbound",
    "date_created": "Sun, 29 Nov 2026 10:00:00 +0000",
}
RECORDING_ANSWER = {
    "sid": "RE1",
    "account_sid": "AC1",
    "call_sid": "CA1",
    "status": "completed",
    "date_created": "",
}
NUMBER_ANSWER = {
    **dict.fromkeys(VOICE),
    "sid": "PN1",
    "phone_number": "+15551234567",
    "voice_application_sid": None,
}


@pytest.mark.parametrize(
    ("path", "answer", "given", "valid"),
    [
        (f"{ACCOUNT}/Calls/CA1.json", CALL_ANSWER, {}, True),
        (f"{ACCOUNT}/Calls/CA1.json", CALL_ANSWER, {"date_created": "yesterday"}, False),
        (f"{ACCOUNT}/Calls/CA1.json", CALL_ANSWER, {"end_time": None, "start_time": ""}, True),
        (f"{ACCOUNT}/Calls/CA1.json", CALL_ANSWER, {"end_time": "2026-11-29T10:00:00Z"}, False),
        (f"{ACCOUNT}/Calls/CA1.json", CALL_ANSWER, {"start_time": "x"}, False),
        (f"{ACCOUNT}/Calls/CA1.json", CALL_ANSWER, {"date_updated": "x"}, False),
        *(
            (f"{ACCOUNT}/Calls/CA1.json", CALL_ANSWER, {"duration": value}, valid)
            for value, valid in (("12", True), (12, True), ("", True), (None, True), ("1.5", False))
        ),
        *(
            (f"{ACCOUNT}/Recordings/RE1.json", RECORDING_ANSWER, {name: "x"}, False)
            for name in ("date_created", "start_time", "duration", "channels", "error_code")
        ),
        (f"{ACCOUNT}/Recordings/RE1.json", RECORDING_ANSWER, {"error_code": None, "channels": 2}, True),
        *(
            (f"{ACCOUNT}/Balance.json", {}, {"balance": value}, valid)
            for value, valid in (("1.5", True), (-2, True), ("x", False), ("", False), (None, False))
        ),
        (f"{ACCOUNT}/IncomingPhoneNumbers/PN1.json", NUMBER_ANSWER, {"capabilities": {"voice": True}}, True),
        (f"{ACCOUNT}/IncomingPhoneNumbers/PN1.json", NUMBER_ANSWER, {"capabilities": None}, True),
        (f"{ACCOUNT}/IncomingPhoneNumbers/PN1.json", NUMBER_ANSWER, {"capabilities": ["voice"]}, False),
        (f"{ACCOUNT}/IncomingPhoneNumbers/PN1.json", NUMBER_ANSWER, {"trunk_sid": 1}, False),
        (f"{ACCOUNT}/IncomingPhoneNumbers/PN1.json", NUMBER_ANSWER, {"sms_application_sid": 1}, False),
        (f"{ACCOUNT}/IncomingPhoneNumbers/PN1.json", NUMBER_ANSWER, {"sid": None}, False),
        ("/v1/Alerts", {}, {"alerts": [{"error_code": 11200, "date_created": "x"}]}, True),
        ("/v1/Alerts", {}, {"alerts": [{"date_created": "x"}]}, False),
        ("/v1/Alerts", {}, {"alerts": [{"error_code": "11200"}]}, False),
        *(
            (f"{ACCOUNT}/Calls/CA1/Events.json", {}, {"events": [{"request": asked, "response": got}]}, valid)
            for asked, got, valid in (
                (None, None, True),
                ({}, {"response_code": "x"}, False),
                ({"parameters": []}, {}, False),
            )
        ),
        (f"{ACCOUNT}/Calls/CA1/Notifications.json", {}, {"notifications": [{"error_code": "11200"}]}, True),
        (f"{ACCOUNT}/Calls/CA1/Notifications.json", {}, {"notifications": [{}]}, False),
        (f"{ACCOUNT}/OutgoingCallerIds.json", {}, {"outgoing_caller_ids": [{"phone_number": "+1"}]}, True),
        (f"{ACCOUNT}/OutgoingCallerIds.json", {}, {"outgoing_caller_ids": [{}]}, False),
        (f"{ACCOUNT}/Calls.json", {}, {"calls": [CALL_ANSWER], "next_page_uri": None}, True),
        (f"{ACCOUNT}/Calls.json", {}, {"calls": [], "next_page_uri": 1}, False),
        ("/v1/DialingPermissions/Countries", {}, {"content": [], "meta": {"next_page_url": 1}}, False),
        ("/v1/Webhooks/Rules", {}, {"meta": {"nextToken": "x"}}, False),
        ("/v1/Webhooks/Rules", {}, {"meta": {"key": "rules", "nextToken": 1}}, False),
    ],
)  # fmt: skip
def test_a_value_of_an_answer(path: str, answer: dict[str, Any], given: dict[str, Any], valid: bool) -> None:
    """What is not as documented is refused; what is not documented stays."""
    validate = TypeAdapter(shape_of("GET", path)).validate_python
    whole = {**answer, **given}
    if valid:
        assert validate(whole) == whole
    else:
        with pytest.raises(ValidationError):
            validate(whole)
