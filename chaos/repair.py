"""What the documents say to do after an update was interrupted; nothing that a person would not type."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos.journal import Journal
    from tests.e2e.clone import Clone

__all__ = ["COMMANDS", "put_state_back", "repair"]

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("pulumi", "cancel", "--yes", "--stack", "local"),
    ("pulumi", "refresh", "--yes", "--clear-pending-creates", "--skip-preview", "--stack", "local"),
    ("pulumi", "up", "--yes", "--skip-preview", "--stack", "local"),
    ("voicehooks", "reconcile", "--stack", "local"),
)


def put_state_back(clone: Clone, journal: Journal) -> None:
    """Put the engine's own copy in the place of a state that was cut off while it was being written."""
    state = clone.folder / ".voicehooks/state/.pulumi/stacks/voicehooks/local.json"
    copy = state.with_name("local.json.bak")
    if state.is_file() and state.stat().st_size == 0 and copy.is_file():
        shutil.copy(copy, state)
        journal.say("state put back", f"cp {copy.name} {state.name}: it was empty")


def repair(clone: Clone, journal: Journal) -> bool:
    """Run the documented commands in order; returns whether all went well."""
    fine = True
    put_state_back(clone, journal)
    for program, *arguments in COMMANDS:
        done = clone.run(program, *arguments, *(["--non-interactive"] if program == "pulumi" else []))
        lines = (done.stdout + done.stderr).strip().splitlines()
        journal.say("repair", f"{program} {' '.join(arguments)}: exit {done.returncode}")
        for line in lines if program == "voicehooks" else []:
            if line.startswith((" ", "calls", "recordings")):
                journal.say("", line)
        if (
            done.returncode != 0 and arguments[0] != "cancel"
        ):  # there is nothing to cancel where nothing is locked
            fine = False
            for line in lines[-15:]:
                journal.say("", line)
    return fine
