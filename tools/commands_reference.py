"""The reference page of the operator's commands, generated from their help texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import typer
from typer.main import get_command

from voicehooks.cli import COMMANDS, app

if TYPE_CHECKING:
    from typer.core import TyperCommand, TyperGroup

__all__ = ["page"]

_WIDTH = 100
_INTRODUCTION = """\
# The operator's commands

<!-- Generated from the help texts in voicehooks/commands/*/cli.py; change those and run make generate. -->

`pulumi up` deploys. These commands are for everything that an operator does before and after. Each command
takes the environment from `--stack`, else from the variable `PULUMI_STACK`, else it is the stack that Pulumi
has selected (`pulumi stack select`), else `local`. A command that changes something or places a call names the
selected stack first and asks; without a terminal it needs `--stack`. A command prints its result on standard
output and its progress on standard error. The exit code is 0 (fine), 1 (it worked and
found something wrong) or 2 (it could not tell, or it failed). With `--json`, standard output has exactly one
document, also for an error: `{"error": {"what": ..., "why": ..., "do": ...}}`. No command prints a secret.
Colors and live updates only appear in a terminal, and not if `NO_COLOR` or `CI` is set. `voicehooks
--install-completion` completes commands, options and stacks in bash, zsh and fish.
"""


def page() -> str:
    """Return the page as Markdown."""
    group = cast("TyperGroup", get_command(app))
    sections = [_INTRODUCTION]
    for name in sorted(COMMANDS):
        command = cast("TyperCommand", group.get_command(typer.Context(group), name))
        with typer.Context(command, info_name=f"voicehooks {name}", terminal_width=_WIDTH) as context:
            lines = [line.rstrip() for line in command.get_help(context).strip().splitlines()]
        text = "\n".join(f"    {line}".rstrip() for line in lines)
        sections.append(f"## `voicehooks {name}`\n\n{text}\n")
    return "\n".join(sections)
