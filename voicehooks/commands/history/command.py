"""Running `voicehooks history`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from voicehooks.commands.history.updates import Update, live, read_updates
from voicehooks.commands.history.webhooks import changes
from voicehooks.output.elapsed import ago
from voicehooks.output.json import fields_of, print_json
from voicehooks.output.layout import screen_width, wrapped
from voicehooks.stack import project
from voicehooks.stack.backend.choice import backend_of
from voicehooks.stack.backend.protocol import Unreadable
from voicehooks.stack.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

__all__ = ["run"]

Step = tuple[Update | None, Update]
"""An update with the one before it; the first has none."""


@dataclass(frozen=True)
class Row:
    """An update with what it changed.

    Attributes:
        update: the update.
        changed: a few words each; None where it is not known.
        is_live: whether its program and configuration are in force.
    """

    update: Update
    changed: tuple[str, ...] | None
    is_live: bool

    def json_fields(self) -> dict[str, Any]:
        """For `--json`; without the configuration, which has secrets."""
        return {
            **fields_of(self.update, without=("config", "resource_changes")),
            "changed": self.changed,
            "no_change": self.update.changed_nothing,
            "live": self.is_live,
        }


def run(*, stack: str, limit: int, as_json: bool) -> int:
    """Print the newest updates; returns the exit code, 0.

    Raises:
        CommandError: the history cannot be read.
    """
    engine = Engine(project.root(), stack)
    updates = read_updates(engine)
    shown = _steps(updates, limit)
    unread = ""
    try:
        states = states_for(engine, shown, len(updates))
    except Unreadable as reason:
        states, unread = {}, str(reason)
    rows = rows_of(shown, states, live(updates))
    if as_json:
        document = {"stack": stack, "updates": rows, "unread": unread or None}
        print_json(document)
    else:
        show(stack, rows, sys.stdout, now=datetime.now(UTC), unread=unread, width=screen_width())
    return 0


def _steps(updates: Sequence[Update], limit: int) -> list[Step]:
    """The newest updates, each with the one before it, newest first; all of them without a limit."""
    steps = list(zip([None, *updates], updates, strict=False))[::-1]
    return steps[:limit] if limit > 0 else steps


def states_for(engine: Engine, steps: Sequence[Step], updates: int) -> Mapping[int, Mapping[str, Any]]:
    """Return the states that show what updates changed, and no others.

    Args:
        engine: the stack.
        steps: the updates, each with the one before it.
        updates: how many the history has.

    Raises:
        Unreadable: the backend does not give them.
    """
    pairs = [step for step in steps if not step[1].changed_nothing]
    numbers = {update.number for pair in pairs for update in pair if update is not None}
    return backend_of(engine).states(numbers, updates) if numbers else {}


def rows_of(
    steps: Sequence[Step], states: Mapping[int, Mapping[str, Any]], current: Update | None
) -> list[Row]:
    """Return a row for each update, with what it changed where the states show it."""
    rows = []
    for before, update in steps:
        changed: tuple[str, ...] | None = None
        if update.changed_nothing:
            changed = ()
        elif update.number in states and (before is None or before.number in states):
            changed = tuple(changes(states[before.number] if before else None, states[update.number]))
        rows.append(Row(update, changed, update is current))
    return rows


def show(
    stack: str,
    rows: Sequence[Row],
    stream: TextIO,
    *,
    now: datetime,
    unread: str = "",
    width: int | None = None,
) -> None:
    """Print rows, newest first: one line each, with what changed below; then why some of that is not known."""
    console = Console(file=stream, highlight=False, soft_wrap=True)
    if not rows:
        console.print(f"{stack} has no updates yet; the first is made by: pulumi up --stack {stack}")
        return
    place = max(len(str(row.update.number)) for row in rows)
    authors = max(len(row.update.author) for row in rows)
    for row in rows:
        update = row.update
        result = update.kind if update.succeeded else update.result.upper()
        author = f"  {update.author:<{authors}}" if authors else ""
        when = f"{ago(now, update.started):<9}"
        facts = f"{update.number:>{place}}  {when}{author}  {result:<10}  {update.short_commit:<8}"
        message = f"{update.message}  <- live" if row.is_live else update.message
        style = "" if update.succeeded else "bold red"
        # The message follows its facts where there is room, else it has lines of its own below them.
        narrow = width is not None and len(facts) + 2 + len(message) > width
        indent = " " * (place + 2)
        if narrow:
            console.print(Text(facts.rstrip(), style=style))
        for line in wrapped(message, width, first=indent if narrow else f"{facts}  ", rest=indent):
            console.print(Text(line, style="bold green" if row.is_live else style))
        for said in ("no change",) if update.changed_nothing else row.changed or ():
            for line in wrapped(said, width, first=f"{'':{place}}    ", rest=f"{'':{place}}      "):
                console.print(Text(line, style="dim"))
    if unread:
        _print(console, f"what changed is not shown: {unread}", width)
    elif any(row.changed is None for row in rows):
        _print(console, "what changed is not shown where the backend has lost the state of an update", width)


def _print(console: Console, text: str, width: int | None) -> None:
    for line in wrapped(text, width):
        console.print(Text(line))
