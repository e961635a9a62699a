"""Running `voicehooks history`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from voicehooks import project
from voicehooks.engine import Engine
from voicehooks.history.updates import Update, live, read_updates
from voicehooks.history.webhooks import changes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

__all__ = ["run"]


@dataclass(frozen=True)
class Row:
    """An update with what it changed.

    Attributes:
        update: the update.
        changed: a few words each; empty where nothing did, or the backend does not give the states.
        is_live: whether its program and configuration are in force.
    """

    update: Update
    changed: tuple[str, ...]
    is_live: bool

    def to_json(self) -> dict[str, Any]:
        """For `--json`; without the configuration, which has secrets."""
        one = self.update
        return {
            "number": one.number,
            "kind": one.kind,
            "result": one.result,
            "started": one.started.isoformat().replace("+00:00", "Z"),
            "message": one.message,
            "author": one.author,
            "commit": one.commit,
            "dirty": one.dirty,
            "changed": list(self.changed) if one.state is not None else None,
            "live": self.is_live,
        }


def run(*, stack: str, limit: int, as_json: bool) -> int:
    """Print the newest updates; returns the exit code, 0.

    Raises:
        CommandError: the history cannot be read.
    """
    updates = read_updates(Engine(project.root(), stack))
    rows = rows_of(updates)[::-1]
    rows = rows[:limit] if limit > 0 else rows
    if as_json:
        json.dump({"stack": stack, "updates": [row.to_json() for row in rows]}, sys.stdout, indent=2)
        print()
    else:
        show(stack, rows, sys.stdout, now=datetime.now(UTC))
    return 0


def rows_of(updates: Sequence[Update]) -> list[Row]:
    """Each update with what it changed since the state before it, oldest first."""
    current = live(updates)
    rows, before = [], None
    for one in updates:
        known = one.state is not None and (before is not None or one.number == 1)
        rows.append(Row(one, tuple(changes(before, one.state)) if known else (), one is current))
        before = one.state
    return rows


def show(stack: str, rows: Sequence[Row], stream: TextIO, *, now: datetime) -> None:
    """Print rows, newest first: one line each, with what changed below."""
    console = Console(file=stream, highlight=False, soft_wrap=True)
    if not rows:
        console.print(f"{stack} has no updates yet; the first is made by: pulumi up --stack {stack}")
        return
    width = max(len(str(row.update.number)) for row in rows)
    authors = max(len(row.update.author) for row in rows)
    for row in rows:
        one = row.update
        line = Text(f"{one.number:>{width}}  {_ago(now, one.started):<9}")
        line.append(f"  {one.author:<{authors}}" if authors else "")
        result = one.kind if one.succeeded else one.result.upper()
        line.append(f"  {result:<10}", style="" if one.succeeded else "bold red")
        line.append(f"  {one.short_commit:<8}  {one.message}".rstrip())
        if row.is_live:
            line.append("  <- live", style="bold green")
        console.print(line)
        for said in row.changed:
            console.print(Text(f"{'':{width}}    {said}", style="dim"))
    if any(row.update.state is None for row in rows):
        console.print("what changed is not shown where this backend does not give the states of old updates")


def _ago(now: datetime, then: datetime) -> str:
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"
