"""What a delete restores of a number, decided field by field from plain records."""

from __future__ import annotations

import pytest
from pulumi_provider_kit.adoption import Adoption
from pulumi_twilio.voice_configuration.record import VOICE, fields_of_record, record_of
from pulumi_twilio.voice_configuration.restoring import plan_restoration, restores

OURS = "https://crm.example.com/voice"
THEIRS = "https://old.example.com/voice"
EMPTY = VOICE.of({"voice_method": "POST", "voice_fallback_method": "POST", "status_callback_method": "POST"})
Fields = dict[str, str]


@pytest.mark.parametrize(
    ("live", "original", "written", "policy", "back", "changed", "unknown"),
    [
        # One of our URLs whose retries somebody changed is still the program's; another one is not.
        ({"voice_url": f"{OURS}#rc=1"}, {"voice_url": THEIRS}, {"voice_url": f"{OURS}#rc=3"}, "restore",
         {"voice_url": THEIRS}, {}, ()),
        ({"voice_url": f"{OURS}/2"}, {"voice_url": THEIRS}, {"voice_url": OURS}, "restore",
         {}, {"voice_url": f"{OURS}/2"}, ()),
        ({"voice_url": f"{OURS}/2"}, {"voice_url": THEIRS}, {"voice_url": OURS}, "force",
         {"voice_url": THEIRS}, {}, ()),
        # The method stays with its URL.
        ({"status_callback": THEIRS, "status_callback_method": "GET"},
         {"status_callback": "", "status_callback_method": "POST"},
         {"status_callback": f"{OURS}/s", "status_callback_method": "GET"}, "restore",
         {}, {"status_callback": THEIRS}, ()),
        # What was there before is not known: only a route or a URL is in the way.
        ({"voice_url": f"{OURS}/x", "voice_method": "GET"}, {},
         {"voice_url": f"{OURS}/x", "voice_method": "GET", "voice_caller_id_lookup": ""}, "restore",
         {}, {}, ("voice_url",)),
        ({"trunk_sid": "TK1"}, {}, {"trunk_sid": "TK1", "voice_application_sid": ""}, "restore",
         {}, {}, ("trunk_sid",)),
        ({"voice_url": f"{OURS}/x", "voice_method": "GET", "voice_caller_id_lookup": "true"}, {},
         {"voice_url": f"{OURS}/x", "voice_method": "GET", "voice_caller_id_lookup": "true"}, "clear",
         {"voice_url": "", "voice_method": "POST", "voice_caller_id_lookup": "false"}, {}, ()),
        # A URL of the program goes even if this resource did not write it.
        ({"voice_fallback_url": OURS}, {}, {}, "clear", {"voice_fallback_url": ""}, {}, ()),
        ({"voice_fallback_url": OURS}, {"voice_fallback_url": THEIRS}, {}, "restore",
         {"voice_fallback_url": THEIRS}, {}, ()),
        # Our own URL is never what was there before.
        ({"voice_url": f"{OURS}/2"}, {"voice_url": OURS}, {"voice_url": f"{OURS}/2"}, "restore",
         {}, {}, ("voice_url",)),
        # A trunk or an application that was set since is not cleared by restoring the other one.
        ({"voice_application_sid": "AP9", "trunk_sid": ""}, {"trunk_sid": "TK1"}, {"trunk_sid": ""}, "restore",
         {}, {"voice_application_sid": "AP9"}, ()),
        ({"voice_application_sid": "AP9", "trunk_sid": ""}, {"trunk_sid": "TK1", "voice_application_sid": ""},
         {"trunk_sid": "", "voice_application_sid": "AP9"}, "restore",
         {"trunk_sid": "TK1", "voice_application_sid": ""}, {}, ()),
    ],
)  # fmt: skip
def test_each_field(
    live: Fields,
    original: Fields,
    written: Fields,
    policy: str,
    back: Fields,
    changed: Fields,
    unknown: tuple[str, ...],
) -> None:
    """What goes back, what was changed outside this stack and stays, and what nobody knows."""
    plan = plan_restoration({**EMPTY, **live}, Adoption(original, written), [OURS], policy)
    assert (plan.back, plan.changed, plan.unknown) == (back, changed, unknown)


def test_a_record_has_no_url_of_the_program_and_no_method_of_one() -> None:
    """What may predate the program is recorded, with the SID."""
    number = {"sid": "PN1", **EMPTY, "voice_url": f"{OURS}#rc=3", "voice_fallback_url": THEIRS}
    record = record_of(number, [OURS])
    assert record == {
        "sid": "PN1",
        **{name: number[name] for name in EMPTY if name not in {"voice_url", "voice_method"}},
    }


def test_a_record_counts_for_the_number_that_it_was_made_of() -> None:
    """Not for a number that was bought again; a record without a SID, given in a program, counts."""
    number = {"sid": "PN1"}
    assert fields_of_record({"sid": "PN1", "voice_url": THEIRS, "other": "x"}, number) == {"voice_url": THEIRS}
    assert fields_of_record({"voice_url": THEIRS}, number) == {"voice_url": THEIRS}
    assert fields_of_record({"sid": "PN2", "voice_url": THEIRS}, number) is None
    assert fields_of_record({}, number) is None


def test_a_preview_shows_routes_and_callbacks() -> None:
    """The strongest route first, without what may be secret, and nothing that is not known."""
    original = {"status_callback": "https://u:pw@x.example.com/s", "voice_url": "", "voice_method": "GET"}
    assert list(restores(original).items()) == [
        ("voice_url", "(empty)"),
        ("status_callback", "https://***@x.example.com/s"),
    ]
