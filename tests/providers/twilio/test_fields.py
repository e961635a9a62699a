"""A voice resource's fields: from a program to Twilio's form, and from an answer to inputs and state."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import PropertyDiff, PropertyDiffKind
from pulumi_provider_kit.adoption import Adoption
from pulumi_provider_kit.errors import InitializationFailed, PropertyError
from pulumi_provider_kit.values import UNKNOWN, secret, wrap
from pulumi_twilio.client import TwilioError
from pulumi_twilio.fields import describe, ensure_taken, leave_out_refused
from pulumi_twilio.voice_configuration.record import VOICE

OURS = "https://crm.example.com/voice"
THEIRS = "https://old.example.com/voice"
WITH_QUERY = f"{THEIRS}?key=hunter2"
EMPTY = VOICE.of({})


def given(**values: Any) -> dict[str, PropertyValue]:
    """Return inputs."""
    return {name: wrap(value) for name, value in values.items()}


@pytest.mark.parametrize(
    ("inputs", "wanted"),
    [
        ({"voiceUrl": OURS, "voiceMethod": "GET"}, {"voice_url": OURS, "voice_method": "GET"}),
        ({"voiceUrl": None, "voiceMethod": UNKNOWN, "statusCallback": ""}, {"status_callback": ""}),
        ({"voiceCallerIdLookup": False}, {"voice_caller_id_lookup": "false"}),
        ({"voiceCallerIdLookup": True}, {"voice_caller_id_lookup": "true"}),
        (
            {"voiceUrl": OURS, "voiceMethod": "GET", "statusCallback": "", "delivery": {"retries": 3}},
            {"voice_url": f"{OURS}#rc=3", "voice_method": "GET", "status_callback": ""},
        ),
        ({"voiceUrl": OURS, "delivery": UNKNOWN}, {"voice_url": OURS}),
        ({"voiceUrl": OURS, "delivery": {}}, {"voice_url": OURS}),
        ({"phoneNumber": "+15551234567", "onDelete": "keep"}, {}),
    ],
)
def test_what_a_program_wants(inputs: dict[str, Any], wanted: dict[str, str]) -> None:
    """Known values as strings, and the overrides in URLs that are not empty."""
    assert VOICE.wanted(given(**inputs)) == wanted


def test_what_an_answer_says() -> None:
    """Null and empty are the same, and other products' fields do not count."""
    answer = {"voice_url": OURS, "voice_caller_id_lookup": True, "trunk_sid": None, "sms_url": THEIRS}
    assert VOICE.of(answer) == {**EMPTY, "voice_url": OURS, "voice_caller_id_lookup": "true"}
    assert set(EMPTY.values()) == {""}


def test_the_form_has_twilios_names() -> None:
    """CamelCase, as Twilio's documentation writes a request's parameters."""
    fields = {"voice_url": OURS, "status_callback_method": "GET", "voice_application_sid": ""}
    assert VOICE.form(fields) == {"VoiceUrl": OURS, "StatusCallbackMethod": "GET", "VoiceApplicationSid": ""}


@pytest.mark.parametrize(
    ("code", "detail", "status", "sent", "prop"),
    [
        (21620, "Invalid TrunkSid: TK1", 400, {"trunk_sid": "TK1", "voice_url": OURS}, "trunkSid"),
        (21402, "VoiceFallbackUrl, is not valid", 400, {"voice_url": OURS}, "voiceFallbackUrl"),
        (21402, "Url is not valid.", 400, {"status_callback": OURS, "voice_url": ""}, "statusCallback"),
        (21402, "Url is not valid.", 400, {"status_callback": OURS, "voice_url": OURS}, None),
        (21402, "Url is not valid.", 400, {"voice_method": "GET"}, None),
        (21403, "Url is not valid.", 400, {"voice_url": OURS}, None),
        (None, "The VoiceUrl was perhaps written", 500, {"voice_url": OURS}, None),
    ],
)
def test_an_error_is_at_its_property(
    code: int | None, detail: str, status: int, sent: dict[str, str], prop: str | None
) -> None:
    """Where Twilio's message names it, or where only one URL was sent; the refusal stays one."""
    error = TwilioError(code, detail, status)
    found = VOICE.at_property(error, sent)
    if prop is None:
        assert found is error
        return
    assert isinstance(found, PropertyError)
    assert str(found) == f"{prop}: {error}"
    assert found.refused


