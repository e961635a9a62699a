"""Twilio's lists beside the tables, compared without any of reconcile's own code."""

from __future__ import annotations

from typing import Any

from tests.support.clone import Clone

__all__ = ["differences", "listed"]


def listed(clone: Clone, key: str, path: str, **filters: str) -> list[dict[str, Any]]:
    """All pages of a list of Twilio's: ``calls`` of ``Calls.json``."""
    found: list[dict[str, Any]] = []
    page = clone.twilio("GET", path, params={"PageSize": "200", **filters})
    while True:
        found += page[key]
        if not page["next_page_uri"]:
            return found
        page = clone.twilio("GET", page["next_page_uri"].split("/", 4)[4])


def differences(clone: Clone, *, without: tuple[str, ...] = ()) -> list[str]:
    """What the tables and Twilio's lists do not agree on, a line each; empty: they are equal.

    Args:
        clone: the environment.
        without: numbers whose calls are not the environment's.
    """
    calls = {
        call["sid"]: (call["status"], int(call["duration"] or 0), call["parent_call_sid"])
        for call in listed(clone, "calls", "Calls.json")
        if not {call["to"], call["from"]} & set(without)
    }
    rows = clone.query(
        "select call_sid, status, coalesce(duration_seconds, 0) as seconds, parent_call_sid from twilio_calls"
    )
    call_rows = {r["call_sid"]: (r["status"], r["seconds"], r["parent_call_sid"]) for r in rows}
    recordings = {
        item["sid"]: (item["status"], item["call_sid"])
        for item in listed(clone, "recordings", "Recordings.json", IncludeSoftDeleted="true")
    }
    rows = clone.query("select recording_sid, status, call_sid from twilio_recordings")
    recording_rows = {r["recording_sid"]: (r["status"], r["call_sid"]) for r in rows}
    return [
        f"{sid}: Twilio says {twilio.get(sid)}, the row {table.get(sid)}"
        for twilio, table in ((calls, call_rows), (recordings, recording_rows))
        for sid in sorted({*twilio, *table})
        if twilio.get(sid) != table.get(sid)
    ]
