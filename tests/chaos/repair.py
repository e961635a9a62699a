"""What the documents say to do after an update was interrupted; nothing that a person would not type."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.journal import Journal
    from tests.support.clone import Clone

__all__ = ["COMMANDS", "repair"]

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("pulumi", "cancel", "--yes", "--stack", "local"),
    ("pulumi", "refresh", "--yes", "--clear-pending-creates", "--skip-preview", "--stack", "local"),
    ("pulumi", "up", "--yes", "--skip-preview", "--stack", "local"),
    ("voicehooks", "reconcile", "--stack", "local"),
)


def repair(clone: Clone, journal: Journal) -> bool:
    """Run the documented commands in order; returns whether all went well."""
    fine = True
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
