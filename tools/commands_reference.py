"""The reference page of the operator's commands, made from their own help texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import typer
from typer.main import get_command

from voicehooks.cli import app

if TYPE_CHECKING:
    from typer.core import TyperGroup

__all__ = ["page"]

_WIDTH = 100
_INTRODUCTION = """\
# The operator's commands

<!-- Generated from the commands' help texts in voicehooks/*/cli.py; change those and run make generate. -->

`pulumi up` deploys; these are for what a person does around it. Each command names the environment it works
on (`--stack`, else the variable `PULUMI_STACK`, else `local`), prints its result on standard output and its
progress on standard error, and ends with 0 (fine), 1 (it worked and found something wrong) or 2 (it could not
tell or could not do it). `--json` puts one document on standard output, an error included:
`{"error": {"what": ..., "why": ..., "do": ...}}`. Nothing prints a secret. Colours and moving lines are shown
in a terminal alone, and not where `NO_COLOR` or `CI` is set.
"""


def page() -> str:
    """Return the page as Markdown."""
    group = cast("TyperGroup", get_command(app))
    sections = [_INTRODUCTION]
    for name in sorted(group.commands):
        command = group.commands[name]
        with typer.Context(command, info_name=f"voicehooks {name}", terminal_width=_WIDTH) as context:
            lines = [line.rstrip() for line in command.get_help(context).strip().splitlines()]
        text = "\n".join(f"    {line}".rstrip() for line in lines)
        sections.append(f"## `voicehooks {name}`\n\n{text}\n")
    return "\n".join(sections)
