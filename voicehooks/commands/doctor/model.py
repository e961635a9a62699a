"""What a check is, what it finds, and the report of all of them. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from voicehooks.output.counting import count
from voicehooks.output.json import fields_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from voicehooks.commands.doctor.context import Context

__all__ = [
    "SYMPTOMS",
    "Check",
    "Finding",
    "Outcome",
    "Report",
    "Result",
    "Severity",
    "Status",
    "Symptom",
    "problem",
]

Severity = Literal["problem", "warning"]
Status = Literal["ok", "warning", "problem", "unknown", "not-run"]
Symptom = Literal["connecting", "recording", "updates"]
Repair = Literal["", "secret"]

SYMPTOMS: dict[Symptom, str] = {
    "connecting": 'the status stays at "Connecting..."',
    "recording": "no recording after a call",
    "updates": "calls work, but no updates arrive",
}
"""What users of the guide report, by the name that checks use for it."""


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        what: one sentence without a full stop.
        fix: the command that repairs it: one complete line for a shell.
        do: what a person does first, or where no command repairs it.
        subject: what it is about, where there may be several: a number, a function.
        observed: what is there, where that says more than the sentence; never a secret.
        wanted: what should be there.
        link: the vendor's page to look at.
        severity: None for the check's own.
        explains: the symptoms that it explains; None for the check's own.
        repair: what ``--fix`` does about it instead of the command: ``secret`` sets the subject again.
    """

    what: str
    fix: str = ""
    do: str = ""
    subject: str = ""
    observed: str = ""
    wanted: str = ""
    link: str = ""
    severity: Severity | None = None
    explains: tuple[Symptom, ...] | None = None
    repair: Repair = ""


@dataclass(frozen=True)
class Result:
    """What a check's run returns.

    Attributes:
        summary: what was seen, for the line of a check that found nothing.
        findings: what is wrong.
        details: more facts, shown with ``-v``.
    """

    summary: str
    findings: Sequence[Finding] = ()
    details: Sequence[str] = ()


def problem(what: str, fix: str = "", **finding: Any) -> Result:
    """Return the result of a check that found one thing; the arguments are those of ``Finding``."""
    return Result("", [Finding(what, fix, **finding)])


@dataclass(frozen=True)
class Check:
    """One line of the checklist.

    Attributes:
        code: its name, on the screen and for ``--check``.
        what: what it makes sure of, one sentence; the reference page has it.
        run: looks, and returns what it saw. It may raise CommandError or ProviderError: then it could not tell.
        depends_on: codes of checks without which this one would only repeat what they found.
        severity: of its findings, unless they say otherwise.
        explains: the symptoms that its findings explain.
    """

    code: str
    what: str
    run: Callable[[Context], Awaitable[Result]]
    depends_on: tuple[str, ...] = ()
    severity: Severity = "problem"
    explains: tuple[Symptom, ...] = ()

    def severity_of(self, finding: Finding) -> Severity:
        """How bad a finding of this check is."""
        return finding.severity or self.severity

    def explained_by(self, finding: Finding) -> tuple[Symptom, ...]:
        """The symptoms that a finding of this check explains."""
        return self.explains if finding.explains is None else finding.explains


@dataclass(frozen=True)
class Outcome:
    """How a check ended.

    Attributes:
        check: the check.
        status: ok; warning or problem, its worst finding; unknown: it could not tell; not-run: see ``summary``.
        summary: one line.
        findings: what is wrong.
        details: more facts.
        do: what makes a check able to tell that could not.
    """

    check: Check
    status: Status
    summary: str
    findings: tuple[Finding, ...] = ()
    details: tuple[str, ...] = ()
    do: str = ""

    def json_fields(self) -> dict[str, Any]:
        """The same for ``--json``."""
        return {
            **fields_of(self),
            "check": self.check.code,
            "findings": [
                {
                    "severity": self.check.severity_of(finding),
                    "subject": finding.subject,
                    "what": finding.what,
                    "is": finding.observed,
                    "want": finding.wanted,
                    "do": finding.do,
                    "fix": finding.fix,
                    "link": finding.link,
                    "explains": self.check.explained_by(finding),
                }
                for finding in self.findings
            ],
        }


_STATUSES: list[Status] = ["problem", "unknown", "warning", "not-run", "ok"]


def _effect(outcome: Outcome) -> int:
    explained = {s for finding in outcome.findings for s in outcome.check.explained_by(finding)}
    effects: list[Symptom] = ["connecting", "updates", "recording"]
    return next((place for place, symptom in enumerate(effects) if symptom in explained), len(effects))


@dataclass(frozen=True)
class Report:
    """All checks of one examination.

    Attributes:
        stack: its name.
        place: the accounts, shortened, for the first line.
        outcomes: in the order of the checklist; see ``by_effect``.
        seconds: how long it took.
    """

    stack: str
    place: str
    outcomes: tuple[Outcome, ...]
    seconds: float = field(default=0.0)

    @property
    def by_effect(self) -> list[Outcome]:
        """The outcomes as a person reads them: what is wrong first, by its effect on callers, a cause first.

        Problems come before warnings, then what concerns whether calls are answered, their updates, their
        recordings, then the rest. Equal ones keep the checklist's order, in which a cause comes before what
        depends on it.
        """
        return sorted(self.outcomes, key=lambda outcome: (_STATUSES.index(outcome.status), _effect(outcome)))

    @property
    def findings(self) -> list[Finding]:
        """Everything that is wrong, in the order of its effect on callers."""
        return [finding for outcome in self.by_effect for finding in outcome.findings]

    @property
    def problems(self) -> int:
        """How many findings are problems."""
        return sum(o.check.severity_of(f) == "problem" for o in self.outcomes for f in o.findings)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return len(self.findings) - self.problems

    @property
    def unknown(self) -> int:
        """How many checks could not tell."""
        return sum(outcome.status == "unknown" for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """1: there is a problem; else 2: a check could not tell; else 0. Warnings alone are 0."""
        return 1 if self.problems else 2 if self.unknown else 0

    @property
    def symptoms(self) -> dict[Symptom, list[str]]:
        """The symptoms that the findings explain, each with the codes of the checks that found them."""
        explained: dict[Symptom, list[str]] = {}
        for symptom in SYMPTOMS:
            codes = [
                outcome.check.code
                for outcome in self.outcomes
                if any(symptom in outcome.check.explained_by(finding) for finding in outcome.findings)
            ]
            if codes:
                explained[symptom] = codes
        return explained

    @property
    def verdict(self) -> str:
        """The last line: what was found, in numbers."""
        parts = [
            (self.problems, "problem", ""),
            (self.warnings, "warning", ""),
            (self.unknown, "check that could not tell", "checks that could not tell"),
        ]
        return ", ".join(count(*part) for part in parts if part[0]) or "no finding"

    def json_fields(self) -> dict[str, Any]:
        """One document: the verdict, every check with its findings, the symptoms they explain."""
        return {
            "stack": self.stack,
            "place": self.place,
            "verdict": self.verdict,
            "exit_code": self.exit_code,
            "problems": self.problems,
            "warnings": self.warnings,
            "unknown": self.unknown,
            "seconds": round(self.seconds, 1),
            "checks": self.by_effect,
            "symptoms": [
                {"symptom": symptom, "text": SYMPTOMS[symptom], "checks": codes}
                for symptom, codes in self.symptoms.items()
            ],
        }
