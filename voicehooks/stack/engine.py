"""The Pulumi CLI as the commands use it: one project, one stack, answers as data.

It is the wrapper next to this environment's Python, so that it finds the providers and, for the stack `local`,
the state on this machine.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from getpass import getpass
from typing import TYPE_CHECKING, Any

from voicehooks.output.consent import can_ask
from voicehooks.output.errors import CommandError
from voicehooks.stack import project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Engine", "last_error"]


_PASSPHRASE = re.compile("passphrase must be set|incorrect passphrase")


class Engine:
    """One stack.

    In a terminal it asks for the stack's passphrase where that is missing or wrong, as Pulumi itself does.

    Args:
        folder: the project's folder, or one below it, as `pulumi` itself takes it.
        stack: the stack's name; empty for commands about none.
        environment: variables in addition to this process's own.
    """

    def __init__(self, folder: Path, stack: str, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.stack = stack
        self._environment = environment

    def try_run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run `pulumi ARGUMENTS --stack STACK --non-interactive` and return how it went.

        Raises:
            CommandError: the CLI is not installed.
        """
        return self.try_without_stack(*arguments, "--stack", self.stack, stdin=stdin)

    def try_without_stack(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """The same for a command that takes no `--stack`: login, whoami.

        The wrapper next to this Python reads PULUMI_STACK there, since `local` has a backend of its own.

        Raises:
            CommandError: the CLI is not installed.
        """
        done = self._run(arguments, stdin)
        while done.returncode != 0 and _PASSPHRASE.search(done.stderr) and can_ask():
            os.environ["PULUMI_CONFIG_PASSPHRASE"] = getpass(f"Passphrase of {self.stack}: ")
            done = self._run(arguments, stdin)
        return done

    def _run(self, arguments: tuple[str, ...], stdin: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(project.program("pulumi")), *arguments, "--non-interactive"],
            cwd=self.folder,
            env={
                **os.environ,
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                # An empty name would hide which stack is selected.
                **({"PULUMI_STACK": self.stack} if self.stack else {}),
                "NO_COLOR": "1",
                **(self._environment or {}),
            },
            capture_output=True,
            text=True,
            check=False,
            input=stdin,
        )

    def run(self, *arguments: str, what: str, do: str = "", stdin: str = "") -> str:
        """The same, and it must go well; returns what it printed on standard output.

        Args:
            *arguments: a Pulumi command.
            what: what could not be done where it fails, a sentence without a full stop.
            do: what the user can do about it.
            stdin: what it reads.

        Raises:
            CommandError: it failed; the cause is the engine's own last error.
        """
        done = self.try_run(*arguments, stdin=stdin)
        if done.returncode != 0:
            raise CommandError(what, last_error(done.stderr or done.stdout), do or self.remedy(done.stderr))
        return done.stdout

    def config(self, *, show_secrets: bool = True) -> dict[str, Any]:
        """The stack's configuration: keys with their namespace to values, nested ones as objects.

        Without `show_secrets` a secret's value is None.

        Raises:
            CommandError: there is no such stack, or its secrets cannot be opened.
        """
        arguments = ["config", "--json", *(["--show-secrets"] if show_secrets else [])]
        rows = json.loads(self.run(*arguments, what=f"the configuration of {self.stack} cannot be read"))
        return {key: row.get("objectValue", row.get("value")) for key, row in rows.items()}

    def set_secret(self, key: str, value: str, *, what: str, do: str = "") -> None:
        """Encrypt a value into the settings file.

        It is handed over on standard input, never as an argument, which every process may read.

        Args:
            key: with its namespace.
            value: the secret.
            what: what could not be done where it fails.
            do: what the user can do about it.

        Raises:
            CommandError: the engine refused.
        """
        self.run("config", "set", "--secret", key, what=what, do=do, stdin=value)

    def export(self, *, show_secrets: bool = False, version: int | None = None) -> dict[str, Any]:
        """The stack's state, as `pulumi stack export` prints it.

        Args:
            show_secrets: whether they are opened.
            version: the update that left it, on Pulumi Cloud alone; the last one without it.

        Raises:
            CommandError: there is no such stack, or no such update.
        """
        arguments = ["stack", "export", *(["--show-secrets"] if show_secrets else [])]
        arguments += ["--version", str(version)] if version is not None else []
        state: dict[str, Any] = json.loads(
            self.run(*arguments, what=f"the state of {self.stack} cannot be read")
        )
        return state

    def resources(self, *, show_secrets: bool = False) -> list[dict[str, Any]]:
        """The resources of the state: `urn`, `type`, `id`, `inputs`, `outputs`; none before the first update.

        Raises:
            CommandError: there is no such stack.
        """
        state = self.export(show_secrets=show_secrets)
        found: list[dict[str, Any]] = (state.get("deployment") or {}).get("resources") or []
        return found

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs; empty before the first update.

        Raises:
            CommandError: there is no such stack.
        """
        text = self.run("stack", "output", "--json", what=f"the outputs of {self.stack} cannot be read")
        outputs: dict[str, Any] = json.loads(text)
        return outputs

    def history(self, *, show_secrets: bool = False) -> list[dict[str, Any]]:
        """The stack's updates, newest first, as `pulumi stack history --json` prints them.

        Raises:
            CommandError: there is no such stack.
        """
        # Without a page size the CLI shows ten.
        arguments = ["stack", "history", "--json", "--page-size", "0"]
        arguments += ["--show-secrets"] if show_secrets else []
        text = self.run(*arguments, what=f"the history of {self.stack} cannot be read")
        updates: list[dict[str, Any]] = json.loads(text) or []
        return updates

    def backend_url(self) -> str:
        """Where the stack's state lives: file://..., s3://..., https://app.pulumi.com/...

        Raises:
            CommandError: nobody is logged in to a backend.
        """
        done = self.try_without_stack("whoami", "--json", "--verbose")
        try:
            return str(json.loads(done.stdout)["url"])
        except (ValueError, KeyError):
            raise CommandError(
                f"it is not known where the state of {self.stack} lives",
                last_error(done.stderr or done.stdout),
                "log in to its backend: pulumi login",
            ) from None

    def remedy(self, stderr: str) -> str:
        """What to do about an error that every command can meet; empty for others."""
        if "no stack named" in stderr:
            return (
                f"is it another backend's? pulumi whoami -v shows which one is in use; a new environment is "
                f"made with voicehooks init {self.stack}"
            )
        if _PASSPHRASE.search(stderr):
            return "set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) to the stack's passphrase"
        if "failed to load checkpoint: EOF" in stderr:
            # Beside each file of a folder the CLI keeps one of attributes, written in one go with no copy.
            folder = self.backend_url().removeprefix("file://")
            return (
                "a kill cut off the attributes of a file, not the state, and it can do without them: "
                f"find {folder}/.pulumi -name '*.attrs' -empty -delete"
            )
        return ""


def last_error(text: str) -> str:
    """The engine's last error in what it printed, without its prefix."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error:")]
    return (errors or lines or ["it printed nothing"])[-1].removeprefix("error:").strip().rstrip(".")
