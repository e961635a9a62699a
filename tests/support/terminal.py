"""Running a command in a real pseudo-terminal, with what it shows as text."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.waiting import PATIENCE

__all__ = ["Shown", "run_in_terminal"]


class Shown:
    """What a command wrote to its terminal, control codes taken out, and its exit code."""

    def __init__(self, raw: str, exit_code: int) -> None:
        self.text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", raw).replace("\r", "\n")
        self.exit_code = exit_code


def run_in_terminal(
    command: Sequence[str | Path],
    folder: Path,
    *,
    answers: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    silence: float = PATIENCE,
) -> Shown:
    """Run a command with a pseudo-terminal as stdin, stdout and stderr.

    Args:
        command: the command and its arguments.
        folder: where it runs.
        answers: what is typed (without the newline) once this text was shown; each is given once, in order.
        environment: variables in addition to this process's own.
        silence: how many seconds it may say nothing before it is given up on.
    """
    ours, theirs = pty.openpty()
    variables = {key: value for key, value in os.environ.items() if key not in {"CI", "NO_COLOR"}}
    variables |= {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"} | dict(environment or {})
    process = subprocess.Popen(
        command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=variables, close_fds=True
    )
    os.close(theirs)
    shown, answered_to = "", 0
    waiting = list((answers or {}).items())
    try:
        while select.select([ours], [], [], silence)[0]:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux: the other end is closed
                break
            if not part:
                break
            shown += part.decode(errors="replace")
            while waiting and waiting[0][0] in shown[answered_to:]:
                _, answer = waiting.pop(0)
                answered_to = len(shown)
                os.write(ours, f"{answer}\n".encode())
        return Shown(shown, process.wait(timeout=PATIENCE))
    finally:
        process.kill()
        os.close(ours)
