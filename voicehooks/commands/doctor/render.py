"""A report as text: the same lines with and without a terminal, marks and evidence first, the verdict last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks.commands.doctor.model import SYMPTOMS
from voicehooks.output.counting import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicehooks.commands.doctor.model import Finding, Outcome, Report

__all__ = ["MARKS", "headline", "outcome_lines", "plain_lines", "verdict_lines"]

MARKS = {"ok": "ok", "warning": "!", "problem": "x", "unknown": "?", "not-run": "-"}
"""What is in the brackets before a check, by its status."""
_TITLE = 20


def plain_lines(report: Report, *, verbose: bool = False) -> Iterator[str]:
    """Every line of a report, without colour."""
    yield headline(report)
    for outcome in report.outcomes:
        yield from outcome_lines(outcome, verbose=verbose)
    yield from verdict_lines(report)


def headline(report: Report) -> str:
    """The environment, its accounts, how many checks in what time."""
    checks = f"{count(len(report.outcomes), 'check')}, {report.seconds:.1f} s"
    parts = [report.stack, report.place, checks]
    return "  ".join(part for part in parts if part)


def outcome_lines(outcome: Outcome, *, verbose: bool = False) -> Iterator[str]:
    """One line, then the evidence of each finding."""
    check = outcome.check
    mark = f"[{MARKS[outcome.status]}]"
    first, *others = outcome.findings or [None]
    summary = outcome.summary if first is None else _sentence(first)
    yield f"{mark:<5}{check.title:<{_TITLE}} {summary}"
    if first is not None:
        yield from _evidence(first)
    for finding in others:
        if finding is not None:
            yield f"{'':<5}{'':<{_TITLE}} {_sentence(finding)}"
            yield from _evidence(finding)
    if outcome.do:
        yield f"       fix    {outcome.do}"
    if verbose:
        for detail in outcome.details:
            yield f"       .      {detail}"


def _sentence(finding: Finding) -> str:
    return f"{finding.subject}: {finding.what}" if finding.subject else finding.what


def _evidence(finding: Finding) -> Iterator[str]:
    for name, value in (
        ("is", finding.observed),
        ("want", finding.wanted),
        ("fix", finding.fix),
        ("see", finding.link),
    ):
        if value:
            yield f"       {name:<6} {value}"


def verdict_lines(report: Report) -> Iterator[str]:
    """Which symptoms are explained, then what was found in numbers, and the exit code."""
    for symptom, codes in report.symptoms.items():
        yield f"This explains: {SYMPTOMS[symptom]} ({', '.join(codes)})"
    yield f"{report.stack}: {report.verdict}. Exit {report.exit_code}."
