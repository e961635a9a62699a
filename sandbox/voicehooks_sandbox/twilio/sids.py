"""Twilio's string identifiers: two letters and 32 hexadecimal digits."""

from __future__ import annotations

import re
import secrets

_SHAPE = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")


def new_sid(prefix: str) -> str:
    """A fresh SID with this two-letter prefix, such as ``CA`` for a call."""
    return prefix + secrets.token_hex(16)


def is_sid(text: str, prefix: str) -> bool:
    """Whether the text is a SID with this prefix."""
    return _SHAPE.fullmatch(text) is not None and text.startswith(prefix)
