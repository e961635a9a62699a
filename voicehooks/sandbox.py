"""The sandbox as the commands see it: another program with an address.

Its package is never imported here: the sandbox is the other side, and a shared mistake would hide.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicehooks import project
from voicehooks.errors import CommandError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn

EXECUTABLE = "voicehooks-sandbox"


@dataclass(frozen=True)
class SandboxAddress:
    """How to reach a running sandbox; what the commands need of `voicehooks-sandbox env --json`."""

    twilio_base_url: str
    twilio_account_sid: str
    twilio_auth_token: str
    supabase_url: str
    supabase_secret_key: str


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


def address(folder: Path) -> SandboxAddress:
    """Ask the sandbox of the project in `folder` how to reach it.

    Raises:
        CommandError: it does not run.
    """
    executable = project.program(EXECUTABLE)
    answer = subprocess.run(
        [str(executable), "env", "--json"], cwd=folder, capture_output=True, text=True, check=False
    )
    try:
        values = json.loads(answer.stdout) if answer.returncode == 0 else {}
        return SandboxAddress(**{name: values[name] for name in SandboxAddress.__dataclass_fields__})
    except (ValueError, KeyError):
        why = (answer.stderr or answer.stdout).strip().splitlines()
        raise CommandError(
            "the sandbox cannot be reached",
            why[-1] if why else "it does not run",
            "run voicehooks sandbox up",
        ) from None
