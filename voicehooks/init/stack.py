"""Making the stack of a new environment: where its state lives, and its secrets."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicehooks import project
from voicehooks.engine import last_error
from voicehooks.errors import CommandError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CHOICES", "CLOUD", "StackMaker", "backend_url", "needs_passphrase"]

CLOUD = "https://api.pulumi.com"

CHOICES = (
    ("here", "this machine: for one person; lose it, and destroy has nothing to give back to a number"),
    ("s3://BUCKET", "a bucket (s3://, gs://, azblob://): for a team that has one; the same if you lose it"),
    ("cloud", "Pulumi Cloud: for a team without a bucket; they keep it, and history, for you"),
)
"""Where state may live: what is typed, and for whom it is and what losing it means."""


def backend_url(choice: str) -> str:
    """Return the address of a choice: `here`, `cloud` or an address.

    Raises:
        CommandError: it is none.
    """
    if choice == "here":
        return "file://~"
    if choice == "cloud":
        return CLOUD
    if choice.partition("://")[0] in {"s3", "gs", "azblob", "file", "https"} and "://" in choice:
        return choice
    raise CommandError(
        f"the state cannot live at {choice!r}", "that is no place", "give here, cloud, or s3://bucket"
    )


def needs_passphrase(backend: str) -> bool:
    """Tell whether secrets of a stack there are encrypted with a passphrase of the user's."""
    return not backend.startswith("https://")


@dataclass(frozen=True)
class StackMaker:
    """The Pulumi CLI for a stack that is being made.

    Attributes:
        folder: the project's folder.
        name: the stack's name.
        backend: where the state is to live; empty for wherever the user is logged in.
        passphrase: what its secrets are encrypted with; empty where the environment has it or none is needed.
    """

    folder: Path
    name: str
    backend: str = ""
    passphrase: str = ""

    def current_backend(self) -> str:
        """Return where the user is logged in, or an empty string."""
        done = self._run("whoami", "--json")
        if done.returncode != 0:
            return ""
        try:
            return str(json.loads(done.stdout).get("url") or "")
        except ValueError:
            return ""

    def log_in(self) -> None:
        """Log the user in where the state is to live, so that later commands find it.

        Raises:
            CommandError: the engine refused.
        """
        command = ["login"] if self.backend == CLOUD else ["login", self.backend]
        self._must(
            *command,
            what=f"no access to the state at {self.backend}",
            do="set PULUMI_ACCESS_TOKEN, or run pulumi login in a terminal, then run this again"
            if self.backend == CLOUD
            else "check the address and the cloud's own credentials, then run this again",
        )

    def exists(self) -> bool:
        """Tell whether the stack is there."""
        return self._run("stack", "export", "--stack", self.name).returncode == 0

    def make(self) -> None:
        """Make the stack.

        Raises:
            CommandError: the engine refused.
        """
        self._must(
            "stack",
            "init",
            "--no-select",
            "--stack",
            self.name,
            what=f"the stack {self.name} could not be made",
            do=f"when the cause is gone, run voicehooks init {self.name} again: it goes on from here",
        )

    def set_secret(self, key: str, value: str) -> None:
        """Encrypt a value into the settings file; it is handed over on standard input, never as an argument.

        Raises:
            CommandError: the engine refused.
        """
        self._must(
            "config",
            "set",
            "--secret",
            key,
            "--stack",
            self.name,
            stdin=value,
            what=f"{key} of {self.name} could not be encrypted",
            do=f"when the cause is gone, run voicehooks init {self.name} again: it goes on from here",
        )

    def _must(self, *arguments: str, what: str, do: str, stdin: str = "") -> None:
        done = self._run(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise CommandError(what, last_error(done.stderr or done.stdout), do)

    def _run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "NO_COLOR": "1", "PULUMI_SKIP_UPDATE_CHECK": "true"}
        # The wrapper takes the stack from PULUMI_STACK where none is named, and `local` has a state of its own.
        environment["PULUMI_STACK"] = self.name
        if self.backend:
            environment["PULUMI_BACKEND_URL"] = self.backend
        if self.passphrase:
            environment["PULUMI_CONFIG_PASSPHRASE"] = self.passphrase
        return subprocess.run(
            [str(project.program("pulumi")), *arguments, "--non-interactive"],
            cwd=self.folder,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
