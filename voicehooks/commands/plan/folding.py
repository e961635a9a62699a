"""Equal changes as one row: what 997 numbers have in common, with the exceptions apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicehooks.commands.plan.model import Change, Finding
from voicehooks.commands.plan.routes import short_url
from voicehooks.commands.plan.wording import fate_of
from voicehooks.output.counting import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicehooks.commands.plan.model import Plan

__all__ = ["Routes", "Row", "folded", "folded_routes", "shown"]

_NAMED = 3
"""So many subjects are named; more of them are counted."""
_NOUNS = {
    "number": "numbers",
    "function": "functions",
    "secret": "secrets",
    "country": "countries",
}


# Rows that say what happens to the subject itself.
_EVENTS = {"number", "migration", "migrations", "function", "secrets", "settings", "value", "application"}


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        label: whom it concerns, in words.
        subjects: all of them.
        setting: what changes.
        old: what is, in words; empty for what merely happens.
        new: what will be, in words.
        risks: why to look twice.
        repeated: whether the row above has the same subjects.
    """

    label: str
    subjects: tuple[str, ...]
    setting: str
    old: str
    new: str
    risks: tuple[str, ...]
    repeated: bool = False

    @property
    def heading(self) -> str:
        """The label, empty below a row of the same subjects."""
        return "" if self.repeated else self.label

    @property
    def counted(self) -> bool:
        """Whether the label only counts them."""
        return len(self.subjects) > _NAMED


@dataclass(frozen=True)
class Drift:
    """One setting that differs in the same way, and what the update does about it."""

    label: str
    setting: str
    was: str
    live: str
    fate: str


@dataclass(frozen=True)
class Routes:
    """Numbers with the same route."""

    label: str
    subjects: tuple[str, ...]
    route: str


def folded(changes: Iterable[Change], plan: Plan) -> list[Row]:
    """The rows, changes of the same subjects one after the other; in the order in which they first appear."""
    groups: dict[str, list[Change]] = {}
    for change in _with_one_row_of_migrations(list(changes)):
        area = "number" if change.area == "calls" else change.area
        alone = "" if area in _NOUNS else change.subject
        key = json.dumps([area, alone, change.setting, change.old, change.new, change.risks])
        groups.setdefault(key, []).append(change)
    blocks: dict[tuple[str, ...], list[list[Change]]] = {}
    for group in groups.values():
        blocks.setdefault(tuple(c.subject for c in group), []).append(group)
    return [
        _row(subjects, group, plan, repeated=place > 0)
        for subjects, block in blocks.items()
        for place, group in enumerate(block)
    ]


def _with_one_row_of_migrations(changes: Sequence[Change]) -> Sequence[Change]:
    """The changes, with one in place of those migrations that merely run, if there are several."""
    plain = [c for c in changes if c.area == "schema" and c.old is None and c.new == "runs" and not c.risks]
    if len(plain) < 2:
        return changes
    last = plain[-1].subject.removesuffix(".sql")
    row = Change("schema", "schema", "migrations", None, f"{count(len(plain), 'migration')} run, up to {last}")
    return [row if change is plain[0] else change for change in changes if change not in plain[1:]]


def folded_routes(plan: Plan) -> list[Routes]:
    """The effective routes, numbers with the same one together."""
    groups: dict[str, list[str]] = {}
    for number, route in plan.routes.items():
        groups.setdefault(route, []).append(number)
    return [Routes(_label("number", of, plan), tuple(of), route) for route, of in groups.items()]


def folded_drift(plan: Plan) -> list[Drift]:
    """What was changed elsewhere, equal differences together."""
    groups: dict[str, list[Change]] = {}
    for change in plan.drift:
        alone = "" if change.area in _NOUNS else change.subject
        key = [change.area, alone, change.setting, change.old, change.new, fate_of(change, plan)]
        groups.setdefault(json.dumps(key), []).append(change)
    return [
        Drift(
            _label(group[0].area, [change.subject for change in group], plan),
            group[0].setting,
            shown(group[0].old, plan),
            shown(group[0].new, plan),
            fate_of(group[0], plan),
        )
        for group in groups.values()
    ]


def folded_findings(plan: Plan) -> list[Finding]:
    """The broken rules, subjects that break one in the same way together."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for finding in plan.findings:
        groups.setdefault((finding.level, finding.rule, finding.text), []).append(finding.subject)
    return [
        Finding(rule, level, _label("number", subjects, plan), text)
        for (level, rule, text), subjects in groups.items()
    ]


def _exceptions(subjects: Sequence[str], plan: Plan) -> list[str]:
    """The numbers that a row which only counts them leaves out, where they are few."""
    changed = {c.subject for c in plan.changes if c.area == "number"}
    left = sorted(changed - set(subjects))
    return left if len(subjects) > _NAMED and subjects[0] in changed and len(left) <= _NAMED else []


def _row(subjects: tuple[str, ...], group: Sequence[Change], plan: Plan, *, repeated: bool) -> Row:
    first = group[0]
    labels = [c.subject for c in group if c.area == first.area]
    label = _label(first.area, labels, plan)
    if any(c.area == "calls" for c in group) and first.area == "number":
        label += " and created calls"
    left = _exceptions(subjects, plan)
    label += f" (not {', '.join(left)})" if left else ""
    old = "" if first.old is None and first.setting in _EVENTS else shown(first.old, plan)
    return Row(label, subjects, first.setting, old, shown(first.new, plan), tuple(first.risks), repeated)


def _label(area: str, subjects: Sequence[str], plan: Plan) -> str:
    if len(subjects) <= _NAMED or area not in _NOUNS:
        names = plan.names if area == "number" else {}
        return ", ".join(f"{subject} {names[subject]}" if subject in names else subject for subject in subjects)
    every = "all " if area == "number" and len(subjects) == plan.numbers else ""
    return f"{every}{len(subjects):,} {_NOUNS[area]}"


def shown(value: Any, plan: Plan) -> str:
    """A value in words; a function of the project by its name."""
    if value is None:
        return "(not set)"
    if value in ("", [], {}):
        return "(empty)"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(shown(part, plan) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {shown(part, plan)}" for name, part in value.items())
    return short_url(value, plan.functions_url)
