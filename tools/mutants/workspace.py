"""A private copy of the working tree, in which slips are made and tests run; the tree itself never changes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from tools.recording import copy_repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["ROOTS", "Run", "Workspace", "private_copy"]

ROOTS = (
    "",
    "page",
    "sandbox",
    "providers/pulumi-provider-kit",
    "providers/pulumi-supabase",
    "providers/pulumi-twilio",
)
"""The folders that Python imports this repository's packages from."""

# Any whole second after the copy was made: Python compares a cached module with its file by size and second.
_FIRST_SECOND = 2_000_000_000


@dataclass(frozen=True)
class Run:
    """A finished program.

    Attributes:
        code: its exit code; None if it took too long.
        text: what it printed.
    """

    code: int | None
    text: str


class Workspace:
    """A copy of the tree.

    Args:
        folder: where it is.
        scratch: a folder for what the tests write.
    """

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder = folder
        self.scratch = scratch
        self._second = _FIRST_SECOND

    @contextmanager
    def changed(self, file: str, text: str) -> Iterator[None]:
        """Give a file another text for a while."""
        path = self.folder / file
        original = path.read_text(encoding="utf-8")
        self._write(path, text)
        try:
            yield
        finally:
            self._write(path, original)

    def _write(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        self._second += 1
        os.utime(path, (self._second, self._second))

    def run(self, command: Sequence[str], *, seconds: float, **variables: str) -> Run:
        """Run a program in the copy, and end everything that it started.

        Args:
            command: the program and its arguments; a name without a slash is one of `.venv/bin`.
            seconds: how long it may take.
            **variables: environment variables in addition.
        """
        program = str(self.folder / ".venv" / "bin" / command[0]) if "/" not in command[0] else command[0]
        roots = os.pathsep.join(str(self.folder / root) for root in ROOTS)
        environment = {**os.environ, "PYTHONPATH": roots, "TMPDIR": str(self.scratch), **variables}
        self.scratch.mkdir(parents=True, exist_ok=True)
        output = self.scratch / "output"
        with output.open("wb") as stream:
            process = subprocess.Popen(
                [program, *command[1:]],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code: int | None = process.wait(seconds)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                self._end_processes()
                process.wait()
        text = output.read_text(encoding="utf-8", errors="replace")
        shutil.rmtree(self.scratch, ignore_errors=True)
        return Run(code, text)

    def _end_processes(self) -> None:
        """End what the program left: each process that has this copy in its environment."""
        mark = f"TMPDIR={self.scratch}".encode()
        for process in psutil.process_iter():
            try:
                if mark in b"\0".join(f"{k}={v}".encode() for k, v in process.environ().items()):
                    process.send_signal(signal.SIGKILL)
            except psutil.Error:
                continue


@contextmanager
def private_copy(root: Path, folder: Path) -> Iterator[Workspace]:
    """Copy the working tree with everything that git does not ignore, for as long as the block runs.

    Args:
        root: the repository.
        folder: where the copy goes; it must not exist.
    """
    copy = folder / "tree"
    try:
        copy_repository(copy, root)
        # Tests ask git for the files of the repository that they are in.
        for arguments in (["init", "--quiet"], ["add", "--all"]):
            subprocess.run(["git", *arguments], cwd=copy, check=True, capture_output=True)  # noqa: S607
        yield Workspace(copy, folder / "scratch")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
