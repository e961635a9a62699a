"""The form of numbers, destinations, SIDs and names, as Twilio takes them."""

from __future__ import annotations

import pytest
from pulumi_twilio.destinations import is_destination, is_e164
from pulumi_twilio.voice_properties import friendly_name, sid_check


@pytest.mark.parametrize(
    ("text", "number", "destination"),
    [
        ("+1234567", True, True),
        ("+123456789012345", True, True),
        ("+123456", False, False),
        ("+1234567890123456", False, False),
        ("+0234567", False, False),
        ("1234567", False, False),
        ("+1234567\n", False, False),
        ("+123456\u0661", False, False),
        ("sip:crm@example.com", False, True),
        ("sip:crm@example.com;transport=tls", False, True),
        ("sip:example.com", False, False),
        ("sip:a b@example.com", False, False),
        ("client:" + "a" * 121, False, True),
        ("client:" + "a" * 122, False, False),
        ("client:", False, False),
        ("client:jane.doe+x-y@z_1", False, True),
        ("client:j\u00e4n", False, False),
        ("", False, False),
    ],
)
def test_whom_twilio_can_call(text: str, number: bool, destination: bool) -> None:
    """A number of 7 to 15 digits, a SIP address, or a client of up to 121 characters."""
    assert (is_e164(text), is_destination(text)) == (number, destination)


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("", True),
        ("AP" + "0123456789abcdefABCDEF0123456789", True),
        ("AP" + "0" * 31, False),
        ("AP" + "0" * 33, False),
        ("AP" + "g" * 32, False),
        ("TK" + "0" * 32, False),
    ],
)
def test_a_sid(value: str, valid: bool) -> None:
    """Its prefix and 32 hexadecimal digits; empty clears."""
    said = sid_check("AP", "a TwiML App")(value)
    assert (said is None) is valid
    assert valid or repr(value) in str(said)


@pytest.mark.parametrize(("length", "valid"), [(0, False), (1, True), (64, True), (65, False)])
def test_a_name(length: int, valid: bool) -> None:
    """1 to 64 characters."""
    assert (friendly_name("x" * length) is None) is valid
