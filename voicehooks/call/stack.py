"""What the deployed stack says about the number that is called."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from voicehooks import project
from voicehooks.errors import CommandError

if TYPE_CHECKING:
    from pathlib import Path


def number_settings(folder: Path, stack: str, number: str) -> dict[str, Any]:
    """The settings in force for `number`, from the outputs of the last `pulumi up`.

    Raises:
        CommandError: the stack was not deployed, or does not manage the number.
    """
    command = [str(project.program("pulumi")), "stack", "output", "--json", "--stack", stack]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    try:
        numbers = json.loads(answer.stdout)["numbers"] if answer.returncode == 0 else {}
    except (ValueError, KeyError):
        numbers = {}
    if not numbers:
        lines = [line for line in answer.stderr.splitlines() if line.strip()]
        raise CommandError(
            f"no call to {number}",
            lines[-1].removeprefix("error: ") if lines else f"the stack {stack} has no numbers deployed",
            f"deploy it first: pulumi up --stack {stack}",
        )
    if number not in numbers:
        raise CommandError(
            f"no call to {number}",
            f"it is not a number of the stack {stack} (those are: {', '.join(sorted(numbers))})",
            f"call one of them, or add it under voicehooks:numbers in Pulumi.{stack}.yaml",
        )
    settings: dict[str, Any] = numbers[number]
    return settings
