"""The stack that Pulumi has selected in this folder."""

from __future__ import annotations

from voicehooks.output.errors import CommandError
from voicehooks.stack import project
from voicehooks.stack.engine import Engine, last_error

__all__ = ["LOCAL", "selected_stack"]

LOCAL = "local"
"""The stack of the sandbox on this machine, which needs no login: the context of a fresh clone."""


def selected_stack() -> str:
    """Return the selected stack's name, or `local` if none is selected or nobody is logged in.

    Raises:
        CommandError: Pulumi cannot say, for example because its backend does not answer.
    """
    done = Engine(project.root(), "").try_without_stack("stack", "--show-name")
    if done.returncode == 0:
        return done.stdout.strip().rpartition("/")[2]
    if any(
        reason in done.stderr for reason in ("no stack selected", "no current stack", "PULUMI_ACCESS_TOKEN")
    ):
        return LOCAL
    raise CommandError(
        "the selected stack is not known",
        last_error(done.stderr or done.stdout),
        "name it with --stack, or select it: pulumi stack select NAME",
    )
