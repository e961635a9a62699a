"""The command line of `voicehooks history`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.history.command import run
from voicehooks.commands.options import DEFAULT_STACK, AsJson, Stack

__all__ = ["history"]


def history(
    stack: Stack = DEFAULT_STACK,
    limit: Annotated[int, typer.Option(help="how many updates, newest first; 0 for all")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the stack's updates: who, when, which commit, and what changed.

    The numbers are what `voicehooks rollback` takes. Exit code 0; 2: the history cannot be read.
    """
    raise typer.Exit(run(stack=stack, limit=limit, as_json=as_json))
