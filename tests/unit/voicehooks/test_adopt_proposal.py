"""Settings that change nothing about a number as it is."""

from __future__ import annotations

from typing import Any

import pytest

from infra.settings import Settings
from infra.settings_parser import parse
from voicehooks.commands.adopt.proposal import propose

NUMBER = "+15551234567"
HOOK = "https://abcdefghijklmnopqrst.supabase.co/functions/v1/twilio-webhook"
EVENTS = ["initiated", "ringing", "answered", "completed"]


def _settings(**own: Any) -> Settings:
    keys = {"supabaseProject": "abcdefghijklmnopqrst", "numbers": {}, **own}
    credentials = {"twilio:accountSid": "AC", "twilio:authToken": "x", "supabase:accessToken": "x"}
    return parse({**credentials, **{f"voicehooks:{k}": v for k, v in keys.items()}}, {}, stack="t")


def _proposed(
    live: dict[str, str], settings: Settings, *, held: tuple[str, ...] = ()
) -> tuple[dict[str, Any], str]:
    number = {"phone_number": NUMBER, "sid": "PN1", "friendly_name": "", **live}
    found = propose(
        number,
        settings,
        applications={"AP1": "ivr", "AP2": "voicehooks t"},
        shared_name="voicehooks t",
        held=held,
    )
    return found.settings, " ".join(found.notes)


_ANSWERING = {
    "defaults": {"answer": True, "statusEvents": EVENTS, "fallbackUrl": "default", "delivery": {"retries": 3}}
}


