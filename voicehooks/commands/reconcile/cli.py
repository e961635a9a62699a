"""The command line of `voicehooks reconcile`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands import options
from voicehooks.commands.reconcile.command import run


def reconcile(  # noqa: PLR0917 - the command line's options
    stack: options.WritableStack = options.DEFAULT_STACK,
    since: Annotated[
        str, typer.Option(help="look at calls since then: 24h, 90m, 7d, or a moment in UTC")
    ] = "24h",
    until: Annotated[str, typer.Option(help="and until then; default: no end")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only compare, write nothing")] = False,
    compare_all: Annotated[
        bool, typer.Option("--all", help="compare all calls, also where Event Streams reports the missing ones")
    ] = False,
    as_json: options.AsJson = False,
) -> None:
    """Fetch what Twilio could not deliver, and store it in the tables.

    Twilio's own lists of calls and recordings are compared with the tables, both ways. Safe at any time, any
    number of times; calls still under way are left alone. With voicehooks:account: {eventStreams: true}, only
    the calls are fetched that Event Streams reported and no callback did.
    Exit code 0: tables and lists are equal now; 1: they are not; 2: could not tell.
    """
    raise typer.Exit(
        run(stack=stack, since=since, until=until, dry_run=dry_run, compare_all=compare_all, as_json=as_json)
    )
