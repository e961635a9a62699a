"""A plan on a terminal, or as plain lines where there is none."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from voicehooks.commands.plan import wording
from voicehooks.commands.plan.folding import folded, folded_drift, folded_findings, folded_routes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicehooks.commands.plan.folding import Row
    from voicehooks.commands.plan.model import Plan

__all__ = ["render_terminal"]

_Line = tuple[str, str]
_PLAIN_WIDTH = 10_000


def render_terminal(
    plan: Plan, *, colour: bool = False, width: int | None = None, next_step: bool = True
) -> str:
    """The text, without a newline at its end.

    Args:
        plan: the plan.
        colour: whether a terminal shows it.
        width: the terminal's width in characters; None never breaks a line.
        next_step: whether the last line says what to do; not where a command goes on by itself.
    """
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=colour, no_color=not colour, width=width or _PLAIN_WIDTH, highlight=False
    )
    for style, line in _head(plan):
        console.print(Text(line, style=style))
    rows = folded(plan.changes, plan)
    if rows:
        console.print()
        console.print(_table(rows, width))
    for title, lines in _below(plan):
        console.print()
        console.print(Text(title, style="bold"))
        if lines:
            console.print(_grid(lines, width))
    if next_step:
        console.print()
        for style, line in _end(plan):
            console.print(Text(line, style=style))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _head(plan: Plan) -> Iterable[_Line]:
    facts = [part for part in (plan.verdict, wording.source(plan), wording.drift_in_words(plan)) if part]
    style = "bold red" if plan.failed or plan.broken else "bold"
    yield style, f"{plan.stack}: {'; '.join(facts)}"
    if plan.risks:
        yield "yellow", f"look twice: {wording.risks_in_words(plan)}"
    for failure in plan.failures:
        yield "", ""
        yield "red", f"failed  {failure.resource or plan.stack}"
        yield "", f"why     {failure.why}"
        yield "", f"do      {failure.do}"
    if plan.failed and plan.changes:
        yield "", ""
        yield "bold", "known before the failure"


def _table(rows: list[Row], width: int | None) -> Table:
    lines = []
    for row in rows:
        value = Text()
        if row.old:
            value.append(row.old, style="red")
            value.append(" -> ")
        value.append(row.new, style="green")
        if row.risks:
            value.append(f"   ! {', '.join(row.risks)}", style="bold yellow")
        lines.append((Text(row.heading), Text(row.setting), value))
    return _grid(lines, width)


def _grid(lines: Sequence[Sequence[Text]], width: int | None) -> Table:
    """Columns; on a terminal a long cell goes on below itself."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=0)  # two spaces before each line
    for column in range(len(lines[0])):
        last = column == len(lines[0]) - 1
        grid.add_column(max_width=width // 3 if width and not last else None, overflow="fold")
    for cells in lines:
        grid.add_row(Text(""), *cells)
    return grid


def _below(plan: Plan) -> Iterable[tuple[str, list[list[Text]]]]:
    """The parts under the table: a title and its lines."""
    routes = [_cells("", group.label, f"-> {group.route}") for group in folded_routes(plan)]
    if routes:
        yield "effective route", routes
    if plan.drift:
        yield (
            "changed elsewhere since the last update",
            [
                _cells("yellow", drift.label, drift.setting, f"was {drift.was}, is {drift.live}{drift.fate}")
                for drift in folded_drift(plan)
            ],
        )
    if plan.notes:
        yield "messages from the providers", [_cells("", note) for note in plan.notes]
    if plan.others:
        yield wording.others_in_words(plan), []
    if plan.findings:
        yield (
            "rules of the team",
            [
                _cells("red" if f.level == "error" else "yellow", f.level, f.rule, f.subject, f.text)
                for f in folded_findings(plan)
            ],
        )


def _cells(style: str, *texts: str) -> list[Text]:
    return [Text(text, style=style) for text in texts]


def _end(plan: Plan) -> Iterable[_Line]:
    words, command = wording.next_step(plan)
    style = "red" if plan.broken and not plan.failed else ""
    yield style, f"next: {words}".rstrip() if words else f"next: {command}"
    if words and command:
        yield style, f"    {command}"