@pytest.mark.parametrize(
    ("live", "own", "expected"),
    [
        ({}, {}, {}),
        ({"voice_url": HOOK, "status_callback": HOOK}, {}, {"answer": True, "statusEvents": EVENTS}),
        (
            {"voice_url": HOOK, "status_callback": HOOK},
            {"numbers": {NUMBER: {"statusEvents": ["completed"]}}},
            {"answer": True, "statusEvents": ["completed"]},
        ),
        ({"voice_url": "https://a.example/v"}, {}, {"voiceUrl": "https://a.example/v"}),
        (
            {"voice_url": "https://a.example/v#rc=2", "voice_fallback_url": "https://a.example/f#rc=2"},
            {},
            {
                "voiceUrl": "https://a.example/v",
                "fallbackUrl": "https://a.example/f",
                "delivery": {"retries": 2},
            },
        ),
        ({"voice_url": "https://a.example/v", "voice_application_sid": "AP1"}, {}, {}),
        ({"voice_url": "https://a.example/v", "trunk_sid": "TK1"}, {}, {}),
        ({"voice_url": "https://a.example/v", "voice_method": "GET"}, {}, {}),
        ({"voice_url": "http://a.example/v"}, {}, {}),
        ({"voice_url": "https://me:secret@a.example/v"}, {}, {}),
        ({"voice_url": "https://demo.twilio.com/welcome/voice/"}, {}, {}),
        # Under defaults, what differs from them is said, and null leaves a property as it is.
        ({}, _ANSWERING, {"answer": None, "statusEvents": None, "fallbackUrl": None}),
        (
            {
                "voice_url": f"{HOOK}#rc=3",
                "status_callback": f"{HOOK}#rc=3",
                "voice_fallback_url": f"{HOOK.rpartition('/')[0]}/twilio-fallback#rc=3",
            },
            _ANSWERING,
            {},
        ),
        (
            {"voice_application_sid": "AP1"},
            _ANSWERING,
            {"answer": None, "statusEvents": None, "fallbackUrl": None},
        ),
        (
            {"voice_url": "https://a.example/v", "voice_method": "GET"},
            _ANSWERING,
            {"answer": None, "statusEvents": None, "fallbackUrl": None},
        ),
        # A key of its own keeps a number out of the shared app; one that is in it needs none.
        ({"voice_url": HOOK}, {"sharedApplication": True, "defaults": {"answer": True}}, {"answer": True}),
        ({"trunk_sid": "TK1"}, {"sharedApplication": True, "defaults": {"answer": True}}, {"answer": None}),
        ({"voice_application_sid": "AP2"}, {"sharedApplication": True, "defaults": {"answer": True}}, {}),
    ],
)
def test_what_a_number_has_becomes_its_settings(
    live: dict[str, str], own: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Each way a number may be configured has settings that say the same, or nothing where none can."""
    settings, _ = _proposed(live, _settings(**own))
    assert settings == expected


ELSEWHERE = {
    "defaults": {"voiceUrl": "https://a.example/v", "statusCallback": "https://a.example/s", "fallbackUrl": ""}
}


@pytest.mark.parametrize(
    ("live", "own", "expected"),
    [
        # What the defaults say already is not said again; what they would change is.
        (
            {"voice_url": "https://a.example/v", "status_callback": "https://a.example/s"},
            ELSEWHERE,
            {"fallbackUrl": None},
        ),
        ({}, ELSEWHERE, {"voiceUrl": None, "statusCallback": None, "fallbackUrl": None}),
        (
            {"voice_url": HOOK, "status_callback": HOOK, "voice_fallback_url": "https://a.example/f"},
            ELSEWHERE,
            {
                "answer": True,
                "voiceUrl": None,
                "statusEvents": EVENTS,
                "statusCallback": None,
                "fallbackUrl": "https://a.example/f",
            },
        ),
        (
            {"voice_url": "https://b.example/v", "status_callback": "https://b.example/s"},
            ELSEWHERE,
            {"voiceUrl": "https://b.example/v", "statusCallback": "https://b.example/s", "fallbackUrl": None},
        ),
        ({"voice_url": HOOK}, {"defaults": {"answer": True}}, {}),
        ({"voice_url": HOOK}, {"defaults": {"answer": False}}, {"answer": True}),
        # The handler hears of a call's end only from a callback with `completed`.
        ({"status_callback": HOOK}, {"defaults": {"statusEvents": ["completed"]}}, {}),
        (
            {"status_callback": HOOK},
            {"defaults": {"statusEvents": ["ringing"]}, "numbers": {NUMBER: {"statusEvents": ["initiated"]}}},
            {"statusEvents": EVENTS},
        ),
        # The overrides of the first URL that has some count; a URL with others stays as it is.
        (
            {"voice_url": "https://a.example/v#rc=2", "status_callback": "https://a.example/s#rc=4"},
            {},
            {"voiceUrl": "https://a.example/v", "delivery": {"retries": 2}},
        ),
        (
            {"voice_url": "https://a.example/v"},
            {"defaults": {"delivery": {"retries": 1}}},
            {"voiceUrl": "https://a.example/v", "delivery": None},
        ),
        ({"voice_method": "GET", "status_callback_method": "GET"}, {}, {}),
        # Twilio looks at the callback of a number on a trunk, and at no URL of one in a TwiML App.
        (
            {
                "voice_fallback_url": "https://a.example/f",
                "status_callback": "https://a.example/s",
                "trunk_sid": "TK1",
            },
            {},
            {"statusCallback": "https://a.example/s"},
        ),
        ({"status_callback": "https://a.example/s", "voice_application_sid": "AP1"}, {}, {}),
        (
            {"voice_url": "https://a.example/v?to=me@b.example"},
            {},
            {"voiceUrl": "https://a.example/v?to=me@b.example"},
        ),
    ],
)
def test_what_the_defaults_say_is_not_said_again(
    live: dict[str, str], own: dict[str, Any], expected: dict[str, Any]
) -> None:
    """An explicit null leaves a property as Twilio has it, where the defaults would write it."""
    settings, _ = _proposed(live, _settings(**own))
    assert settings == expected


@pytest.mark.parametrize(
    ("live", "route"),
    [
        ({}, "nobody"),
        ({"voice_url": "https://a.example/v#rc=2"}, "https://a.example/v"),
        ({"voice_url": "https://a.example/v", "voice_application_sid": "AP1"}, "TwiML App ivr"),
        ({"voice_application_sid": "AP9"}, "TwiML App AP9"),
        ({"voice_application_sid": "AP1", "trunk_sid": "TK1"}, "trunk TK1"),
        ({"voice_application_sid": "AP2"}, "the environment's TwiML App AP2"),
    ],
)
def test_who_takes_a_numbers_calls(live: dict[str, str], route: str) -> None:
    """A trunk before an app, an app before the URL."""
    number = {"phone_number": NUMBER, "sid": "PN1", "friendly_name": "Sales", **live}
    found = propose(
        number,
        _settings(sharedApplication=True, defaults={"answer": True}),
        applications={"AP1": "ivr", "AP2": "voicehooks t"},
        shared_name="voicehooks t",
        held=(),
    )
    assert (found.number, found.sid, found.name, found.route) == (NUMBER, "PN1", "Sales", route)


@pytest.mark.parametrize(
    ("live", "field"),
    [
        ({"voice_fallback_url": "https://demo.twilio.com/welcome/voice/"}, "voice_fallback_url"),
        ({"status_callback": "https://a.example/s", "status_callback_method": "GET"}, "status_callback"),
        ({"voice_url": "http://a.example/v"}, "voice_url"),
        (
            {"voice_url": "https://a.example/v#rc=2", "status_callback": "https://a.example/s#rc=4"},
            "status_callback",
        ),
    ],
)
def test_each_property_that_stays_is_named(live: dict[str, str], field: str) -> None:
    """By Twilio's name, and no other is."""
    _, notes = _proposed(live, _settings())
    assert [
        word for word in notes.split() if word in ("voice_url", "status_callback", "voice_fallback_url")
    ] == [field]


def test_what_has_no_setting_is_reported() -> None:
    """A property that no setting can describe is named, and a password in a URL is not repeated."""
    _, notes = _proposed({"voice_url": "https://a.example/v", "voice_method": "GET"}, _settings())
    assert "voice_url is asked with GET" in notes
    _, notes = _proposed({"voice_url": "https://me:secret@a.example/v"}, _settings())
    assert "password" in notes
    assert "secret" not in notes


@pytest.mark.parametrize(
    "live",
    [
        {"status_callback": "https://demo.twilio.com/status"},
        {"status_callback": "https://a.example/s", "status_callback_method": "GET"},
        {"status_callback": "http://a.example/s"},
        {"status_callback": "https://me:secret@a.example/s"},
    ],
)
def test_what_no_setting_can_say_is_not_said_to_be_empty(live: dict[str, str]) -> None:
    """Also if the stack set it before: the next update would clear what is there."""
    settings, _ = _proposed(live, _settings(), held=("statusCallback",))
    assert "statusCallback" not in settings


def test_a_number_of_the_stack_says_what_was_cleared() -> None:
    """A key that went would put something back, so an emptied property is written down as empty."""
    held = ("voiceUrl", "statusCallback", "delivery")
    settings, _ = _proposed({"voice_url": HOOK}, _settings(), held=held)
    assert settings == {"answer": True, "statusCallback": "", "delivery": {}}


def test_what_acts_in_the_handler_is_kept() -> None:
    """Settings that write nothing to the number stay with it."""
    numbers = {NUMBER: {"record": "do-not-record", "forwardTo": ["+15557654321"], "answer": True}}
    settings, _ = _proposed({"voice_url": "https://a.example/v"}, _settings(numbers=numbers))
    assert settings == {
        "record": "do-not-record",
        "forwardTo": ["+15557654321"],
        "voiceUrl": "https://a.example/v",
    }
