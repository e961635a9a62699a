"""Which calls to fetch where Event Streams reports every call of the account."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from voicehooks.vendors.event_streams import about_numbers

if TYPE_CHECKING:
    from collections.abc import Collection

    from voicehooks.commands.reconcile.window import Window
    from voicehooks.vendors.database import Database

__all__ = ["unreported_calls"]

_ROWS = 1000


async def unreported_calls(
    database: Database, window: Window, numbers: Collection[str], account_sid: str
) -> list[str] | None:
    """Return the SIDs of all unreported dialed legs, then of the calls whose callbacks are missing.

    Legs come first, as in Twilio's lists: they say whether their call was answered.

    Returns None where Event Streams does not prove anything: it reported no call of the window, or it lacks one
    that callbacks reported. Twilio's lists must then be compared.

    Args:
        database: the tables.
        window: the time in which the calls began.
        numbers: the environment's.
        account_sid: the Twilio account.

    Raises:
        CommandError: the database cannot be asked.
    """
    began = [f"started_at.gte.{window.since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"]
    if window.until is not None:
        began.append(f"started_at.lt.{window.until.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z")
    query: dict[str, str | int] = {"account_sid": f"eq.{account_sid}", "and": f"({','.join(began)})"}
    reported = await database.rows("twilio_call_summaries", select="call_sid", limit=1, **query)
    lacking = await database.rows("twilio_unsummarized_calls", select="call_sid", limit=1, **query)
    if lacking or not reported:
        return None
    legs: list[str] = []
    calls: list[str] = []
    columns = "call_sid,direction,from_number,to_number"
    last = ""
    while True:
        page = await database.rows(
            "twilio_unreported_calls",
            select=columns,
            order="call_sid",
            limit=_ROWS,
            **query,
            call_sid=f"gt.{last}",
        )
        # Whose a dialed leg is only its call says.
        legs += [str(row["call_sid"]) for row in page if row["direction"] == "outbound-dial"]
        ours = about_numbers((row for row in page if row["direction"] != "outbound-dial"), numbers)
        calls += [str(row["call_sid"]) for row in ours]
        if not page:
            return [*legs, *calls]
        last = str(page[-1]["call_sid"])
