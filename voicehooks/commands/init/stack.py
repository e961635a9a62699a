"""Making the stack of a new environment: where its state lives, and its secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicehooks.output.errors import CommandError
from voicehooks.stack.engine import Engine, last_error

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CHOICES", "CLOUD", "StackMaker", "backend_url", "needs_passphrase"]

CLOUD = "https://api.pulumi.com"

CHOICES = (
    ("here", "this machine: for one person. If you lose it, destroy can no longer restore numbers"),
    ("s3://BUCKET", "a bucket (s3://, gs://, azblob://): for a team that has one. The same if you lose it"),
    ("cloud", "Pulumi Cloud: for a team without a bucket. Pulumi keeps the state and its history"),
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
    if choice.startswith(("/", "~")):
        return f"file://{choice}"
    if choice.partition("://")[0] in {"s3", "gs", "azblob", "file", "https"} and "://" in choice:
        return choice
    raise CommandError(
        "the state cannot be stored there",
        "that is not a valid location",
        "give here, cloud, a bucket (s3://bucket) or a folder (/folder)",
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

    @property
    def engine(self) -> Engine:
        """The CLI with this backend and passphrase."""
        variables = {"PULUMI_BACKEND_URL": self.backend, "PULUMI_CONFIG_PASSPHRASE": self.passphrase}
        return Engine(self.folder, self.name, {name: value for name, value in variables.items() if value})

    def current_backend(self) -> str:
        """Return where the user is logged in, or an empty string."""
        try:
            return self.engine.backend_url()
        except CommandError:
            return ""

    def log_in(self) -> None:
        """Log the user in where the state is to live, so that later commands find it.

        Raises:
            CommandError: the engine refused.
        """
        command = ["login"] if self.backend == CLOUD else ["login", self.backend]
        done = self.engine.try_without_stack(*command)
        if done.returncode != 0:
            raise CommandError(
                f"no access to the state at {self.backend}",
                last_error(done.stderr or done.stdout),
                "set PULUMI_ACCESS_TOKEN, or run pulumi login in a terminal, then run this again"
                if self.backend == CLOUD
                else "check the address and the cloud's own credentials, then run this again",
            )

    def exists(self) -> bool:
        """Tell whether the stack is there."""
        return self.engine.try_run("stack", "export").returncode == 0

    def make(self) -> None:
        """Make the stack.

        Raises:
            CommandError: the engine refused.
        """
        what = f"the stack {self.name} could not be made"
        self.engine.run("stack", "init", "--no-select", what=what, do=self._again)

    def select(self) -> None:
        """Select the stack, so that `pulumi` and the commands are about it.

        Raises:
            CommandError: the engine refused.
        """
        self.engine.run("stack", "select", what=f"{self.name} could not be selected")

    def set_secret(self, key: str, value: str) -> None:
        """Encrypt a value into the settings file.

        Raises:
            CommandError: the engine refused.
        """
        self.engine.set_secret(key, value, what=f"{key} of {self.name} could not be encrypted", do=self._again)

    @property
    def _again(self) -> str:
        return f"when the cause is gone, run voicehooks init {self.name} again: it goes on from here"
