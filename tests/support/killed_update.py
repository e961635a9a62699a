"""An update that is killed in the middle, as when the machine is lost."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Callable

import psutil

from tests.support.clone import Clone, variables
from tests.support.hand_deployed import BIN
from tests.support.waiting import wait_for

__all__ = ["kill_family", "kill_update"]


def kill_update(clone: Clone, is_pending: Callable[[], bool] | None = None) -> None:
    """Start an update that deploys a function, and kill it while that operation is pending.

    Supabase refuses the deploy for as long as it takes, so that the operation cannot end before it is noticed.

    Args:
        clone: its code has changed since the last update.
        is_pending: whether the stack's state has an operation pending; by default the clone's state is read.
    """
    refusal = {"status": 503, "method": "POST", "path": "/functions/deploy", "times": None}
    clone.supabase_control("POST", "faults", json={"api": [refusal]})
    command = ["up", "--yes", "--skip-preview", "--non-interactive", "--stack", clone.stack]
    with subprocess.Popen(
        [BIN / "pulumi", *command],
        cwd=clone.folder,
        env={**variables(), **clone.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as update:
        try:
            found = is_pending or (lambda: _is_pending_in_folder(clone))
            wait_for(lambda: found() or update.poll() is not None, "the update has an operation pending")
            assert update.poll() is None, "the update ended before it could be killed"
        finally:
            kill_family(update.pid)
            clone.supabase_control("POST", "faults", json={"clear": True})


def kill_family(pid: int) -> None:
    """Kill a process and all that it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for member in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()


def _is_pending_in_folder(clone: Clone) -> bool:
    state = clone.folder / ".voicehooks/state/.pulumi/stacks/voicehooks" / f"{clone.stack}.json"
    try:
        checkpoint = json.loads(state.read_text(encoding="utf-8"))["checkpoint"]
    except (OSError, ValueError):  # it is being written
        return False
    return bool((checkpoint.get("latest") or {}).get("pending_operations"))
