"""The command line of `voicehooks call`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.call.command import run
from voicehooks.commands.options import DEFAULT_STACK, AsJson, WritableStack

__all__ = ["call"]


def call(  # noqa: PLR0917 - one parameter an option
    to: Annotated[str, typer.Argument(metavar="TO", help="the number to call, E.164: +15551234567")],
    caller: Annotated[
        str,
        typer.Option(
            "--from",
            help="who calls: one of the environment's numbers; in the sandbox any caller may call these",
        ),
    ] = "",
    agent: Annotated[
        str, typer.Option(help="ring this one first, then connect TO: +1555..., sip:..., client:...")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask before a call that is billed")] = False,
    stack: WritableStack = DEFAULT_STACK,
    as_json: AsJson = False,
) -> None:
    """Make a test call and follow it: Twilio's requests, the handler's answers, the rows.

    In the sandbox somebody calls TO. On a real account Twilio calls TO, which is billed: it asks first.
    In a terminal, q hangs up. Exit code 0: every expected step was seen; 1: a step is missing; 2: the call
    could not be made or followed.
    """
    raise typer.Exit(run(to=to, caller=caller, agent=agent, yes=yes, stack=stack, as_json=as_json))
