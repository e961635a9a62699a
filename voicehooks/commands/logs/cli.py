"""The command line of `voicehooks logs`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.logs.command import run
from voicehooks.commands.options import DEFAULT_STACK, AsJson, Stack

__all__ = ["logs"]


def logs(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="a function: twilio-webhook; none given: all of them")
    ] = "",
    since: Annotated[str, typer.Option(help="how far back: 30s, 15m, 1h; at most 24h")] = "1h",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="keep printing until Ctrl-C")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: AsJson = False,
) -> None:
    """Show what the stack's functions logged, oldest first.

    One line per request: time (UTC), function, status, kind, call, duration, result, revision. --json has each
    line as it was written. From Supabase's API where the access token may read it, else the link to the page
    that shows it. With --follow and --json, one JSON document per line. Exit code 0: read, even if there is
    nothing; 2: could not be read.
    """
    raise typer.Exit(run(name, since=since, following=follow, stack=stack, as_json=as_json))
