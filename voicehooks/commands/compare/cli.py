"""The command line of `voicehooks compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.compare.command import run
from voicehooks.commands.options import AsJson  # noqa: TC001 - typer reads the annotations

__all__ = ["compare"]


def compare(
    first: Annotated[str, typer.Argument(metavar="STACK", help="one stack: dev")],
    second: Annotated[str, typer.Argument(metavar="STACK", help="the other stack: prod")],
    all_rows: Annotated[bool, typer.Option("--all", help="also what is equal")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how two stacks differ: their settings, and what is live, side by side.

    Changes nothing. Secrets are only compared by whether they are set. If something of one stack cannot be
    read, the rest is compared all the same.
    Exit code 0; 2: the settings of one cannot be read.
    """
    raise typer.Exit(run(first, second, all_rows=all_rows, as_json=as_json))
