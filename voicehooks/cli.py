"""The command line `voicehooks`.

Exit codes: 0 fine, 1 a finding (the command worked and found something wrong), 2 could not tell.
Each command's modules are imported when it runs, so that `--help` stays quick.
"""

from __future__ import annotations

import sys
import traceback

import typer

from voicehooks.commands.adopt.cli import adopt
from voicehooks.commands.call.cli import call
from voicehooks.commands.divert.cli import divert
from voicehooks.commands.doctor.cli import doctor
from voicehooks.commands.history.cli import history
from voicehooks.commands.init.cli import init
from voicehooks.commands.logs.cli import logs
from voicehooks.commands.plan.cli import plan
from voicehooks.commands.reconcile.cli import reconcile
from voicehooks.commands.rollback.cli import rollback
from voicehooks.output.errors import CommandError
from voicehooks.output.json import print_json

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
    from voicehooks.commands import sandbox as sandbox_program  # noqa: PLC0415

    sandbox_program.hand_over(context.args)


app.command()(init)
app.command()(adopt)
app.command()(call)
app.command()(divert)
app.command()(doctor)
app.command()(history)
app.command()(logs)
app.command()(plan)
app.command()(reconcile)
app.command()(rollback)


def main() -> None:
    """Entry point: errors for the user become one line, or a JSON document where one was asked for."""
    try:
        app()
    except CommandError as error:
        if "--json" in sys.argv[1:]:
            print_json({"error": error})
        else:
            print(f"voicehooks: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception:  # noqa: BLE001 - 1 would mean that the command worked and found something
        traceback.print_exc()
        print(
            "voicehooks: this is a defect of Voicehooks; please report it with the lines above", file=sys.stderr
        )
        sys.exit(2)
