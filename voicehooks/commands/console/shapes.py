"""Rows of the database as the page's requests answer them. Pure."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from voicehooks.vendors.callbacks import callback_url
from voicehooks.vendors.statuses import CALL_OVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.settings import Settings
    from voicehooks.vendors.database import Row

__all__ = [
    "CALL_COLUMNS",
    "EPOCH",
    "EVENT_COLUMNS",
    "RECORDING_COLUMNS",
    "STEP_COLUMNS",
    "call_of",
    "microseconds",
    "moment_of",
    "moment_of_id",
    "recording_of",
    "request_id",
    "request_of",
    "step_of",
    "story_of",
]

CALL_COLUMNS = (
    "call_sid,parent_call_sid,account_sid,direction,from_number,to_number,status,display_status,started_at,"
    "ended_at,created_at,updated_at,duration_seconds"
)
EVENT_COLUMNS = "event_key,call_sid,kind,params,path,occurred_at,received_at,error"
RECORDING_COLUMNS = "recording_sid,call_sid,account_sid,status,duration_seconds,channels,started_at,updated_at"
STEP_COLUMNS = "call_sid,leg_sid,happened_at,kind,step,seconds,received_at"
_IDS_PER_MILLISECOND = 1000
EPOCH = datetime.fromtimestamp(0, UTC)
_LAST_MILLISECOND = (datetime.max.replace(tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)


def call_of(row: Row) -> dict[str, Any]:
    """A leg, as Twilio's API shows it."""
    seconds = row["duration_seconds"]
    return {
        "sid": row["call_sid"],
        "parent_call_sid": row["parent_call_sid"],
        "account_sid": row["account_sid"],
        "from": row["from_number"] or "",
        "to": row["to_number"] or "",
        "direction": row["direction"] or "",
        "status": row["status"],
        "date_created": _rfc2822(row["created_at"]),
        "date_updated": _rfc2822(row["updated_at"]),
        "start_time": _rfc2822(row["started_at"]),
        "end_time": _rfc2822(row["ended_at"]),
        "duration": None if seconds is None else str(seconds),
    }


def recording_of(row: Row) -> dict[str, Any]:
    """A recording, as Twilio's API shows it."""
    seconds = row["duration_seconds"]
    return {
        "sid": row["recording_sid"],
        "call_sid": row["call_sid"],
        "status": row["status"],
        "duration": None if seconds is None else str(seconds),
        "channels": row["channels"],
        "start_time": _rfc2822(row["started_at"]),
    }


def step_of(row: Row, began: str) -> dict[str, Any]:
    """A step of the timeline.

    Args:
        row: of the view twilio_call_timeline.
        began: when the call began.
    """
    happened = moment_of(row["happened_at"])
    seconds = "" if row["seconds"] is None else f", {row['seconds']} s"
    return {
        "id": request_id(row["received_at"], f"{row['leg_sid']} {row['kind']} {row['step']}"),
        "moment": row["happened_at"],
        "offset": max(0.0, round((happened - moment_of(began)).total_seconds(), 3)),
        "call_sid": row["leg_sid"],
        "root_call_sid": row["call_sid"],
        "kind": row["kind"],
        "text": f"{row['step']}{seconds}",
    }


def story_of(
    legs: Sequence[Row], recordings: Sequence[Row], steps: Sequence[Row], sid: str
) -> dict[str, Any] | None:
    """Everything about one call; None if it is not there.

    Args:
        legs: its rows, the first leg among them.
        recordings: theirs.
        steps: of the view twilio_call_timeline.
        sid: its first leg.
    """
    root = next((leg for leg in legs if leg["call_sid"] == sid), None)
    if root is None:
        return None
    began = str(root["started_at"] or root["created_at"])
    return {
        "sid": sid,
        "status": root["status"],
        "finished": all(leg["status"] in CALL_OVER for leg in legs),
        "call": call_of(root),
        "legs": [call_of(leg) for leg in legs if leg is not root],
        "recordings": [recording_of(recording) for recording in recordings],
        "steps": [step_of(step, began) for step in steps],
    }


def request_of(row: Row, settings: Settings) -> dict[str, Any]:
    """A stored callback, as far as the function has kept it."""
    params = row["params"]
    request = {
        "id": request_id(row["received_at"], row["event_key"]),
        "time": moment_of(row["received_at"]).timestamp(),
        "moment": row["occurred_at"] or row["received_at"],
        "kind": row["kind"],
        "call_sid": row["call_sid"] or "",
        "root_call_sid": params.get("ParentCallSid") or row["call_sid"] or "",
        "method": "POST",
        "url": callback_url(settings, row),
        "params": {name: str(value) for name, value in params.items()},
    }
    return {**request, "error": f"in quarantine: {row['error']}"} if row["error"] else request


def request_id(received_at: str, key: str) -> int:
    """A number for what was received: in the order of time, and the same whenever it is read."""
    milliseconds = microseconds(moment_of(received_at)) // 1000
    return milliseconds * _IDS_PER_MILLISECOND + zlib.crc32(key.encode()) % _IDS_PER_MILLISECOND


def moment_of(text: str) -> datetime:
    """A time of the database."""
    return datetime.fromisoformat(text)


def microseconds(moment: datetime) -> int:
    """A time as a whole number that a page can hold."""
    return round(moment.timestamp() * 1_000_000)


def moment_of_id(number: int) -> datetime:
    """The millisecond that the number of an event or of a request names; the last one for one beyond time."""
    return EPOCH + timedelta(milliseconds=min(number // _IDS_PER_MILLISECOND, _LAST_MILLISECOND))


def _rfc2822(text: str | None) -> str | None:
    return None if text is None else format_datetime(moment_of(text).astimezone(UTC))
