"""How a test call went: what every way of showing it is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voicehooks.commands.call.diagnosis import Finding
    from voicehooks.commands.call.progress import Step
    from voicehooks.commands.call.rows import CallRows
    from voicehooks.commands.call.timeline import Exchange

__all__ = ["CallReport"]


@dataclass(frozen=True)
class CallReport:
    """The steps that were seen, the exchanges, the rows that are left, and what is wrong, if anything is.

    Attributes:
        environment: its name.
        call_sid: the first leg.
        steps: as a CRM's screen shows them.
        exchanges: Twilio's requests with the handler's answers and the rows.
        rows: the database's.
        finding: what is wrong, or None.
        billed: whether it was a real call.
        hung_up: whether the user ended it; then what did not come is no finding.
        checks: what `voicehooks doctor` found of what could be the cause, one line each.
    """

    environment: str
    call_sid: str
    steps: list[Step]
    exchanges: list[Exchange]
    rows: CallRows
    finding: Finding | None
    billed: bool = False
    hung_up: bool = False
    checks: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every expected step was seen and the database agrees with Twilio."""
        return self.finding is None

    def to_json(self) -> dict[str, Any]:
        """One document with the verdict, the steps, the exchanges and the rows."""
        return {
            "environment": self.environment,
            "call_sid": self.call_sid,
            "billed": self.billed,
            "verdict": "pass" if self.passed else "fail",
            "hung_up": self.hung_up,
            "finding": self.finding.to_json() if self.finding else None,
            "checks": self.checks,
            "steps": [step.to_json() for step in self.steps],
            "exchanges": [exchange.to_json() for exchange in self.exchanges],
            "calls": self.rows.calls,
            "events": self.rows.events,
            "recordings": self.rows.recordings,
        }
