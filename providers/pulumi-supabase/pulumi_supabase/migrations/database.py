"""A project's database: its history of migrations, and applying one file in one transaction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import ProviderError

from ..client import SupabaseError
from .statements import statements_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..client import ManagementApi
    from .folder import Migration
    from .history import Applied, History

__all__ = ["Database", "MigrationFailed"]

# SQLSTATEs: two of a class that Postgres does not use, and two of its own (PostgreSQL docs: appendix A).
_APPLIED_ALREADY = "VH001"
_FOUND = "VH002"
_NOT_THERE = "42P01"
_NO_COLUMN = "42703"
_LOCK = "select pg_advisory_xact_lock(hashtext('voicehooks.schema_migrations'))"


class MigrationFailed(ProviderError):
    """Postgres refused a migration and rolled it back."""


class Database:
    """One project's database and the history in it.

    Args:
        api: the Management API.
        ref: the project.
        history: the table of the history.
    """

    def __init__(self, api: ManagementApi, ref: str, history: History) -> None:
        self._api = api
        self._ref = ref
        self.history = history

    async def applied(self) -> list[Applied]:
        """Read the history; changes nothing, and a missing table is an empty history.

        Raises:
            ProviderError: a table of that name is not a history of migrations.
        """
        try:
            rows = await self._api.query(self._ref, self.history.select, read_only=True, row=self.history.row)
        except SupabaseError as error:
            if _NOT_THERE in error.detail:
                return []
            if _NO_COLUMN in error.detail:
                raise ProviderError(
                    f"project {self._ref} has a table {self.history.table} that is not a history of "
                    f"migrations ({_first_line(error.detail)}); rename it"
                ) from None
            raise
        return [self.history.applied(row) for row in rows]

    async def prepare(self) -> None:
        """Create the history's table if it does not exist; concurrent runs do it one after the other."""
        await self._api.query(self._ref, f"begin; {_LOCK}; {self.history.prepare}; commit")

    async def record(self, migrations: Sequence[Migration]) -> None:
        """Record migrations as applied without running them."""
        rows = "; ".join(self.history.insert(m) for m in migrations)
        if rows:
            await self._api.query(
                self._ref, f"begin; {_LOCK}; lock table {self.history.table} in exclusive mode; {rows}; commit"
            )

    async def apply(self, migration: Migration) -> None:
        """Apply one migration with its history row; do nothing if another run has applied it in the meantime.

        The history is locked in the meantime, so that only one of two concurrent runs applies it. PostgREST is
        notified to reload its schema cache (PostgREST docs: schema cache reloading).

        Raises:
            MigrationFailed: with the file, the line and Postgres's message.
        """
        before = f"begin; {self._opening(migration)}; {self.history.insert(migration)};\n"
        after = "\n; notify pgrst, 'reload schema'; commit"
        try:
            await self._api.query(self._ref, before + migration.sql + after)
        except SupabaseError as error:
            if _APPLIED_ALREADY in error.detail:
                return
            if error.status != 400:
                raise ProviderError(f"{migration.file}: {error}; run the command again") from None
            line = _quoted_line(error.detail, migration, before.count("\n"))
            if line is None:
                line = await self._find_line(migration)
            raise MigrationFailed(_explained(migration, line, error.detail)) from None

    def _opening(self, migration: Migration) -> str:
        table, version = self.history.table, migration.version
        return (
            f"lock table {table} in exclusive mode; do $voicehooks$ begin if exists (select from {table} "
            f"where version = '{version}') then raise exception 'applied' using errcode = "
            f"'{_APPLIED_ALREADY}'; end if; end $voicehooks$"
        )

    async def _find_line(self, migration: Migration) -> int | None:
        """Run the statements again, one by one and without effect, to find the one that fails.

        Most errors that Postgres raises while a statement runs carry no position. In a block with a handler a
        variable survives the rollback of the statements, and the block always ends with an exception.
        """
        tag = next(t for n in range(1000) if (t := f"$vh{n}$") not in migration.sql)
        steps = "".join(f"at := {s.line}; execute {tag}{s.text}{tag};\n" for s in statements_of(migration.sql))
        block = (
            f"do $voicehooks_find$ declare at int := 0; begin\n{steps}at := 0; raise exception 'none';\n"
            f"exception when others then raise exception 'line %', at using errcode = '{_FOUND}'; "
            "end $voicehooks_find$"
        )
        try:
            await self._api.query(self._ref, block)
        except SupabaseError as error:
            if _FOUND in error.detail and (found := re.search(r"line (\d+)", error.detail)):
                return int(found[1]) or None
        return None


def _quoted_line(detail: str, migration: Migration, offset: int) -> int | None:
    """Return the file's line, if Postgres quotes one and it is in the file."""
    found = re.search(r"^LINE (\d+): (.*)$", detail, re.MULTILINE)
    lines = migration.sql.split("\n")
    if found is None or not 0 < (number := int(found[1]) - offset) <= len(lines):
        return None
    quoted = found[2].strip().strip(".")
    return number if quoted in lines[number - 1] else None


def _explained(migration: Migration, line: int | None, detail: str) -> str:
    where = f"{migration.file}, line {line}" if line is not None else migration.file
    # Details are left out, because they quote rows, and logs contain this text.
    hints = re.findall(r"^HINT:\s*(.+?)\.?$", detail, re.MULTILINE)
    added = f" ({hints[0]})" if hints else ""
    return (
        f"{where}: {_first_line(detail)}{added}; nothing of this migration was kept and none after it was run"
    )


def _first_line(detail: str) -> str:
    message = detail.removeprefix("Failed to run sql query:").strip()
    first = message.splitlines()[0] if message else "no explanation"
    return re.sub(r"^ERROR:\s+(?:[0-9A-Z]{5}:\s*)?", "", first)
