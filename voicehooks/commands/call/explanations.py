"""The checks of `voicehooks doctor` that could explain why a step is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks.commands.doctor.run import examine

if TYPE_CHECKING:
    from voicehooks.stack.environment import Environment

__all__ = ["run_checks"]

# By the kind of webhook request that should have brought it.
_EXPLANATIONS = {
    "voice": ["precedence", "urls", "drift", "function", "verify-jwt", "secrets", "probe", "schema"],
    "status": ["events", "precedence", "urls", "drift", "secrets", "probe", "schema"],
    "recording": ["recording", "drift", "probe", "schema"],
}


async def run_checks(environment: Environment, webhook: str) -> list[str]:
    """Run them; returns one line a finding with its repair, none where nothing was found.

    Args:
        environment: where the call was made.
        webhook: the kind of the missing request: voice, status or recording.
    """
    report = await examine(environment, _EXPLANATIONS[webhook])
    return [": ".join(part for part in (f.what, f.do, f.fix) if part) for f in report.findings]
