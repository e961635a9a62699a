"""The command line `voicehooks`.

Exit codes: 0 fine, 1 a finding (the command worked and found something wrong), 2 could not tell.
A command's modules are imported when it runs, here and nowhere else, so that `voicehooks --help` stays quick.
"""

from __future__ import annotations

import os
import sys
import traceback
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup
from typer.main import get_command

from voicehooks.output.errors import CommandError
from voicehooks.output.json import print_json

if TYPE_CHECKING:
    # Typer has its own copy of click, which nothing but its classes' signatures names.
    from typer._click import Command, Context, HelpFormatter

__all__ = ["COMMANDS", "app", "main"]

COMMANDS = {
    "sandbox": "Run the sandbox, which emulates Twilio and Supabase: up, down, status, env, call, logs.",
    "init": "Create a stack: ask for what it needs, try each credential, write Pulumi.NAME.yaml.",
    "adopt": "Take over what was set up by hand: write it as settings and into the state, as it is.",
    "call": "Make a test call and follow it: Twilio's requests, the handler's answers, the rows.",
    "calls": "Show the stack's calls, oldest first, with the reason for what went wrong.",
    "compare": "Show how two stacks differ: their settings, and what is live, side by side.",
    "console": "Show a stack in the browser: numbers, calls, callbacks, recordings, doctor's findings.",
    "divert": "Send one number's calls elsewhere at once, and back.",
    "doctor": "Check everything that calls depend on, at Twilio and Supabase, and show how to fix it.",
    "history": "List the stack's updates: who, when, which commit, and what changed.",
    "logs": "Show what the stack's functions logged, oldest first.",
    "plan": "Show what the next update changes, by number and setting, as a reviewer reads it.",
    "reconcile": "Fetch what Twilio could not deliver, and store it in the tables.",
    "replay": "Send a callback from the stack's database to another stack's handler, as Twilio sent it.",
    "rollback": "Deploy the program and settings of an earlier update again, as a new update.",
    "rotate": "Replace the account's auth token by a new one without losing a call.",
    "status": "Show who answers each number now: version, fallback, recording and last call.",
}
"""The commands in the order of `--help`, each with the first sentence of its own help."""


class _Commands(TyperGroup):
    """The commands by name: for each name the function of that name in its module."""

    def list_commands(self, ctx: Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"voicehooks.commands.{cmd_name}.cli")
        single = typer.Typer(rich_markup_mode=None, add_completion=False)
        single.command(cmd_name, **getattr(module, "SETTINGS", {}))(getattr(module, cmd_name))
        return get_command(single)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow to import

        print(f"voicehooks {version('voicehooks')}")
        raise typer.Exit


@app.callback()
def _voicehooks(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version and exit."),
    ] = False,
) -> None:
    """Commands to use around `pulumi up`. Exit codes: 0 fine, 1 a finding, 2 could not tell."""


def main() -> None:
    """Entry point: errors for the user become one line, or a JSON document where one was asked for."""
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except CommandError as error:
        if "--json" in sys.argv[1:]:
            print_json({"error": error})
        else:
            print(f"voicehooks: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader, `head` for example, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception:  # noqa: BLE001 - 1 would mean that the command worked and found something
        traceback.print_exc()
        print(
            "voicehooks: this is a defect of Voicehooks; please report it with the lines above", file=sys.stderr
        )
        sys.exit(2)
