"""A callback as another stack would get it."""

from __future__ import annotations

from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from voicehooks.commands.replay.mapping import Form, mapped, our_numbers

SOURCE, TARGET = "AC" + "1" * 32, "AC" + "2" * 32
OURS, CALLER, THEIRS = "+15551234567", "+15550001111", "+15557654321"


def test_account_and_number_are_the_targets() -> None:
    """Also inside a URL; the caller, and a number of the same digits elsewhere, stay."""
    form = Form.of(
        {
            "AccountSid": SOURCE,
            "To": OURS,
            "From": CALLER,
            "Text": OURS,
            "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{SOURCE}/Recordings/RE1",
        }
    )

    assert mapped(form, account=TARGET, ours={OURS}, number=THEIRS) == {
        "AccountSid": [TARGET],
        "To": [THEIRS],
        "From": [CALLER],
        "Text": [OURS],
        "RecordingUrl": [f"https://api.twilio.com/2010-04-01/Accounts/{TARGET}/Recordings/RE1"],
    }


def test_repeated_parameters_stay_repeated_and_signed() -> None:
    """A caller from a browser may repeat parameters of its own: each value is sent, and the signature fits."""
    form = Form.of({"AccountSid": SOURCE, "tag": ["b", "a"], "To": OURS})
    url = "https://example.com/twilio-webhook"

    sent = mapped(form, account=TARGET, ours={OURS}, number=THEIRS)

    assert sent["tag"] == ["b", "a"]
    assert urlencode(sent, doseq=True).count("tag=") == 2
    validator = RequestValidator("token")
    assert validator.compute_signature(url, sent) == validator.compute_signature(
        url + "AccountSid" + TARGET + "To" + THEIRS + "taga" + "tagb", {}
    )


def test_our_numbers_are_those_of_the_settings_or_the_one_that_was_called() -> None:
    """With "*" the settings name no number: then it is the one that an incoming call went to."""
    incoming = Form.of({"Direction": "inbound", "To": OURS, "From": CALLER})
    leg = Form.of({"Direction": "inbound", "To": OURS, "ParentCallSid": "CA1"})

    assert our_numbers(incoming, {OURS}) == {OURS}
    assert our_numbers(incoming, {CALLER}) == {CALLER}
    assert our_numbers(incoming, set()) == {OURS}
    assert our_numbers(leg, set()) == set()
