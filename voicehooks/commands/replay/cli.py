"""The command line of `voicehooks replay`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.options import DEFAULT_STACK, AsJson, Stack
from voicehooks.commands.replay.command import run

__all__ = ["replay"]


def replay(
    event: Annotated[
        str, typer.Argument(metavar="EVENT", help="the event_key in twilio_call_events, or how it begins")
    ],
    to: Annotated[str, typer.Option("--to", metavar="STACK", help="the stack that gets it: local")],
    number: Annotated[
        str,
        typer.Option(metavar="NUMBER", help="the target's number in place of the source's; default: its first"),
    ] = "",
    stack: Stack = DEFAULT_STACK,
    as_json: AsJson = False,
) -> None:
    """Send a callback from the stack's database to another stack's handler, as Twilio sent it.

    Account and number are those of the target, and the request is signed for it. A callback has the caller's
    number and other personal data: into any target but a sandbox it moves only if you type that stack's name.
    Exit code 0: it was accepted and stored; 1: it was not; 2: it could not be sent.
    """
    raise typer.Exit(run(event, source=stack, target=to, number=number, as_json=as_json))
