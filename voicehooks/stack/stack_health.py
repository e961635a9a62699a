"""What an update that was killed leaves behind: a lock, and operations of which whose result is not known.

The commands that clear them have an order: the lock first, because refresh needs it; then what was pending.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from voicehooks.stack.backend.choice import backend_of
from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicehooks.stack.engine import Engine

__all__ = ["StackHealth", "StackProblem", "stack_health"]


@dataclass(frozen=True)
class StackProblem:
    """One thing that is in the way of the next update.

    Attributes:
        what: what it is, a sentence without a full stop.
        why: what is known of it.
        commands: what clears it, in order; empty where only time does.
        do: what to do, or to make sure of, before that.
    """

    what: str
    why: str
    commands: tuple[str, ...]
    do: str = ""


@dataclass(frozen=True)
class StackHealth:
    """Whether a stack is ready for an update.

    Attributes:
        problems: what is in the way; empty for a stack that is ready, as far as is known.
        locks: whether its locks were seen, are not shown by this kind of backend, or why they cannot be seen.
    """

    problems: tuple[StackProblem, ...]
    locks: Literal["seen", "not shown"] | Unreadable


def stack_health(engine: Engine) -> StackHealth:
    """Look for locks and pending operations.

    Raises:
        CommandError: the state cannot be read.
    """
    pending = (engine.export().get("deployment") or {}).get("pending_operations") or []
    locks: Sequence[Mapping[str, Any]] = ()
    seen: Literal["seen", "not shown"] | Unreadable = "seen"
    try:
        shown = backend_of(engine).locks()
    except Unreadable as reason:
        seen = reason
    else:
        locks, seen = shown or (), "seen" if shown is not None else "not shown"
    problems = [_locked(engine.stack, lock) for lock in locks]
    if pending and seen != "seen":
        problems.append(_pending_unseen(engine.stack, pending))
    elif pending:
        problems.append(_pending(engine.stack, pending, held=any(_runs(lock) is not False for lock in locks)))
    return StackHealth(tuple(problems), seen)


def _locked(stack: str, lock: Mapping[str, Any]) -> StackProblem:
    who = f"{lock.get('username', '?')} on {lock.get('hostname', '?')}, process {lock.get('pid', '?')}"
    since = str(lock.get("timestamp", ""))[:19].replace("T", " ")
    cancel = f"pulumi cancel --yes --stack {stack}"
    runs = _runs(lock)
    if runs is None:
        return StackProblem(
            f"an update of {stack} is running on another machine, or was killed there",
            f"by {who}, since {since}",
            (cancel,),
            "wait for it; run this only if it is gone there",
        )
    if runs:
        return StackProblem(
            f"an update of {stack} is running",
            f"by {who}, since {since}",
            (),
            f"wait for it, or stop it with Ctrl-C where it runs (process {lock.get('pid')})",
        )
    return StackProblem(
        f"{stack} is locked by an update that is not running any more",
        f"it was {who}, since {since}",
        (cancel,),
    )


def _pending(stack: str, operations: Sequence[dict[str, Any]], *, held: bool) -> StackProblem:
    if held:
        return StackProblem(
            f"operations of {stack} are under way", _names(operations), (), "wait for the update that does them"
        )
    return StackProblem(
        f"an update of {stack} was killed in the middle: the result of its last operations is not known",
        _names(operations),
        _clearing(stack, operations),
    )


def _pending_unseen(stack: str, operations: Sequence[dict[str, Any]]) -> StackProblem:
    """The same if nobody knows whether the update that began them still runs."""
    return StackProblem(
        f"operations of {stack} are under way, or their update was killed in the middle",
        _names(operations),
        (f"pulumi cancel --yes --stack {stack}", *_clearing(stack, operations)),
        "wait for it; run this only if it is gone",
    )


def _names(operations: Sequence[dict[str, Any]]) -> str:
    return ", ".join(
        f"{operation.get('type', '?')} {str(operation['resource']['urn']).rpartition('::')[2]}"
        for operation in operations
    )


def _clearing(stack: str, operations: Sequence[dict[str, Any]]) -> tuple[str, str]:
    # A create may have happened or not: for ours it does not matter, since they find what is there.
    creating = any(operation.get("type") == "creating" for operation in operations)
    clear = " --clear-pending-creates" if creating else ""
    return f"pulumi refresh --yes{clear} --stack {stack}", f"pulumi up --stack {stack}"


def _runs(lock: Mapping[str, Any]) -> bool | None:
    """Tell whether the lock's process lives; None: it is another machine's."""
    if lock.get("hostname") != socket.gethostname():
        return None
    try:
        os.kill(int(lock["pid"]), 0)
    except (ProcessLookupError, KeyError, ValueError):
        return False
    except PermissionError:
        return True
    return True
