"""What a reconciliation found and did, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voicehooks.commands.reconcile.quarantine import Quarantine
from voicehooks.output.json import fields_of

if TYPE_CHECKING:
    from datetime import datetime

    from voicehooks.commands.reconcile.window import Window

__all__ = ["Difference", "MissedCall", "Reconciliation", "Tally"]

# Lists are for reading: beyond this they are counted only.
LISTED = 500


@dataclass(frozen=True)
class Difference:
    """An entry of Twilio's list that its row does not say, also after it was brought in.

    Attributes:
        sid: of the call or recording.
        columns: the row's columns that lack it or say something else.
    """

    sid: str
    columns: tuple[str, ...]


@dataclass
class Tally:
    """Calls or recordings, counted both ways.

    Attributes:
        at_twilio: in Twilio's list, of the environment, in the window.
        under_way: of these, not over yet: left alone.
        equal: of these, said by their row before.
        brought_in: of these, missing or lagging before; brought in now, or to be brought in (a dry run).
        differ: of these, not said by their row after all; ``different`` lists the first ones.
        rows: rows of the window looked up the other way.
        unknown: of these, not known to Twilio; ``unknown_sids`` lists the first ones.
        deleted: recordings that were deleted at Twilio and were not in the tables.
    """

    at_twilio: int = 0
    under_way: int = 0
    equal: int = 0
    brought_in: int = 0
    differ: int = 0
    different: list[Difference] = field(default_factory=list)
    rows: int = 0
    unknown: int = 0
    unknown_sids: list[str] = field(default_factory=list)
    deleted: int = 0

    def note_difference(self, difference: Difference) -> None:
        """Count a difference, and list it where there is room."""
        self.differ += 1
        if len(self.different) < LISTED:
            self.different.append(difference)

    def note_unknown(self, sid: str) -> None:
        """Count a row that Twilio does not know, and list it where there is room."""
        self.unknown += 1
        if len(self.unknown_sids) < LISTED:
            self.unknown_sids.append(sid)

    def json_fields(self) -> dict[str, Any]:
        """The same for ``--json``."""
        return {
            **fields_of(self, without=("unknown", "deleted")),
            "unknown_to_twilio": self.unknown,
            "deleted_at_twilio": self.deleted,
        }


@dataclass(frozen=True)
class MissedCall:
    """Somebody called while the tables did not hear of it, and nobody answered.

    Attributes:
        caller: E.164, or what else Twilio sends.
        number: the number that was called.
        at: when.
        call_sid: the call.
        left_message: whether there is a voicemail.
    """

    caller: str
    number: str
    at: datetime
    call_sid: str
    left_message: bool = False


@dataclass
class Reconciliation:
    """A whole run.

    Attributes:
        stack: the environment.
        account_sid: the Twilio account.
        window: what was looked at.
        numbers: whose calls.
        dry_run: whether nothing was written.
        calls: the legs, counted.
        recordings: the recordings, counted.
        quarantine: callbacks that could not be merged before.
        missed_count: incoming calls brought in that nobody answered; ``missed`` lists them, latest first.
        seconds: how long it took.
        calls_from: ``lists``, or ``event-streams`` if only the calls were fetched that it reported and no
            callback did.
    """

    stack: str
    account_sid: str
    window: Window
    numbers: list[str]
    dry_run: bool
    calls: Tally = field(default_factory=Tally)
    recordings: Tally = field(default_factory=Tally)
    quarantine: Quarantine = field(default_factory=Quarantine)
    missed: list[MissedCall] = field(default_factory=list)
    missed_count: int = 0
    seconds: float = 0.0
    calls_from: str = "lists"

    @property
    def equal(self) -> bool:
        """Whether the tables and Twilio's lists say the same now."""
        both = (self.calls, self.recordings)
        if self.dry_run and any(tally.brought_in for tally in both):
            return False
        return not any(tally.differ or tally.unknown for tally in both)

    def json_fields(self) -> dict[str, Any]:
        """The same for ``--json``."""
        return {
            **fields_of(self, without=("window", "quarantine")),
            **fields_of(self.window),
            "quarantined": self.quarantine,
            "equal": self.equal,
        }
