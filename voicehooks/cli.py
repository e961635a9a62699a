"""The command line `voicehooks`.

Exit codes: 0 fine, 1 a finding (the command worked and found something wrong), 2 could not tell.
Each command's modules are imported when it runs, so that `--help` stays quick.
"""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from voicehooks.errors import CommandError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    help="What a person does around `pulumi up`. Exit codes: 0 fine, 1 a finding, 2 could not tell.",
)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def sandbox(context: typer.Context) -> None:
    """Run the twin of Twilio and Supabase: up, down, status, env, call, logs."""
    from voicehooks import sandbox as sandbox_program  # noqa: PLC0415

    sandbox_program.hand_over(context.args)


@app.command()
def call(
    to: Annotated[str, typer.Argument(metavar="TO", help="the number to call, E.164: +15551234567")],
    caller: Annotated[str, typer.Option("--from", help="who calls, E.164")] = "+15550100001",
    stack: Annotated[str, typer.Option(help="the environment")] = "local",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON document on stdout")] = False,
) -> None:
    """Make a test call and follow it in the database, as a CRM would.

    Somebody (in the sandbox) calls TO; each step is shown when the database knows it, then the rows.
    Exit code 0: every expected step was seen; 1: one stayed out; 2: the call could not be made or followed.
    """
    from voicehooks.call.command import run  # noqa: PLC0415

    raise typer.Exit(run(to=to, caller=caller, stack=stack, as_json=as_json))


def main() -> None:
    """Entry point: errors for the user become one line, or a JSON document where one was asked for."""
    try:
        app()
    except CommandError as error:
        if "--json" in sys.argv[1:]:
            print(json.dumps({"error": error.to_json()}, indent=2))
        else:
            print(f"voicehooks: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
