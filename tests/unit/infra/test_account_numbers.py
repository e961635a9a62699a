"""Which of the account's numbers "*" includes."""

from __future__ import annotations

from typing import Any

import pytest

from infra.account_numbers import application_name, why_not

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


def test_each_environment_has_an_application_of_its_own() -> None:
    """Two environments on one account do not take each other's numbers."""
    assert application_name("dev") != application_name("prod")
