"""A line of `voicehooks calls`: what became of a call, why, and what repairs it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from voicehooks.commands.calls.command import lines_of
from voicehooks.commands.calls.entries import entry_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SID = "CA" + "1" * 32
RECONCILE = "voicehooks reconcile --stack dev"


def row(**changes: Any) -> dict[str, Any]:
    """A call that went well."""
    return {
        "call_sid": SID,
        "direction": "inbound",
        "from_number": "+15550100001",
        "to_number": "+15551234567",
        "status": "completed",
        "display_status": "completed",
        "started_at": "2026-11-24T11:59:00+00:00",
        "created_at": "2026-11-24T11:59:01+00:00",
        "updated_at": "2026-11-24T11:59:30+00:00",
        "duration_seconds": 8,
        "dial_status": None,
        "dial_number": None,
        "error_code": None,
        "error_message": None,
    } | changes


@pytest.mark.parametrize(
    ("changes", "events", "recordings", "reason", "fix"),
    [
        ({}, [], [], "", ""),
        (
            {},
            [{"kind": "fallback", "params": {"ErrorCode": "11200"}}],
            [],
            "the handler failed (Twilio 11200)",
            "",
        ),
        ({}, [{"kind": "quarantined", "error": "integer out of range"}], [], "integer out of range", RECONCILE),
        ({"error_code": 13227, "error_message": "No permission"}, [], [], "Twilio 13227: No permission", ""),
        (
            {"display_status": "missed", "dial_status": "no-answer", "dial_number": "+15557654321"},
            [],
            [],
            "nobody answered: +15557654321 was no-answer",
            "",
        ),
        ({"display_status": "busy", "status": "busy"}, [], [], "the other side was busy", ""),
        ({"status": "in-progress", "display_status": "connected"}, [], [], "", ""),
        (
            {"status": "in-progress", "display_status": "connected", "started_at": "2026-11-24T03:00:00+00:00"},
            [],
            [],
            "its end was never reported",
            RECONCILE,
        ),
        ({}, [], [{"status": "absent"}], "there is no audio: the recording is absent", ""),
    ],
)
def test_reason_and_repair(
    changes: dict[str, Any],
    events: list[dict[str, Any]],
    recordings: list[dict[str, Any]],
    reason: str,
    fix: str,
) -> None:
    """From the rows of the database alone; a call that goes on is not one that lost its end."""
    entry = entry_of(row(**changes), events, recordings, "dev", NOW)
    assert reason in entry.reason
    assert bool(entry.reason) == bool(reason)
    assert entry.fix == fix


@pytest.mark.parametrize("width", [80, 120])
def test_a_call_fits_the_terminal(width: int) -> None:
    """The numbers, the reason and the command are whole."""
    lost = row(
        status="in-progress", display_status="connected", started_at=(NOW - timedelta(days=1)).isoformat()
    )
    lines = lines_of(entry_of(lost, [], [], "dev", NOW), width)
    assert max(map(len, lines)) <= width
    assert lines[-1].strip() == RECONCILE
    assert f"{SID}  +15550100001 -> +15551234567" in " ".join(lines).replace("\n", " ")
