"""A page of Twilio's list next to its rows: compared, brought in, and compared again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, TypeVar

from voicehooks.commands.reconcile.entries import CALL_COLUMNS, RECORDING_COLUMNS, Entry
from voicehooks.commands.reconcile.ingest import ingest_many
from voicehooks.commands.reconcile.result import Difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.commands.reconcile.result import Tally
    from voicehooks.vendors.database import Database

__all__ = ["CALLS", "RECORDINGS", "Table", "bring_in"]


@dataclass(frozen=True)
class Table:
    """A table, its key, and the columns that entries are compared with."""

    name: str
    key: str
    columns: str


CALLS = Table("twilio_calls", "call_sid", CALL_COLUMNS)
RECORDINGS = Table("twilio_recordings", "recording_sid", RECORDING_COLUMNS)

AnyEntry = TypeVar("AnyEntry", bound=Entry)


async def bring_in(
    table: Table, entries: Sequence[AnyEntry], database: Database, tally: Tally, *, dry_run: bool
) -> list[AnyEntry]:
    """Make the rows say what the entries say; returns those entries that they did not say before.

    What is under way is left alone: its own callbacks are still to come.

    Raises:
        CommandError: the database cannot be asked, or refuses an event.
    """
    over = [entry for entry in entries if entry.over]
    rows = await database.rows_by_key(
        table.name, table.key, [entry.sid for entry in over], select=table.columns
    )
    lagging = [entry for entry in over if entry.lacks(rows.get(entry.sid))]
    tally.at_twilio += len(entries)
    tally.under_way += len(entries) - len(over)
    tally.equal += len(over) - len(lagging)
    if dry_run or not lagging:
        tally.brought_in += len(lagging)
        return lagging
    await _ingest(database, [(entry.params(), entry.sid in rows) for entry in lagging])
    rows = await database.rows_by_key(
        table.name, table.key, [entry.sid for entry in lagging], select=table.columns
    )
    brought: list[AnyEntry] = []
    for entry in lagging:
        if lacking := entry.lacks(rows.get(entry.sid)):
            tally.note_difference(Difference(entry.sid, tuple(lacking)))
        else:
            brought.append(entry)
    tally.brought_in += len(brought)
    return brought


async def _ingest(database: Database, entries: Sequence[tuple[dict[str, str], bool]]) -> None:
    """Store what entries say; each comes with whether it has a row."""
    events = [{"kind": "reconciled", "params": params} for params, _ in entries]
    results = await ingest_many(database, events)
    # Brought in once before, and somebody has deleted the row since, but not the event.
    again = [
        {"kind": "reconciled", "params": {**params, "FetchedAt": format_datetime(datetime.now(UTC))}}
        for (params, has_row), result in zip(entries, results, strict=True)
        if result == "duplicate" and not has_row
    ]
    if again:
        await ingest_many(database, again)
