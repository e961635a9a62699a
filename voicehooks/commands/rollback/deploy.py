"""Going back by an update: the plan, the update itself, and what the repository needs to agree again."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicehooks.commands.plan.command import make
from voicehooks.commands.rollback import settings, worktree
from voicehooks.output.errors import CommandError
from voicehooks.stack.engine import Engine, last_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicehooks.commands.history.updates import Update
    from voicehooks.commands.plan.model import Plan
    from voicehooks.stack.environment import Environment

__all__ = ["PreparedRollback", "prepare_rollback", "settle_repository"]

MESSAGE_FILE = Path(".voicehooks/rollback-message")


@dataclass(frozen=True)
class PreparedRollback:
    """A program and its settings, ready for the engine.

    Attributes:
        engine: the stack, in the folder where program and settings are.
        gone_secrets: keys of secrets that only then had; they are not set.
    """

    engine: Engine
    gone_secrets: list[str]

    @property
    def settings_text(self) -> str:
        """The settings file as it is by now."""
        return (self.engine.folder / f"Pulumi.{self.engine.stack}.yaml").read_text(encoding="utf-8")

    def plan(self) -> Plan:
        """Preview it.

        Raises:
            CommandError: Pulumi is not installed.
        """
        return make(self.engine)

    def up(self, number: int) -> None:
        """Deploy it as a new update.

        Raises:
            CommandError: the update failed.
        """
        done = self.engine.try_run("up", "--yes", "--skip-preview", "--message", f"rollback to {number}")
        if done.returncode != 0:
            raise CommandError(
                f"the rollback to {number} failed",
                last_error(done.stderr + done.stdout),
                f"the numbers keep what answered before, unless the last step had begun; check: "
                f"voicehooks doctor --stack {self.engine.stack}, and for Twilio alone: voicehooks rollback "
                f"{number} --numbers-only --stack {self.engine.stack}",
            )


@contextmanager
def prepare_rollback(
    environment: Environment, update: Update, *, config_only: bool
) -> Iterator[PreparedRollback]:
    """Put that update's program and settings into a temporary folder.

    Raises:
        CommandError: the commit is gone, or the update came from a tree that no commit has.
    """
    folder, stack = environment.folder, environment.name
    file, gone = settings.previous_settings(update, folder, stack)
    program = _todays(folder) if config_only else worktree.project_at(folder, _commit(folder, update))
    with program as there:
        (there / file.name).write_text(file.text, encoding="utf-8")
        yield PreparedRollback(Engine(there, stack), gone)


@contextmanager
def _todays(folder: Path) -> Iterator[Path]:
    """Today's program as it lies there, uncommitted changes included."""
    with tempfile.TemporaryDirectory(prefix="voicehooks-rollback-") as name:
        there = Path(name)
        for entry in folder.iterdir():
            if entry.name in {".venv", ".voicehooks"}:
                (there / entry.name).symlink_to(entry)
            elif entry.name in {"infra", "functions", "migrations"}:
                shutil.copytree(entry, there / entry.name, symlinks=True)
            elif entry.name.startswith("Pulumi.") and entry.is_file():
                shutil.copy(entry, there)
        yield there


def _commit(folder: Path, update: Update) -> str:
    what = f"update {update.number} cannot be repeated"
    alone = f"its settings alone, with today's program: voicehooks rollback {update.number} --config-only"
    if not update.commit:
        raise CommandError(what, "it was made outside a git repository", alone)
    # A rollback runs at a commit with another settings file: that alone makes its tree a changed one.
    if update.dirty and update.rolled_back_to is None:
        raise CommandError(
            what, f"it came from {update.commit[:7]} with changes that were not committed", alone
        )
    if not worktree.has_commit(folder, update.commit):
        raise CommandError(
            what,
            f"this repository has no commit {update.commit[:7]}",
            f"fetch it (git fetch --all), or {alone}",
        )
    return update.commit


def settle_repository(environment: Environment, update: Update, text: str, *, config_only: bool) -> list[str]:
    """Leave the settings file and a commit message, so that the repository agrees with what is deployed.

    A settings file with uncommitted changes is left alone; the other one is written next to it.

    Returns:
        What is left to do, one command each.
    """
    folder, stack = environment.folder, environment.name
    path = folder / f"Pulumi.{stack}.yaml"
    commands = []
    if path.read_text(encoding="utf-8") != text:
        if worktree.changed(folder, path):
            beside = path.with_name(f"{path.name}.rollback")
            beside.write_text(text, encoding="utf-8")
            commands.append(f"mv {beside.name} {path.name}    # it had changes of its own: compare first")
        else:
            path.write_text(text, encoding="utf-8")
    message = folder / MESSAGE_FILE
    message.parent.mkdir(exist_ok=True)
    message.write_text(
        f"Roll {stack} back to update {update.number}\n\n"
        f"{update.message or 'That update'} ({update.started:%Y-%m-%d %H:%M} UTC"
        f"{', ' + update.short_commit if update.commit else ''}) is deployed again.\n",
        encoding="utf-8",
    )
    if not config_only:
        commands.append(f"git restore --source {update.commit[:12]} -- infra functions")
    commands.append(f"git commit --all --file {MESSAGE_FILE}")
    return commands
