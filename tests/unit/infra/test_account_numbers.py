"""Which of the account's numbers "*" includes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from infra import account_numbers
from infra.account_numbers import application_name, numbers_of, why_not
from infra.settings import NumberSettings

HOOK = "https://abcdefghijklmnopqrst.supabase.co/functions/v1/twilio-webhook"
OURS, FOREIGN = "AP" + "1" * 32, "AP" + "2" * 32


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, None),
        ({"voiceUrl": HOOK}, None),
        ({"voiceUrl": f"{HOOK}#rc=3"}, None),
        ({"voiceUrl": "https://demo.twilio.com/welcome/voice/"}, None),
        ({"voiceApplicationSid": OURS}, None),
        # Twilio ignores the voice URL of a number that has an app.
        ({"voiceApplicationSid": OURS, "voiceUrl": "https://other.example.com/x"}, None),
        ({"voiceApplicationSid": FOREIGN}, f"TwiML App {FOREIGN}"),
        ({"trunkSid": "TK1"}, "trunk TK1"),
        ({"voiceUrl": "https://other.example.com/x"}, "another voice URL"),
        ({"voiceUrl": f"{HOOK}/x"}, "another voice URL"),
        ({"voice": False}, "no voice"),
    ],
)
def test_a_number_in_use_is_left_out_with_the_reason(fields: dict[str, Any], reason: str | None) -> None:
    """Ours, unused ones and those with Twilio's demo are included; a trunk, an app or another URL is not."""
    number = {"voice": True, "trunkSid": "", "voiceApplicationSid": "", "voiceUrl": "", **fields}
    assert why_not(number, HOOK, {OURS}) == reason


def test_the_star_takes_the_rest_of_what_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named numbers keep their settings, free ones get those of "*", and the others are named with a reason."""
    free = {"voice": True, "trunkSid": "", "voiceApplicationSid": "", "voiceUrl": ""}
    owned = [
        {**free, "phoneNumber": "+15550000001", "trunkSid": "TK1"},  # named, so it is taken
        {**free, "phoneNumber": "+15550000002"},
        {**free, "phoneNumber": "+15550000003", "voiceApplicationSid": OURS},
        {**free, "phoneNumber": "+15550000004", "voiceUrl": "https://other.example.com/x"},
        {**free, "phoneNumber": "+15550000005", "voiceApplicationSid": FOREIGN},
    ]
    applications = [
        {"applicationSid": OURS, "friendlyName": application_name("prod")},
        {"applicationSid": FOREIGN, "friendlyName": application_name("dev")},
    ]
    said: list[str] = []
    api = SimpleNamespace(
        get_phone_numbers=lambda: SimpleNamespace(phone_numbers=owned),
        get_applications=lambda: SimpleNamespace(applications=applications),
    )
    monkeypatch.setattr(account_numbers, "twilio", api)
    monkeypatch.setattr(account_numbers.pulumi.log, "info", said.append)
    named, rest = NumberSettings(record=None), NumberSettings()
    settings: Any = SimpleNamespace(
        webhook_url=HOOK, named_numbers={"+15550000001": named}, numbers={"+15550000001": named, "*": rest}
    )

    assert numbers_of(settings, "prod") == {
        "+15550000001": named,
        "+15550000002": rest,
        "+15550000003": rest,
    }
    assert said == [f'"*" leaves out 2: +15550000004 (another voice URL), +15550000005 (TwiML App {FOREIGN})']


def test_without_a_star_the_account_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is anything said if "*" leaves out none."""
    named = NumberSettings()
    monkeypatch.setattr(account_numbers, "twilio", None)
    settings: Any = SimpleNamespace(named_numbers={"+1": named}, numbers={"+1": named})
    assert numbers_of(settings, "prod") == {"+1": named}

    api = SimpleNamespace(
        get_phone_numbers=lambda: SimpleNamespace(phone_numbers=[]),
        get_applications=lambda: SimpleNamespace(applications=[]),
    )
    monkeypatch.setattr(account_numbers, "twilio", api)
    monkeypatch.setattr(account_numbers.pulumi.log, "info", pytest.fail)
    settings = SimpleNamespace(webhook_url=HOOK, named_numbers={}, numbers={"*": named})
    assert numbers_of(settings, "prod") == {}


def test_each_environment_has_an_application_of_its_own() -> None:
    """Two environments on one account do not take each other's numbers."""
    assert application_name("dev") != application_name("prod")
