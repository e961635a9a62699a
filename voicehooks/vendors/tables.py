"""The columns of the tables that the commands read, as PostgREST answers them."""

from __future__ import annotations

import functools
import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator
from typing_extensions import TypedDict

__all__ = ["Ingested", "IngestedOrError", "rows_shape"]


def _iso8601(text: str | None) -> str | None:
    """A moment; what is not one raises ValueError."""
    if text is not None:
        datetime.fromisoformat(text)
    return text


_Text = str | None
_Moment = Annotated[str | None, AfterValidator(_iso8601)]
_Whole = int | None

# Columns that are not listed may hold anything; `call_sid` is null only in rows that place-call has reserved,
# which no command asks for.
_COLUMNS: dict[str, dict[str, Any]] = {
    "twilio_calls": {
        "call_sid": str,
        "parent_call_sid": _Text,
        "direction": _Text,
        "from_number": _Text,
        "to_number": _Text,
        "status": str,
        "display_status": str,
        "started_at": _Moment,
        "answered_at": _Moment,
        "ended_at": _Moment,
        "talking_since": _Moment,
        "duration_seconds": _Whole,
        "talk_seconds": _Whole,
        "left_voicemail": bool,
    },
    "twilio_call_events": {
        "event_key": str,
        "call_sid": _Text,
        "kind": str,
        "params": dict[str, Any],
    },
    "twilio_recordings": {
        "recording_sid": str,
        "call_sid": str,
        "status": str,
        "duration_seconds": _Whole,
        "started_at": _Moment,
        "url": _Text,
    },
    "twilio_unreported_calls": {
        "call_sid": str,
        "direction": _Text,
        "from_number": _Text,
        "to_number": _Text,
    },
    "twilio_unsummarized_calls": {"call_sid": str},
    "twilio_call_summaries": {"call_sid": str},
}


class Ingested(TypedDict):
    """What ``ingest_twilio_webhook`` returns."""

    result: str


class IngestedOrError(TypedDict, total=False):
    """What ``ingest_twilio_webhooks`` returns for each event: a result, or the SQLSTATE of its error."""

    result: str
    error: str


@functools.cache
def rows_shape(table: str, select: str) -> Any:
    """Return the type of the rows of a query.

    Args:
        table: the table's name.
        select: PostgREST's list of columns; empty for all.
    """
    columns = _COLUMNS.get(table, {})
    if select and select != "*":
        names = [name for name in select.split(",") if re.fullmatch(r"\w+", name)]
        columns = {name: columns.get(name, Any) for name in names}
    # A type made while the program runs: mypy knows such types only where they are written down.
    row: Any = TypedDict("Row", columns)  # type: ignore[misc]
    return list[row]
