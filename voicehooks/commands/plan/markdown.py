"""A plan as a comment on a pull request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from voicehooks.commands.plan import wording
from voicehooks.commands.plan.folding import folded, folded_drift, folded_findings, folded_routes
from voicehooks.output.counting import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.commands.plan.folding import Row
    from voicehooks.commands.plan.model import Plan

__all__ = ["LIMIT", "marker", "render_markdown"]

LIMIT = 65_000
"""Characters; a comment may have 65,536 (GitHub), and a workflow may put a line of its own before."""
_LONGEST = 160
_FEW = 10
_HEADER = "| | setting | now | after | |\n| --- | --- | --- | --- | --- |"


def marker(stack: str) -> str:
    """The hidden line by which a workflow finds its own comment, one an environment."""
    return f"<!-- voicehooks plan: {stack} -->"


def render_markdown(plan: Plan) -> str:
    """The comment. Where it would be too long the details go first, then rows without a risk."""
    head = _head(plan)
    rows = folded(plan.changes, plan)
    details = _details(plan, rows)
    tail = [f"Next: {_next(plan)}"]
    while True:
        dropped = [] if details == _details(plan, rows) else [_DROPPED]
        text = _joined([*head, *_table(rows, plan), *details, *dropped, *tail])
        if len(text) <= LIMIT:
            return text
        if not details:
            return _joined([*head, _DROPPED, *_shortened(rows, head, tail), *tail])
        details = details[:-1]


_DROPPED = "Details are left out, this comment would be too long; `voicehooks plan` on a terminal shows all."


def _head(plan: Plan) -> list[str]:
    facts = [part for part in (wording.source(plan), wording.drift_in_words(plan)) if part]
    lines = [
        marker(plan.stack),
        f"### {_text(plan.stack)}: {plan.verdict}\n{_text(' · '.join(facts))}".rstrip(),
    ]
    if plan.risks:
        lines.append(f"⚠ **{_text(wording.risks_in_words(plan))}**")
    if plan.failed:
        lines += [_failure(failure.resource, failure.why, failure.do) for failure in plan.failures]
        if plan.changes:
            lines.append("Known before the failure:")
    findings = folded_findings(plan)
    for finding in findings[:_FEW]:
        sign = "✗" if finding.level == "error" else "⚠"
        lines.append(
            f"{sign} {finding.level}, rule `{finding.rule}`: {_text(finding.subject)} {_text(finding.text)}"
        )
    if len(findings) > _FEW:
        lines.append(f"… and {count(len(findings) - _FEW, 'more rule')} broken.")
    return lines


def _failure(resource: str, why: str, do: str) -> str:
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", why)), default=0) + 1)
    title = f"**{_text(resource)}** failed:" if resource else "What failed:"
    return f"{title}\n\n{fence}\n{_cut(why, 4000)}\n{fence}\n\nWhat to do: {_text(do)}"


def _table(rows: Sequence[Row], plan: Plan) -> list[str]:
    if not rows:
        others = wording.others_in_words(plan)
        return [_text(others[:1].upper() + others[1:]) + "."] if others else []
    return ["\n".join([_HEADER, *_lines(rows)])]


def _lines(rows: Sequence[Row], *, alone: bool = False) -> list[str]:
    lines: list[str] = []
    for row in rows:
        label = _text(row.label if alone else row.heading)
        mark = "; ".join(f"⚠ **{_text(risk)}**" for risk in row.risks)
        lines.append(
            f"| {label} | {_text(row.setting)} | {_code(row.old)} | {_code(row.new)} | {mark} |".replace(
                "  ", " "
            )
        )
    return lines


def _shortened(rows: Sequence[Row], head: Sequence[str], tail: Sequence[str]) -> list[str]:
    """As many rows as fit, those with a risk first, and how many more there are."""
    note = "\n… and {:,} more rows, {:,} of them with a risk."
    room = LIMIT - len(_joined([*head, _DROPPED, *tail])) - len(_HEADER) - len(note) - 40
    kept: list[str] = []
    ordered = sorted(rows, key=lambda row: not row.risks)
    for place, row in enumerate(ordered):
        [line] = _lines([row], alone=True)
        room -= len(line) + 1
        if room < 0:
            left = ordered[place:]
            return [
                "\n".join([_HEADER, *kept]) + "\n" + note.format(len(left), sum(bool(r.risks) for r in left))
            ]
        kept.append(line)
    return ["\n".join([_HEADER, *kept])]


def _details(plan: Plan, rows: Sequence[Row]) -> list[str]:
    """What may be dropped where there is no room: the most important one first."""
    blocks = []
    routes = [f"- {_text(r.label)}: {_code(r.route)}" for r in folded_routes(plan)]
    if routes:
        text = "\n".join(routes)
        blocks.append(f"Effective route:\n{text}" if len(routes) <= _FEW else _fold("Effective routes", text))
    if plan.drift:
        lines = [
            f"| {_text(d.label)} | {_text(d.setting)} | {_code(d.was)} | {_code(d.live)}{d.fate} |"
            for d in folded_drift(plan)
        ]
        table = "\n".join(["| | setting | last update | live |", "| --- | --- | --- | --- |", *lines])
        blocks.append(_fold("Changed elsewhere since the last update", table))
    if plan.notes:
        lines = [f"- {_text(' '.join(_cut(note, 2000).split()))}" for note in plan.notes[:_FEW]]
        blocks.append("Messages from the providers:\n" + "\n".join(lines))
    if plan.changes and plan.others:
        blocks.append(_text("Also: " + wording.others_in_words(plan)))
    counted = {row.subjects: row.label for row in rows if row.counted}
    for subjects, label in counted.items():
        blocks.append(_fold(f"The {_text(label)}", "\n".join(wording.numbers_in_lines(subjects))))
    return blocks


def _fold(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def _next(plan: Plan) -> str:
    words, command = wording.next_step(plan)
    undo = f" Undo later: `voicehooks rollback --stack {plan.stack}`." if wording.deploys(plan) else ""
    return f"{words} `{command}`".strip() + "." + undo if command else f"{words}."


def _joined(blocks: Sequence[str]) -> str:
    return "\n\n".join(block for block in blocks if block) + "\n"


def _code(value: str) -> str:
    """A value as code, in which nothing is markup, no one is mentioned and no row ends."""
    if value.startswith("(") and value.endswith(")"):
        return _text(value)
    flat = " ".join(_cut(value, _LONGEST).split()).replace("`", "'")
    # In code nothing can be escaped but the |: one after a backslash would end the cell all the same.
    flat = flat.replace("\\|", "\\ |").replace("|", "\\|")
    return f"`{flat}`" if flat else ""


def _text(value: str) -> str:
    """Words in one line: nothing in them is markup, ends a row or mentions anyone."""
    flat = " ".join(value.splitlines()).replace("<", "&lt;").replace("@", "&#64;")
    return re.sub(r"([\\|*_`\[\]])", r"\\\1", flat)


def _cut(value: str, longest: int) -> str:
    return value if len(value) <= longest else f"{value[:longest]}… ({len(value):,} characters)"
