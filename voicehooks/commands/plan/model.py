"""What a plan is: data that the terminal, the pull request and `--json` render in their own ways."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from voicehooks.output.counting import count
from voicehooks.output.json import fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMAT", "GONE", "Change", "Failure", "Finding", "Plan"]

FORMAT = 3
"""The version of a saved plan's layout."""
GONE = "gone"
"""The live side of a difference where the thing itself is not there any more."""


@dataclass(frozen=True)
class Change:
    """One setting of one subject.

    Attributes:
        area: number, calls (those created by API), environment, function, secret, schema, country, other.
        subject: an E.164 number, a function's slug, a secret's name, a country's code.
        setting: by the name that it has in the settings or in the resource; "file NAME" for a file.
        old: what is live, as JSON has it; None where there is nothing or where it is not known.
        new: what it will be.
        risks: why a reviewer should look twice, in words.
    """

    area: str
    subject: str
    setting: str
    old: Any
    new: Any
    risks: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Equal for equal changes."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Change:
        """Read what `voicehooks plan --out` saved."""
        return cls(**{**data, "risks": tuple(data["risks"])})


@dataclass(frozen=True)
class Finding:
    """A rule of the team that the plan breaks.

    Attributes:
        rule: the rule's key under `voicehooks:rules`.
        level: error or warning.
        subject: whom it concerns.
        text: what is wrong, a sentence without a full stop.
    """

    rule: str
    level: str
    subject: str
    text: str


@dataclass(frozen=True)
class Failure:
    """Why a preview failed.

    Attributes:
        resource: the resource at fault, or the empty string.
        why: the engine's or the provider's own words.
        do: what to do about it.
    """

    resource: str
    why: str
    do: str


@dataclass(frozen=True)
class Plan:
    """The changes that an update would make.

    Attributes:
        stack: the environment.
        commit: the commit of the working tree, with "+" where it has uncommitted changes; may be empty.
        at: when the preview was made, ISO 8601 in UTC; may be empty.
        numbers: how many numbers the environment has afterwards.
        functions_url: what the project's function URLs start with, before and after; empty where it changes.
        changes: what changes, in the order of the update.
        joining: numbers that come under management.
        leaving: numbers that are given back.
        drift: what is live differs from the last update: `old` as of the update, `new` as it is.
        names: by number that changes, its name in the Twilio console, where that says more than the number.
        routes: by number that changes, who takes its calls afterwards, in one line.
        findings: the team's rules that are broken.
        failures: why the preview failed; then the rest is known before the failure.
        notes: warnings of the engine and the providers, and numbers that "*" leaves out.
        others: changes of resources that have nothing to do with webhooks, by what happens to how many.
    """

    stack: str
    commit: str
    at: str
    numbers: int = 0
    functions_url: str = ""
    changes: list[Change] = field(default_factory=list)
    joining: list[str] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)
    drift: list[Change] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    routes: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether the preview failed."""
        return bool(self.failures)

    @property
    def empty(self) -> bool:
        """Whether no webhook changes."""
        return not self.changes

    @property
    def broken(self) -> bool:
        """Whether a rule is broken that the team calls an error."""
        return any(finding.level == "error" for finding in self.findings)

    @property
    def risks(self) -> dict[str, int]:
        """Each kind of risk with the number of subjects that it concerns, in order of appearance."""
        subjects: dict[str, set[tuple[str, str]]] = {}
        for change in self.changes:
            for risk in change.risks:
                subjects.setdefault(risk, set()).add((change.area, change.subject))
        return {risk: len(concerned) for risk, concerned in subjects.items()}

    @property
    def verdict(self) -> str:
        """The plan in one sentence without a full stop."""
        if self.failed:
            return "the preview failed"
        if self.empty:
            return "no webhook changes"
        counts = _counts(self)
        return ", ".join(f"{count(amount, noun)} {verb}" for noun, verb, amount in counts if amount)

    @property
    def digest(self) -> str:
        """Equal for plans that change the same things: 16 hex digits."""
        content = sorted(change.key for change in self.changes)
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]

    def json_fields(self) -> dict[str, Any]:
        """All of it, for `--json` and `--out`."""
        return {
            "format": FORMAT,
            "verdict": self.verdict,
            "digest": self.digest,
            "risks": self.risks,
            **fields_of(self),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """Read what `--out` saved.

        Raises:
            KeyError: a part is missing.
            TypeError: a part is something else.
        """
        return cls(
            stack=data["stack"],
            commit=data["commit"],
            at=data["at"],
            numbers=data["numbers"],
            functions_url=data["functionsUrl"],
            changes=[Change.from_json(row) for row in data["changes"]],
            joining=list(data["joining"]),
            leaving=list(data["leaving"]),
            drift=[Change.from_json(row) for row in data["drift"]],
            names=dict(data["names"]),
            routes=dict(data["routes"]),
            findings=[Finding(**row) for row in data["findings"]],
            failures=[Failure(**row) for row in data["failures"]],
            notes=list(data["notes"]),
            others=dict(data["others"]),
        )


def _counts(plan: Plan) -> list[tuple[str, str, int]]:
    by_area: dict[str, set[str]] = {}
    for change in plan.changes:
        by_area.setdefault(change.area, set()).add(change.subject)
    arriving = set(plan.joining) | set(plan.leaving)
    functions = by_area.get("function", set())
    gone = {
        c.subject
        for c in plan.changes
        if c.area == "function" and c.setting == "function" and c.new == "removed"
    }
    return [
        ("number", "changed", len(by_area.get("number", set()) - arriving)),
        ("number", "joining", len(plan.joining)),
        ("number", "given back", len(plan.leaving)),
        ("function", "deployed", len(functions - gone)),
        ("function", "removed", len(gone)),
        ("secret", "set", len(by_area.get("secret", set()))),
        ("migration", "to run", sum(c.area == "schema" for c in plan.changes)),
        ("country", "changed", len(by_area.get("country", set()))),
        ("other setting", "changed", sum(c.area in {"environment", "calls", "other"} for c in plan.changes)),
    ]
