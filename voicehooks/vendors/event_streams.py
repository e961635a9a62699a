"""What Event Streams says about calls, beside their callbacks: the views of the migration `event_streams`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["UNREPORTED_CALLS", "UnreportedCall", "about_numbers"]

UNREPORTED_CALLS = """
select call_sid, direction, from_number, to_number, missing, ended_at::text as ended_at
from public.twilio_unreported_calls
where ended_at > now() - interval '1 day' and direction is distinct from 'outbound-dial'
order by ended_at desc limit 1000
"""
"""The calls of the last day that Twilio knows and no callback reported, latest first; without dialed legs."""


class UnreportedCall(TypedDict):
    """A row of it; ``missing`` is ``call`` or ``end``."""

    call_sid: str
    direction: str | None
    from_number: str | None
    to_number: str | None
    missing: str
    ended_at: str


def about_numbers(rows: Iterable[Mapping[str, Any]], numbers: Collection[str]) -> list[Mapping[str, Any]]:
    """Return those from or to one of these numbers: Event Streams reports the calls of the whole account."""
    return [row for row in rows if row["from_number"] in numbers or row["to_number"] in numbers]
