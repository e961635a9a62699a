"""`voicehooks sandbox`: hands over to the sandbox, which is another program with its own options."""

from __future__ import annotations

import contextlib
import os
import subprocess
from typing import TYPE_CHECKING, Annotated

import typer

from voicehooks.output.errors import CommandError
from voicehooks.stack import project
from voicehooks.stack.sandbox import EXECUTABLE, state_folder

if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["SETTINGS", "sandbox"]

SETTINGS = {
    "context_settings": {"allow_extra_args": True, "ignore_unknown_options": True},
    "add_help_option": False,
}
"""Its options, `--help` among them, are the other program's."""
_HELP = """
With every command:
  -s, --stack NAME  The stack whose sandbox it is (default: local)."""


def sandbox(
    context: typer.Context,
    stack: Annotated[str, typer.Option("--stack", "-s", help="the stack whose sandbox it is")] = "local",
) -> None:
    """Run the sandbox, which emulates Twilio and Supabase: up, down, status, env, call, logs."""
    hand_over(context.args, stack)


def hand_over(arguments: list[str], stack: str) -> NoReturn:
    """Become `voicehooks-sandbox ARGUMENTS`, run in the project's folder where there is one.

    The sandbox keeps its state below the current folder, so a call from a sub-folder would otherwise start a
    second one; with `--state` the user has said where it is.
    """
    executable = project.program(EXECUTABLE)
    state = [] if stack == "local" else ["--state", str(state_folder(stack))]
    if not any(argument.partition("=")[0] == "--state" for argument in arguments):
        with contextlib.suppress(CommandError):  # the sandbox is useful without the project
            os.chdir(project.root())
    environment = os.environ | {"VOICEHOOKS_SANDBOX_PROGRAM": "voicehooks sandbox"}
    if {"-h", "--help"} & set(arguments):
        subprocess.run([executable, *arguments], env=environment, check=False)
        print(_HELP)
        raise typer.Exit
    os.execve(executable, [EXECUTABLE, *state, *arguments], environment)  # noqa: S606
