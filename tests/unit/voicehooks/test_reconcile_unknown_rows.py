"""The walk over a table's rows: every row once, also where a page ends among rows of the same moment."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from voicehooks.commands.reconcile.result import Tally
from voicehooks.commands.reconcile.table import CALLS, RECORDINGS
from voicehooks.commands.reconcile.unknown_rows import ReverseCheck
from voicehooks.commands.reconcile.window import Window
from voicehooks.output.errors import CommandError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MOMENT = (NOW - timedelta(hours=1)).isoformat()
_AFTER = re.compile(r"or\(started_at\.lt\.([^,]+),and\(started_at\.eq\.[^,]+,call_sid\.lt\.(\w+)\)\)")


class Database:
    """Rows that all began at the same moment, a thousand for each request."""

    def __init__(self, amount: int) -> None:
        self.keys = [f"CA{number:032}" for number in range(amount)][::-1]

    async def rows(self, table: str, **query: Any) -> list[dict[str, Any]]:
        found = _AFTER.search(query["and"])
        keys = self.keys
        if found:
            at = datetime.fromisoformat(found[1])
            keys = [key for key in keys if datetime.fromisoformat(MOMENT) < at or key < found[2]]
        return [{"call_sid": key, "started_at": MOMENT, "status": "completed"} for key in keys[:1000]]


def walk(database: Any) -> list[str]:
    """Walk all rows of the last day; Twilio knows none of them."""
    unknown: list[str] = []

    async def go() -> None:
        async def find(_: str) -> None:
            return None

        async def note(row: dict[str, Any]) -> None:
            unknown.append(row["call_sid"])

        window = Window(NOW - timedelta(days=1))
        await ReverseCheck(database, CALLS, "AC1", window, Tally(), find=find, unknown=note).finish()

    asyncio.run(go())
    return unknown


def test_rows_of_one_moment_are_walked_once_each() -> None:
    """More rows than one request gives began at the same moment: none is skipped, none comes twice."""
    database = Database(2500)
    assert walk(database) == database.keys


def test_a_database_that_repeats_itself_is_given_up() -> None:
    """The same rows again for the next page: an error, not a walk without end."""

    class Stuck(Database):
        async def rows(self, table: str, **query: Any) -> list[dict[str, Any]]:
            return await super().rows(table, **{"and": ""})

    with pytest.raises(CommandError, match="same rows again"):
        walk(Stuck(10))


class Minutes:
    """Rows that began so many minutes ago; their SIDs say how many.

    Attributes:
        queries: what was asked.
    """

    def __init__(self, *minutes: int) -> None:
        self._rows = [(NOW - timedelta(minutes=minute), f"CA{minute:03}") for minute in sorted(minutes)]
        self.queries: list[dict[str, Any]] = []

    async def rows(self, table: str, **query: Any) -> list[dict[str, Any]]:
        self.queries.append({"table": table, **query})
        first, last, after = (
            datetime.fromisoformat(found[1]) if found else None
            for found in (
                re.search(pattern, query["and"])
                for pattern in (
                    r"\(started_at\.gte\.([^,)]+)",
                    r",started_at\.lt\.([^,)]+)",
                    r"or\(started_at\.lt\.([^,]+)",
                )
            )
        )
        return [
            {"call_sid": sid, "started_at": at.isoformat(), "status": "completed"}
            for at, sid in self._rows
            if first <= at and (last is None or at < last) and (after is None or at < after)  # type: ignore[operator]
        ][:2]


def test_rows_are_looked_up_on_the_pages_beside_their_time() -> None:
    """Only a row that no page of its time has is asked for by itself; each row counts once."""
    database, tally, window = Minutes(*range(1, 12), 50), Tally(), Window(NOW - timedelta(minutes=30), NOW)
    asked: list[str] = []
    unknown: list[str] = []

    async def find(sid: str) -> str | None:
        asked.append(sid)
        return "known" if sid == "CA003" else None

    async def note(row: dict[str, Any]) -> None:
        unknown.append(row["call_sid"])

    def entry(minute: int) -> Any:
        return SimpleNamespace(sid=f"CA{minute:03}", started=NOW - timedelta(minutes=minute))

    async def go() -> None:
        check = ReverseCheck(database, CALLS, "AC1", window, tally, find=find, unknown=note)  # type: ignore[arg-type]
        # The list is not quite in order: calls 4 and 5 are on each other's pages.
        for page in ([1, 2, 5], [4, 6, 7], [], [8, 9]):
            await check.take([entry(minute) for minute in page])
        await check.finish()

    asyncio.run(go())
    assert asked == ["CA003", "CA010", "CA011"]
    assert unknown == ["CA010", "CA011"]
    assert tally.rows == 11
    first = database.queries[0]
    assert {name: first[name] for name in ("table", "select", "account_sid", "order", "call_sid")} == {
        "table": "twilio_calls",
        "select": "call_sid,started_at,status",
        "account_sid": "eq.AC1",
        "order": "started_at.desc,call_sid.desc",
        "call_sid": "not.is.null",
    }


def test_recordings_are_asked_for_with_their_calls() -> None:
    """A recording that Twilio no longer has is marked by its call."""
    database = Minutes()
    window = Window(NOW - timedelta(minutes=30))
    check: Any = ReverseCheck(database, RECORDINGS, "AC1", window, Tally(), find=None, unknown=None)  # type: ignore[arg-type]
    asyncio.run(check.finish())
    (query,) = database.queries
    assert query["table"] == "twilio_recordings"
    assert query["select"] == "recording_sid,call_sid,started_at,status"
    assert query["recording_sid"] == "not.is.null"
    assert query["and"] == "(started_at.gte.2026-11-24T11:30:00Z)"
