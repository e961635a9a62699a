"""Runs a command that may take minutes, and shows that it is still running."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

from tools.installer.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HEARTBEAT_SECONDS = 15.0


def run(
    command: list[str], *, doing: str, failed: str, log: Path, cwd: Path, env: Mapping[str, str] | None = None
) -> None:
    """Run `command` with its output in `log`; print every 15 seconds that it is still `doing` it.

    Raises:
        InstallError: the command failed; the message is `failed` with the last line of the output.
    """
    started = time.monotonic()
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        while True:
            try:
                code = process.wait(timeout=HEARTBEAT_SECONDS)
                break
            except subprocess.TimeoutExpired:
                seconds = int(time.monotonic() - started)
                print(f"  still {doing} ({seconds // 60} min {seconds % 60:02} s)", flush=True)
    if code != 0:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
        raise InstallError(f"{failed} ({lines[-1] if lines else f'exit code {code}'})")
