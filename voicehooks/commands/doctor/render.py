"""A report as text: the same lines with and without a terminal, marks and evidence first, the verdict last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks.commands.doctor.model import SYMPTOMS
from voicehooks.output.counting import count
from voicehooks.output.layout import command_lines, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicehooks.commands.doctor.model import Finding, Outcome, Report

__all__ = ["MARKS", "headline", "outcome_lines", "plain_lines", "verdict_lines"]

MARKS = {"ok": "ok", "warning": "!", "problem": "x", "unknown": "?", "not-run": "-"}
"""What is in the brackets before a check, by its status."""
_CODE = 20
_BEFORE = f"{'':<5}{'':<{_CODE}} "


def plain_lines(report: Report, *, verbose: bool = False, width: int | None = None) -> Iterator[str]:
    """Every line of a report, without colour."""
    yield headline(report)
    for outcome in report.by_effect:
        yield from outcome_lines(outcome, verbose=verbose, width=width)
    yield from verdict_lines(report, width=width)


def headline(report: Report) -> str:
    """The environment, its accounts, how many checks in what time."""
    checks = f"{count(len(report.outcomes), 'check')}, {report.seconds:.1f} s"
    parts = [report.stack, report.place, checks]
    return "  ".join(part for part in parts if part)


def outcome_lines(outcome: Outcome, *, verbose: bool, width: int | None) -> Iterator[str]:
    """One line, then the evidence of each finding; a command is never cut."""
    first = f"{f'[{MARKS[outcome.status]}]':<5}{outcome.check.code:<{_CODE}} "
    for finding in outcome.findings or [None]:
        sentence = outcome.summary if finding is None else _sentence(finding)
        yield from wrapped(sentence, width, first=first, rest=_BEFORE)
        first = _BEFORE
        if finding is not None:
            yield from _evidence(finding, width)
    if outcome.do:
        yield from _item("do", outcome.do, width)
    if verbose:
        for detail in outcome.details:
            yield from _item(".", detail, width)


def _sentence(finding: Finding) -> str:
    return f"{finding.subject}: {finding.what}" if finding.subject else finding.what


def _evidence(finding: Finding, width: int | None) -> Iterator[str]:
    yield from _item("is", finding.observed, width)
    yield from _item("want", finding.wanted, width)
    yield from _item("do", finding.do, width)
    if finding.fix:
        first, *others = command_lines(finding.fix, width, indent=_label(""))
        yield _label("fix") + first.lstrip()
        yield from others
    yield from _item("see", finding.link, width)


def _item(name: str, value: str, width: int | None) -> list[str]:
    return wrapped(value, width, first=_label(name), rest=_label("")) if value else []


def _label(name: str) -> str:
    return f"       {name:<6} "


def verdict_lines(report: Report, *, width: int | None) -> Iterator[str]:
    """Which symptoms are explained, where to begin, what was found in numbers, and the exit code."""
    for symptom, codes in report.symptoms.items():
        yield from wrapped(f"This explains: {SYMPTOMS[symptom]} ({', '.join(codes)})", width, rest="  ")
    if report.problems:
        first = report.by_effect[0]
        finding = first.findings[0]
        yield f"Begin with {first.check.code}:"
        if finding.do:
            yield from wrapped(finding.do, width, first="    ", rest="    ")
        if finding.fix:
            yield from command_lines(finding.fix, width)
    yield f"{report.stack}: {report.verdict}. Exit {report.exit_code}."
