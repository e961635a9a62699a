"""Running checks side by side: each waits for those it depends on, and a failed one spares its consequences."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import ProviderError

from voicehooks.commands.doctor.context import Context
from voicehooks.commands.doctor.model import Outcome, Report
from voicehooks.commands.doctor.table import CHECKS
from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicehooks.commands.doctor.model import Check, Status
    from voicehooks.stack.environment import Environment

__all__ = ["examine", "select"]

# A check that waits longer learns nothing more; the vendors' clients would retry for minutes.
_LONGEST_SECONDS = 30.0


async def examine(
    environment: Environment,
    codes: Sequence[str] | None = None,
    *,
    to: str = "",
    progress: Callable[[Outcome], None] | None = None,
) -> Report:
    """Run checks against an environment.

    Args:
        environment: the stack.
        codes: which checks; None for all of them. Those they depend on are not run unless named too.
        to: a number in E.164 format, for the check of dialing permissions.
        progress: called with each outcome as soon as it is there, in no order.

    Raises:
        CommandError: there is no such check.
    """
    chosen = select(codes)
    started = time.monotonic()
    async with Context(environment, to=to) as context:
        running: dict[str, asyncio.Task[Outcome]] = {}
        for check in chosen:  # the table is ordered: what a check depends on comes before it
            parents = [running[code] for code in check.depends_on if code in running]
            running[check.code] = asyncio.create_task(_one(check, context, parents, progress))
        outcomes = await asyncio.gather(*running.values())
        place = await context.place()
    return Report(environment.name, place, tuple(outcomes), time.monotonic() - started)


def select(codes: Sequence[str] | None) -> list[Check]:
    """The checks of these codes in the order of the checklist.

    Raises:
        CommandError: one of the codes is none.
    """
    if not codes:
        return list(CHECKS)
    known = {check.code for check in CHECKS}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise CommandError(
            f"no check {unknown[0]}",
            f"the checks are {', '.join(check.code for check in CHECKS)}",
            "voicehooks doctor --list describes each",
        )
    return [check for check in CHECKS if check.code in codes]


async def _one(
    check: Check,
    context: Context,
    parents: Sequence[asyncio.Task[Outcome]],
    progress: Callable[[Outcome], None] | None,
) -> Outcome:
    for parent in parents:
        before = await parent
        if before.status in ("problem", "unknown", "not-run"):
            outcome = Outcome(check, "not-run", _because(before))
            break
    else:
        outcome = await _run(check, context)
    if progress is not None:
        progress(outcome)
    return outcome


def _because(before: Outcome) -> str:
    """The first cause: a check that was not run names the one that failed."""
    return before.summary if before.status == "not-run" else f"not run: {before.check.code} failed"


async def _run(check: Check, context: Context) -> Outcome:
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            result = await check.run(context)
    except CommandError as error:
        return Outcome(check, "unknown", f"{error.what}: {error.why}", do=error.do)
    except ProviderError as error:
        what, _, do = str(error).partition("; ")
        return Outcome(check, "unknown", what, do=do)
    except TimeoutError:
        seconds = f"{_LONGEST_SECONDS:.0f} s"
        return Outcome(check, "unknown", f"no answer within {seconds}", do="run it again later")
    severities = {check.severity_of(finding) for finding in result.findings}
    status: Status = "problem" if "problem" in severities else "warning" if severities else "ok"
    findings = tuple(result.findings)
    summary = result.summary if not findings else findings[0].what
    return Outcome(check, status, summary, findings, tuple(result.details))