def test_a_property_that_leaves_with_its_first_value_is_no_change() -> None:
    """Others stay in the diff: changed ones, those that had another value, and those whose first is unknown."""
    old = given(voiceUrl=OURS, voiceFallbackUrl=OURS, statusCallback=OURS, trunkSid="", voiceMethod="GET")
    changes = {
        name: PropertyDiff(PropertyDiffKind.DELETE, True)
        for name in ("voiceUrl", "voiceFallbackUrl", "statusCallback", "trunkSid", "phoneNumber")
    }
    first = {"voice_url": OURS, "voice_fallback_url": THEIRS, "trunk_sid": "", "voice_method": "GET"}
    VOICE.drop_undone(changes, old, given(trunkSid="TK1", voiceUrl=None), Adoption(first, {}))
    assert set(changes) == {"voiceFallbackUrl", "statusCallback", "trunkSid", "phoneNumber"}


@pytest.mark.parametrize(
    ("live", "inputs", "found"),
    [
        # An import takes what is set, and each URL's method.
        (
            {
                "voice_url": OURS,
                "voice_method": "GET",
                "voice_fallback_method": "POST",
                "status_callback_method": "POST",
            },
            {},
            {"voiceUrl": OURS, "voiceMethod": "GET"},
        ),
        ({"voice_caller_id_lookup": "false", "trunk_sid": "TK1"}, {}, {"trunkSid": "TK1"}),
        ({"voice_caller_id_lookup": "true"}, {}, {"voiceCallerIdLookup": True}),
        (
            {"voice_url": f"{OURS}#rc=3", "voice_method": "POST"},
            {},
            {"voiceUrl": OURS, "voiceMethod": "POST", "delivery": {"retries": 3}},
        ),
        (
            {"status_callback": f"{OURS}#top", "status_callback_method": "POST"},
            {},
            {"statusCallback": secret(wrap(f"{OURS}#top")), "statusCallbackMethod": "POST"},
        ),
        # A refresh takes what the program gives.
        ({"voice_url": OURS, "trunk_sid": "TK1"}, {"voiceUrl": THEIRS}, {"voiceUrl": OURS}),
        ({"voice_url": OURS}, {"voiceUrl": None, "trunkSid": UNKNOWN}, {"trunkSid": ""}),
        ({"voice_caller_id_lookup": "false"}, {"voiceCallerIdLookup": True}, {"voiceCallerIdLookup": False}),
        ({"voice_url": f"{OURS}#rc=3"}, {"voiceUrl": OURS}, {"voiceUrl": f"{OURS}#rc=3"}),
        (
            {"voice_url": OURS},
            {"voiceUrl": OURS, "delivery": {"retries": 3}},
            {"voiceUrl": OURS, "delivery": {}},
        ),
        (
            {"voice_url": f"{OURS}#rc=3", "status_callback": f"{OURS}#rc=1"},
            {"voiceUrl": OURS, "statusCallback": OURS, "delivery": {"retries": 3}},
            {"voiceUrl": OURS, "statusCallback": f"{OURS}#rc=1", "delivery": {"retries": 3}},
        ),
        (
            {"voice_url": f"{OURS}#rc=3", "status_callback": ""},
            {"voiceUrl": OURS, "statusCallback": OURS, "delivery": {"retries": 3}},
            {"voiceUrl": OURS, "statusCallback": "", "delivery": {"retries": 3}},
        ),
        (
            {"voice_url": f"{OURS}#rc=3", "status_callback": f"{OURS}#rc=1"},
            {"voiceUrl": OURS, "statusCallback": OURS, "delivery": UNKNOWN},
            {"voiceUrl": f"{OURS}#rc=3", "statusCallback": f"{OURS}#rc=1"},
        ),
        # What may be secret is, unless the program has the same in plain text.
        ({"voice_url": WITH_QUERY}, {"voiceUrl": OURS}, {"voiceUrl": secret(wrap(WITH_QUERY))}),
        ({"voice_url": WITH_QUERY}, {"voiceUrl": WITH_QUERY}, {"voiceUrl": WITH_QUERY}),
        (
            {"voice_url": f"{WITH_QUERY}#rc=3"},
            {"voiceUrl": WITH_QUERY, "delivery": {"retries": 3}},
            {"voiceUrl": WITH_QUERY, "delivery": {"retries": 3}},
        ),
        ({"voice_url": WITH_QUERY}, {"voiceUrl": UNKNOWN}, {"voiceUrl": secret(wrap(WITH_QUERY))}),
        (
            {"voice_url": f"{WITH_QUERY}#rc=3"},
            {"voiceUrl": secret(wrap(WITH_QUERY)), "delivery": {"retries": 3}},
            {"voiceUrl": secret(wrap(WITH_QUERY)), "delivery": {"retries": 3}},
        ),
        ({"voice_url": OURS}, {"voiceUrl": secret(wrap(OURS))}, {"voiceUrl": secret(wrap(OURS))}),
    ],
)
def test_what_is_live_as_inputs(live: dict[str, str], inputs: dict[str, Any], found: dict[str, Any]) -> None:
    """Each value with its type and its secretness, overrides apart from their URLs."""
    assert VOICE.inputs_from({**EMPTY, **live}, given(**inputs)) == given(**found)


