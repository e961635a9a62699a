"""Quarantined events: callbacks that are kept, but not merged into their call because of what they contain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicehooks.commands.reconcile.ingest import ingest
from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from voicehooks.vendors.database import Database

__all__ = ["Quarantine", "merge_quarantined", "quarantined_keys"]

# Rows of one request; a hosted project answers no more at once.
_ROWS = 1000


@dataclass
class Quarantine:
    """What became of the quarantined events.

    Attributes:
        merged: merged into their call now.
        left: still in quarantine; in a dry run all of them.
    """

    merged: int = 0
    left: int = 0


async def quarantined_keys(database: Database) -> AsyncIterator[str]:
    """Yield the key of each quarantined event.

    Raises:
        CommandError: the database cannot be asked.
    """
    last = ""
    while True:
        rows = await database.rows(
            "twilio_call_events",
            select="event_key",
            kind="eq.quarantined",
            event_key=f"gt.{last}",
            order="event_key",
            limit=_ROWS,
        )
        for row in rows:
            yield row["event_key"]
        if not rows:
            return
        if rows[-1]["event_key"] == last:
            raise CommandError(
                "table twilio_call_events cannot be read",
                "the database answers with the same rows again and again",
                "check voicehooks:publicUrl, then run the command again",
            )
        last = rows[-1]["event_key"]


async def merge_quarantined(database: Database, *, dry_run: bool) -> Quarantine:
    """Try again to merge each quarantined event; the database's current version may be able to.

    Raises:
        CommandError: the database cannot be asked, or refuses.
    """
    result = Quarantine()
    async for key in quarantined_keys(database):
        if dry_run:
            result.left += 1
            continue
        # One event per transaction, so that each takes its rows in the order that all transactions keep.
        if await ingest(database, {"kind": "quarantined", "event_key": key}) == "quarantined":
            result.left += 1
        else:
            result.merged += 1
    return result
