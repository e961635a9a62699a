"""A call as a line says it, with the reason for what went wrong; from the rows of the database alone."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from voicehooks.vendors.database import CHUNK
from voicehooks.vendors.statuses import CALL_OVER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicehooks.vendors.database import Database, Row

__all__ = ["COLUMNS", "RECENT", "Entry", "by_call", "entries_of", "entry_of"]

COLUMNS = (
    "call_sid,direction,from_number,to_number,status,display_status,started_at,created_at,updated_at,"
    "duration_seconds,dial_status,dial_number,error_code,error_message"
)
"""What an entry is made from, of the table twilio_calls."""
RECENT = timedelta(days=2)
"""A row that is older changes no more, but by `reconcile`: no call lasts longer than a day (Twilio docs: <Dial>
timeLimit). Rows have an index by the time they were created at, and none by the time they changed at."""
# Twilio ends a call after four hours (Twilio docs: <Dial> timeLimit, 14,400 seconds).
_LONGEST_CALL = timedelta(hours=4)
_REASONS = {
    "failed": "it failed; Twilio's log of the call says why",
    "busy": "the other side was busy",
    "no-answer": "the other side did not answer",
    "canceled": "it was canceled before it was answered",
}


@dataclass(frozen=True)
class Entry:
    """One call.

    Attributes:
        call_sid: its first leg.
        started_at: when it began, or was first heard of.
        updated_at: when its row changed last.
        direction: inbound, outbound-api and so on; empty while it is not known.
        caller: who called.
        called: who was called.
        status: what a CRM shows.
        seconds: how long it took; None while it is not known.
        reason: why it went wrong; empty where it did not.
        fix: the command that repairs what is missing; empty where there is none.
    """

    call_sid: str
    started_at: datetime
    updated_at: datetime
    direction: str
    caller: str
    called: str
    status: str
    seconds: int | None
    reason: str = ""
    fix: str = ""

    @property
    def says(self) -> tuple[str, int | None, str]:
        """Equal where there is nothing new to say."""
        return self.status, self.seconds, self.reason


async def entries_of(database: Database, rows: Sequence[Row], stack: str) -> list[Entry]:
    """Read what else is known of some calls.

    Args:
        database: the stack's.
        rows: first legs, of the table twilio_calls.
        stack: its name, for commands.

    Raises:
        CommandError: the database cannot be read.
    """
    sids = [str(row["call_sid"]) for row in rows]
    events, recordings = await asyncio.gather(
        by_call(
            database,
            sids,
            "twilio_call_events",
            select="call_sid,kind,params,error",
            kind="in.(fallback,quarantined)",
        ),
        by_call(
            database,
            sids,
            "twilio_recordings",
            select="call_sid,status,error_code",
            status="in.(absent,failed)",
        ),
    )
    now = datetime.now(UTC)
    return [
        entry_of(row, events[sid], recordings[sid], stack, now) for sid, row in zip(sids, rows, strict=True)
    ]


async def by_call(
    database: Database,
    sids: Sequence[str],
    table: str,
    *,
    select: str,
    column: str = "call_sid",
    **filters: str,
) -> dict[str, list[Row]]:
    """Read the rows of a table that belong to some calls, by the value of ``column``.

    Raises:
        CommandError: the database cannot be read.
    """
    chunks = [sids[first : first + CHUNK] for first in range(0, len(sids), CHUNK)]
    answers = await asyncio.gather(
        *(
            database.rows(table, select=select, **{column: f"in.({','.join(chunk)})"}, **filters)
            for chunk in chunks
        )
    )
    found: dict[str, list[Row]] = defaultdict(list)
    for row in (row for answer in answers for row in answer):
        found[str(row[column])].append(row)
    return found


def entry_of(row: Row, events: Sequence[Row], recordings: Sequence[Row], stack: str, now: datetime) -> Entry:
    """Return a call's entry.

    Args:
        row: its first leg.
        events: its requests that the fallback took or that are in quarantine.
        recordings: its recordings without audio.
        stack: its name, for commands.
        now: the current time.
    """
    started = datetime.fromisoformat(str(row["started_at"] or row["created_at"]))
    reason, fix = _reason(row, events, recordings, now - started, f"voicehooks reconcile --stack {stack}")
    return Entry(
        str(row["call_sid"]),
        started,
        datetime.fromisoformat(str(row["updated_at"])),
        str(row["direction"] or ""),
        str(row["from_number"] or "unknown"),
        str(row["to_number"] or "unknown"),
        str(row["display_status"]),
        row["duration_seconds"],
        reason,
        fix,
    )


def _reason(
    row: Row, events: Sequence[Row], recordings: Sequence[Row], age: timedelta, reconcile: str
) -> tuple[str, str]:
    by_kind: Mapping[str, Row] = {str(event["kind"]): event for event in events}
    if "quarantined" in by_kind:
        return (
            f"a callback is in quarantine: {by_kind['quarantined']['error'] or 'no error was kept'}",
            reconcile,
        )
    if "fallback" in by_kind:
        code = by_kind["fallback"]["params"].get("ErrorCode")
        return f"the handler failed{f' (Twilio {code})' if code else ''}; the fallback answered", ""
    if row["error_code"] or row["error_message"]:
        code = f"Twilio {row['error_code']}" if row["error_code"] else ""
        return ": ".join(part for part in (code, str(row["error_message"] or "")) if part), ""
    if row["display_status"] == "missed":
        dialed = f"{row['dial_number'] or 'the destination'} was {row['dial_status']}"
        return f"nobody answered: {dialed}" if row["dial_status"] else "nobody answered", ""
    if reason := _REASONS.get(str(row["display_status"])):
        return reason, ""
    if row["status"] not in CALL_OVER and age > _LONGEST_CALL:
        return "its end was never reported: a callback was lost", reconcile
    if recordings:
        return f"there is no audio: the recording is {recordings[0]['status']}", ""
    return "", ""
