"""Asking the database about changed rows: how they look as JSON, which filters hold, and who may read them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from voicehooks_sandbox.supabase.realtime import filters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicehooks_sandbox.supabase.realtime.replication import Table

Reader = tuple[str, str]
"""A role and its claims as JSON: who row-level security decides about."""

# In the session's own schema, so that the project does not see it. It asks about all rows at once as each
# reader, and about each row where that fails (a policy with an error): a failing row counts as not readable.
_READERS_FUNCTION = """
create function pg_temp.readable(together text, queries text[], roles text[], claims text[])
returns boolean[] language plpgsql as $$
declare
  answers boolean[] := '{}';
  answer boolean;
  all_answers boolean[];
begin
  for reader in 1 .. cardinality(roles) loop
    perform set_config('role', roles[reader], true),
      set_config('request.jwt.claims', claims[reader], true),
      set_config('request.jwt.claim.sub', coalesce(claims[reader]::jsonb ->> 'sub', ''), true),
      set_config('request.jwt.claim.role', roles[reader], true);
    begin
      execute together into all_answers;
    exception when others then
      all_answers := '{}';
      for number in 1 .. cardinality(queries) loop
        begin
          execute queries[number] into answer;
        exception when others then
          answer := false;
        end;
        all_answers := all_answers || answer;
      end loop;
    end;
    answers := answers || all_answers;
    perform set_config('role', 'none', true);
  end loop;
  return answers;
