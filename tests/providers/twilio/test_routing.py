"""Which field decides where a number's calls go, and which values a program may not replace."""

from __future__ import annotations

import pytest
from pulumi_provider_kit.errors import PropertyError
from pulumi_twilio.voice_configuration.routing import refuse_foreign, sendable, with_cleared_routes

URL = "https://crm.example.com/voice"
THEIRS = "https://old.example.com/voice"
EMPTY = {
    "trunk_sid": "",
    "voice_application_sid": "",
    "voice_url": "",
    "voice_fallback_url": "",
    "status_callback": "",
    "voice_method": "POST",
}
BOTH = {**EMPTY, "trunk_sid": "TK1", "voice_application_sid": "AP1", "voice_url": THEIRS}


@pytest.mark.parametrize(
    ("wanted", "live", "cleared"),
    [
        ({"voice_url": URL}, EMPTY, {}),
        ({"voice_url": URL}, BOTH, {"trunk_sid": "", "voice_application_sid": ""}),
        ({"voice_application_sid": "AP2"}, BOTH, {"trunk_sid": ""}),
        ({"trunk_sid": "TK2"}, BOTH, {"voice_application_sid": ""}),
        ({"trunk_sid": "", "voice_url": URL}, BOTH, {"voice_application_sid": ""}),
        ({"trunk_sid": "TK2", "voice_url": ""}, EMPTY, {}),
        ({"voice_url": ""}, BOTH, {}),
        ({"status_callback": URL}, BOTH, {}),
    ],
)
def test_what_is_in_the_way_is_cleared(
    wanted: dict[str, str], live: dict[str, str], cleared: dict[str, str]
) -> None:
    """Twilio uses the trunk, else the application, else the URL (Twilio docs: IncomingPhoneNumber)."""
    assert with_cleared_routes(wanted, live) == {**wanted, **cleared}


@pytest.mark.parametrize(
    ("fields", "left_out"),
    [
        ({"trunk_sid": "TK1", "voice_application_sid": ""}, {"voice_application_sid"}),
        ({"trunk_sid": "", "voice_application_sid": "AP1"}, {"trunk_sid"}),
        ({"trunk_sid": "", "voice_application_sid": "", "voice_url": URL}, set()),
        ({"trunk_sid": "", "voice_url": URL}, set()),
        ({"voice_application_sid": "AP1", "voice_url": ""}, set()),
    ],
)
def test_what_twilio_clears_itself_is_not_sent(fields: dict[str, str], left_out: set[str]) -> None:
    """A trunk and an application in one request, one of them empty, contradict each other."""
    assert fields.keys() - sendable(fields).keys() == left_out


@pytest.mark.parametrize(
    ("wanted", "live", "pending", "named"),
    [
        ({"trunk_sid": ""}, {"trunk_sid": "TK1"}, (), ["the trunk TK1"]),
        ({"voice_application_sid": ""}, {"voice_application_sid": "AP1"}, (), ["the TwiML App AP1"]),
        ({"voice_url": URL}, {"voice_url": THEIRS}, (), [THEIRS]),
        ({"voice_fallback_url": URL}, {"voice_fallback_url": THEIRS}, (), [THEIRS]),
        ({"status_callback": URL}, {"status_callback": THEIRS}, (), [THEIRS]),
        ({}, {"status_callback": THEIRS}, ("status_callback",), [THEIRS]),
        # What a stronger route makes ineffective.
        ({"trunk_sid": "TK1"}, {"voice_application_sid": "AP1"}, (), ["the TwiML App AP1"]),
        ({"trunk_sid": "TK1"}, {"voice_fallback_url": THEIRS}, (), [THEIRS]),
        ({}, {"voice_url": THEIRS}, ("trunk_sid",), [THEIRS]),
        ({"voice_application_sid": "AP1"}, {"voice_fallback_url": THEIRS}, (), [THEIRS]),
        ({}, {"status_callback": THEIRS}, ("voice_application_sid",), [THEIRS]),
        # The strongest route is named first.
        (
            {"status_callback": URL, "voice_url": URL},
            {"voice_url": "https://a.example.com", "status_callback": "https://b.example.com/s?key=pr1vate"},
            (),
            ["https://a.example.com", "https://b.example.com/s?***"],
        ),
    ],
)
def test_a_value_of_somebody_else_is_not_replaced(
    wanted: dict[str, str], live: dict[str, str], pending: tuple[str, ...], named: list[str]
) -> None:
    """The error is at the property that allows it, and names each value."""
    with pytest.raises(PropertyError) as refused:
        refuse_foreign("+15551234567", wanted, {**EMPTY, **live}, (), pending)
    said = str(refused.value)
    assert said.startswith("replaceExisting: +15551234567 ")
    places = [said.find(name) for name in named]
    assert -1 not in places
    assert places == sorted(places)
    assert "pr1vate" not in said


@pytest.mark.parametrize(
    ("wanted", "live", "ours"),
    [
        ({"voice_url": THEIRS}, {"voice_url": THEIRS}, ()),
        ({"voice_url": URL}, {"voice_url": THEIRS}, {"voice_url"}),
        ({"voice_url": URL}, {"voice_url": "https://demo.twilio.com/welcome/voice/"}, ()),
        ({"voice_url": URL}, {"status_callback": THEIRS, "voice_fallback_url": THEIRS}, ()),
        ({"voice_method": "GET"}, {"voice_url": THEIRS}, ()),
        # A trunk leaves the status callback in effect; a route that is removed makes nothing ineffective.
        ({"trunk_sid": "TK1"}, {"status_callback": THEIRS}, ()),
        ({"trunk_sid": ""}, {"trunk_sid": "TK1", "voice_url": THEIRS}, {"trunk_sid"}),
        (
            {"voice_application_sid": ""},
            {"voice_application_sid": "AP1", "voice_url": THEIRS},
            {"voice_application_sid"},
        ),
        ({"trunk_sid": "TK1"}, {"trunk_sid": "TK1", "voice_url": THEIRS}, ()),
        ({"voice_application_sid": "AP1"}, {"voice_application_sid": "AP1", "voice_url": THEIRS}, ()),
    ],
)
def test_nothing_else_needs_permission(
    wanted: dict[str, str], live: dict[str, str], ours: tuple[str, ...]
) -> None:
    """Values that stay, our own, Twilio's demo, and what the write does not affect."""
    refuse_foreign("+15551234567", wanted, {**EMPTY, **live}, ours)
