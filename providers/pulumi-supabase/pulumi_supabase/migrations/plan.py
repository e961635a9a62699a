"""Compares a folder of migrations with a database's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import PropertyError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .folder import Migration
    from .history import Applied, History

__all__ = ["Plan", "make_plan"]


@dataclass(frozen=True)
class Plan:
    """The result of the comparison.

    Attributes:
        pending: migrations to apply, in order.
        done: applied migrations of the folder.
        ahead: versions that our own history has and the folder does not.
    """

    pending: tuple[Migration, ...]
    done: tuple[Migration, ...]
    ahead: tuple[str, ...]


def make_plan(folder: Sequence[Migration], applied: Sequence[Applied], history: History) -> Plan:
    """Compare; rows of other files, which only the Supabase CLI's history has, are ignored.

    Raises:
        PropertyError: a file was changed after it was applied, or is older than one that is applied.
    """
    rows = {row.version: row for row in applied}
    done = tuple(m for m in folder if m.version in rows)
    pending = tuple(m for m in folder if m.version not in rows)
    for migration in done:
        if rows[migration.version].checksum not in {None, history.checksum(migration)}:
            raise PropertyError(
                "directory",
                f"{migration.file} was changed after it was applied; restore its text and write the "
                "change as a new migration",
            )
    if done and pending and pending[0].version < done[-1].version:
        raise PropertyError(
            "directory",
            f"{pending[0].file} is not applied, but {done[-1].file} after it is; give it a newer version",
        )
    known = {m.version for m in folder}
    ahead = tuple(sorted(v for v in rows if v not in known)) if history.is_ours else ()
    return Plan(pending, done, ahead)
