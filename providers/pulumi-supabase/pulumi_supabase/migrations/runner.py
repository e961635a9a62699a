"""Applying migrations: each in one transaction with its row of history, and nothing after one that failed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import PropertyError, ProviderError

from ..client import SupabaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..client import SupabaseClient
    from .folder import Migration
    from .history import Applied, History

__all__ = ["Plan", "Runner", "plan"]

# Raised inside of the transaction when another run was faster; any SQLSTATE of a class Postgres does not use.
_APPLIED_ALREADY = "VH001"


@dataclass(frozen=True)
class Plan:
    """What there is to do.

    Attributes:
        pending: migrations to apply, in order.
        done: migrations of the folder that are applied.
        ahead: versions that the database has and the folder does not.
    """

    pending: list[Migration]
    done: list[Migration]
    ahead: list[str]


def plan(folder: Sequence[Migration], applied: Sequence[Applied], *, own_history: bool) -> Plan:
    """Compare a folder with a database's history.

    Rows of other tools' files are ignored; in our own history every row is ours, so one without a file means
    that the database is ahead.

    Raises:
        PropertyError: a file was changed after it was applied, or is older than one that is applied.
    """
    rows = {row.version: row for row in applied}
    done = [m for m in folder if m.version in rows]
    for migration in done:
        recorded = rows[migration.version].sha256
        if own_history and recorded is not None and recorded != migration.sha256:
            raise PropertyError(
                "directory",
                f"{migration.file} was changed after it was applied; put the old text back and write the "
                "change as a new migration",
            )
    pending = [m for m in folder if m.version not in rows]
    newest = done[-1] if done else None
    if newest is not None and pending and pending[0].version < newest.version:
        raise PropertyError(
            "directory",
            f"{pending[0].file} is older than {newest.file}, which is applied already; give it a newer version",
        )
    known = {m.version for m in folder}
    return Plan(pending, done, sorted(v for v in rows if own_history and v not in known))


class Runner:
    """A project's database and its history."""

    def __init__(self, client: SupabaseClient, project_ref: str, history: History) -> None:
        self._client = client
        self._ref = project_ref
        self._history = history

    async def applied(self) -> list[Applied]:
        """Read the history; changes nothing, and an absent table is an empty history."""
        there = await self._client.query(
            self._ref, f"select to_regclass('{self._history.table}') is not null as there"
        )
        if not there or not there[0]["there"]:
            return []
        rows = await self._client.query(self._ref, self._history.select)
        return [self._history.applied(row) for row in rows]

    async def prepare(self) -> None:
        """Make the table of history where there is none."""
        await self._client.query(self._ref, self._history.prepare)

    async def apply(self, migration: Migration) -> None:
        """Apply one migration together with its row of history.

        The history is locked meanwhile, so that two runs at once apply it once.

        Raises:
            ProviderError: file, line and Postgres's message; nothing of the migration is left.
        """
        table, version = self._history.table, migration.version
        # One line, so that Postgres's line numbers are the file's plus one.
        before = (
            f"begin; lock table {table} in exclusive mode; do $voicehooks$ begin if exists (select from {table}"
            f" where version = '{version}') then raise exception 'applied' using errcode ="
            f" '{_APPLIED_ALREADY}'; end if; end $voicehooks$;\n"
        )
        after = f"\n; {self._history.insert(migration)}; notify pgrst, 'reload schema'; commit"
        try:
            await self._client.query(self._ref, before + migration.sql + after)
        except SupabaseError as error:
            if _APPLIED_ALREADY in error.detail:
                return
            raise ProviderError(_explained(migration, error)) from None


def _explained(migration: Migration, error: SupabaseError) -> str:
    message = re.sub(r"^Failed to run sql query:\s*", "", error.detail).strip()
    line = re.search(r"^LINE (\d+):", message, re.MULTILINE)
    where = f", line {int(line[1]) - 1}" if line and int(line[1]) > 1 else ""
    first = message.splitlines()[0] if message else str(error)
    first = re.sub(r"^ERROR:\s+(?:[0-9A-Z]{5}:\s*)?", "", first)
    return f"{migration.file}{where}: {first}; nothing of this migration was kept and none after it was run"
