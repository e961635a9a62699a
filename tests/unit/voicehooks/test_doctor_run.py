"""How a check of the doctor ends, and what the whole examination comes to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pulumi_provider_kit.errors import ProviderError

from voicehooks.commands.doctor import run
from voicehooks.commands.doctor.model import Check, Finding, Outcome, Report, Result
from voicehooks.output.errors import CommandError


def check(look: Callable[[Any], Awaitable[Result]], **more: Any) -> Check:
    """A check that looks in this way."""
    return Check(code="one", what="It is right.", run=look, **more)


def finds(*findings: Finding) -> Callable[[Any], Awaitable[Result]]:
    """Something that finds this."""

    async def look(_: Any) -> Result:
        return Result("seen", findings)

    return look


def fails(error: Exception) -> Callable[[Any], Awaitable[Result]]:
    """Something that cannot look."""

    async def look(_: Any) -> Result:
        raise error

    return look


async def _hangs(_: Any) -> Result:
    await asyncio.Event().wait()
    raise AssertionError


def outcome(made: Check, *parents: Outcome) -> Outcome:
    """Run one check after others that ended like this."""

    async def ended(parent: Outcome) -> Outcome:
        return parent

    async def examine() -> Outcome:
        tasks = [asyncio.create_task(ended(parent)) for parent in parents]
        return await run._one(made, None, tasks, None)  # type: ignore[arg-type]

    return asyncio.run(examine())


@pytest.mark.parametrize(
    ("findings", "severity", "status"),
    [
        ([], "problem", "ok"),
        ([Finding("bad", "fix")], "problem", "problem"),
        ([Finding("bad", "fix")], "warning", "warning"),
        ([Finding("bad", "fix", severity="warning")], "problem", "warning"),
        ([Finding("bad", "fix", severity="warning"), Finding("worse", "fix")], "problem", "problem"),
    ],
)
def test_the_worst_finding_decides(findings: list[Finding], severity: Any, status: str) -> None:
    """A finding's own severity takes precedence over its check's."""
    ended = outcome(check(finds(*findings), severity=severity))
    assert (ended.status, ended.summary) == (status, findings[0].what if findings else "seen")


@pytest.mark.parametrize(
    ("error", "summary", "do"),
    [
        (CommandError("no database", "it is down", "start it"), "no database: it is down", "start it"),
        (
            ProviderError("Twilio did not answer; run it again; later"),
            "Twilio did not answer",
            "run it again; later",
        ),
    ],
)
def test_a_check_that_cannot_tell_says_why_and_what_to_do(error: Exception, summary: str, do: str) -> None:
    """Unknown is neither fine nor a problem: the exit code is 2."""
    ended = outcome(check(fails(error)))
    assert (ended.status, ended.summary, ended.do) == ("unknown", summary, do)
    assert Report("dev", "", (ended,)).exit_code == 2


def test_a_check_that_gets_no_answer_could_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not hold up the others."""
    monkeypatch.setattr(run, "_LONGEST_SECONDS", 0)
    ended = outcome(check(_hangs))
    assert ended.status == "unknown"
    assert Report("dev", "", (ended,)).exit_code == 2


@pytest.mark.parametrize("status", ["problem", "unknown", "not-run"])
def test_a_check_is_spared_the_consequences_of_another(status: Any) -> None:
    """It is not run, and names the first cause."""
    cause = Outcome(check(finds()), status, "the first cause")
    ended = outcome(check(fails(AssertionError("it was run"))), Outcome(check(finds()), "ok", ""), cause)
    assert ended.status == "not-run"
    assert ended.summary == ("the first cause" if status == "not-run" else "not run: one failed")


@pytest.mark.parametrize("status", ["ok", "warning"])
def test_a_warning_spares_nothing(status: Any) -> None:
    """What depends on a check with a warning is looked at all the same."""
    assert outcome(check(finds()), Outcome(check(finds()), status, "")).status == "ok"


def test_a_problem_outranks_what_is_not_known() -> None:
    """1: a problem; 2: a check could not tell; 0: fine, also with warnings and checks that were spared."""
    bad = Outcome(check(finds()), "problem", "", (Finding("bad", "fix"),))
    odd = Outcome(check(finds(), severity="warning"), "warning", "", (Finding("odd", "fix"),))
    unknown, spared = Outcome(check(finds()), "unknown", ""), Outcome(check(finds()), "not-run", "")
    assert Report("dev", "", (bad, unknown)).exit_code == 1
    assert Report("dev", "", (odd, unknown)).exit_code == 2
    assert Report("dev", "", (odd, spared)).exit_code == 0
