"""Runs one of our commands in a job and reports the result."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Done", "fenced", "link_to_run", "run", "write_summary"]


@dataclass(frozen=True)
class Done:
    """A completed command.

    Attributes:
        shown: the command as a person types it.
        stdout: its result.
        stderr: its progress and errors.
        exit_code: 0 fine, 1 a finding, 2 could not tell.
    """

    shown: str
    stdout: str
    stderr: str
    exit_code: int

    def verdict(self, finding: str = "") -> str:
        """The exit code in words.

        Args:
            finding: for a program whose exit codes do not distinguish a finding from a failure: the text that
                it prints for a finding.
        """
        if self.exit_code == 0:
            return "fine"
        if finding or self.shown.startswith("pulumi "):
            found = finding and finding in self.stdout + self.stderr
            return "found something" if found else "failed"
        return {1: "found something", 2: "could not tell"}.get(self.exit_code, "failed")


def run(command: Sequence[str]) -> Done:
    """Run a command; its output also goes to the job's log. The exit code is 127 if it does not exist."""
    shown = shlex.join([re.sub(r"^.*\.venv/bin/", "", word) for word in command])
    print(f"$ {shown}", file=sys.stderr, flush=True)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    except OSError as error:
        return Done(shown, "", f"{command[0]}: {error.strerror}", 127)
    sys.stderr.write(done.stderr)
    sys.stdout.write(done.stdout)
    sys.stdout.flush()
    return Done(shown, done.stdout, done.stderr, done.returncode)


def fenced(text: str, language: str = "text") -> str:
    """Return a Markdown block that shows `text` unchanged; its fence is longer than any in the text."""
    fence = "`" * max(3, max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def write_summary(text: str) -> None:
    """Add to the page that GitHub shows for a job, if there is one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8") as summary:
            summary.write(f"{text.strip()}\n")


def link_to_run() -> str:
    """Return a Markdown link to the job's log; empty outside GitHub."""
    server, repository, number = (
        os.environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    )
    return f"[log of this run]({server}/{repository}/actions/runs/{number})" if number else ""
