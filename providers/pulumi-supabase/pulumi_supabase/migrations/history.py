"""A database's history of migrations, in our own table or in the Supabase CLI's.

Our own (``voicehooks.schema_migrations``) does not affect a ``supabase db push`` of other files. The CLI's
(``supabase_migrations.schema_migrations``) is for files in the CLI's folder: each sees what the other applied.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from typing_extensions import TypedDict

from .statements import squeezed, statements_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .folder import Migration

__all__ = ["HISTORIES", "Applied", "History"]


@dataclass(frozen=True)
class Applied:
    """A row of history.

    Attributes:
        version: the migration's version.
        name: the rest of its file's name, or an empty string.
        checksum: of the applied text, as :meth:`History.checksum` computes it; None if the row has no text.
    """

    version: str
    name: str
    checksum: str | None


class _OwnRow(TypedDict):
    version: str
    name: str
    sha256: str


class _CliRow(TypedDict):
    version: str
    name: str | None
    statements: list[str] | None


class History(Protocol):
    """A table of history.

    Attributes:
        table: its name.
        prepare: statements that create it if it does not exist.
        select: a statement that reads it.
        row: the type of a row of ``select``.
        is_ours: whether this provider wrote every row in it.
    """

    table: str
    prepare: str
    select: str
    row: Any
    is_ours: bool

    def applied(self, row: Mapping[str, Any]) -> Applied:
        """Return a row of :attr:`select`."""

    def checksum(self, migration: Migration) -> str:
        """Return the checksum of a file, for the comparison with its row."""

    def insert(self, migration: Migration) -> str:
        """Return the statement that records a migration."""


class _Own:
    table = "voicehooks.schema_migrations"
    prepare = (
        "create schema if not exists voicehooks; "
        "create table if not exists voicehooks.schema_migrations ("
        "version text primary key, name text not null, sha256 text not null, "
        "applied_at timestamptz not null default now()); "
        "revoke all on voicehooks.schema_migrations from public"
    )
    select = "select version, name, sha256 from voicehooks.schema_migrations order by version"
    row = _OwnRow
    is_ours = True

    def applied(self, row: Mapping[str, Any]) -> Applied:
        return Applied(str(row["version"]), str(row["name"]), str(row["sha256"]))

    def checksum(self, migration: Migration) -> str:
        return migration.sha256

    def insert(self, migration: Migration) -> str:
        values = ", ".join(_quoted(v) for v in (migration.version, migration.name, migration.sha256))
        return f"insert into {self.table} (version, name, sha256) values ({values})"  # noqa: S608 - quoted


class _SupabaseCli:
    """The CLI's own table; columns that a hosted project adds to it may be null."""

    table = "supabase_migrations.schema_migrations"
    prepare = (
        "create schema if not exists supabase_migrations; "
        "create table if not exists supabase_migrations.schema_migrations (version text not null primary "
        "key); alter table supabase_migrations.schema_migrations add column if not exists statements "
        "text[], add column if not exists name text"
    )
    # Early versions of the CLI created the table with only its first column.
    select = (
        "select version, to_jsonb(m) ->> 'name' as name, to_jsonb(m) -> 'statements' as statements "
        "from supabase_migrations.schema_migrations m order by version"
    )
    row = _CliRow
    is_ours = False

    def applied(self, row: Mapping[str, Any]) -> Applied:
        statements = row["statements"]
        checksum = _hash(";".join(str(s) for s in statements)) if statements else None
        return Applied(str(row["version"]), str(row["name"] or ""), checksum)

    def checksum(self, migration: Migration) -> str:
        # The CLI splits a file in its own way, so the text of its row is compared without
        # comments, white space and semicolons.
        return _hash(migration.sql)

    def insert(self, migration: Migration) -> str:
        statements = ", ".join(_quoted(s.text) for s in statements_of(migration.sql))
        return (
            f"insert into {self.table} (version, name, statements) values "  # noqa: S608 - quoted
            f"({_quoted(migration.version)}, {_quoted(migration.name)}, array[{statements}]::text[])"
        )


def _hash(sql: str) -> str:
    return hashlib.sha256(squeezed(sql).encode()).hexdigest()


def _quoted(text: str) -> str:
    """Return a string constant that means the same with any ``standard_conforming_strings``."""
    if "\\" in text:
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + text.replace("'", "''") + "'"


HISTORIES: dict[str, History] = {"voicehooks": _Own(), "supabase": _SupabaseCli()}
