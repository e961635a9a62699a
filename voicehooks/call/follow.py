"""Follow one call in the database until nothing more is expected, or something stays out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicehooks.call.progress import CallProgress, Expectation, Step
    from voicehooks.call.rows import CallRows

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class CallReport:
    """How a test call went; what every way of showing it is made from."""

    call_sid: str
    steps: list[Step]
    missing: Expectation | None
    rows: CallRows

    @property
    def passed(self) -> bool:
        """Whether every expected step was seen."""
        return self.missing is None

    def to_json(self) -> dict[str, Any]:
        """One document with the verdict, the steps and the rows."""
        missing = self.missing and {"what": self.missing.missing, "likely_cause": self.missing.likely_cause}
        return {
            "call_sid": self.call_sid,
            "verdict": "pass" if self.passed else "fail",
            "steps": [step.to_json() for step in self.steps],
            "missing": missing,
            "calls": self.rows.calls,
            "events": self.rows.events,
            "recordings": self.rows.recordings,
        }


def follow(
    progress: CallProgress,
    read: Callable[[], CallRows],
    show: Callable[[Step], None],
    *,
    started: float,
    clock: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> CallReport:
    """Read again and again, and hand each new step to `show` at once.

    Args:
        progress: the call, already started.
        read: its rows as of now.
        show: called once a step, in order.
        started: when the call was made, by `clock`.
        clock: seconds that only ever grow.
        wait: pause for so many seconds.
    """
    while True:
        rows = read()
        seconds = clock() - started
        for step in progress.observe(rows, seconds):
            show(step)
        missing = progress.overdue(seconds)
        if missing or progress.is_finished():
            return CallReport(progress.call_sid, progress.steps, missing, rows)
        wait(POLL_SECONDS)
