"""The form of numbers, destinations, SIDs and names, as Twilio takes them."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_provider_kit.check import check_inputs
from pulumi_provider_kit.values import wrap
from pulumi_twilio.destinations import is_destination, is_e164
from pulumi_twilio.provider import TABLE
from pulumi_twilio.voice_properties import friendly_name, sid_check


@pytest.mark.parametrize(
    ("text", "number", "destination"),
    [
        ("+1234567", True, True),
        ("+123456789012345", True, True),
        ("+123456", False, False),
        ("+1234567890123456", False, False),
        ("+0234567", False, False),
        ("1234567", False, False),
        ("+1234567\n", False, False),
        ("+123456\u0661", False, False),
        ("sip:crm@example.com", False, True),
        ("sip:crm@example.com;transport=tls", False, True),
        ("sip:example.com", False, False),
        ("sip:a b@example.com", False, False),
        ("client:" + "a" * 121, False, True),
        ("client:" + "a" * 122, False, False),
        ("client:", False, False),
        ("client:jane.doe+x-y@z_1", False, True),
        ("client:j\u00e4n", False, False),
        ("", False, False),
    ],
)
def test_whom_twilio_can_call(text: str, number: bool, destination: bool) -> None:
    """A number of 7 to 15 digits, a SIP address, or a client of up to 121 characters."""
    assert (is_e164(text), is_destination(text)) == (number, destination)


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("", True),
        ("AP" + "0123456789abcdefABCDEF0123456789", True),
        ("AP" + "0" * 31, False),
        ("AP" + "0" * 33, False),
        ("AP" + "g" * 32, False),
        ("TK" + "0" * 32, False),
    ],
)
def test_a_sid(value: str, valid: bool) -> None:
    """Its prefix and 32 hexadecimal digits; empty clears."""
    said = sid_check("AP", "a TwiML App")(value)
    assert (said is None) is valid
    assert valid or repr(value) in str(said)


@pytest.mark.parametrize(("length", "valid"), [(0, False), (1, True), (64, True), (65, False)])
def test_a_name(length: int, valid: bool) -> None:
    """1 to 64 characters."""
    assert (friendly_name("x" * length) is None) is valid


RESOURCES = {r.name: r for r in TABLE.resources}
URL = "https://crm.example.com/voice"


@pytest.mark.parametrize(
    ("kind", "given", "wrong"),
    [
        *(
            (kind, {prop: value}, "" if value in ("", URL) else prop)
            for kind in ("VoiceConfiguration", "Application")
            for prop in ("voiceUrl", "voiceFallbackUrl", "statusCallback")
            for value in ("", URL, f"{URL}/", "http://crm.example.com")
        ),
        *(
            (kind, {prop: value}, "" if value in ("GET", "POST") else prop)
            for kind in ("VoiceConfiguration", "Application")
            for prop in ("voiceMethod", "voiceFallbackMethod", "statusCallbackMethod")
            for value in ("GET", "POST", "PUT", "get")
        ),
        ("VoiceConfiguration", {"voiceApplicationSid": ""}, ""),
        ("VoiceConfiguration", {"trunkSid": ""}, ""),
        ("VoiceConfiguration", {"phoneNumber": "PN" + "0" * 32}, ""),
        ("VoiceConfiguration", {"phoneNumber": "PN" + "0" * 31}, "phoneNumber"),
        ("VoiceConfiguration", {"phoneNumber": "+15551234567 "}, "phoneNumber"),
        *(("VoiceConfiguration", {"onDelete": v}, "") for v in ("restore", "clear", "keep", "force")),
        ("VoiceConfiguration", {"accountSid": "PN" + "0" * 32}, "accountSid"),
        ("AccountOriginals", {"countries": ["us"]}, "countries"),
        (
            "AccountOriginals",
            {"countries": ["US"], "settings": ["voiceSettings", "voiceInsightsSettings", "recordingDefaults"]},
            "",
        ),
        ("AccountOriginals", {"settings": ["voiceSettings", "recordings"]}, "settings"),
    ],
)
def test_values_that_a_program_gives(kind: str, given: dict[str, Any], wrong: str) -> None:
    """Each mistake is at its property; an empty value clears."""
    _, failures = check_inputs(RESOURCES[kind].properties, {name: wrap(value) for name, value in given.items()})
    required = {p.name for p in RESOURCES[kind].properties if p.required and p.name not in given}
    assert {failure.property for failure in failures} == required | ({wrong} if wrong else set())


def test_a_new_object_is_needed_only_for_another_number_or_account() -> None:
    """Everything else is changed in place."""
    kinds = (
        "VoiceConfiguration",
        "Application",
        "DialingPermissions",
        "VoiceSettings",
        "AccountRecordingDefaults",
    )
    assert {(kind, p.name) for kind in kinds for p in RESOURCES[kind].properties if p.replaces} == {
        ("VoiceConfiguration", "phoneNumber"),
        *((kind, "accountSid") for kind in kinds),
    }


def test_what_may_contain_a_password_is_secret() -> None:
    """The previous configuration in each record."""
    secrets = {(kind, p.name) for kind, table in RESOURCES.items() for p in table.properties if p.secret}
    assert secrets >= {
        ("VoiceConfiguration", "original"),
        ("VoiceOriginals", "configurations"),
        ("Application", "original"),
        ("Application", "lastWritten"),
    }
