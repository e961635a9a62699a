"""All changed rows from the log of Postgres, as text: its plugin test_decoding.

In contrast to Realtime's plugin it needs no publication, so that following the log changes nothing in the
database. Postgres docs: "test_decoding", "Streaming Replication Protocol". The text of a change is
`table public.calls: UPDATE: id[integer]:1 name[text]:'it''s'`.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from voicehooks_sandbox.supabase.realtime.replication import LogStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_SLOT = "sandbox_row_changes"
_OPTIONS = "\"include-xids\" '1', \"include-timestamp\" '1', \"skip-empty-xacts\" '1'"
_NAME = r'"(?:[^"]|"")+"|[^\s".:\[]+'
_CHANGE = re.compile(rf"table ({_NAME})\.({_NAME}): (INSERT|UPDATE|DELETE): ", re.DOTALL)
_COLUMN = re.compile(rf"({_NAME})\[((?:[^\[\]]|\[\])+)\]:((?:B?'(?:[^']|'')*')|[^\s]+) ?", re.DOTALL)
_COMMIT = re.compile(r"COMMIT (\d+) \(at (.+)\)")
_OLD_KEY, _NEW = "old-key: ", "new-tuple: "
_UNCHANGED = "unchanged-toast-datum"


@dataclass(frozen=True)
class Change:
    """One changed row.

    Attributes:
        schema: The table's schema.
        table: The table's name.
        type: INSERT, UPDATE or DELETE.
        row: The new row, of a DELETE the old one's key: texts by column. Long values that did not change are
            left out.
        old_key: The old row's key if it has changed; of a table with full replica identity, the old row.
        types: The type of each column, as SQL writes it.
    """

    schema: str
    table: str
    type: str
    row: dict[str, str | None]
    old_key: dict[str, str | None] | None
    types: dict[str, str]


@dataclass
class Transaction:
    """One committed transaction: its id, when it was committed (seconds since 1970), and its changes."""

    xid: int
    committed_at: float
    changes: list[Change] = field(default_factory=list)


class RowLog(LogStream):
    """A connection that receives the changed rows of one schema.

    Args:
        url: Connection URL of a role that may replicate, without parameters for the session.
        schema: The schema.
    """

    def __init__(self, url: str, schema: str) -> None:
        super().__init__(url)
        self._schema = schema

    async def open(self, begin: Callable[[str], Awaitable[None]]) -> None:
        """Connect and start; the slot lasts as long as the connection.

        Args:
            begin: Awaited with the name of a snapshot of the database where the log begins.

        Raises:
            StreamEnded: It did not work.
        """
        connection = await self._connect()
        definition = "TEMPORARY LOGICAL test_decoding EXPORT_SNAPSHOT"
        made = await asyncio.to_thread(self._make_slot, connection, _SLOT, definition)
        await begin((made.get_value(0, 2) or b"").decode())
        await asyncio.to_thread(self._start, connection, _SLOT, _OPTIONS)

    async def transactions(self) -> AsyncIterator[Transaction]:
        """Yield transactions in the order of their commits.

        Raises:
            StreamEnded: The connection broke.
        """
        changes: list[Change] = []
        async for message in self._messages():
            text = message.decode()
            if text.startswith("BEGIN"):
                changes = []
            elif commit := _COMMIT.fullmatch(text):
                yield Transaction(int(commit[1]), datetime.fromisoformat(commit[2]).timestamp(), changes)
            elif (change := parse_change(text, self._schema)) is not None:
                changes.append(change)


def parse_change(text: str, schema: str) -> Change | None:
    """Read a change; None for one of another schema, of a table without a key, and for a truncation."""
    head = _CHANGE.match(text)
    if head is None or _unquoted(head[1]) != schema:
        return None
    rest, old_key = text[head.end() :], None
    types: dict[str, str] = {}
    if rest.startswith(_OLD_KEY):
        old_key, rest = _columns(rest.removeprefix(_OLD_KEY), types)
        rest = rest.removeprefix(_NEW)
    row, rest = _columns(rest, types)
    if rest or not row:  # (no-tuple-data)
        return None
    return Change(schema, _unquoted(head[2]), head[3], row, old_key, types)


def _columns(text: str, types: dict[str, str]) -> tuple[dict[str, str | None], str]:
    """Columns at the beginning of a text, and what follows them."""
    row: dict[str, str | None] = {}
    while (found := _COLUMN.match(text)) is not None:
        name, value = _unquoted(found[1]), found[3]
        types[name] = found[2]
        text = text[found.end() :]
        if value == "null":
            row[name] = None
        elif value != _UNCHANGED:
            row[name] = value[1:-1].replace("''", "'") if value.startswith("'") else value
    return row, text


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
