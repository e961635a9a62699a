"""A Pulumi command that is killed, with its plugins, when something else says so."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

import psutil

from tests.support.waiting import PATIENCE

__all__ = ["KilledEngine"]


class KilledEngine:
    """One run of a Pulumi command, killed like a machine that loses power: nothing of it can react.

    Attributes:
        killed: whether it was.
    """

    def __init__(self) -> None:
        self.killed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._started = threading.Event()

    def kill(self) -> None:
        """Kill the engine and all that it started; may be called before it runs, and more than once."""
        self._started.wait()
        assert self._process is not None
        self.killed = True
        try:
            engine = psutil.Process(self._process.pid)
            family = [*engine.children(recursive=True), engine]
        except psutil.NoSuchProcess:
            return
        for member in family:
            try:
                os.kill(member.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def run(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
        """Run a command to its end, or until it is killed; returns all that it printed."""
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._started.set()
        said, _ = self._process.communicate(timeout=PATIENCE)
        return said.decode()
