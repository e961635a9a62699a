"""Rows as the tables have them, with what a test wants to differ."""

from __future__ import annotations

from typing import Any

CALL = "CA" + "1" * 32
LEG = "CA" + "2" * 32
RECORDING = "RE" + "3" * 32


def call_row(**differs: Any) -> dict[str, Any]:
    """The incoming leg, just heard of."""
    row: dict[str, Any] = {
        "call_sid": CALL,
        "parent_call_sid": None,
        "direction": "inbound",
        "to_number": "+15551234567",
        "status": "ringing",
        "display_status": "ringing",
        "answered_at": None,
        "talking_since": None,
        "duration_seconds": None,
        "talk_seconds": None,
    }
    return {**row, **differs}


def ended_row(**differs: Any) -> dict[str, Any]:
    """The incoming leg after an answered call."""
    return call_row(
        **{
            "status": "completed",
            "display_status": "completed",
            "talking_since": "2026-11-24T10:00:03+00:00",
            "duration_seconds": 8,
            "talk_seconds": 5,
            **differs,
        }
    )


def leg_row(**differs: Any) -> dict[str, Any]:
    """The leg to the agent, answered."""
    return call_row(
        call_sid=LEG,
        parent_call_sid=CALL,
        direction="outbound-dial",
        to_number="+15557654321",
        answered_at="2026-11-24T10:00:03+00:00",
        **differs,
    )


def recording_row(**differs: Any) -> dict[str, Any]:
    """A finished recording."""
    row: dict[str, Any] = {
        "recording_sid": RECORDING,
        "call_sid": CALL,
        "status": "completed",
        "duration_seconds": 5,
        "channels": 1,
        "url": "https://api.twilio.com/recording",
    }
    return {**row, **differs}
