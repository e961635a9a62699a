"""Options that every command has, declared once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from typing import Any

__all__ = ["DEFAULT_STACK", "AsJson", "Stack", "WritableStack"]

DEFAULT_STACK = ""


def _selected(context: typer.Context, stack: str) -> str:
    """Return the stack that was named, else the selected one."""
    if stack or context.resilient_parsing:
        return stack
    from voicehooks.stack.selection import selected_stack  # noqa: PLC0415 - --help needs none of it

    return selected_stack()


def _agreed(context: typer.Context, stack: str) -> str:
    """The same for a command that changes something: a stack that nobody named is named, and must be agreed to.

    Click takes the options that were given first, so that `--dry-run` is known here.
    """
    if stack or context.resilient_parsing:
        return stack
    from voicehooks.output.consent import confirm  # noqa: PLC0415
    from voicehooks.output.errors import CommandError  # noqa: PLC0415
    from voicehooks.stack.selection import LOCAL  # noqa: PLC0415

    chosen = _selected(context, stack)
    command = f"voicehooks {context.info_name}"
    unnamed = CommandError(
        f"{command} did not run",
        f"no stack was named, and the selected one, {chosen}, is not {LOCAL}",
        f"add --stack {chosen}",
    )
    dry = bool(context.params.get("dry_run"))
    question = f"{command} acts on the stack {chosen}, which Pulumi has selected. Continue?"
    if chosen == LOCAL or dry or confirm(question, yes=False, otherwise=unnamed):
        return chosen
    raise typer.Exit(2)


def _stacks(incomplete: str) -> list[str]:
    """Return the stacks with a settings file here, for the shell to complete."""
    names = (path.name.split(".")[1] for path in Path().glob("Pulumi.*.yaml"))
    return sorted(name for name in names if name.startswith(incomplete))


def _stack(callback: Any, default: str) -> Any:
    return typer.Option(
        "--stack",
        "-s",
        envvar="PULUMI_STACK",
        show_default=False,
        callback=callback,
        autocompletion=_stacks,
        help=f"the environment, which is a Pulumi stack; default: {default}",
    )


Stack = Annotated[str, _stack(_selected, "the one that Pulumi has selected, else local")]
"""For a command that only reads."""
WritableStack = Annotated[str, _stack(_agreed, "the selected one, after asking, else local")]
"""For a command that changes something or places a call."""
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]
