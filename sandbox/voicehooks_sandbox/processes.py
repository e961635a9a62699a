"""Processes identified by pid and start time, so that a reused pid is never mistaken for a child."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from voicehooks_sandbox.files import write_atomically

_POLL_SECONDS = 0.01


@dataclass(frozen=True)
class ProcessIdentity:
    """A process: its pid and the moment it started."""

    pid: int
    started: str

    def is_running(self) -> bool:
        """Tell whether exactly this process still runs (a zombie does not)."""
        return identify(self.pid) == self

    def send(self, signal_number: int) -> None:
        """Send a signal, if it is still this process."""
        if self.is_running():
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(self.pid).send_signal(signal_number)

    def stop(self, *, first: int = signal.SIGTERM, seconds: float = 10.0) -> None:
        """Ask the process to end, wait up to `seconds`, then kill it; returns once it is gone."""
        self.send(first)
        if not self.wait(seconds):
            self.send(signal.SIGKILL)
            self.wait(seconds)

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the process; False when it still runs after `seconds`."""
        deadline = time.monotonic() + seconds
        while self.is_running():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True


def identify(pid: int) -> ProcessIdentity | None:
    """Find the process with this pid; None when there is none or only its zombie is left."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else ProcessIdentity(pid, _start_of(process))
    except psutil.NoSuchProcess:
        return None


def _start_of(process: psutil.Process) -> str:
    """When a process started, in a notation that setting the clock does not change."""
    if not psutil.LINUX:
        return repr(process.create_time())
    # Linux counts from the boot and psutil adds the boot's time, which moves with the clock. Without it the
    # number says nothing after the next boot, so the boot is named as well.
    ticks = round((process.create_time() - psutil.boot_time()) * os.sysconf("SC_CLK_TCK"))
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}/{ticks}"


def identify_self() -> ProcessIdentity:
    """This process."""
    identity = identify(os.getpid())
    if identity is None:
        msg = "the running process does not find itself"
        raise RuntimeError(msg)
    return identity


class ChildRegister:
    """The children of a running sandbox, written down so that the next start can end those left behind.

    After `kill -9` of the supervising process its children live on; nothing else remembers them.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._children: dict[int, ProcessIdentity] = {}

    def add(self, pid: int) -> None:
        """Remember a child that has just been started."""
        identity = identify(pid)
        if identity is not None:
            self._children[pid] = identity
            self._save()

    def remove(self, pid: int) -> None:
        """Forget a child whose end has been awaited."""
        if self._children.pop(pid, None) is not None:
            self._save()

    def stop_left_behind(self) -> list[ProcessIdentity]:
        """End the children that an earlier, killed sandbox has left; returns those that still ran."""
        left = [child for child in read_children(self._file) if child.is_running()]
        for child in left:
            # SIGINT is Postgres' fast shutdown and ends the others as well.
            child.send(signal.SIGINT)
        for child in left:
            child.stop(first=signal.SIGINT)
        self._children.clear()
        self._save()
        return left

    def _save(self) -> None:
        if not self._file.parent.exists():
            return  # the state folder has been deleted under a running sandbox, which then ends
        write_atomically(self._file, json.dumps([asdict(child) for child in self._children.values()]))


def read_children(file: Path) -> list[ProcessIdentity]:
    """Read a register written by `ChildRegister`; empty where there is none."""
    try:
        return [ProcessIdentity(**entry) for entry in json.loads(file.read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError):
        return []
