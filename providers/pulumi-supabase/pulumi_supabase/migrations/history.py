"""What a database remembers of its migrations, in our own table or in the Supabase CLI's.

Our own (``voicehooks.schema_migrations``) keeps out of the way of a ``supabase db push`` for other files. The
CLI's (``supabase_migrations.schema_migrations``) is for those who keep these files where the CLI looks: what
one applies, the other sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .folder import Migration

__all__ = ["HISTORIES", "Applied", "History"]


@dataclass(frozen=True)
class Applied:
    """A row of history.

    Attributes:
        version: the migration's version.
        sha256: of the text that was applied, or None where the row does not tell.
    """

    version: str
    sha256: str | None


class History(Protocol):
    """A table of history."""

    table: str
    prepare: str
    select: str

    def applied(self, row: Mapping[str, Any]) -> Applied:
        """Return a row of :attr:`select`."""

    def insert(self, migration: Migration) -> str:
        """Return the statement that notes a migration."""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


class _Own:
    table = "voicehooks.schema_migrations"
    prepare = (
        "create schema if not exists voicehooks;"
        " create table if not exists voicehooks.schema_migrations ("
        "version text primary key, name text not null, sha256 text not null,"
        " applied_at timestamptz not null default now());"
        " revoke all on voicehooks.schema_migrations from public"
    )
    select = "select version, sha256 from voicehooks.schema_migrations order by version"

    def applied(self, row: Mapping[str, Any]) -> Applied:
        return Applied(str(row["version"]), str(row["sha256"]))

    def insert(self, migration: Migration) -> str:
        values = ", ".join(_quoted(v) for v in (migration.version, migration.name, migration.sha256))
        return f"insert into {self.table} (version, name, sha256) values ({values})"


class _SupabaseCli:
    table = "supabase_migrations.schema_migrations"
    # As the CLI makes it; columns that a hosted project adds may be null.
    prepare = (
        "create schema if not exists supabase_migrations;"
        " create table if not exists supabase_migrations.schema_migrations (version text not null primary key);"
        " alter table supabase_migrations.schema_migrations add column if not exists statements text[],"
        " add column if not exists name text"
    )
    # The CLI splits a file into statements; only a row that we wrote holds the whole text in one.
    select = (
        "select version, case when cardinality(statements) = 1"
        " then encode(sha256(convert_to(statements[1], 'UTF8')), 'hex') end as sha256"
        " from supabase_migrations.schema_migrations order by version"
    )

    def applied(self, row: Mapping[str, Any]) -> Applied:
        # A file of one statement may have been written by the CLI, without its last semicolon; then the hash
        # says nothing. The reader treats a difference here as unknown.
        return Applied(str(row["version"]), None if row["sha256"] is None else str(row["sha256"]))

    def insert(self, migration: Migration) -> str:
        version, name, sql = (_quoted(v) for v in (migration.version, migration.name, migration.sql))
        return (
            f"insert into {self.table} (version, name, statements) values ({version}, {name}, array[{sql}])"
        )


HISTORIES: dict[str, History] = {"voicehooks": _Own(), "supabase": _SupabaseCli()}
