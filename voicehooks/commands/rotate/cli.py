"""The command line of `voicehooks rotate`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.options import DEFAULT_STACK, AsJson, WritableStack
from voicehooks.commands.rotate.command import run

__all__ = ["rotate"]


def rotate(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="show where the rotation is and what comes next; change nothing")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
    stack: WritableStack = DEFAULT_STACK,
    as_json: AsJson = False,
) -> None:
    """Replace the account's auth token by a new one without losing a call.

    Creates a secondary token at Twilio, deploys the functions with both, makes Twilio sign with the new one,
    moves the stack's settings to it, and deploys again. If it is interrupted, run it again: it continues.
    Other programs and stacks that use the account's auth token need the new one as soon as it is promoted.
    Exit code 0: done; 2: could not be done, the reason says where the rotation is.
    """
    raise typer.Exit(run(stack, dry_run=dry_run, yes=yes, as_json=as_json))
