"""A plan on a terminal, or as plain lines where there is none."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from voicehooks.plan import wording
from voicehooks.plan.folding import exceptions, folded, folded_findings, folded_routes, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.text import Text

    from voicehooks.plan.folding import Row
    from voicehooks.plan.model import Plan

__all__ = ["render_terminal"]

_Line = tuple[str, str]
_PLAIN_WIDTH = 10_000


def render_terminal(plan: Plan, *, colour: bool = False, width: int | None = None) -> str:
    """The text, without a newline at its end.

    Args:
        plan: the plan.
        colour: whether a terminal shows it.
        width: the terminal's width in characters; None never breaks a line.
    """
    from rich.console import Console  # noqa: PLC0415 - Rich is slow to import
    from rich.text import Text  # noqa: PLC0415

    out = io.StringIO()
    console = Console(
        file=out, force_terminal=colour, no_color=not colour, width=width or _PLAIN_WIDTH, highlight=False
    )
    for style, line in _head(plan):
        console.print(Text(line, style=style))
    rows = folded(plan.changes, plan)
    if rows:
        console.print()
        for text in _table(rows, plan, width):
            console.print(text)
    for style, line in [*_below(plan), *_end(plan)]:
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
        yield "bold", "what was known until then"


def _table(rows: list[Row], plan: Plan, width: int | None) -> Iterable[Text]:
    from rich.text import Text  # noqa: PLC0415

    first = max(len(label) for label in _labels(rows, plan))
    first = min(first, max(20, (width or _PLAIN_WIDTH) // 3)) if width else first
    second = max(len(row.setting) for row in rows)
    for row, label in zip(rows, _labels(rows, plan), strict=True):
        line = Text(f"  {label:<{first}}  {row.setting:<{second}}  ")
        if row.old:
            line.append(row.old, style="red")
            line.append(" -> ")
        line.append(row.new, style="green")
        if row.risks:
            line.append(f"   ! {', '.join(row.risks)}", style="bold yellow")
        yield line


def _labels(rows: list[Row], plan: Plan) -> list[str]:
    labels = []
    previous: tuple[str, ...] = ()
    for row in rows:
        left = exceptions(row, plan)
        label = row.label + (f" (not {', '.join(left)})" if left else "")
        labels.append(label if row.subjects != previous else "")
        previous = row.subjects
    return labels


def _below(plan: Plan) -> Iterable[_Line]:
    routes = folded_routes(plan)
    if routes:
        yield from _title("effective route")
        for group in routes:
            yield "", f"  {group.label} -> {group.route}"
    if plan.drift:
        yield from _title("changed elsewhere since the last update")
        for change in plan.drift:
            was, live = shown(change.old, plan), shown(change.new, plan)
            back = wording.fate_of(change, plan)
            yield "yellow", f"  {change.subject}  {change.setting}  was {was}, is {live}{back}"
    if plan.others:
        yield from _title(wording.others_in_words(plan))
    if plan.findings:
        yield from _title("rules of the team")
        for finding in folded_findings(plan):
            style = "red" if finding.level == "error" else "yellow"
            yield style, f"  {finding.level}  {finding.rule}  {finding.subject}  {finding.text}"


def _title(text: str) -> Iterable[_Line]:
    yield "", ""
    yield "bold", text


def _end(plan: Plan) -> Iterable[_Line]:
    yield "", ""
    if plan.failed:
        yield "", f"next: voicehooks plan --stack {plan.stack}, once that is mended"
    elif plan.broken:
        yield "red", "next: mend the broken rules, or change voicehooks:rules"
    elif plan.empty and not plan.drift:
        yield "", "next: nothing to do for webhooks"
    else:
        yield "", f"next: pulumi up --stack {plan.stack}"
