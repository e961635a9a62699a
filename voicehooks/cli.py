"""The command line `voicehooks`.

Exit codes: 0 fine, 1 a finding (the command worked and found something wrong), 2 could not tell.
Each command's modules are imported when it runs, so that `--help` stays quick.
"""

from __future__ import annotations

import json
import sys
import traceback

import typer

from voicehooks.adopt.cli import adopt
from voicehooks.call.cli import call
from voicehooks.divert.cli import divert
from voicehooks.doctor.cli import doctor
from voicehooks.errors import CommandError
from voicehooks.history.cli import history
from voicehooks.init.cli import init
from voicehooks.logs.cli import logs
from voicehooks.plan.cli import plan
from voicehooks.reconcile.cli import reconcile
from voicehooks.rollback.cli import rollback

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
            print(json.dumps({"error": error.to_json()}, indent=2))
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
