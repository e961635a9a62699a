"""Reading what the sandbox and its functions have written down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from voicehooks_sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from voicehooks_sandbox.state import StateFolder

_PARTS = ("sandbox", "postgres", "postgrest")


def print_logs(state: StateFolder, name: str | None) -> None:
    """Print a log to standard output.

    Args:
        state: The sandbox's state folder.
        name: A function's slug, or a part of the sandbox; None for all functions.

    Raises:
        SandboxError: There is no such log, or no function has ever written one.
    """
    functions: dict[str, list[Path]] = {}
    # What was set aside when the file became too large comes first: `.jsonl.1` sorts after `.jsonl`.
    for file in sorted(state.logs.glob("function-*.jsonl*"), reverse=True):
        functions.setdefault(file.name.removeprefix("function-").partition(".jsonl")[0], []).append(file)
    if name is None and not functions:
        msg = f"No function has written a log in {state.logs}."
        raise SandboxError(msg)
    if name is None:
        for slug in sorted(functions):
            _print_function(functions[slug], prefix=f"{slug} ")
    elif name in functions:
        _print_function(functions[name], prefix="")
    elif name in _PARTS and (part := state.logs / f"{name}.log").exists():
        print(part.read_text(encoding="utf-8", errors="replace"), end="")
    else:
        known = ", ".join([*sorted(functions), *_PARTS])
        msg = f"There is no log {name} in {state.logs}; there are: {known}."
        raise SandboxError(msg)


def _print_function(files: Iterable[Path], *, prefix: str) -> None:
    for file in files:
        # Split at line feeds alone: a message may have other characters that Python counts as ends of lines.
        for line in file.read_text(encoding="utf-8").split("\n"):
            if line.endswith("}"):  # the last one may still be being written
                entry = json.loads(line)
                print(f"{entry['timestamp']} {prefix}{entry['level']:<8} {entry['message']}")
