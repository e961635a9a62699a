"""Where the project is: its folder and the programs installed next to this one."""

from __future__ import annotations

import sys
from pathlib import Path

from voicehooks.output.errors import CommandError


def root(start: Path | None = None) -> Path:
    """The nearest folder upwards from `start` (the current one) that has a Pulumi.yaml.

    Raises:
        CommandError: there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    raise CommandError(
        "no project here",
        f"neither {here} nor a folder above it has a Pulumi.yaml",
        "go to the clone of the project first",
    )


def program(name: str) -> Path:
    """An executable of the environment that this command runs in.

    Raises:
        CommandError: it is not installed.
    """
    executable = Path(sys.executable).parent / name
    if not executable.is_file():
        raise CommandError(f"{name} is not installed", f"there is no {executable}", "run make install")
    return executable