def test_what_the_program_does_not_set_is_in_the_state() -> None:
    """With the live value, secret if it may contain one."""
    live = {**EMPTY, "voice_url": WITH_QUERY, "voice_caller_id_lookup": "true", "status_callback": OURS}
    found = VOICE.unmanaged(live, given(statusCallback="", voiceMethod=None))
    assert found["voiceUrl"] == secret(wrap(WITH_QUERY))
    assert found["voiceCallerIdLookup"] == wrap(True)
    assert found["voiceMethod"] == wrap("")
    assert VOICE.names.keys() - found.keys() == {"statusCallback"}


def test_a_url_that_no_program_may_set_is_left_out_of_an_import() -> None:
    """With its method, and with the delivery where no URL is left."""
    inputs = given(
        voiceUrl="https://user:pw@crm.example.com", voiceMethod="GET", trunkSid="TK1", delivery={"retries": 1}
    )
    both = {**inputs, **given(statusCallback=OURS, statusCallbackMethod="GET")}
    [reason] = leave_out_refused(inputs)
    assert reason.startswith("voiceUrl ")
    assert set(inputs) == {"trunkSid"}
    assert len(leave_out_refused(both)) == 1
    assert set(both) == {"trunkSid", "statusCallback", "statusCallbackMethod", "delivery"}
    assert leave_out_refused(both) == []


def test_an_answer_with_other_values_than_were_sent_is_an_error() -> None:
    """The state is kept; only what differs is named, with what was written first."""
    state = given(voiceUrl=OURS)
    live = {**EMPTY, "voice_url": "", "voice_method": "GET"}
    with pytest.raises(InitializationFailed) as failed:
        ensure_taken("PN1", state, {"voice_url": WITH_QUERY, "voice_method": "GET"}, live)
    assert (failed.value.resource_id, failed.value.state) == ("PN1", state)
    assert f"voice_url {THEIRS}?*** -> (empty);" in str(failed.value)
    assert "voice_method" not in str(failed.value)
    ensure_taken("PN1", state, {"voice_method": "GET"}, live)


def test_changes_are_described_one_after_another() -> None:
    """Without what may be secret, and with a word for nothing."""
    said = describe([("a", "", WITH_QUERY), ("b", "x", "y")])
    assert said == f"a (empty) -> {THEIRS}?***; b x -> y"
