"""The sandbox of a stack, as another program with a state folder and addresses.

Its package is never imported here: it emulates the vendors, and a shared mistake would go unnoticed.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from voicehooks.stack import project

__all__ = ["EXECUTABLE", "addresses", "command", "state_folder"]

EXECUTABLE = "voicehooks-sandbox"


def state_folder(stack: str) -> Path:
    """Return where the sandbox of a stack keeps its state, below the project's folder.

    Each stack has its own sandbox, so that a rehearsal starts with an account that nothing is deployed to.
    `.venv/bin/pulumi` has the same rule.
    """
    return Path(".voicehooks") / ("sandbox" if stack == "local" else f"sandbox-{stack}")


def command(stack: str, name: str) -> str:
    """Return a command for the sandbox of a stack, complete, ready to copy."""
    return f"voicehooks sandbox {name}" + ("" if stack == "local" else f" --stack {stack}")


def addresses(folder: Path, stack: str) -> dict[str, str]:
    """Return how to reach the sandbox of a stack, by the names of `voicehooks sandbox env --json`.

    Args:
        folder: the project's folder.
        stack: the stack's name.

    Returns:
        Nothing if it is not running.

    Raises:
        CommandError: the sandbox is not installed.
    """
    arguments = ["--state", str(state_folder(stack)), "env", "--json"]
    done = subprocess.run(
        [str(project.program(EXECUTABLE)), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    values: dict[str, str] = json.loads(done.stdout) if done.returncode == 0 else {}
    return values
