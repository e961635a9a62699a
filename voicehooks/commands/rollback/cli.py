"""The command line of `voicehooks rollback`."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.options import DEFAULT_STACK, AsJson, WritableStack
from voicehooks.commands.rollback.command import RollbackOptions, run

__all__ = ["rollback"]


def rollback(  # noqa: PLR0917 - an option each
    to: Annotated[
        str,
        typer.Argument(
            metavar="[N|TIME]",
            help="an update's number in `voicehooks history`, or a moment in UTC (2026-11-24T09:30); "
            "default: the newest that succeeded before the last one that changed something",
        ),
    ] = "",
    stack: WritableStack = DEFAULT_STACK,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show what would change, and stop")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
    numbers_only: Annotated[
        bool,
        typer.Option("--numbers-only", help="change the numbers at Twilio alone; works while Supabase is down"),
    ] = False,
    config_only: Annotated[
        bool,
        typer.Option("--config-only", help="previous settings, current program"),
    ] = False,
    with_secrets: Annotated[
        bool,
        typer.Option(
            "--with-secrets", help="also restore that update's secrets, if the old auth token still works"
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Deploy the program and settings of an earlier update again, as a new update.

    Shows the plan for going back and asks. Secrets stay as they are today; migrations and recorded calls do
    not go back.
    Exit code 0: it is back and verified; 1: it is back, and a check found something; 2: it was not done.
    """
    options = RollbackOptions(
        to=to,
        dry_run=dry_run,
        yes=yes,
        numbers_only=numbers_only,
        config_only=config_only,
        with_secrets=with_secrets,
    )
    raise typer.Exit(run(options, stack=stack, as_json=as_json))
