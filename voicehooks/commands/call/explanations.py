"""The checks of `voicehooks doctor` that could explain why a step is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks.commands.doctor.run import examine
from voicehooks.commands.doctor.table import CHECKS

if TYPE_CHECKING:
    from voicehooks.stack.environment import Environment

__all__ = ["run_checks"]

# By the kind of webhook request that should have brought it.
_EXPLANATIONS = {
    "voice": ["precedence", "urls", "drift", "function", "verify-jwt", "secrets", "probe", "database"],
    "status": ["events", "precedence", "urls", "drift", "secrets", "probe", "database"],
    "recording": ["recording", "drift", "probe", "database"],
}


async def run_checks(environment: Environment, webhook: str) -> list[str]:
    """Run them; returns one line a finding with its repair, none where nothing was found.

    Args:
        environment: where the call was made.
        webhook: the kind of the missing request: voice, status or recording.
    """
    known = {check.code for check in CHECKS}
    codes = [code for code in _EXPLANATIONS.get(webhook, ()) if code in known]
    if not codes:
        return []
    report = await examine(environment, codes)
    return [": ".join(part for part in (f.what, f.do, f.fix) if part) for f in report.findings]
