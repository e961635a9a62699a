"""A call or recording as Twilio's list has it, what it says as an event, and what a row lacks of it.

The events have the kind ``reconciled`` and Twilio's names of callbacks; see the header of the migration that
has ``ingest_twilio_webhook``. A row is compared in what such an event can say.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Protocol

from voicehooks.vendors.statuses import CALL_OVER, RECORDING_OVER

if TYPE_CHECKING:
    from voicehooks.vendors.database import Row

__all__ = ["CALL_COLUMNS", "RECORDING_COLUMNS", "CallEntry", "Entry", "RecordingEntry", "moment_of_row"]

# A row's first event may be seconds younger than the call; one that began much later lost its first ones.
_SLOW_START = timedelta(minutes=1)

CALL_COLUMNS = (
    "call_sid,status,duration_seconds,started_at,ended_at,direction,from_number,to_number,parent_call_sid"
)
RECORDING_COLUMNS = "recording_sid,status,duration_seconds,started_at,url"


class Entry(Protocol):
    """What calls and recordings have in common."""

    @property
    def sid(self) -> str:
        """Its SID."""

    @property
    def started(self) -> datetime:
        """When it began."""

    @property
    def over(self) -> bool:
        """Whether Twilio will not change it any more; what is under way is left alone."""

    def params(self) -> dict[str, str]:
        """Return what it says, by the names of Twilio's callbacks."""

    def lacks(self, row: Row | None) -> list[str]:
        """Return the columns in which a row says less or something else; empty for none."""


class CallEntry:
    """One leg.

    Args:
        body: as Twilio's API answers it.
    """

    def __init__(self, body: dict[str, Any]) -> None:
        self.sid = str(body["sid"])
        self.status = str(body["status"])
        self.direction = str(body["direction"] or "")
        self.caller = str(body["from"] or "")
        self.to = str(body["to"] or "")
        self.parent = str(body.get("parent_call_sid") or "")
        self.started = _moment(body.get("start_time")) or _moment(body["date_created"]) or _EPOCH
        self.ended = _moment(body.get("end_time")) or _moment(body.get("date_updated")) or self.started
        self.seconds = _seconds(body.get("duration"))
        self._account = str(body["account_sid"])

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.status in CALL_OVER

    @property
    def is_incoming(self) -> bool:
        """Whether somebody called us; false for the legs that such a call dialed."""
        return self.direction == "inbound" and not self.parent

    def params(self) -> dict[str, str]:
        """Return what it says, by the names of Twilio's callbacks."""
        said = {
            "CallSid": self.sid,
            "AccountSid": self._account,
            "ParentCallSid": self.parent,
            "Direction": self.direction,
            "From": self.caller,
            "To": self.to,
            "CallStatus": self.status,
            "CallDuration": "" if self.seconds is None else str(self.seconds),
            "StartTime": format_datetime(self.started),
            "EndTime": format_datetime(self.ended),
        }
        return {name: value for name, value in said.items() if value}

    def lacks(self, row: Row | None) -> list[str]:
        """Return the columns in which a row says less or something else."""
        if row is None:
            return ["call_sid"]
        began = moment_of_row(row)
        differs = {
            "status": row["status"] != self.status,
            "duration_seconds": self.seconds is not None and row["duration_seconds"] != self.seconds,
            "started_at": began is None or began > self.started + _SLOW_START,
            "ended_at": row["ended_at"] is None,
            "direction": not row["direction"] and self.direction,
            "from_number": not row["from_number"] and self.caller,
            "to_number": not row["to_number"] and self.to,
            "parent_call_sid": (row["parent_call_sid"] or "") != self.parent,
        }
        return [column for column, is_so in differs.items() if is_so]


class RecordingEntry:
    """One recording.

    Args:
        body: as Twilio's API answers it.
        api_url: where that API is; the audio is next to the recording.
    """

    def __init__(self, body: dict[str, Any], api_url: str) -> None:
        self.sid = str(body["sid"])
        self.call_sid = str(body["call_sid"] or "")
        self.status = str(body["status"])
        self.started = _moment(body.get("start_time")) or _moment(body["date_created"]) or _EPOCH
        self.seconds = _seconds(body.get("duration"))
        self._account = str(body["account_sid"])
        self._channels = str(body.get("channels") or "")
        self._source = str(body.get("source") or "")
        self._track = str(body.get("track") or "")
        self._error = str(body.get("error_code") or "")
        path = f"/2010-04-01/Accounts/{self._account}/Recordings/{self.sid}"
        self._url = str(body.get("media_url") or api_url.rstrip("/") + path)

    @property
    def over(self) -> bool:
        """Whether it is made, or will never be."""
        return self.status in RECORDING_OVER

    def params(self) -> dict[str, str]:
        """Return what it says, by the names of Twilio's callbacks."""
        said = {
            "CallSid": self.call_sid,
            "AccountSid": self._account,
            "RecordingSid": self.sid,
            "RecordingStatus": self.status,
            "RecordingDuration": "" if self.seconds is None else str(self.seconds),
            "RecordingChannels": self._channels,
            "RecordingSource": self._source,
            "RecordingTrack": self._track,
            "RecordingUrl": self._url,
            "RecordingStartTime": format_datetime(self.started),
            "ErrorCode": self._error,
        }
        return {name: value for name, value in said.items() if value}

    def lacks(self, row: Row | None) -> list[str]:
        """Return the columns in which a row says less or something else."""
        if row is None:
            return ["recording_sid"]
        differs = {
            "status": row["status"] != self.status,
            "duration_seconds": self.status == "completed"
            and self.seconds is not None
            and row["duration_seconds"] != self.seconds,
            "started_at": row["started_at"] is None,
            "url": not row["url"] and self.status == "completed",
        }
        return [column for column, is_so in differs.items() if is_so]


_EPOCH = datetime.fromtimestamp(0, UTC)


def moment_of_row(row: Row) -> datetime | None:
    """Return a row's ``started_at``."""
    text = row["started_at"]
    return datetime.fromisoformat(text) if text else None


def _moment(text: str | None) -> datetime | None:
    return parsedate_to_datetime(text).astimezone(UTC) if text else None


def _seconds(text: str | int | None) -> int | None:
    """Return a duration; Twilio writes -1 where a recording has none."""
    seconds = int(text) if text not in (None, "") else None
    return seconds if seconds is None or seconds >= 0 else None
