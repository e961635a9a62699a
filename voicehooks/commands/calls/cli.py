"""The command line of `voicehooks calls`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.calls.command import run
from voicehooks.commands.options import DEFAULT_STACK, AsJson, Stack

__all__ = ["calls"]


def calls(
    stack: Stack = DEFAULT_STACK,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="how many calls, the newest ones")] = 20,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="go on with what happens, until Ctrl-C")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the stack's calls, oldest first, with the reason for what went wrong.

    Reads the database. With --follow each change of a call is one line (with --json one document per line).
    Exit code 0; 2: the calls cannot be read.
    """
    raise typer.Exit(run(stack=stack, limit=limit, follow=follow, as_json=as_json))
