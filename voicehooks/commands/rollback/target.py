"""Which update is gone back to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from voicehooks.commands.history.updates import live
from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.commands.history.updates import Update

__all__ = ["Target", "choose"]


@dataclass(frozen=True)
class Target:
    """The way back.

    Attributes:
        update: what is gone back to.
        live: what is in force now.
        skipped: the updates between them that did not go through, newest first.
        unchanged: those that were passed over since they changed nothing or deployed the same again, newest
            first.
    """

    update: Update
    live: Update
    skipped: tuple[Update, ...]
    unchanged: tuple[Update, ...]


def choose(updates: Sequence[Update], wanted: str, stack: str) -> Target:
    """Return the target.

    Args:
        updates: the history, oldest first.
        wanted: a number, a moment in UTC, or nothing: the newest that went through before the last one that
            changed something. After a rollback to N that is the newest before N, so that a second rollback
            goes on and does not toggle.
        stack: the stack's name.

    Raises:
        CommandError: there is nothing to go back to, or it is not an update that can be repeated.
    """
    what = f"{stack} cannot go back"
    look = f"see what there is: voicehooks history --stack {stack}"
    unchanged: tuple[Update, ...] = ()
    current = live(updates)
    if current is None or not current.deploys:
        raise CommandError(what, "no update is in force", f"deploy one: pulumi up --stack {stack}")
    if re.fullmatch(r"\d+", wanted):
        found = next((update for update in updates if update.number == int(wanted)), None)
        if found is None:
            raise CommandError(what, f"there is no update {wanted}", look)
    elif wanted:
        moment = _moment(wanted, what)
        before = [
            update for update in updates if update.deploys and update.succeeded and update.started <= moment
        ]
        if not before:
            raise CommandError(what, f"no update had succeeded at {moment:%Y-%m-%d %H:%M} UTC", look)
        found = before[-1]
    else:
        found, unchanged = _previous(updates, current, what, look)
    if not found.deploys:
        raise CommandError(what, f"{found.number} is a {found.kind} and deployed nothing", look)
    if found.number == current.number:
        raise CommandError(what, f"update {found.number} is the one in force", look)
    passed = [update for update in updates if update.deploys and found.number < update.number < current.number]
    return Target(
        found, current, tuple(update for update in reversed(passed) if not update.succeeded), unchanged
    )


def _previous(
    updates: Sequence[Update], current: Update, what: str, look: str
) -> tuple[Update, tuple[Update, ...]]:
    """The newest that went through before what is live came to be, and what was passed over on the rollback."""
    by_number = {update.number: update for update in updates}
    origin = current
    unchanged: list[Update] = []
    while True:
        earlier = [update for update in updates if update.number < origin.number and _acts(update)]
        if origin.rolled_back_to in by_number and by_number[origin.rolled_back_to].number < origin.number:
            # What a rollback repeated is what is in force; its own predecessors are the way further back.
            origin = by_number[origin.rolled_back_to]
        elif earlier and (origin.changed_nothing or _again(earlier[-1], origin)):
            unchanged += [origin] if origin.succeeded else []
            origin = earlier[-1]
        else:
            break
    for update in reversed(earlier):
        if update.deploys and update.succeeded:
            return update, tuple(unchanged)
    raise CommandError(what, f"no update before {origin.number} succeeded", look)


def _acts(update: Update) -> bool:
    """Tell whether an update could change what is live: a refresh or an import only looks."""
    return update.deploys or update.kind == "destroy"


def _again(before: Update, update: Update) -> bool:
    """Tell whether an update deployed the same again, and restored what was changed in the meantime."""
    known = bool(update.commit) and not update.dirty and not before.dirty
    same = (before.commit, before.config) == (update.commit, update.config)
    return known and same and before.deploys and before.succeeded and update.succeeded


def _moment(text: str, what: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            what, f"{text!r} is neither an update's number nor a time", "write it as 57 or 2026-11-24T09:30"
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
