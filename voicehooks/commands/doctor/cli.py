"""`voicehooks doctor` on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from voicehooks.commands.doctor.command import list_all, run, show_assumptions
from voicehooks.commands.options import DEFAULT_STACK, AsJson, Stack


def doctor(  # noqa: PLR0917 - Typer calls it by name
    stack: Stack = DEFAULT_STACK,
    check: Annotated[
        list[str] | None, typer.Option("--check", metavar="CODE", help="only this check; may be repeated")
    ] = None,
    to: Annotated[
        str, typer.Option("--to", metavar="DEST", help="check that this number may be called (E.164)")
    ] = "",
    list_checks: Annotated[
        bool, typer.Option("--list", help="list the checks and what each makes sure of")
    ] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="make the safe repairs, after showing them and asking")
    ] = False,
    assumptions: Annotated[
        bool,
        typer.Option(
            "--assumptions", help="report what this account says to the facts that nobody could confirm"
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="with --fix or --assumptions: do not ask")] = False,
    as_json: AsJson = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="more facts of every check")] = False,
) -> None:
    """Check everything that calls depend on, at Twilio and Supabase, and show how to fix it.

    Changes nothing, except with --fix: that starts the sandbox, sets a missing secret of the stack again and
    runs reconcile. It never changes who answers a number.
    --assumptions prints a report for an issue, without secrets (docs/assumptions.md); with --to it also writes
    the current values of that number again, after asking.
    Exit code 0: no problem (there may be warnings); 1: a problem; 2: a check could not tell, because a
    credential is missing, for example.
    """
    if list_checks:
        list_all(as_json=as_json)
        return
    if assumptions:
        raise typer.Exit(show_assumptions(stack, number=to, as_json=as_json, yes=yes))
    raise typer.Exit(run(stack, check or [], to=to, as_json=as_json, verbose=verbose, fix=fix, yes=yes))
