"""The rows of all tables of a database, read and replaced by way of COPY.

Only rows: the tables come from the migrations of the stack that is deployed. Loading needs the same
tables and columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Callable

_TABLES = """
select n.nspname, c.relname, array_agg(a.attname::text order by a.attnum)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
group by n.nspname, c.relname
order by n.nspname, c.relname
"""
_SEQUENCES = """
select schemaname, sequencename, last_value from pg_sequences where last_value is not null order by 1, 2
"""


class DatabaseDiffers(ValueError):
    """The database does not have the tables that rows are for."""


@dataclass(frozen=True)
class Table:
    """A table with the columns that have stored values."""

    schema: str
    name: str
    columns: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its name for people."""
        return f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> sql.Composable:
        """Its quoted name."""
        return sql.Identifier(self.schema, self.name)

    def copy(self, direction: str) -> sql.Composed:
        """The COPY statement that reads or writes its rows."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        return sql.SQL("copy {} ({}) {}").format(self.identifier, columns, sql.SQL(direction))


@dataclass(frozen=True)
class Sequence:
    """A sequence and the last value that it gave."""

    schema: str
    name: str
    last_value: int


async def read_rows(url: str, keep: Callable[[Table, bytes], None]) -> list[Sequence]:
    """Read the rows of all tables as of one moment.

    Args:
        url: Connection URL of a superuser.
        keep: Called with each table and its rows in COPY's text format.

    Returns:
        The sequences that have been used.
    """
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
        for table in await _tables(connection):
            async with connection.cursor().copy(table.copy("to stdout")) as copy:
                keep(table, b"".join([bytes(chunk) async for chunk in copy]))
        cursor = await connection.execute(_SEQUENCES)
        return [Sequence(*row) for row in await cursor.fetchall()]


async def replace_rows(
    url: str, tables: list[Table], rows: Callable[[Table], bytes], sequences: list[Sequence]
) -> None:
    """Replace the rows of these tables, all or none; other tables stay as they are.

    Triggers and foreign keys do not act in the meantime, as the rows are consistent with each other.

    Raises:
        DatabaseDiffers: A table or a column is missing, or the database has one more.
    """
    async with await psycopg.AsyncConnection.connect(url) as connection:
        present = {table.title: table for table in await _tables(connection)}
        for table in tables:
            there = present.get(table.title)
            if there is None or set(there.columns) != set(table.columns):
                lacks = "has no table" if there is None else "has other columns in the table"
                msg = (
                    f"The database {lacks} {table.title} of the snapshot; nothing was changed. "
                    "Deploy the stack with the migrations that the snapshot was made with, then load it again."
                )
                raise DatabaseDiffers(msg)
        await connection.execute("set session_replication_role = replica")
        if tables:
            names = sql.SQL(", ").join(table.identifier for table in tables)
            await connection.execute(sql.SQL("truncate {} cascade").format(names))
        for table in tables:
            async with connection.cursor().copy(table.copy("from stdin")) as copy:
                await copy.write(rows(table))
        for sequence in sequences:
            name = sql.Identifier(sequence.schema, sequence.name).as_string(connection)
            await connection.execute(
                "select setval(to_regclass(%s), %s) where to_regclass(%s) is not null",
                (name, sequence.last_value, name),
            )


async def _tables(connection: psycopg.AsyncConnection) -> list[Table]:
    cursor = await connection.execute(_TABLES)
    return [Table(schema, name, tuple(columns)) for schema, name, columns in await cursor.fetchall()]
