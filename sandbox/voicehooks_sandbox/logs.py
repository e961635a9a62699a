"""Reading what the sandbox and its functions have written down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from voicehooks_sandbox.errors import SandboxError

if TYPE_CHECKING:
    from pathlib import Path

    from voicehooks_sandbox.state import StateFolder

_PARTS = ("sandbox", "postgres", "postgrest")


def print_logs(state: StateFolder, name: str | None) -> None:
    """Print a log to standard output.

    Args:
        state: The sandbox's state folder.
        name: A function's slug, or a part of the sandbox; None for all functions.

    Raises:
        SandboxError: There is no such log.
    """
    functions = {
        file.stem.removeprefix("function-"): file for file in sorted(state.logs.glob("function-*.jsonl"))
    }
    if name is None:
        for slug, file in functions.items():
            _print_function(file, prefix=f"{slug} ")
    elif name in functions:
        _print_function(functions[name], prefix="")
    elif name in _PARTS and (part := state.logs / f"{name}.log").exists():
        print(part.read_text(encoding="utf-8", errors="replace"), end="")
    else:
        known = ", ".join([*functions, *_PARTS])
        msg = f"There is no log {name} in {state.logs}; there are: {known}."
        raise SandboxError(msg)


def _print_function(file: Path, *, prefix: str) -> None:
    for line in file.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        print(f"{entry['timestamp']} {prefix}{entry['level']:<8} {entry['message']}")
