"""A stack's updates, numbered.

Pulumi Cloud numbers updates itself. A backend in a folder or bucket gives every row the version 0, so there the
number is the place in the row of all of them, the oldest being 1: no row is ever taken out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from voicehooks.stack.git import try_git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicehooks.stack.engine import Engine

__all__ = ["UNCOMMITTED", "Update", "live", "read_updates"]

# Steps of the engine that leave a resource alone (Pulumi: pkg/resource/deploy, the names of operations).
_NO_CHANGE = frozenset({"same", "read"})
UNCOMMITTED = "uncommitted changes"
"""The message of an update whose own message would be that of another change."""
_ROLLBACK = re.compile(r"rollback to (\d+)\b")


@dataclass(frozen=True)
class Update:
    """One row of a stack's history.

    Attributes:
        number: what people call it by.
        kind: update, refresh, destroy, import.
        result: succeeded, failed, in-progress.
        started: when, UTC.
        message: its message; "uncommitted changes" where Pulumi put the title of a commit that is not what was
            deployed.
        author: who wrote the deployed commit; empty outside of a repository, and for a working tree with
            changes that no commit has: nobody recorded who made them.
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
    rows = engine.history()[::-1]
    titles = _titles(engine, rows)
    return [_update(place, row, titles) for place, row in enumerate(rows, start=1)]


def live(updates: Sequence[Update]) -> Update | None:
    """The update whose program and configuration are in force: the newest that went through."""
    return next((u for u in reversed(updates) if u.succeeded and (u.deploys or u.kind == "destroy")), None)


def _titles(engine: Engine, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The titles of the commits on which updates with uncommitted changes were based, by hash."""
    environments = [row.get("environment") or {} for row in rows]
    commits = {str(e.get("git.head") or "") for e in environments if e.get("git.dirty") == "true"} - {""}
    if not commits:
        return {}
    arguments = ("log", "--no-walk=unsorted", "--ignore-missing", "--format=%H %s", *sorted(commits))
    lines = try_git(engine.folder, *arguments).stdout.splitlines()
    return {commit: title for commit, _, title in (line.partition(" ") for line in lines)}


def _update(place: int, row: Mapping[str, Any], titles: Mapping[str, str]) -> Update:
    environment = row.get("environment") or {}
    commit, dirty = str(environment.get("git.head") or ""), environment.get("git.dirty") == "true"
    message = (str(row.get("message") or "").splitlines() or [""])[0]
    # Without --message Pulumi takes the title of HEAD, which says nothing about uncommitted changes.
    if dirty and commit and message == titles.get(commit, message if not _ROLLBACK.match(message) else ""):
        message = UNCOMMITTED
    return Update(
        number=int(row.get("version") or 0) or place,
        kind=str(row.get("kind", "")),
        result=str(row.get("result", "")),
        started=datetime.fromisoformat(str(row["startTime"])).astimezone(UTC),
        message=message,
        author="" if dirty else str(environment.get("git.author") or ""),
        commit=commit,
        dirty=dirty,
        config=row.get("config") or {},
        resource_changes=row.get("resourceChanges") or None,
    )