end
$$
"""
_DESCRIBE = """
select c.relrowsecurity,
  coalesce((
    select jsonb_agg(jsonb_build_array(
      a.attname, format_type(a.atttypid, a.atttypmod), t.typname, a.attnum = any (coalesce(k.conkey, '{}'))
    ) order by a.attnum)
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  ), '[]')
from pg_class c left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
where c.oid = %s
"""


@dataclass
class Description:
    """A table as the database describes it: valid until the log describes it again.

    Attributes:
        has_rls: Whether row-level security is on.
        types: Type of each column, as SQL writes it.
        type_names: Name of each column's type, as clients see it (`int8`).
        key: The columns of the primary key.
        selectable: For each role asked for, the columns that it may select.
    """

    has_rls: bool
    types: dict[str, str]
    type_names: dict[str, str]
    key: tuple[str, ...]
    selectable: dict[str, frozenset[str]] = field(default_factory=dict)


class Rows:
    """A connection that answers questions about rows.

    Args:
        url: Connection URL of a superuser.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._descriptions: dict[int, tuple[Table, Description]] = {}
        self._lock = asyncio.Lock()

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def wait_until_visible(self, xids: Sequence[int]) -> None:
        """Wait until the transactions that the log has shown are visible to new snapshots.

        The log may be sent a moment before; anyone who asked then would not see the row.
        """
        while True:
            row = await self._fetch(
                "select bool_and(pg_visible_in_snapshot("
                "(((pg_snapshot_xmax(pg_current_snapshot())::text::bigint >> 32) << 32) | xid)::text::xid8,"
                " pg_current_snapshot())) from unnest(%s::bigint[]) xid",
                [list(xids)],
            )
            if row[0]:
                return
            await asyncio.sleep(0)

    async def describe(self, table: Table, roles: Sequence[str]) -> Description | None:
        """The table's description, with the roles' rights; None if it is gone."""
        known = self._descriptions.get(table.oid)
        if known is None or known[0] is not table:
            description = await self.describe_oid(table.oid)
            if description is None:
                return None
            known = self._descriptions[table.oid] = (table, description)
        missing = [role for role in roles if role not in known[1].selectable]
        if missing:
            await self._ask_rights(table.oid, known[1], missing)
        return known[1]

    async def describe_oid(self, oid: int) -> Description | None:
        """A table's description without rights."""
        row = await self._fetch(_DESCRIBE, [oid])
        if row is None:
            return None
        has_rls, columns = row
        return Description(
            has_rls,
            {name: kind for name, kind, _, _ in columns},
            {name: type_name for name, _, type_name, _ in columns},
            tuple(name for name, _, _, is_key in columns if is_key),
        )

    async def as_json(
        self, rows: Sequence[Mapping[str, str | None] | None], description: Description
    ) -> list[dict[str, Any] | None]:
        """Rows of texts as JSON values, as `to_jsonb` makes them; bytea as hexadecimal digits."""
        expressions: list[sql.Composable] = []
        for row in rows:
            if row is None:
                expressions.append(sql.SQL("null::jsonb"))
                continue
            parts = [
                sql.SQL("{}, to_jsonb({}::{})").format(
                    sql.Literal(name), sql.Literal(value), sql.SQL(description.types[name])
                )
                for name, value in row.items()
                if name in description.types
            ]
            # A function takes 100 arguments at most.
            chunks = [parts[start : start + 40] for start in range(0, len(parts), 40)] or [[]]
            objects = [sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(chunk)) for chunk in chunks]
            expressions.append(sql.SQL(" || ").join(objects))
        query = sql.SQL("select array[{}]::jsonb[]").format(sql.SQL(", ").join(expressions))
        (answers,) = await self._fetch(query)
        for answer in answers:
            for name, value in (answer or {}).items():
                if description.type_names[name] == "bytea" and isinstance(value, str):
                    answer[name] = value.removeprefix("\\x")
        return list(answers)

    async def true_conditions(self, conditions: Sequence[sql.Composable]) -> list[bool]:
        """Which conditions hold."""
        (answers,) = await self._fetch(
            sql.SQL("select array[{}]::boolean[]").format(sql.SQL(", ").join(conditions))
        )
        return list(answers)

    async def readable(
        self,
        table: Table,
        rows: Sequence[Mapping[str, str | None]],
        description: Description,
        readers: list[Reader],
    ) -> list[set[Reader]]:
        """For each row, the readers who may read it now, by row-level security."""
        keys = [
            sql.SQL(", ").join(
                sql.SQL("{}::{}").format(sql.Literal(row.get(name)), sql.SQL(description.types[name]))
                for name in description.key
            )
            for row in rows
        ]
        columns = sql.SQL(", ").join(
            sql.SQL("changed.{}").format(sql.Identifier(name)) for name in description.key
        )
        name = sql.Identifier(table.schema, table.name)
        queries = [
            sql.SQL("select exists (select from {} changed where ({}) = ({}))")
            .format(name, columns, key)
            .as_string(self._connection)
            for key in keys
        ]
        wanted = sql.SQL(", ").join(sql.Identifier(f"key_{number}") for number in range(len(description.key)))
        together = sql.SQL(
            "select array(select exists (select from {} changed where ({}) = ({}))"
            " from (values {}) as wanted (number, {}) order by number)"
        ).format(
            name,
            columns,
            wanted,
            sql.SQL(", ").join(sql.SQL("({}, {})").format(number, key) for number, key in enumerate(keys)),
            wanted,
        )
        roles, claims = [role for role, _ in readers], [text for _, text in readers]
        (answers,) = await self._fetch(
            "select pg_temp.readable(%s, %s, %s, %s)",
            [together.as_string(self._connection), queries, roles, claims],
        )
        count = len(queries)
        return [
            {reader for number, reader in enumerate(readers) if answers[number * count + index]}
            for index in range(count)
        ]

    async def check_filters(self, entries: list[filters.Filter], types: Mapping[str, str]) -> None:
        """Hold filters against a table, casting their values.

        Raises:
            FilterError: One does not fit.
        """
        filters.check(entries, types)
        expressions = filters.casts(entries, types)
        if not expressions:
            return
        try:
            await self._fetch(sql.SQL("select {}").format(sql.SQL(", ").join(expressions)))
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            name = _condition_name(error)
            msg = f"ERROR {error.sqlstate} ({name}) {error.diag.message_primary}"
            raise filters.FilterError(msg) from error

    async def position(self) -> int:
        """The end of the log."""
        (position,) = await self._fetch("select (pg_current_wal_insert_lsn() - '0/0')::bigint")
        return int(position)

    async def published(self, schema: str | None, table: str | None) -> list[tuple[int, str, str]]:
        """The tables of the publication that a subscription names (None: all of them)."""
        return [
            (oid, found_schema, found_table)
            for oid, found_schema, found_table in await self.fetch_all(
                "select format('%%I.%%I', schemaname, tablename)::regclass::oid::int, schemaname, tablename"
                " from pg_publication_tables where pubname = 'supabase_realtime'"
                " and (%s::text is null or schemaname = %s) and (%s::text is null or tablename = %s)",
                [schema, schema, table, table],
            )
        ]

    async def may(self, action: str, topic: str, reader: Reader, headers: str = "{}") -> dict[str, bool]:
        """Whether the policies on realtime.messages let a reader `read` or `write` on a topic, by extension."""
        async with self._lock:
            connection = await self._connected()
            answers = {}
            for extension in ("broadcast", "presence"):
                try:
                    async with connection.transaction(force_rollback=True):
                        question = (topic, extension, headers)
                        answers[extension] = await _ask_policy(connection, action, question, reader)
                except psycopg.OperationalError:
                    raise
                except psycopg.Error:
                    answers[extension] = False
            return answers

    async def fetch_all(self, query: Any, parameters: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Run a query."""
        async with self._lock:
            connection = await self._connected()
            cursor = await connection.execute(query, parameters)
            return await cursor.fetchall()

    async def _fetch(self, query: Any, parameters: Sequence[Any] | None = None) -> Any:
        rows = await self.fetch_all(query, parameters)
        return rows[0] if rows else None

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url, autocommit=True, connect_timeout=5, prepare_threshold=None
            )
            await self._connection.execute("set timezone = 'UTC'")
            await self._connection.execute(_READERS_FUNCTION)
        return self._connection

    async def _ask_rights(self, oid: int, description: Description, roles: Sequence[str]) -> None:
        rows = await self.fetch_all(
            "select role, array(select a.attname::text from pg_attribute a where a.attrelid = %s"
            " and a.attnum > 0 and not a.attisdropped"
            " and has_column_privilege(role, a.attrelid, a.attnum, 'SELECT'))"
            " from unnest(%s::text[]) role where exists (select from pg_roles where rolname = role)",
            [oid, list(roles)],
        )
        description.selectable |= {role: frozenset() for role in roles}
        description.selectable |= {role: frozenset(names) for role, names in rows}


async def _ask_policy(
    connection: psycopg.AsyncConnection[Any], action: str, question: tuple[str, str, str], reader: Reader
) -> bool:
    topic, extension, headers = question
    role, claims = reader
    decoded = json.loads(claims)
    probe = "insert into realtime.messages (topic, extension, private) values (%s, %s, true)"
    if action == "read":
        await connection.execute(probe, [topic, extension])
    await connection.execute(
        "select set_config('role', %s, true), set_config('realtime.topic', %s, true),"
        " set_config('request.jwt.claims', %s, true), set_config('request.jwt.claim.sub', %s, true),"
        " set_config('request.jwt.claim.role', %s, true), set_config('request.headers', %s, true)",
        [role, topic, claims, decoded.get("sub") or "", role, headers],
    )
    if action == "write":
        await connection.execute(probe, [topic, extension])
        return True
    cursor = await connection.execute(
        "select from realtime.messages where topic = %s and extension = %s limit 1", [topic, extension]
    )
    return await cursor.fetchone() is not None


def _condition_name(error: psycopg.Error) -> str:
    """PL/pgSQL's name of an error: the class of psycopg's exception in small letters."""
    name = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in type(error).__name__)
    return name.lstrip("_")
