"""What the settings of the deployed functions say about who may call whom."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from infra.countries import country_of
from infra.handler_settings import handler_settings
from infra.settings_parser import parse
from tests.unit.infra.test_settings import MINIMAL


def written(**changes: Any) -> dict[str, Any]:
    """Return what is written to settings.json for a settings file with these changes."""
    config = {**MINIMAL, **{f"voicehooks:{k}": v for k, v in changes.items()}}
    settings = parse(config, {}, stack="dev")
    configuration: Any = SimpleNamespace(
        settings=settings, environment="dev", account_sid="AC1", twilio_api_url="https://api.twilio.com"
    )
    content: dict[str, Any] = json.loads(handler_settings(configuration, settings.named_numbers))
    return content


@pytest.mark.parametrize(
    ("permissions", "countries"),
    [
        ({"US": {}}, ["US"]),
        ({"US": {"lowRisk": None, "highRiskSpecial": True}}, ["US"]),
        ({"US": {"lowRisk": True}, "CA": {"lowRisk": False}}, ["US"]),
        ({"CA": {"lowRisk": False}}, []),
    ],
)
def test_dialing_permissions_decide_which_countries_may_be_called(
    permissions: Any, countries: list[str]
) -> None:
    """A country is named unless its ordinary numbers are switched off; nothing allowed is an empty list."""
    assert written(dialingPermissions=permissions)["allowedCountries"] == countries


def test_without_dialing_permissions_the_countries_of_the_numbers_may_be_called() -> None:
    """Each number's country, once; not its neighbors in the calling code."""
    numbers = ["+15551234567", "+12125550100", "+14165550100", "+447797712345"]
    assert written(numbers={number: {} for number in numbers})["allowedCountries"] == ["CA", "JE", "US"]
    assert written()["allowedCountries"] == ["US"]


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+18765550100", "JM"),
        ("+442071838750", "GB"),
        ("+77012345678", "KZ"),
        ("+881612345678", None),
        ("+999123456", None),
    ],
)
def test_the_country_of_a_number(number: str, country: str | None) -> None:
    """Countries that share a calling code are distinguished; satellite phones belong to none."""
    assert country_of(number) == country


def test_the_function_knows_who_may_call() -> None:
    """A claim with its values, true by default; none where every signed-in user may call."""
    assert written()["callers"] is None
    assert written(callers={})["callers"]["claim"] is None
    assert written(callers={"claim": "caller"})["callers"] == {"claim": "caller", "anyOf": [True]}
    callers = {"claim": "role", "anyOf": ["agent", 1, False]}
    assert written(callers=callers)["callers"] == callers


def test_the_function_knows_limits_and_sip_hosts() -> None:
    """The defaults, and what the settings say."""
    content = written()
    assert (content["callsPerMinute"], content["totalCallsPerMinute"], content["sipHosts"]) == (10, 60, [])
    content = written(totalCallsPerMinute=5, sipHosts=["pbx.example.com"])
    assert (content["totalCallsPerMinute"], content["sipHosts"]) == (5, ["pbx.example.com"])


def test_everything_that_the_handler_reads() -> None:
    """Of the defaults and of each number only what is given and acts in the handler."""
    content = written(
        defaults={
            "answer": True,
            "forwardTo": ["client:bob"],
            "voicemail": {"maxLength": 60},
            "statusEvents": ["ringing"],
            "delivery": {"retries": 2},
            "fallbackUrl": "default",
            "replaceExisting": True,
        },
        numbers={"+15551234567": {"ringSeconds": 5, "voiceUrl": "https://a.example", "record": None}, "*": {}},
        functionName="calls",
        allowedOrigins=["https://crm.example.com"],
        callsPerMinute=3,
        combineCallbacks=False,
        account={"webhookRules": True, "signature": "key-only"},
    )
    functions = "https://abcdefghijklmnopqrst.supabase.co/functions/v1"
    assert content == {
        "functionsUrl": functions,
        "functionName": "calls",
        "accountSids": ["AC1"],
        "twilioApiUrl": "https://api.twilio.com",
        "delivery": "#rc=2",
        "statusEvents": ["ringing"],
        "allowedOrigins": ["https://crm.example.com"],
        "allowedCountries": ["US"],
        "callers": None,
        "callsPerMinute": 3,
        "totalCallsPerMinute": 60,
        "sipHosts": [],
        "signature": "key-only",
        "combineCallbacks": False,
        "defaults": {
            "answer": True,
            "forwardTo": ["client:bob"],
            "voicemail": {"greeting": "Please leave a message after the tone.", "maxLength": 60},
            "statusEvents": ["ringing"],
        },
        "numbers": {"+15551234567": {"ringSeconds": 5, "record": None}},
    }


def test_equal_settings_are_equal_text() -> None:
    """Whatever the order of the keys in the file, so that nothing is deployed again."""
    texts = {
        json.dumps(written(defaults=defaults))
        for defaults in ({"answer": True, "ringSeconds": 5}, {"ringSeconds": 5, "answer": True})
    }
    assert len(texts) == 1


def test_a_voicemail_has_a_greeting_and_a_limit() -> None:
    """Two minutes, if the settings do not say otherwise."""
    assert written(defaults={"voicemail": {}})["defaults"]["voicemail"]["maxLength"] == 120


def test_sip_domains_are_written_only_where_there_are_any() -> None:
    """A stack without one keeps its settings.json, so that no function is deployed again."""
    assert "sipDomains" not in written()
    domain = {"credentialLists": ["CL" + "0" * 32], "outgoing": True, "forwardTo": ["client:bob"]}
    shown = written(sipDomains={"crm.sip.twilio.com": domain})["sipDomains"]
    assert shown == {"crm.sip.twilio.com": {"outgoing": True, "forwardTo": ["client:bob"]}}
