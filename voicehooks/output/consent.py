"""Whether a person is there, and what this person agrees to."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import IO

    from rich.console import Console

    from voicehooks.output.errors import CommandError

__all__ = ["can_ask", "confirm", "confirm_name", "is_watched"]


def is_watched(output: IO[str] | Console) -> bool:
    """Return whether a person watches an output: a terminal, and not a CI job (`CI` is set)."""
    terminal = output.isatty() if hasattr(output, "isatty") else output.is_terminal
    return terminal and not os.environ.get("CI")


def can_ask() -> bool:
    """Return whether a person can be asked: there is somebody who reads the question and can type."""
    return sys.stdin.isatty() and is_watched(sys.stderr)


def confirm(question: str, *, yes: bool, otherwise: CommandError) -> bool:
    """Return whether the person agrees.

    Args:
        question: what to agree to.
        yes: `--yes` was given: nobody is asked.
        otherwise: what to raise where nobody can be asked.
    """
    if yes:
        return True
    _require_person(otherwise)
    import typer  # noqa: PLC0415 - slow to import

    return bool(typer.confirm(question, err=True))


def confirm_name(name: str, *, yes: bool, otherwise: CommandError) -> bool:
    """Return whether the person types a name, for what is not to be confirmed by habit; see `confirm`."""
    if yes:
        return True
    _require_person(otherwise)
    print(f"Type {name} to continue: ", end="", file=sys.stderr, flush=True)
    return input().strip() == name


def _require_person(otherwise: CommandError) -> None:
    if not can_ask():
        raise otherwise
