"""What goes wrong: one function a kind. Each leaves the environment as a real one of its kind would."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

from tests.chaos.storage import delete_old_calls, fill_disk

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.chaos.scene import Scene

__all__ = ["MISHAPS"]

# Beyond this an `up` that was interrupted hangs, which is a finding of its own.
_LONGEST_UP = 120.0


def kill_function(scene: Scene) -> None:
    """The handler's process dies of kill -9; the platform starts the next one by itself."""
    pid = scene.process("functions", "twilio-webhook")
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        scene.journal.say("function killed", f"kill -9 {pid}")


def fail_function(scene: Scene) -> None:
    """The platform answers 503 in the handler's place for some seconds: the fallback has to answer."""
    fault = {"function": "twilio-webhook", "status": 503, "times": None}
    scene.clone.supabase_control("POST", "faults", json={"functions": [fault]})
    scene.journal.say("function down", "503 in its place")
    scene.pause(1, 3)
    scene.clone.supabase_control("POST", "faults", json={"functions": []})
    scene.journal.say("function up", "")


def kill_postgres(scene: Scene) -> None:
    """Postgres dies of kill -9 and is started again some seconds later."""
    pid = scene.process("services", "postgres")
    if pid is None:
        return
    os.kill(pid, signal.SIGKILL)
    scene.journal.say("postgres killed", f"kill -9 {pid}")
    scene.pause(1, 3)
    scene.clone.supabase_control("POST", "database/stop")
    scene.clone.supabase_control("POST", "database/start")
    scene.journal.say("postgres started", "after its recovery")


def stop_postgrest(scene: Scene) -> None:
    """The database's API is away for some seconds."""
    scene.clone.supabase_control("POST", "database/stop", json={"only": "postgrest"})
    scene.journal.say("postgrest stopped", "")
    scene.pause(1, 3)
    scene.clone.supabase_control("POST", "database/start", json={"only": "postgrest"})
    scene.journal.say("postgrest started", "")


def disturb_callbacks(scene: Scene) -> None:
    """Twilio's callbacks are dropped, repeated, reordered and delayed; calls themselves are put through."""
    kinds = [scene.chance.choice(("action", "status", "recording")) for _ in range(8)]
    names = [scene.chance.choice(("drop", "duplicate", "reorder", "delay")) for _ in kinds]
    faults: list[dict[str, Any]] = [
        {"fault": name, "kind": kind, "times": scene.chance.randint(1, 4)}
        | ({"seconds": 0.5} if name == "delay" else {})
        for name, kind in zip(names, kinds, strict=True)
    ]
    scene.clone.control("POST", "faults", json=faults)
    note = ", ".join(f"{fault['fault']} {fault['kind']} x{fault['times']}" for fault in faults)
    scene.journal.say("callbacks disturbed", note)
    scene.pause(1, 2)


def redeploy(scene: Scene) -> None:
    """An `up` with changes, which is left to finish."""
    note = scene.change_settings()
    up = scene.start_up()
    output, _ = up.communicate(timeout=_LONGEST_UP)
    scene.journal.say("up", f"exit {up.returncode}: {note}")
    if up.returncode:
        _told_errors(scene, output)


def interrupt_up(scene: Scene) -> None:
    """An `up` with changes is interrupted (as by Ctrl-C) at a random moment."""
    up, after, note = _signalled_up(scene, signal.SIGINT)
    up.communicate(timeout=_LONGEST_UP)
    scene.journal.say("up interrupted", f"SIGINT after {after:.1f} s, exit {up.returncode}: {note}")


def kill_up(scene: Scene) -> None:
    """An `up` with changes and its providers are killed at a random moment, as when the machine is lost."""
    up, after, note = _signalled_up(scene, signal.SIGKILL)
    scene.lock_left()
    up.communicate(timeout=_LONGEST_UP)
    scene.journal.say("up killed", f"kill -9 after {after:.1f} s, exit {up.returncode}: {note}")


def _signalled_up(scene: Scene, what: signal.Signals) -> tuple[subprocess.Popen[str], float, str]:
    """Start an `up` with changes and signal it and its providers; the process, when (seconds), the changes."""
    note = scene.change_settings()
    up = scene.start_up()
    after = scene.chance.uniform(0.5, 6)
    time.sleep(after)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(up.pid, what)
    return up, after, note


def _told_errors(scene: Scene, output: str) -> None:
    for line in output.splitlines():
        if "error:" in line:
            scene.journal.say("", line.strip()[:160])


MISHAPS: tuple[Callable[[Scene], None], ...] = (
    kill_function,
    fail_function,
    kill_postgres,
    stop_postgrest,
    fill_disk,
    delete_old_calls,
    disturb_callbacks,
    redeploy,
    interrupt_up,
    kill_up,
)
