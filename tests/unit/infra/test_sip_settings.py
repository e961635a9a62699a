"""`voicehooks:sipDomains` and `voicehooks:trunks`: what is valid, and what the handler reads of it."""

from __future__ import annotations

from typing import Any

import pytest

from infra.settings_errors import SettingsError
from infra.settings_parser import parse

CREDENTIALS = {"twilio:accountSid": "AC1", "twilio:authToken": "t", "supabase:accessToken": "s"}
LIST = "CL" + "0" * 32


def settings(**own: Any) -> Any:
    """The settings of an environment with one number."""
    base = {"voicehooks:supabaseProject": "a" * 20, "voicehooks:numbers": {"+15551234567": {}}}
    given = {f"voicehooks:{name}": value for name, value in own.items()}
    return parse({**CREDENTIALS, **base, **given}, {}, stack="dev")


def test_a_domain_and_a_trunk() -> None:
    """Both need the fallback function, a domain only where the defaults have one."""
    found = settings(sipDomains={"crm.sip.twilio.com": {"credentialLists": [LIST], "outgoing": True}})
    assert found.sip_domains["crm.sip.twilio.com"].outgoing is True
    assert not found.needs_fallback_function
    assert settings(
        sipDomains={"crm.sip.twilio.com": {}}, defaults={"fallbackUrl": "default"}
    ).needs_fallback_function
    assert settings(trunks={"pbx": {"origins": [{"sipUrl": "sip:pbx.example.com"}]}}).needs_fallback_function
    assert not settings(trunks={"pbx": {"disasterRecoveryUrl": ""}}).needs_fallback_function


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"sipDomains": {"crm.example.com": {}}}, "crm.example.com"),
        ({"sipDomains": {"crm.sip.twilio.com": {"credentialLists": ["AL1"]}}}, "credentialLists"),
        ({"sipDomains": {"crm.sip.twilio.com": {"forwardTo": ["bob"]}}}, "sip:user@host"),
        ({"sipDomains": {"crm.sip.twilio.com": {"networks": {"203.0.113.9/24": "x"}}}}, "not an IPv4 network"),
        ({"sipDomains": {"crm.sip.twilio.com": {"networks": {"203.0.113.9": "x"}}}}, "is written"),
        ({"trunks": {"pbx": {"origins": [{"sipUrl": "sips:pbx.example.com"}]}}}, "sipUrl"),
        ({"trunks": {"pbx": {"disasterRecoveryUrl": "http://x.example.com/a"}}}, "does not start with https"),
        ({"trunks": {"pbx": {"numbers": ["+15551234567"]}}}, "voicehooks:numbers both have +15551234567"),
        ({"trunks": {"pbx": {"numbers": ["5551234567"]}}}, '"5551234567" is not an E.164 number'),
        ({"trunks": {"x" * 65: {}}}, "trunks"),
        ({"trunks": {"": {}}}, "trunks"),
        ({"trunks": {"pbx": {"domainName": "crm.sip.twilio.com"}}}, "domainName"),
        ({"trunks": {"pbx": {"record": "yes"}}}, "record"),
        ({"trunks": {"pbx": {"trim": "yes"}}}, "trim"),
        ({"trunks": {"pbx": {"origins": [{"sipUrl": "sip:a b"}]}}}, "sipUrl"),
        ({"trunks": {"pbx": {"origins": [{"sipUrl": "sip:a", "priority": -1}]}}}, "origins[0].priority"),
        ({"trunks": {"pbx": {"origins": [{"sipUrl": "sip:a", "priority": 65_536}]}}}, "origins[0].priority"),
        ({"trunks": {"pbx": {"origins": [{"sipUrl": "sip:a", "weight": 0}]}}}, "origins[0].weight"),
        ({"trunks": {"pbx": {"origins": [{"sipUrl": "sip:a", "weight": 65_536}]}}}, "origins[0].weight"),
        ({"sipDomains": {"crm.sip.twilio.com": {"networks": {"10.0.0.0/8": ""}}}}, "networks"),
        ({"sipDomains": {"crm.sip.twilio.com": {"networks": {"10.0.0.0/8": "x" * 256}}}}, "networks"),
        ({"sipDomains": {"crm.sip.twilio.com": {"friendlyName": "x" * 65}}}, "friendlyName"),
        ({"sipDomains": {"crm.sip.twilio.com": {"callerId": "5551234567"}}}, "callerId"),
        ({"sipDomains": {"crm.sip.twilio.com": {"forwardTo": ["client:a"] * 11}}}, "forwardTo"),
        ({"sipDomains": {"crm.sip.twilio.com": {"ipAccessControlLists": [LIST]}}}, "ipAccessControlLists"),
        ({"trunks": {"a": {"numbers": ["+15551234568"]}, "b": {"numbers": ["+15551234568"]}}}, "trunks.a both"),
    ],
)
def test_bad_settings_get_one_sentence(own: Any, said: str) -> None:
    """It names the key."""
    with pytest.raises(SettingsError) as failed:
        settings(**own)
    assert said in str(failed.value)


def test_what_is_valid_at_its_limits() -> None:
    """Kept as it is written."""
    trunk = {
        "domainName": "crm.pstn.twilio.com",
        "origins": [{"sipUrl": "sip:a", "priority": 0, "weight": 1}, {"sipUrl": "sip:b", "priority": 65_535}],
        "numbers": ["+15551234568", "+15551234569"],
        "disasterRecoveryUrl": "https://a.example/b",
    }
    domain = {
        "friendlyName": "x" * 64,
        "networks": {"203.0.113.10/32": "x", "10.0.0.0/8": "x" * 255},
        "forwardTo": ["client:a"] * 10,
        "callerId": "+15551234567",
    }
    name = "x" * 64
    found = settings(trunks={name: trunk}, sipDomains={"crm.sip.twilio.com": domain})
    written = found.model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert written["trunks"] == {name: trunk}
    assert written["sipDomains"] == {"crm.sip.twilio.com": domain}
