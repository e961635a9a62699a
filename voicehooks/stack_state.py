"""What an update that was killed leaves behind: a lock, and operations of which nobody knows how they ended.

The commands that clear them have an order: the lock first, because refresh needs it; then what was pending.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicehooks.file_backend import FileBackend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.engine import Engine

__all__ = ["StackProblem", "stack_problems"]


@dataclass(frozen=True)
class StackProblem:
    """One thing that is in the way of the next update.

    Attributes:
        what: what it is, a sentence without a full stop.
        why: what is known of it.
        commands: what clears it, in order.
    """

    what: str
    why: str
    commands: tuple[str, ...]


def stack_problems(engine: Engine) -> list[StackProblem]:
    """Look for locks and pending operations; empty for a stack that is ready for an update.

    A lock is seen in a backend on this machine; buckets and Pulumi Cloud tell of theirs when an update starts.

    Raises:
        CommandError: the state cannot be read.
    """
    pending = (engine.export().get("deployment") or {}).get("pending_operations") or []
    backend = FileBackend.of(engine)
    locks = backend.locks() if backend is not None else []
    problems = [_locked(engine.stack, lock) for lock in locks]
    if pending:
        problems.append(_pending(engine.stack, pending, held=any(_alive(lock) for lock in locks)))
    return problems


def _locked(stack: str, lock: dict[str, Any]) -> StackProblem:
    who = f"{lock.get('username', '?')} on {lock.get('hostname', '?')}, process {lock.get('pid', '?')}"
    since = str(lock.get("timestamp", ""))[:19].replace("T", " ")
    if _alive(lock):
        return StackProblem(
            f"an update of {stack} is running",
            f"by {who}, since {since}",
            (f"wait for it, or stop it with Ctrl-C where it runs (process {lock.get('pid')})",),
        )
    return StackProblem(
        f"{stack} is locked by an update that is not running any more",
        f"it was {who}, since {since}",
        (f"pulumi cancel --yes --stack {stack}",),
    )


def _pending(stack: str, operations: Sequence[dict[str, Any]], *, held: bool) -> StackProblem:
    names = ", ".join(
        f"{one.get('type', '?')} {str(one['resource']['urn']).rpartition('::')[2]}" for one in operations
    )
    if held:
        return StackProblem(
            f"operations of {stack} are under way", names, ("wait for the update that does them",)
        )
    # A create may have happened or not: for ours it does not matter, since they find what is there.
    creating = any(one.get("type") == "creating" for one in operations)
    clear = " --clear-pending-creates" if creating else ""
    return StackProblem(
        f"an update of {stack} was killed in the middle: nobody knows how its last operations ended",
        names,
        (f"pulumi refresh --yes{clear} --stack {stack}", f"pulumi up --stack {stack}"),
    )


def _alive(lock: dict[str, Any]) -> bool:
    """Tell whether the lock's process lives; one of another machine counts as living."""
    if lock.get("hostname") != socket.gethostname():
        return True
    try:
        os.kill(int(lock["pid"]), 0)
    except (ProcessLookupError, KeyError, ValueError):
        return False
    except PermissionError:
        return True
    return True
