"""The sandbox as the commands see it: another program with an address.

Its package is never imported here: the sandbox is the other side, and a shared mistake would hide.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from voicehooks.output.errors import CommandError
from voicehooks.stack import project

if TYPE_CHECKING:
    from typing import NoReturn

EXECUTABLE = "voicehooks-sandbox"


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
