"""How a test call went: what every way of showing it is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicehooks.output.json import fields_of

if TYPE_CHECKING:
    from voicehooks.commands.call.call_record import CallRows
    from voicehooks.commands.call.diagnosis import Finding
    from voicehooks.commands.call.progress import Step
    from voicehooks.commands.call.timeline import Exchange

__all__ = ["CallReport"]


@dataclass(frozen=True)
class CallReport:
    """The steps that were seen, the exchanges, the rows that are left, and what is wrong, if anything is.

    Attributes:
        stack: its name.
        call_sid: the first leg.
        steps: as a CRM's screen shows them.
        exchanges: Twilio's requests with the handler's answers and the rows.
        rows: the database's.
        finding: what is wrong, or None.
        billed: whether it was a real call.
        hung_up: whether the user ended it; then what did not arrive is not a finding.
        checks: what `voicehooks doctor` found of what could be the cause, one line each.
    """

    stack: str
    call_sid: str
    steps: list[Step]
    exchanges: list[Exchange]
    rows: CallRows
    finding: Finding | None
    billed: bool
    hung_up: bool
    checks: list[str]

    @property
    def passed(self) -> bool:
        """Whether every expected step was seen and the database agrees with Twilio."""
        return self.finding is None

    def json_fields(self) -> dict[str, Any]:
        """One document with the verdict, the steps, the exchanges and the database's rows."""
        return {
            **fields_of(self, without=("rows",)),
            "verdict": "pass" if self.passed else "fail",
            **fields_of(self.rows),
        }
