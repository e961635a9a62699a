"""Running the doctor for a person: progress on stderr while checks run, the report on stdout."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from pulumi_twilio.destinations import is_e164
from rich.console import Console
from rich.markup import escape

from voicehooks.commands.doctor.assumptions.report import exit_code, lines, report
from voicehooks.commands.doctor.render import headline, outcome_lines, plain_lines, verdict_lines
from voicehooks.commands.doctor.repairs import repair, repairs_of
from voicehooks.commands.doctor.run import examine, select
from voicehooks.commands.doctor.table import CHECKS
from voicehooks.output.consent import is_watched
from voicehooks.output.errors import CommandError
from voicehooks.output.json import print_json
from voicehooks.output.layout import screen_width
from voicehooks.stack.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.commands.doctor.model import Outcome, Report

__all__ = ["list_all", "run", "show_assumptions"]

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red", "unknown": "magenta", "not-run": "dim"}


def list_all(*, as_json: bool) -> None:
    """Print every check: its code and what it makes sure of."""
    if as_json:
        print_json([{"check": c.code, "what": c.what, "dependsOn": c.depends_on} for c in CHECKS])
        return
    for check in CHECKS:
        print(f"{check.code:<20} {check.what}")


def show_assumptions(stack: str, *, number: str, as_json: bool, yes: bool) -> int:
    """Print what an account says to the assumptions about the vendors; returns the exit code.

    Raises:
        CommandError: there is no project here, or the number is not one.
    """
    _check_number(number)
    outcomes = report(stack, number=number, yes=yes)
    if as_json:
        print_json(
            [
                {
                    "assumption": outcome.assumption.code,
                    "verdict": outcome.answer.verdict,
                    "seen": outcome.answer.seen,
                }
                for outcome in outcomes
            ]
        )
    else:
        for line in lines(outcomes, sandbox=Environment(stack).is_sandbox):
            print(line)
    return exit_code(outcomes)


def _check_number(number: str) -> None:
    if number and not is_e164(number):
        raise CommandError(f"no check of {number}", "it is not an E.164 number", "write it as +15551234567")


def run(
    stack: str,
    codes: Sequence[str],
    *,
    to: str,
    as_json: bool,
    verbose: bool,
    fix: bool = False,
    yes: bool = False,
) -> int:
    """Examine an environment and print what was found; returns the exit code.

    With `fix` the safe repairs are made, and it is examined again.

    Raises:
        CommandError: there is no project here, no such check, DEST is not a number, or a repair failed.
    """
    _check_number(to)
    select(codes)
    environment = Environment(stack)
    report = _examined(environment, codes, to, as_json=as_json)
    if fix:
        repairs = repairs_of(report, environment)
        if repairs and not as_json:
            _print_report(report, verbose)
        if repair(repairs, stack, yes=yes):
            report = _examined(Environment(stack), codes, to, as_json=as_json)
        elif repairs and not as_json:
            return report.exit_code
    if as_json:
        print_json(report)
    else:
        _print_report(report, verbose)
    return report.exit_code


def _examined(environment: Environment, codes: Sequence[str], to: str, *, as_json: bool) -> Report:
    interactive = is_watched(sys.stderr) and not as_json
    if interactive:
        return _with_progress(environment, codes, to, Console(stderr=True))
    return asyncio.run(examine(environment, codes, to=to))


def _print_report(report: Report, verbose: bool) -> None:
    if is_watched(sys.stdout):
        _show(report, verbose)
        return
    for line in plain_lines(report, verbose=verbose):
        print(line)


def _with_progress(environment: Environment, codes: Sequence[str], to: str, console: Console) -> Report:
    waiting = {check.code: check.code for check in select(codes)}
    count = len(waiting)
    with console.status(f"{environment.name}: {count} checks") as status:

        def done(outcome: Outcome) -> None:
            waiting.pop(outcome.check.code, None)
            rest = ", ".join(list(waiting.values())[:3])
            status.update(f"{environment.name}: {count - len(waiting)} of {count} checks; waiting for {rest}")

        return asyncio.run(examine(environment, codes, to=to, progress=done))


def _show(report: Report, verbose: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{escape(headline(report))}[/bold]")
    width = screen_width()
    for outcome in report.by_effect:
        first, *rest = outcome_lines(outcome, verbose=verbose, width=width)
        mark, text = first[:5], first[5:]
        console.print(f"[{_COLOURS[outcome.status]}]{escape(mark)}[/]{escape(text)}")
        for line in rest:
            console.print(f"[dim]{escape(line[:14])}[/dim]{escape(line[14:])}")
    colour = "red" if report.problems else "yellow" if report.warnings or report.unknown else "green"
    for line in verdict_lines(report, width=width):
        console.print(f"[{colour}]{escape(line)}[/]")
