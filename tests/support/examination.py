"""`voicehooks doctor` in the test's own process."""

from __future__ import annotations

import asyncio

from tests.support.clone import Clone
from voicehooks.commands.doctor.model import Report
from voicehooks.commands.doctor.run import examine
from voicehooks.stack.environment import Environment

__all__ = ["examined", "findings_by_check"]


def examined(clone: Clone, codes: list[str] | None = None, to: str = "") -> Report:
    """Run the checks with these codes, by default all."""
    return asyncio.run(examine(Environment("local", clone.folder), codes, to=to))


def findings_by_check(report: Report) -> dict[str, str]:
    """The status of each check that is not fine; those that were not run in consequence are left out."""
    return {o.check.code: o.status for o in report.outcomes if o.status not in ("ok", "not-run")}
