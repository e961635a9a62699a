"""What answers a number's calls now: a function, an application, a trunk, another URL or nobody."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pulumi_twilio.client import Credentials

from infra.settings import Settings
from tests.unit.voicehooks.vendor_stub import ACCOUNT, NUMBER, REF, plain, running
from voicehooks.output.errors import CommandError
from voicehooks.stack.environment import Environment, TwilioAddress
from voicehooks.vendors.live import Live, read_live
from voicehooks.vendors.routes import route_source, voice_url_of

FUNCTIONS = f"https://{REF}.supabase.co/functions/v1"
HANDLER = f"{FUNCTIONS}/twilio-webhook"
SETTINGS = cast(
    "Settings",
    SimpleNamespace(functions_url=FUNCTIONS, webhook_url=HANDLER, supabase_project=REF),
)
APP, OTHER_APP, TRUNK = "AP" + "4" * 32, "AP" + "5" * 28 + "abcd", "TK" + "6" * 28 + "abcd"
APPS = {
    APP: {
        "sid": APP,
        "friendly_name": "Shop",
        "voice_url": f"{HANDLER}#rc=3",
        "voice_fallback_url": f"{FUNCTIONS}/gone#rc=1",
    },
    OTHER_APP: {"sid": OTHER_APP, "friendly_name": "", "voice_url": None, "voice_fallback_url": None},
}
DEPLOYED = {"twilio-webhook": {"slug": "twilio-webhook", "version": 7}}


def live(**fields: Any) -> Live:
    """Return what is live, with one number of these fields."""
    return Live(SETTINGS, {NUMBER: {"phone_number": NUMBER, **fields}}, APPS, DEPLOYED)


@pytest.mark.parametrize(
    ("fields", "answered", "by", "fallback"),
    [
        ({"voice_url": f"{HANDLER}#rc=3&rp=all"}, True, "twilio-webhook v7", ""),
        ({"voice_url": f"{HANDLER}/other"}, False, "twilio-webhook/other, which is not deployed", ""),
        ({"voice_url": f"{FUNCTIONS}/old"}, False, "old, which is not deployed", ""),
        ({"voice_url": f"{HANDLER}?a=b"}, False, "twilio-webhook?a=b, which is not deployed", ""),
        (
            {"voice_url": "https://u:p@a.example/x?k=1", "voice_fallback_url": f"{HANDLER}#rc=3"},
            False,
            "https://***@a.example/x?***",
            "twilio-webhook v7",
        ),
        ({"voice_url": ""}, False, "nobody", ""),
        ({"voice_url": None, "voice_fallback_url": None}, False, "nobody", ""),
        # A trunk takes precedence over an application, and that one over the number's own URLs.
        (
            {"voice_url": "https://a.example", "voice_fallback_url": HANDLER, "voice_application_sid": APP},
            True,
            "twilio-webhook v7",
            "gone, which is not deployed",
        ),
        ({"voice_url": HANDLER, "voice_application_sid": OTHER_APP}, False, "TwiML App AP..abcd", ""),
        ({"voice_url": HANDLER, "voice_application_sid": "AP" + "9" * 32}, False, "TwiML App AP..9999", ""),
        (
            {
                "voice_url": HANDLER,
                "voice_application_sid": APP,
                "trunk_sid": TRUNK,
                "voice_fallback_url": HANDLER,
            },
            False,
            "trunk TK..abcd",
            "",
        ),
    ],
)
def test_what_takes_a_numbers_calls(fields: dict[str, Any], answered: bool, by: str, fallback: str) -> None:
    """As Twilio decides it, and what answers where that fails."""
    found = live(**fields)
    assert found.is_answered(NUMBER) is answered
    assert found.answered_by(NUMBER) == by
    assert found.fallback(NUMBER) == fallback


def test_an_application_is_named_by_its_name() -> None:
    """Where it has one, and no URL."""
    apps = {APP: {**APPS[APP], "voice_url": ""}}
    found = Live(SETTINGS, {NUMBER: {"phone_number": NUMBER, "voice_application_sid": APP}}, apps, {})
    assert found.answered_by(NUMBER) == "TwiML App Shop"


def test_whose_url_is_requested() -> None:
    """The object itself, so that its other fields are those that count; nothing where it is not known."""
    number = {"voice_url": HANDLER, "voice_application_sid": ""}
    assert route_source(number, APPS) is number
    assert route_source({**number, "voice_application_sid": APP}, APPS) is APPS[APP]
    assert route_source({**number, "trunk_sid": TRUNK}, APPS) == {}
    assert voice_url_of({**number, "voice_application_sid": "AP0"}, APPS) == ""


def test_everything_is_read_by_its_key() -> None:
    """Numbers by their E.164 form, applications by SID, functions by slug; a refusal names what it was for."""
    with running() as vendors:
        environment = cast(
            "Environment",
            SimpleNamespace(
                name="dev",
                settings=SETTINGS,
                twilio_credentials=Credentials(ACCOUNT, ACCOUNT, "x"),
                twilio_address=TwilioAddress("", "", vendors.twilio.url),
                supabase_access_token="sbp_x",
                supabase_api_url=vendors.supabase.url,
            ),
        )
        found = asyncio.run(read_live(environment))
        assert (list(found.numbers), list(found.applications), list(found.functions)) == (
            [NUMBER],
            [APP],
            ["twilio-webhook"],
        )
        assert found.settings is SETTINGS
        vendors.supabase.odd = plain(403, b"{}")
        with pytest.raises(CommandError, match="edge_functions_read") as caught:
            asyncio.run(read_live(environment))
        assert caught.value.exit_code == 2
