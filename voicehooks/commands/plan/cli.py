"""The command line of `voicehooks plan`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from voicehooks.commands.options import DEFAULT_STACK, AsJson, Stack
from voicehooks.commands.plan.command import run

__all__ = ["plan"]


def plan(  # noqa: PLR0917 - an option each
    stack: Stack = DEFAULT_STACK,
    as_json: AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="as a comment on a pull request")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="also save it, to compare with later")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(metavar="FILE", help="say whether it still is the plan saved there")
    ] = None,
    preview: Annotated[
        str | None, typer.Option(metavar="FILE", help="read this `pulumi preview --json`; - is standard input")
    ] = None,
) -> None:
    """Show what the next update changes, by number and setting, as a reviewer reads it.

    Changes nothing. Risks are marked; the team's rules (voicehooks:rules) are checked.
    Exit code 0: the plan was made; 1: it breaks a rule, or is not the plan that was reviewed; 2: it failed.
    """
    raise typer.Exit(
        run(
            stack=stack,
            as_json=as_json,
            markdown=markdown,
            out=out,
            compare_with=compare,
            preview=preview,
        )
    )
