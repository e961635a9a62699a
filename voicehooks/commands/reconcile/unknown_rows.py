"""The other direction: rows of the window that Twilio does not know.

Twilio's list and the table are walked side by side, both newest first. A row is looked up on the page of its
time and the two beside it; only what is not there is asked for by itself. So nothing grows with the window.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from voicehooks.commands.reconcile.entries import Entry
    from voicehooks.commands.reconcile.result import Tally
    from voicehooks.commands.reconcile.table import Table
    from voicehooks.commands.reconcile.window import Window
    from voicehooks.vendors.database import Database, Row

__all__ = ["ReverseCheck"]

# Rows of one request; a hosted project answers no more at once.
_ROWS = 1000


class ReverseCheck:
    """Walks a table along Twilio's list.

    Args:
        database: the tables.
        table: which one.
        account_sid: whose rows.
        window: the time.
        tally: where rows are counted.
        find: asks Twilio for one entry; None where there is none.
        unknown: called with each row that Twilio does not know.
    """

    def __init__(
        self,
        database: Database,
        table: Table,
        account_sid: str,
        window: Window,
        tally: Tally,
        *,
        find: Callable[[str], Awaitable[Entry | None]],
        unknown: Callable[[Row], Awaitable[None]],
    ) -> None:
        self._database = database
        self._table = table
        self._account_sid = account_sid
        self._window = window
        self._tally = tally
        self._find = find
        self._unknown = unknown
        self._pages: deque[tuple[frozenset[str], datetime]] = deque(maxlen=3)
        self._checked_from: datetime | None = window.until

    async def take(self, page: Sequence[Entry]) -> None:
        """Take the next page of Twilio's list, all of it, and check the rows as old as the page before.

        Raises:
            CommandError: the database or Twilio cannot be asked.
        """
        if not page:
            return
        self._pages.append((frozenset(entry.sid for entry in page), min(entry.started for entry in page)))
        if len(self._pages) >= 2:
            await self._check_down_to(self._pages[-2][1])

    async def finish(self) -> None:
        """Check the remaining rows, down to the window's begin.

        Raises:
            CommandError: the database or Twilio cannot be asked.
        """
        await self._check_down_to(self._window.since)

    async def _check_down_to(self, moment: datetime) -> None:
        first = max(moment, self._window.since)
        if self._checked_from is not None and first >= self._checked_from:
            return
        async for rows in self._rows(first, self._checked_from):
            self._tally.rows += len(rows)
            strangers = [row for row in rows if not self._is_listed(row[self._table.key])]
            found = await asyncio.gather(*(self._find(row[self._table.key]) for row in strangers))
            for row, entry in zip(strangers, found, strict=True):
                if entry is None:
                    await self._unknown(row)
        self._checked_from = first

    def _is_listed(self, sid: str) -> bool:
        return any(sid in sids for sids, _ in self._pages)

    async def _rows(self, first: datetime, last: datetime | None) -> AsyncIterator[list[Row]]:
        """Yield the rows from ``first`` until before ``last``, newest first."""
        key = self._table.key
        query: dict[str, Any] = {
            "select": f"{key},call_sid,started_at,status" if key != "call_sid" else f"{key},started_at,status",
            "account_sid": f"eq.{self._account_sid}",
            "order": f"started_at.desc,{key}.desc",
            "limit": _ROWS,
            key: "not.is.null",  # a row that place-call reserved waits for its call
        }
        span = [f"started_at.gte.{_in_utc(first)}"]
        below = [f"started_at.lt.{_in_utc(last)}"] if last else []
        while True:
            rows = await self._database.rows(
                self._table.name, **query, **{"and": f"({','.join(span + below)})"}
            )
            if not rows:
                return
            yield rows
            before, started = below, rows[-1]["started_at"]
            at = _in_utc(started) if started else ""
            below = [f"or(started_at.lt.{at},and(started_at.eq.{at},{key}.lt.{rows[-1][key]}))"]
            if not started or below == before:
                raise CommandError(
                    f"table {self._table.name} cannot be read",
                    "the database answers with the same rows again and again",
                    "check voicehooks:publicUrl, then run the command again",
                )


def _in_utc(moment: datetime | str) -> str:
    """Return a moment as a filter takes it: with a Z, since a + would be a blank in an address."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
