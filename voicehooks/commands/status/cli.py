"""The command line of `voicehooks status`."""

from __future__ import annotations

import typer

from voicehooks.commands.options import DEFAULT_STACK, AsJson, Stack
from voicehooks.commands.status.command import run

__all__ = ["status"]


def status(stack: Stack = DEFAULT_STACK, as_json: AsJson = False) -> None:
    """Show who answers each number now: version, fallback, recording and last call.

    One line for each number. Reads Twilio, Supabase and the database, and changes nothing. A number that the
    settings do not name is marked.
    Exit code 0; 2: it could not be read.
    """
    raise typer.Exit(run(stack=stack, as_json=as_json))
