"""Sentences that every rendering has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks.commands.plan.model import GONE
from voicehooks.output.counting import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.commands.plan.model import Change, Plan

__all__ = [
    "deploys",
    "drift_in_words",
    "fate_of",
    "next_step",
    "numbers_in_lines",
    "others_in_words",
    "risks_in_words",
    "source",
]

_A_LINE = 7


def source(plan: Plan) -> str:
    """The commit and the time."""
    parts = [f"commit {plan.commit}"] if plan.commit else []
    if plan.at:
        parts.append(plan.at.replace("T", " ").removesuffix("Z") + " UTC")
    return ", ".join(parts)


def drift_in_words(plan: Plan) -> str:
    """Whether live differs from the last update."""
    if plan.failed:
        return ""
    if not plan.drift:
        return "live is as the last update left it"
    return f"live differs from the last update in {count(len(plan.drift), 'place')}"


def fate_of(drift: Change, plan: Plan) -> str:
    """What the update does about a difference, as the end of a sentence; empty if that is not known."""
    if drift.new == GONE:
        return "; this update creates it again"
    for change in plan.changes:
        if (change.subject, change.setting) == (drift.subject, drift.setting):
            return "; this update puts it back" if change.new == drift.old else "; this update changes it"
    return ""


def deploys(plan: Plan) -> bool:
    """Whether the next step is to deploy it."""
    return not plan.failed and not plan.broken and bool(plan.changes or plan.drift)


def next_step(plan: Plan) -> tuple[str, str]:
    """What a person does next: words, and the command where there is one; either may be empty."""
    if plan.failed:
        return "when that is fixed", f"voicehooks plan --stack {plan.stack}"
    if plan.broken:
        return "fix the broken rules, or change voicehooks:rules; merge nothing before", ""
    if not deploys(plan):
        return "nothing, no webhook changes", ""
    return "", f"pulumi up --stack {plan.stack}"


def risks_in_words(plan: Plan) -> str:
    """Each risk with how many it concerns; empty where there is none."""
    return ", ".join(f"{risk} ({count:,})" for risk, count in plan.risks.items())


def others_in_words(plan: Plan) -> str:
    """What happens to resources that are not webhooks; empty where there are none."""
    if not plan.others:
        return ""
    parts = [f"{count:,} to {operation}" for operation, count in sorted(plan.others.items())]
    return f"resources that are not webhooks: {', '.join(parts)}"


def numbers_in_lines(numbers: Sequence[str]) -> list[str]:
    """Numbers, several a line."""
    return [" ".join(numbers[start : start + _A_LINE]) for start in range(0, len(numbers), _A_LINE)]
