"""How a test call went: what every way of showing it is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voicehooks.call.diagnosis import Finding
    from voicehooks.call.progress import Step
    from voicehooks.call.rows import CallRows


@dataclass(frozen=True)
class CallReport:
    """The steps that were seen, the rows that are left, and what is wrong, if anything is."""

    call_sid: str
    steps: list[Step]
    rows: CallRows
    finding: Finding | None

    @property
    def passed(self) -> bool:
        """Whether every expected step was seen and the database agrees with Twilio."""
        return self.finding is None

    def to_json(self) -> dict[str, Any]:
        """One document with the verdict, the steps and the rows."""
        return {
            "call_sid": self.call_sid,
            "verdict": "pass" if self.passed else "fail",
            "finding": self.finding.to_json() if self.finding else None,
            "steps": [step.to_json() for step in self.steps],
            "calls": self.rows.calls,
            "events": self.rows.events,
            "recordings": self.rows.recordings,
        }
