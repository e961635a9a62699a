"""The stack on this machine: settings, deployed at all, lock and pending operations."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from voicehooks.doctor.model import Check, Finding, Result
from voicehooks.errors import CommandError
from voicehooks.stack_state import stack_problems

if TYPE_CHECKING:
    from voicehooks.doctor.context import Context

__all__ = ["CHECKS"]


async def _settings(context: Context) -> Result:
    try:
        settings = await context.settings()
    except CommandError as error:
        return Result("", [Finding(f"{error.what}: {error.why}", error.do or "correct it, and run this again")])
    return Result(f"Pulumi.{context.name}.yaml is right; webhook {settings.webhook_url}")


async def _deployed(context: Context) -> Result:
    state = await context.state()
    if state.deployed:
        return Result(f"{len(state.numbers)} numbers, {len(state.functions)} functions in the state")
    return Result("", [Finding(f"{context.name} was never deployed", context.up)])


async def _lock(context: Context) -> Result:
    problems = await asyncio.to_thread(stack_problems, context.environment.engine)
    findings = [Finding(one.what, "    then  ".join(one.commands), observed=one.why) for one in problems]
    return Result("no lock, no pending operations", findings)


CHECKS = (
    Check(
        "settings", "Settings", "The settings file is there, can be opened, and every key is right.", _settings
    ),
    Check(
        "deployed",
        "Stack",
        "The stack was deployed.",
        _deployed,
        explains=("connecting", "updates", "recording"),
    ),
    Check("lock", "Lock", "No update left a lock or pending operations behind.", _lock),
)
