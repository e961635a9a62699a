"""What happens in a live environment, as server-sent events, from the tables as they change."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from voicehooks.commands.calls.entries import RECENT
from voicehooks.commands.console import shapes
from voicehooks.output.errors import CommandError
from voicehooks.vendors.callbacks import NOT_FROM_TWILIO

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from voicehooks.stack.environment import Environment
    from voicehooks.vendors.database import Database, Row

__all__ = ["Stream"]

_SANDBOX_PAUSE, _HOSTED_PAUSE = 0.3, 2.0
# A row's time is that of its transaction's begin: one may become visible after a later one.
_OVERLAP = timedelta(seconds=10)
_MOST = 1000
_CHANGED = {"twilio_calls": "call_sid", "twilio_recordings": "recording_sid", "twilio_call_events": "event_key"}


class Stream:
    """Follows the tables for each client.

    Args:
        environment: the stack.
        database: its tables.
        ended: set when the console ends.
    """

    def __init__(self, environment: Environment, database: Database, ended: asyncio.Event) -> None:
        self._environment = environment
        self._database = database
        self._ended = ended
        self._pause = _SANDBOX_PAUSE if environment.is_sandbox else _HOSTED_PAUSE

    async def begin(self, after: int) -> AsyncIterator[str]:
        """Return the events from now on, or since one, until the console ends.

        Args:
            after: the id of the last event that the client has; 0 for none.

        Raises:
            CommandError: the tables cannot be read.
        """
        shown: dict[str, str] = {}
        if after:
            return self._events(shapes.moment_of_id(after), shown)
        newest = await self._newest()
        # What is there already is no event.
        await self._look(newest, shown)
        return self._events(newest, shown)

    async def _events(self, since: datetime, shown: dict[str, str]) -> AsyncIterator[str]:
        yield ": connected\n\n"
        while not self._ended.is_set():
            try:
                found = await self._look(since, shown)
            except CommandError as error:
                yield f": {error}\n\n"
                found = []
            for moment, event, data in found:
                since = max(since, moment)
                number = shapes.microseconds(moment)
                yield f"id: {number}\nevent: {event}\ndata: {json.dumps({'id': number, **data})}\n\n"
            try:
                async with asyncio.timeout(self._pause):
                    await self._ended.wait()
            except TimeoutError:
                yield ": still connected\n\n"

    async def _newest(self) -> datetime:
        """When the newest callback was received, by the clock over there: this machine's may be ahead of it."""
        rows = await self._database.rows(
            "twilio_call_events", select="received_at", order="received_at.desc", limit=1
        )
        return shapes.moment_of(rows[0]["received_at"]) if rows else shapes.EPOCH

    async def _look(self, since: datetime, shown: dict[str, str]) -> list[tuple[datetime, str, dict[str, Any]]]:
        """What has changed and is not shown yet, oldest first; ``shown`` has it from then on."""
        first = f"gte.{(since - _OVERLAP).isoformat()}"
        recent = f"gte.{(since - RECENT).isoformat()}"
        calls, recordings, events, steps = await asyncio.gather(
            self._rows("twilio_calls", updated_at=first, created_at=recent, call_sid="not.is.null"),
            self._rows("twilio_recordings", updated_at=first, created_at=recent),
            self._rows("twilio_call_events", received_at=first),
            self._rows("twilio_call_timeline", received_at=first),
        )
        began = {str(row["call_sid"]): str(row["started_at"] or row["created_at"]) for row in calls}
        found: list[tuple[datetime, str, dict[str, Any]]] = []
        for row in calls:
            moment = row["updated_at"]
            if _is_new(shown, f"call {row['call_sid']}", moment):
                found.append((shapes.moment_of(moment), "call", shapes.call_of(row)))
        for row in steps:
            key = f"step {row['leg_sid']} {row['kind']} {row['step']} {row['received_at']}"
            if _is_new(shown, key, ""):
                step = shapes.step_of(row, began.get(str(row["call_sid"]), str(row["happened_at"])))
                found.append((shapes.moment_of(row["received_at"]), "step", step))
        for row in events:
            if row["kind"] not in NOT_FROM_TWILIO and _is_new(shown, f"request {row['event_key']}", ""):
                request = shapes.request_of(row, self._environment.settings)
                found.append((shapes.moment_of(row["received_at"]), "webhook-request", request))
        for table, rows in (
            ("twilio_call_events", events),
            ("twilio_calls", calls),
            ("twilio_recordings", recordings),
        ):
            found += _changed(table, rows, shown)
        return sorted(found, key=lambda event: event[0])

    async def _rows(self, table: str, **filters: str) -> list[Row]:
        order = f"{'updated_at' if 'updated_at' in filters else 'received_at'}.desc"
        return (await self._database.rows(table, order=order, limit=_MOST, **filters))[::-1]


def _changed(
    table: str, rows: list[Row], shown: dict[str, str]
) -> Iterator[tuple[datetime, str, dict[str, Any]]]:
    for row in rows:
        moment = str(row.get("updated_at") or row["received_at"])
        if _is_new(shown, f"{table} {row[_CHANGED[table]]}", moment):
            kind = "INSERT" if moment == (row.get("created_at") or moment) else "UPDATE"
            change = {"table": table, "type": kind, "record": row, "old_record": None}
            yield shapes.moment_of(moment), "row", change


def _is_new(shown: dict[str, str], key: str, version: str) -> bool:
    if shown.get(key) == version:
        return False
    shown.pop(key, None)
    shown[key] = version
    if len(shown) > 50 * _MOST:
        del shown[next(iter(shown))]
    return True
