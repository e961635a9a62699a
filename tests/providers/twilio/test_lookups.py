"""The functions that look up numbers and apps: what they return, whole, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_twilio.numbers import NumberDirectory

from tests.providers.servicer_client import CheckFailed, Refused, Secret
from tests.providers.twilio.conftest import ACCOUNT, NUMBER, OTHER, Emulator, run

WITH_QUERY = "https://old.example.com/voice?key=hunter2"
VOICE = {
    "VoiceUrl": WITH_QUERY,
    "VoiceMethod": "GET",
    "VoiceFallbackUrl": "https://old.example.com/fallback",
    "VoiceFallbackMethod": "GET",
    "StatusCallback": "https://old.example.com/status",
    "StatusCallbackMethod": "GET",
    "VoiceCallerIdLookup": "true",
}
FOUND = {
    "voiceUrl": Secret(WITH_QUERY),
    "voiceMethod": "GET",
    "voiceFallbackUrl": "https://old.example.com/fallback",
    "voiceFallbackMethod": "GET",
    "statusCallback": "https://old.example.com/status",
    "statusCallbackMethod": "GET",
    "voiceCallerIdLookup": True,
}


def invoke(emulator: Emulator, function: str, **arguments: Any) -> dict[str, Any]:
    """Call a function."""
    found: dict[str, Any] = run(emulator.plugin().invoke(function, arguments))
    return found


def test_a_number(emulator: Emulator) -> None:
    """By number or SID; a URL that may contain a secret is one, and what is not set is empty."""
    trunk = "TK" + "a" * 32
    sid = emulator.click(FriendlyName="Main line", TrunkSid=trunk, **VOICE)["sid"]
    number = {
        "phoneNumberSid": sid,
        "phoneNumber": NUMBER,
        "friendlyName": "Main line",
        "voice": True,
        "trunkSid": trunk,
        "voiceApplicationSid": "",
        **FOUND,
    }
    for key in (NUMBER, sid):
        assert invoke(emulator, "getPhoneNumber", phoneNumber=key) == number
    app = emulator.post("Applications.json", FriendlyName="crm")["sid"]
    emulator.click(OTHER, VoiceApplicationSid=app)
    stock = {"phone_numbers": ["+15550001111"], "capabilities": {"voice": False}}
    emulator.http.post("/_sandbox/numbers", json=stock).raise_for_status()
    silent, first, second = invoke(emulator, "getPhoneNumbers")["phoneNumbers"]
    assert first == number
    assert (silent["phoneNumber"], silent["voice"], silent["voiceUrl"]) == ("+15550001111", False, "")
    assert (second["voiceApplicationSid"], second["voiceCallerIdLookup"], second["trunkSid"]) == (
        app,
        False,
        "",
    )


def test_an_app(emulator: Emulator) -> None:
    """By name or SID; the list is sorted by name and SID."""
    sids = [
        emulator.post("Applications.json", FriendlyName=name, **fields)["sid"]
        for name, fields in (("b", VOICE), ("a", {}), ("a", {}), ("AP is a name", {}))
    ]
    app = {"applicationSid": sids[0], "friendlyName": "b", **FOUND}
    for key in ("b", sids[0]):
        assert invoke(emulator, "getApplication", application=key) == app
    assert invoke(emulator, "getApplication", application="AP is a name")["applicationSid"] == sids[3]
    found = invoke(emulator, "getApplications")["applications"]
    assert [a["applicationSid"] for a in found] == [sids[3], *sorted(sids[1:3]), sids[0]]
    assert found[3] == app
    assert (found[1]["voiceUrl"], found[1]["voiceCallerIdLookup"]) == ("", False)


@pytest.mark.parametrize(
    ("function", "arguments", "reason"),
    [
        ("getPhoneNumber", {"phoneNumber": "+15550000000"}, f"phoneNumber: .* of account {ACCOUNT}"),
        ("getPhoneNumber", {"phoneNumber": "PN" + "0" * 32}, f"phoneNumber: .* of account {ACCOUNT}"),
        ("getApplication", {"application": "none"}, f"no TwiML App is named none in account {ACCOUNT}"),
        (
            "getApplication",
            {"application": "AP" + "0" * 32},
            f"no TwiML App is named AP0+ in account {ACCOUNT}",
        ),
        ("getApplication", {"application": "two"}, f"2 TwiML Apps are named two in account {ACCOUNT}"),
    ],
)
def test_what_is_not_one_object(
    emulator: Emulator, function: str, arguments: dict[str, str], reason: str
) -> None:
    """The error names the account."""
    for _ in range(2):
        emulator.post("Applications.json", FriendlyName="two")
    with pytest.raises(Refused, match=reason):
        invoke(emulator, function, **arguments)


@pytest.mark.parametrize("function", ["getPhoneNumber", "getApplication"])
def test_the_key_is_required(emulator: Emulator, function: str) -> None:
    """Without it nothing is looked up."""
    emulator.forget_requests()
    with pytest.raises((Refused, CheckFailed)):
        invoke(emulator, function)
    assert emulator.requests() == []


@pytest.mark.parametrize("function", ["getPhoneNumbers", "getApplications"])
def test_an_account_is_named_by_its_sid(emulator: Emulator, function: str) -> None:
    """Anything else is refused before Twilio is asked."""
    emulator.forget_requests()
    with pytest.raises((Refused, CheckFailed), match="accountSid"):
        invoke(emulator, function, accountSid="PN123")
    assert emulator.requests() == []


def test_a_number_of_which_twilio_does_not_say_what_it_can(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts as one that takes no calls."""
    number = {**emulator.number(), "capabilities": None}

    async def every(_: NumberDirectory) -> list[dict[str, Any]]:
        return [number]

    async def find(_: NumberDirectory, key: str) -> dict[str, Any]:
        return number

    monkeypatch.setattr(NumberDirectory, "all", every)
    monkeypatch.setattr(NumberDirectory, "find", find)
    assert [n["voice"] for n in invoke(emulator, "getPhoneNumbers")["phoneNumbers"]] == [False]
    with pytest.raises(Refused, match="no voice capability"):
        run(emulator.plugin().create("VoiceConfiguration", NUMBER, {"phoneNumber": NUMBER}))
