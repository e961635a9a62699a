"""The walk over a table's rows: every row once, also where a page ends among rows of the same moment."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from voicehooks.commands.reconcile.result import Tally
from voicehooks.commands.reconcile.table import CALLS
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
