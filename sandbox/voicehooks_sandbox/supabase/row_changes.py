"""The changed rows of the schema `public`, each before and after, from the log of Postgres.

The log has the old row's key only. So what the tables hold is read once, at exactly the position where the log
begins, and kept: an old row is the one that was kept under its key.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from voicehooks_sandbox.supabase.realtime.replication import TEXT_OPTIONS, StreamEnded
from voicehooks_sandbox.supabase.row_log import Change, RowLog, Transaction
from voicehooks_sandbox.tasks import end

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)
_SCHEMA = "public"
_RETRY_SECONDS = 0.3
_START_SECONDS = 2.0
# Of each table so many rows are kept; the old row of another one is its key.
_MOST_ROWS = 50_000
# A larger transaction is not a callback: it is data that is loaded, or a snapshot of the sandbox.
_LARGEST_TRANSACTION = 500
_LARGEST_SAFE_INTEGER = 2**53 - 1
_DESCRIBE = """
select c.relname, array_agg(a.attname order by a.attnum) filter (where a.attnum = any (k.conkey)),
  array_agg(a.attname order by a.attnum), array_agg(format_type(a.atttypid, null) order by a.attnum)
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where k.contype = 'p' and c.relkind = 'r' and c.relnamespace = to_regnamespace(%s) group by 1
"""
_Row = dict[str, str | None]


class _Table:
    """A table's key, the types of its columns, and its rows by the values of the key."""

    def __init__(self, key: tuple[str, ...] = (), types: dict[str, str] | None = None) -> None:
        self.key = key
        self.types = types or {}
        self.rows: dict[tuple[str | None, ...], _Row] = {}

    def keep(self, row: _Row) -> None:
        self.rows[self.key_of(row)] = row
        if len(self.rows) > _MOST_ROWS:
            del self.rows[next(iter(self.rows))]

    def take(self, row: _Row) -> _Row | None:
        return self.rows.pop(self.key_of(row), None)

    def key_of(self, row: _Row) -> tuple[str | None, ...]:
        return tuple(row.get(name) for name in self.key)


class RowChanges:
    """Follows the log while the database is there.

    Args:
        url: Connection URL of a superuser.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._task: asyncio.Task[None] | None = None
        self._connected = asyncio.Event()
        self._waited = False
        self._tables: dict[str, _Table] = {}
        self.on_transaction: Callable[[list[dict[str, Any]]], None] = lambda _changes: None
        """Called with the changes of each transaction."""

    async def follow(self) -> None:
        """Start if that is necessary, and wait until no change is missed, but once and not long."""
        if self._waited:
            return
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="row changes")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                await self._connected.wait()
        self._waited = True

    async def close(self) -> None:
        """End."""
        task, self._task = self._task, None
        await end(task)

    async def _run(self) -> None:
        while True:
            stream = RowLog(self._url, _SCHEMA)
            try:
                await stream.open(self._read_tables)
                self._connected.set()
                async for transaction in stream.transactions():
                    await self._take(transaction)
            except (StreamEnded, psycopg.Error, OSError) as error:
                _log.info("the changed rows are not followed for now: %s", str(error).strip())
            except asyncio.CancelledError:
                raise
            except Exception:  # noqa: BLE001 - one change that cannot be shown must not end the others
                _log.exception("a changed row could not be shown")
            finally:
                stream.close()
                self._connected.clear()
            await asyncio.sleep(_RETRY_SECONDS)

    async def _read_tables(self, snapshot: str) -> None:
        async with await self._session() as connection:
            await connection.execute("set transaction isolation level repeatable read")
            await connection.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(snapshot)))
            self._tables = await _described(connection)
            for name, table in self._tables.items():
                columns = list(table.types)
                query = sql.SQL("copy (select {} from {} order by ctid desc limit {}) to stdout").format(
                    sql.SQL(", ").join(map(sql.Identifier, columns)),
                    sql.Identifier(_SCHEMA, name),
                    sql.Literal(_MOST_ROWS),
                )
                async with connection.cursor() as cursor, cursor.copy(query) as copy:
                    async for values in copy.rows():
                        texts = [value.decode() if isinstance(value, bytes) else value for value in values]
                        table.keep(dict(zip(columns, texts, strict=True)))
                table.rows = dict(reversed(table.rows.items()))  # the oldest are forgotten first

    async def _session(self) -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(f"{self._url}&options={quote(TEXT_OPTIONS)}")

    async def _take(self, transaction: Transaction) -> None:
        if not {change.table for change in transaction.changes} <= self._tables.keys():
            async with await self._session() as connection:
                self._tables = {**await _described(connection), **self._tables}
        found = [self._before_and_after(change) for change in transaction.changes]
        if found and len(found) <= _LARGEST_TRANSACTION:
            same = {"transaction": str(transaction.xid), "committed_at": transaction.committed_at}
            self.on_transaction([{**same, **change} for change in found])

    def _before_and_after(self, change: Change) -> dict[str, Any]:
        table = self._tables.setdefault(change.table, _Table())
        table.types.update(change.types)
        old: _Row | None = None
        new: _Row | None = change.row
        if change.type != "INSERT":
            named = change.old_key or change.row
            old = table.take(named) or {name: named.get(name) for name in table.key}
        if change.type == "DELETE":
            new = None
        else:
            new = {**(old or {}), **change.row}  # the log leaves out long values that did not change
            if table.key:
                table.keep(new)
        return {
            "table": change.table,
            "type": change.type,
            "record": _shown(new, table.types),
            "old_record": _shown(old, table.types),
        }


async def _described(connection: psycopg.AsyncConnection[Any]) -> dict[str, _Table]:
    """The tables with a primary key, without rows."""
    found = await (await connection.execute(_DESCRIBE, [_SCHEMA])).fetchall()
    return {
        name: _Table(tuple(key), dict(zip(columns, types, strict=True))) for name, key, columns, types in found
    }


def _shown(row: _Row | None, types: dict[str, str]) -> dict[str, Any] | None:
    """A row with values as the REST API has them; of types that are not listed, the text of Postgres."""
    if row is None:
        return None
    return {name: None if text is None else _value(text, types.get(name, "text")) for name, text in row.items()}


def _value(text: str, kind: str) -> Any:
    match kind:
        case "boolean":
            return text in {"t", "true"}
        case "smallint" | "integer" | "bigint":
            return int(text) if abs(int(text)) <= _LARGEST_SAFE_INTEGER else text
        case "real" | "double precision" | "numeric" if text.lstrip("-")[:1].isdigit():
            return float(text)
        case "json" | "jsonb":
            return json.loads(text)
        case "timestamp without time zone" | "timestamp with time zone":
            moment = text.replace(" ", "T", 1)
            return f"{moment}:00" if moment.endswith("+00") else moment
        case _:
            return text
