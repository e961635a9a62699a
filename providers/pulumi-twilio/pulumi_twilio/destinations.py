"""Whom Twilio can call, as text: a phone number, a SIP address, a browser or mobile client."""

from __future__ import annotations

import re

__all__ = ["E164", "is_destination", "is_e164"]

E164 = r"\+[1-9][0-9]{6,14}"
"""A phone number: + and 7 to 15 ASCII digits (ITU-T E.164; no country has fewer)."""
# The name of a client has up to 121 characters (Twilio docs: TwiML <Client>).
_DESTINATION = rf"{E164}|sip:\S+@\S+|client:[\w.@+-]{{1,121}}"


def is_e164(text: str) -> bool:
    """Tell whether a text is a phone number such as `+15551234567`."""
    return re.fullmatch(E164, text) is not None


def is_destination(text: str) -> bool:
    """Tell whether a text is a phone number, `sip:user@host` or `client:name`."""
    return re.fullmatch(_DESTINATION, text, re.ASCII) is not None
