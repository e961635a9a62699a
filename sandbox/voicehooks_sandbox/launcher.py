"""Starting and stopping a sandbox from outside its process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.processes import ChildRegister
from voicehooks_sandbox.supabase.binaries import find_binaries
from voicehooks_sandbox.supabase.cluster import remove_folders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voicehooks_sandbox.state import RunningSandbox, StateFolder

_STOP_SECONDS = 20.0


def up(state: StateFolder, serve_arguments: Sequence[str], report: Callable[[str], None]) -> RunningSandbox:
    """Start a sandbox in the background and return when it is ready; one that runs already is left alone.

    Args:
        state: Its state folder.
        serve_arguments: Options for `voicehooks-sandbox serve`.
        report: Called with a sentence about each step that takes long.

    Raises:
        SandboxError: It did not start; nothing of it is left running.
    """
    state.create()
    with _one_at_a_time(state):
        running = state.read_running()
        if running is not None:
            return running
        find_binaries(report)
        _start(state, serve_arguments)
        running = state.read_running()
    if running is None:
        msg = f"The sandbox ended right after its start; see {state.logs / 'sandbox.log'}."
        raise SandboxError(msg)
    return running


def down(state: StateFolder, *, purge: bool = False) -> bool:
    """Stop the sandbox of a state folder, and nothing else; returns whether one was running.

    Args:
        state: Its state folder.
        purge: Also delete what it has stored.
    """
    if not state.path.exists():
        return False
    with _one_at_a_time(state):
        running = state.read_running()
        if running is not None:
            running.process.stop(seconds=_STOP_SECONDS)
        # Whatever it was that ended it: no child may stay behind.
        ChildRegister(state.children_file).stop_left_behind()
        state.running_file.unlink(missing_ok=True)
        if purge:
            remove_folders(state)
            state.forget()
    return running is not None


@contextlib.contextmanager
def _one_at_a_time(state: StateFolder) -> Iterator[None]:
    """Let commands on one state wait for each other."""
    with (state.path / "command.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(state: StateFolder, serve_arguments: Sequence[str]) -> None:
    """Start the process and wait for its words: its pid, then `ready` or why it could not."""
    receiving, sending = os.pipe()
    with (
        (state.logs / "sandbox.log").open("ab") as log,
        subprocess.Popen(
            [
                sys.executable,
                *("-m", "voicehooks_sandbox.cli", "--state", str(state.path)),
                *("serve", "--ready-fd", str(sending), *serve_arguments),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[sending],
            start_new_session=True,
            cwd=state.path,
        ),
    ):
        os.close(sending)  # it leaves this process at once: what serves is its child
    with os.fdopen(receiving, encoding="utf-8") as words:
        pid = words.readline().strip()
        try:
            word = words.read().strip()
        except KeyboardInterrupt:
            os.kill(int(pid), signal.SIGTERM)
            raise
    if word != "ready":
        raise SandboxError(word or f"The sandbox did not start; see {state.logs / 'sandbox.log'}.")
