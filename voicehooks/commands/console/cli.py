"""The command line of `voicehooks console`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.console.command import run
from voicehooks.commands.options import DEFAULT_STACK, Stack

__all__ = ["console"]


def console(
    stack: Stack = DEFAULT_STACK,
    port: Annotated[int, typer.Option(min=0, max=65535, help="port on this machine; 0 takes a free one")] = 0,
) -> None:
    """Show a stack in the browser: numbers, calls, callbacks, recordings, doctor's findings.

    Serves the page on this machine only, until Ctrl-C. The printed address works once, for one browser. Reads
    what status, calls, logs and doctor read, and cannot change anything.
    Exit code 0; 2: it could not start.
    """
    raise typer.Exit(run(stack=stack, port=port))
