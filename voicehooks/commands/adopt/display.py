"""What `voicehooks adopt` shows a person."""

from __future__ import annotations

import difflib
import sys
from typing import TYPE_CHECKING

from rich.console import Console

from voicehooks.output.consent import is_watched
from voicehooks.output.counting import count
from voicehooks.output.identifiers import shorten

if TYPE_CHECKING:
    from pathlib import Path

    from voicehooks.commands.adopt.imports import NextUpdate
    from voicehooks.commands.adopt.plan import Plan

__all__ = ["Display", "count"]


class Display:
    """Lines on standard output, or on standard error where that holds a document; progress on standard error.

    Args:
        environment: its name.
        as_json: whether standard output is kept for the document.
    """

    def __init__(self, environment: str, *, as_json: bool) -> None:
        self._environment = environment
        # A terminal breaks lines at spaces; elsewhere a line is never broken.
        wrap = is_watched(sys.stderr if as_json else sys.stdout)
        self._console = Console(stderr=as_json, highlight=False, markup=False, soft_wrap=not wrap, emoji=False)
        self._progress = Console(stderr=True, highlight=False, markup=False, soft_wrap=True, emoji=False)

    def progress(self, text: str) -> None:
        """Say what is being done."""
        self._progress.print(f"{self._environment}: {text}", style="dim")

    def line(self, text: str, style: str = "") -> None:
        """Say something."""
        self._console.print(text, style=style or None)

    def plan(self, plan: Plan, folder: Path) -> None:
        """Show what would be taken over, and how the settings file would change."""
        for each in plan.proposals:
            state = "to import" if each in plan.to_import else "in the state"
            self.line(f"  {each.number}  {shorten(each.sid)}  {state:<12}  {each.route}")
            for note in each.notes:
                self.line(f"      {note}", "yellow")
        for number, reason in plan.skipped.items():
            self.line(f"  {number}  left out: it {reason}", "yellow")
        if plan.account.to_import:
            self.line("  the account's default recording configuration  to import")
        for note in plan.account.notes:
            self.line(f"  {note}", "yellow")
        for found in plan.functions:
            kept = f"{found.folder.relative_to(folder)}/"
            files = count(len(found.files), "file")
            self.line(f"  function {found.slug}  version {found.version}, {files}, to be kept in {kept}")
            for path in found.differing():
                self.line(f"      {kept}{path} is there already, and would be replaced:", "yellow")
                self._diff(found.diff(path).splitlines())
        if plan.old != plan.new:
            self.line(f"Pulumi.{self._environment}.yaml:")
            # Without context: a line next to a change may contain a secret.
            lines = difflib.unified_diff(
                plan.old.text.splitlines(), plan.new.text.splitlines(), lineterm="", n=0
            )
            self._diff([line for line in lines if not line.startswith(("---", "+++", "@@"))])

    def conclusion(self, plan: Plan, after: NextUpdate) -> None:
        """Show what the next update would do, the verdict and the next command."""
        name = self._environment
        if after.failed:
            self.line(f"the preview fails: {after.failed}", "red")
            remedy = f"voicehooks adopt -s {name} --function" if "adopt=True" in after.failed else ""
            self.line("next:")
            self.line(f"    {remedy or f'pulumi preview -s {name}'}")
            return
        for number, properties in after.changed_numbers.items():
            self.line(f"an update would change {number}: {', '.join(properties)}", "yellow")
        if after.others:
            self.line("in addition to the numbers, an update would:")
            for other in after.others:
                self.line(f"    {other}")
        for found in plan.functions:
            self.line(
                f"{found.slug} would run this project's code from then on: set forwardTo and the like first"
            )
        if not after.changed_numbers:
            self.line(
                f"{name}: an update would change no number ({after.unchanged_numbers} unchanged)", "green"
            )
        self.line("next:")
        self.line(f"    pulumi preview -s {name} --diff")
        self.line(f"    pulumi up -s {name}")

    def _diff(self, lines: list[str]) -> None:
        for line in lines:
            self.line(f"    {line}", "green" if line.startswith("+") else "red" if line.startswith("-") else "")
