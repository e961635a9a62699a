"""The stack on this machine: settings, deployed at all, lock and pending operations."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from voicehooks.commands.doctor.model import Check, Finding, Result, problem
from voicehooks.output.counting import count
from voicehooks.output.errors import CommandError
from voicehooks.stack.backend.protocol import Unreadable
from voicehooks.stack.stack_health import stack_health

if TYPE_CHECKING:
    from voicehooks.commands.doctor.context import Context

__all__ = ["CHECKS"]


async def _settings(context: Context) -> Result:
    try:
        settings = await context.settings()
    except CommandError as error:
        what = f"{error.what}: {error.why}"
        if error.do.startswith(("voicehooks ", "pulumi ")):
            return problem(what, error.do)
        return problem(what, do=error.do or "correct it, and run this again")
    return Result(f"Pulumi.{context.name}.yaml is valid; webhook {settings.webhook_url}")


async def _deployed(context: Context) -> Result:
    state = await context.state()
    if state.deployed:
        return Result(
            f"{count(len(state.numbers), 'number')}, {count(len(state.functions), 'function')} in the state"
        )
    return problem(f"{context.name} was never deployed", context.up)


async def _lock(context: Context) -> Result:
    state = await asyncio.to_thread(stack_health, context.environment.engine)
    findings = [
        Finding(problem.what, " && ".join(problem.commands), do=problem.do, observed=problem.why)
        for problem in state.problems
    ]
    if isinstance(state.locks, Unreadable):
        # A warning: nothing is known to be wrong, and the checks after this one can still tell.
        findings.append(
            Finding(
                f"whether {context.name} is locked cannot be seen",
                do=state.locks.do or "nothing; an update reports a lock when it starts",
                observed=state.locks.why,
                severity="warning",
            )
        )
    if state.locks == "not shown":
        return Result(
            "no pending operations; Pulumi Cloud shows a lock when an update starts (pulumi cancel clears it)",
            findings,
        )
    return Result("no lock, no pending operations", findings)


CHECKS = (
    Check(
        "settings", "The settings file exists, its secrets can be decrypted, and every key is valid.", _settings
    ),
    Check(
        "deployed",
        "The stack has been deployed.",
        _deployed,
        explains=("connecting", "updates", "recording"),
    ),
    Check("lock", "No update left a lock or pending operations behind.", _lock),
)
