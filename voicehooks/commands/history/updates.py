"""A stack's updates, numbered.

Pulumi Cloud numbers updates itself. A backend in a folder or bucket gives every row the version 0, so there the
number is the place in the row of all of them, the oldest being 1: no row is ever taken out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicehooks.stack.engine import Engine

__all__ = ["Update", "live", "read_updates"]

# Steps of the engine that leave a resource alone (Pulumi: pkg/resource/deploy, the names of operations).
_NO_CHANGE = frozenset({"same", "read"})
_ROLLBACK = re.compile(r"rollback to (\d+)\b")


@dataclass(frozen=True)
class Update:
    """One row of a stack's history.

    Attributes:
        number: what people call it by.
        kind: update, refresh, destroy, import.
        result: succeeded, failed, in-progress.
        started: when, UTC.
        message: its message.
        author: who, as git knows them; empty outside of a repository.
        commit: git's full hash; empty outside of a repository.
        dirty: whether the working tree had changes that the commit has not.
        config: its configuration by key: `value` or `objectValue`, and whether `secret`; never to be printed.
        resource_changes: how many resources it created, updated, ... and left the `same`; None: not known.
    """

    number: int
    kind: str
    result: str
    started: datetime
    message: str
    author: str
    commit: str
    dirty: bool
    config: Mapping[str, Mapping[str, Any]] = field(repr=False)
    resource_changes: Mapping[str, int] | None = None

    @property
    def succeeded(self) -> bool:
        """Whether it went through."""
        return self.result == "succeeded"

    @property
    def deploys(self) -> bool:
        """Whether it ran the program: what can be gone back to."""
        return self.kind == "update"

    @property
    def changed_nothing(self) -> bool:
        """Whether it left every resource as it was; not so where that is not known."""
        return self.resource_changes is not None and self.resource_changes.keys() <= _NO_CHANGE

    @property
    def rolled_back_to(self) -> int | None:
        """The update that it repeated, where it was a rollback."""
        found = _ROLLBACK.match(self.message)
        return int(found.group(1)) if found else None

    @property
    def short_commit(self) -> str:
        """Seven digits, with a + where the tree was dirty; empty outside of a repository."""
        return self.commit[:7] + ("+" if self.commit and self.dirty else "")


def read_updates(engine: Engine) -> list[Update]:
    """Return every update, oldest first.

    Raises:
        CommandError: there is no such stack.
    """
    return [_update(place, row) for place, row in enumerate(engine.history()[::-1], start=1)]


def live(updates: Sequence[Update]) -> Update | None:
    """The update whose program and configuration are in force: the newest that went through."""
    return next((u for u in reversed(updates) if u.succeeded and (u.deploys or u.kind == "destroy")), None)


def _update(place: int, row: Mapping[str, Any]) -> Update:
    environment = row.get("environment") or {}
    return Update(
        number=int(row.get("version") or 0) or place,
        kind=str(row.get("kind", "")),
        result=str(row.get("result", "")),
        started=datetime.fromisoformat(str(row["startTime"])).astimezone(UTC),
        message=(str(row.get("message") or "").splitlines() or [""])[0],
        author=str(environment.get("git.author") or ""),
        commit=str(environment.get("git.head") or ""),
        dirty=environment.get("git.dirty") == "true",
        config=row.get("config") or {},
        resource_changes=row.get("resourceChanges") or None,
    )
