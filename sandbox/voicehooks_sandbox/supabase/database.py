"""SQL over the Management API: text in, rows as JSON out, errors in the platform's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import AsyncRawCursor
from psycopg.adapt import Loader
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg.types.string import TextLoader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg.abc import Buffer

_LARGEST_SAFE_INTEGER = 2**53 - 1
_AS_TEXT = (
    "numeric",
    "uuid",
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "interval",
    "inet",
    "cidr",
)

_MISSING_EXTENSION = re.compile(r'extension "[^"]*" is not available')
_NO_SUCH_EXTENSION = (
    "The sandbox has the extensions that come with Postgres itself, and no others: for example not pg_cron, "
    "pg_net and vector, which hosted projects have. Create such an extension only where "
    "pg_available_extensions lists it."
)


class QueryError(Exception):
    """A statement failed; the message is the platform's."""


class DatabaseUnavailable(Exception):
    """No connection to the database could be made, or it broke."""


class _SafeIntegerLoader(Loader):
    """int8 as a number where a JavaScript client can hold it, else as text."""

    def load(self, data: Buffer) -> int | str:
        number = int(bytes(data))
        return number if abs(number) <= _LARGEST_SAFE_INTEGER else str(number)


class _ByteaLoader(Loader):
    """bytea as Node's Buffer turns into JSON."""

    def load(self, data: Buffer) -> dict[str, object]:
        return {"type": "Buffer", "data": list(bytes.fromhex(bytes(data).decode()[2:]))}


class Database:
    """Runs statements on one connection each.

    Args:
        url: Connection URL of role `postgres`.
        read_only_url: Connection URL of role `supabase_read_only_user`.
    """

    def __init__(self, *, url: str, read_only_url: str) -> None:
        self._url = url
        self._read_only_url = read_only_url

    async def run(
        self, query: str, parameters: Sequence[object] | None = None, *, read_only: bool = False
    ) -> list[dict[str, Any]]:
        """Run SQL and return the rows of the last statement.

        Several statements without a transaction of their own are one transaction, as in the protocol's
        simple query.

        Args:
            query: SQL text; `$1` ... stand for parameters.
            parameters: Their values.
            read_only: Run as the read-only role.

        Raises:
            QueryError: The database refused a statement.
            DatabaseUnavailable: It could not be reached.
        """
        try:
            connection = await psycopg.AsyncConnection.connect(
                self._read_only_url if read_only else self._url,
                autocommit=True,
                connect_timeout=5,
                cursor_factory=AsyncRawCursor,
                row_factory=dict_row,
            )
        except psycopg.OperationalError as error:
            raise DatabaseUnavailable from error
        try:
            for name in _AS_TEXT:
                connection.adapters.register_loader(name, TextLoader)
            connection.adapters.register_loader("int8", _SafeIntegerLoader)
            connection.adapters.register_loader("bytea", _ByteaLoader)
            try:
                cursor = await connection.execute(query.encode(), [*map(_parameter, parameters or ())] or None)
                while cursor.nextset():
                    pass
                return await cursor.fetchall() if cursor.description is not None else []
            except psycopg.Error as error:
                if connection.broken:
                    raise DatabaseUnavailable from error
                raise QueryError(_describe(error, query)) from error
        finally:
            await connection.close()  # Postgres rolls back a transaction that the statements leave open


def _parameter(value: object) -> object:
    return Jsonb(value) if isinstance(value, dict) else value


def _describe(error: psycopg.Error, query: str) -> str:
    """Put an error as libpq prints it with its SQLSTATE: severity, code, text, the line, the details."""
    if error.sqlstate is None:
        return f"Failed to run sql query: {error}"
    diagnosis = error.diag
    lines = [f"{diagnosis.severity or 'ERROR'}:  {diagnosis.sqlstate}: {diagnosis.message_primary}"]
    position = diagnosis.statement_position
    if position is not None and position.isdigit():
        before = query[: int(position) - 1]
        number = before.count("\n") + 1
        line = query.split("\n")[number - 1]
        prefix = f"LINE {number}: "
        column = len(before.rpartition("\n")[2])
        lines += [prefix + line, " " * (len(prefix) + column) + "^"]
    hint = diagnosis.message_hint
    if _MISSING_EXTENSION.fullmatch(diagnosis.message_primary or ""):
        hint = _NO_SUCH_EXTENSION
    lines += [
        f"{label}:  {text}"
        for label, text in (
            ("DETAIL", diagnosis.message_detail),
            ("HINT", hint),
            ("CONTEXT", diagnosis.context),
        )
        if text
    ]
    return "Failed to run sql query: " + "\n".join(lines) + "\n"
