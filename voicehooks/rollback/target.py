"""Which update is gone back to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from voicehooks.errors import CommandError
from voicehooks.history.updates import live

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.history.updates import Update

__all__ = ["Target", "choose"]


@dataclass(frozen=True)
class Target:
    """The way back.

    Attributes:
        update: what is gone back to.
        live: what is in force now.
        skipped: the updates between them that did not go through, newest first.
    """

    update: Update
    live: Update
    skipped: tuple[Update, ...] = ()


def choose(updates: Sequence[Update], wanted: str, stack: str) -> Target:
    """Return the target.

    Args:
        updates: the history, oldest first.
        wanted: a number, a moment in UTC, or nothing: the newest before the live one that went through. After
            a rollback to N that is the newest before N, so that a second rollback goes on and does not toggle.
        stack: the stack's name.

    Raises:
        CommandError: there is nothing to go back to, or it is no update that can be repeated.
    """
    what = f"{stack} cannot go back"
    look = f"see what there is: voicehooks history --stack {stack}"
    current = live(updates)
    if current is None or not current.deploys:
        raise CommandError(what, "no update is in force", f"deploy one: pulumi up --stack {stack}")
    if re.fullmatch(r"\d+", wanted):
        found = next((one for one in updates if one.number == int(wanted)), None)
        if found is None:
            raise CommandError(what, f"there is no update {wanted}", look)
    elif wanted:
        moment = _moment(wanted, what)
        before = [one for one in updates if one.deploys and one.succeeded and one.started <= moment]
        if not before:
            raise CommandError(what, f"no update had succeeded at {moment:%Y-%m-%d %H:%M} UTC", look)
        found = before[-1]
    else:
        found = _previous(updates, current, what, look)
    if not found.deploys:
        raise CommandError(what, f"{found.number} is a {found.kind} and deployed nothing", look)
    if found.number == current.number:
        raise CommandError(what, f"update {found.number} is the one in force", look)
    passed = [one for one in updates if one.deploys and found.number < one.number < current.number]
    return Target(found, current, tuple(one for one in reversed(passed) if not one.succeeded))


def _previous(updates: Sequence[Update], current: Update, what: str, look: str) -> Update:
    by_number = {one.number: one for one in updates}
    origin = current
    # What a rollback repeated is what is in force; its own predecessors are the way further back.
    while origin.rolled_back_to in by_number and by_number[origin.rolled_back_to].number < origin.number:
        origin = by_number[origin.rolled_back_to]
    for one in sorted(updates, key=lambda update: update.number, reverse=True):
        if one.number < origin.number and one.deploys and one.succeeded:
            return one
    raise CommandError(what, f"no update before {origin.number} succeeded", look)


def _moment(text: str, what: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            what, f"{text!r} is neither an update's number nor a moment", "write it as 57 or 2026-11-24T09:30"
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
