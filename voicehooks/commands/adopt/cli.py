"""The command line of `voicehooks adopt`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.adopt.command import run
from voicehooks.commands.options import DEFAULT_STACK, AsJson, WritableStack

__all__ = ["adopt"]


def adopt(  # noqa: PLR0917 - one parameter an option
    numbers: Annotated[
        list[str] | None, typer.Argument(metavar="NUMBER", help="E.164 numbers: +15551234567")
    ] = None,
    stack: WritableStack = DEFAULT_STACK,
    function: Annotated[
        bool, typer.Option("--function", help="take over existing functions of our names, sources saved first")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="every number, and the functions")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show what would be written")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
    as_json: AsJson = False,
) -> None:
    """Take over what was set up by hand: write it as settings and into the state, as it is.

    Without NUMBER: every number that the environment does not have yet. A NUMBER that it has keeps what it has
    at Twilio now: its settings become that. Nothing at Twilio or Supabase is changed.
    Exit code 0: an update would change no number; 1: it would, or its preview fails; 2: nothing was adopted.
    """
    raise typer.Exit(
        run(
            numbers or [],
            stack=stack,
            function=function,
            everything=everything,
            dry_run=dry_run,
            yes=yes,
            as_json=as_json,
        )
    )
