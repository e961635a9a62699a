"""The command line of `voicehooks divert`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.divert.command import run
from voicehooks.commands.options import DEFAULT_STACK, AsJson, WritableStack

__all__ = ["divert"]


def divert(  # noqa: PLR0917 - one parameter an option
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="the number, E.164: +15551234567")],
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="the voice URL that answers in the meantime")
    ] = "",
    undo: Annotated[bool, typer.Option("--undo", help="restore exactly what was there before")] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="let pulumi up deploy everything else and leave it diverted")
    ] = False,
    method: Annotated[str, typer.Option(help="how --to is asked: POST or GET")] = "POST",
    force: Annotated[bool, typer.Option("--force", help="undo although the number was changed since")] = False,
    stack: WritableStack = DEFAULT_STACK,
    as_json: AsJson = False,
) -> None:
    """Send one number's calls elsewhere at once, and back.

    One request to Twilio; needs neither Supabase nor the stack's state. The previous configuration is kept in
    Pulumi.<stack>.yaml under voicehooks:diverted, so that the next pulumi up stops and says so.
    Exit code 0: done; 2: could not be done, nothing was changed.
    """
    raise typer.Exit(
        run(number, to=to, undo=undo, keep=keep, method=method, force=force, stack=stack, as_json=as_json)
    )
