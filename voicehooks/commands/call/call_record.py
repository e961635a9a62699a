"""The rows of one call, read the way a CRM reads them: through the project's REST API (PostgREST)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicehooks.vendors.database import Row
from voicehooks.vendors.statuses import CALL_OVER

if TYPE_CHECKING:
    from voicehooks.vendors.database import Database

__all__ = ["CallRows", "Row", "read_rows"]


@dataclass(frozen=True)
class CallRows:
    """What the database holds about a call and the legs that it dialed, oldest first."""

    calls: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    recordings: list[Row] = field(default_factory=list)

    def call(self, call_sid: str) -> Row | None:
        """The row of one leg."""
        return next((row for row in self.calls if row["call_sid"] == call_sid), None)

    def has_ended(self, call_sid: str) -> bool:
        """Whether the leg's own end is known; a CRM shows the end of the leg that it dialed before."""
        row = self.call(call_sid)
        return row is not None and row["status"] in CALL_OVER


async def read_rows(database: Database, call_sid: str) -> CallRows:
    """Return everything that is currently known about the call `call_sid`.

    Raises:
        CommandError: the API cannot be reached or refuses.
    """
    either = f"(call_sid.eq.{call_sid},parent_call_sid.eq.{call_sid})"
    calls = await database.rows("twilio_calls", **{"or": either, "order": "created_at"})
    sids = ",".join(dict.fromkeys([call_sid, *(row["call_sid"] for row in calls)]))
    one_of = f"in.({sids})"
    events = await database.rows("twilio_call_events", call_sid=one_of, order="received_at,event_key")
    recordings = await database.rows("twilio_recordings", call_sid=one_of, order="created_at")
    return CallRows(calls, events, recordings)
