"""The sandbox as the commands see it: another program with an address.

Its package is never imported here: it stands in for the vendors, and a shared mistake would go unnoticed.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import typer  # noqa: TC002 - typer reads the annotations

from voicehooks.output.errors import CommandError
from voicehooks.stack import project

if TYPE_CHECKING:
    from typing import NoReturn

EXECUTABLE = "voicehooks-sandbox"
SETTINGS = {
    "context_settings": {"allow_extra_args": True, "ignore_unknown_options": True},
    "add_help_option": False,
}
"""Its options, `--help` among them, are the other program's."""


def sandbox(context: typer.Context) -> None:
    """Run the sandbox, which emulates Twilio and Supabase: up, down, status, env, call, logs."""
    hand_over(context.args)


def hand_over(arguments: list[str]) -> NoReturn:
    """Become `voicehooks-sandbox ARGUMENTS`, run in the project's folder where there is one.

    The sandbox keeps its state below the current folder, so a call from a sub-folder would otherwise start a
    second one; with `--state` the user has said where it is.
    """
    executable = project.program(EXECUTABLE)
    if not any(argument.partition("=")[0] == "--state" for argument in arguments):
        with contextlib.suppress(CommandError):  # the sandbox is useful without the project
            os.chdir(project.root())
    os.execv(executable, [EXECUTABLE, *arguments])  # noqa: S606
