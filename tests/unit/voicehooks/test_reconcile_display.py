"""A reconciliation as a person reads it: how much is listed, and which command shows more."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from voicehooks.commands.reconcile.display import show
from voicehooks.commands.reconcile.quarantine import Quarantine
from voicehooks.commands.reconcile.result import Difference, MissedCall, Reconciliation, Tally
from voicehooks.commands.reconcile.window import Window

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
NUMBER = "+15551234567"


def lines(
    *, until: datetime | None = None, dry_run: bool = False, numbers: tuple[str, ...] = (NUMBER,), **fields: Any
) -> list[str]:
    """The lines of a result."""
    stream = io.StringIO()
    show(Reconciliation("prod", "AC1", Window(AT, until), [*numbers], dry_run, **fields), stream)
    return [line.rstrip() for line in stream.getvalue().splitlines() if line.strip()]


def test_an_equal_result_is_short() -> None:
    """The number, the window, what was compared both ways, the verdict."""
    tally = Tally(at_twilio=1234, equal=1230, under_way=4, rows=1230)
    shown = lines(calls=tally, seconds=1.26)
    assert shown[0] == f"prod  {NUMBER}   2026-11-24 10:00 to now UTC   1.3 s"
    assert shown[2].split() == ["calls", "1,234", "4", "1,230", "0", "0"]
    assert shown[4] == "the other way: 1,230 of 1,230 rows of calls are known to Twilio"
    assert shown[-1].split()[0] == "EQUAL"
    assert len(shown) == 7
    assert "2026-11-24 10:00 to 2026-11-24 12:30 UTC" in lines(until=AT + timedelta(hours=2, minutes=30))[0]


def test_with_event_streams_the_lists_other_direction_is_not_claimed() -> None:
    """Only recordings were compared both ways."""
    shown = lines(calls_from="event-streams")
    assert [line.startswith("the other way") for line in shown[4:6]] == [False, True]
    assert "--all" in shown[4]


def test_ten_of_each_are_listed_and_the_rest_counted() -> None:
    """With the query that shows what the tables have."""
    calls, recordings = Tally(rows=13), Tally()
    for index in range(12):
        calls.note_difference(Difference(f"CA{index:02}", ("status", "ended_at")))
        recordings.note_difference(Difference(f"RE{index:02}", ("url",)))
        calls.note_unknown(f"CB{index:02}")
    shown = [line.strip() for line in lines(calls=calls, recordings=recordings)]
    assert [line for line in shown if line.startswith("CA")] == [
        f"CA{n:02}  status, ended_at" for n in range(10)
    ]
    assert [line for line in shown if line.startswith("RE")] == [f"RE{n:02}  url" for n in range(10)]
    assert [line for line in shown if line.startswith("CB")] == [f"CB{n:02}" for n in range(10)]
    assert sum(line.startswith("and 2 more") for line in shown) == 3
    assert "select * from twilio_call_timeline where call_sid = '...'" in shown
    assert "select * from twilio_recordings where recording_sid = '...'" in shown
    assert any("delete from twilio_calls where call_sid = '...'" in line for line in shown)
    assert "the other way: 1 of 13 rows of calls are known to Twilio" in shown
    assert shown[-1] == "NOT EQUAL  see above"


def test_exactly_ten_are_all_listed() -> None:
    """Nothing is left to be counted."""
    calls = Tally()
    for index in range(10):
        calls.note_difference(Difference(f"CA{index}", ("status",)))
    assert not any("more" in line for line in lines(calls=calls))


def test_a_dry_run_says_what_would_happen_and_nothing_about_quarantine() -> None:
    """Nobody has tried to merge anything."""
    dry = lines(dry_run=True, calls=Tally(at_twilio=1, brought_in=1), quarantine=Quarantine(left=2))
    assert "dry run" in dry[0]
    assert "to bring in" in dry[1]
    assert sum("quarantine" in line for line in dry) == 1
    assert dry[-1].strip() == "voicehooks reconcile --stack prod"
    wet = lines(
        calls=Tally(at_twilio=1, brought_in=1), quarantine=Quarantine(left=2), numbers=(NUMBER, "+1555")
    )
    assert "2 numbers" in wet[0]
    assert "brought in" in wet[1]
    assert any("where kind = 'quarantined'" in line for line in wet)
    only_different = lines(dry_run=True, calls=Tally(unknown=1, unknown_sids=["CA1"]))
    assert only_different[-1] == "NOT EQUAL  see above"


def test_deleted_recordings_are_counted() -> None:
    """One, and several."""
    assert "1 recording was deleted at Twilio: the audio is gone" in lines(recordings=Tally(deleted=1))
    assert not any("deleted" in line for line in lines())


def test_callers_are_grouped_by_the_number_that_they_called() -> None:
    """Latest call first; a hundred callers are listed."""
    calls = [
        MissedCall("+1", NUMBER, AT, "CA1"),
        MissedCall("+1", "+2", AT, "CA2"),
        MissedCall("+1", NUMBER, AT - timedelta(hours=1), "CA3", left_message=True),
    ]
    shown = lines(missed=calls, missed_count=3)
    first, second = (line.strip() for line in shown if " called " in line)
    assert first == f"2026-11-24 10:00:00 UTC  +1  called {NUMBER}   2 times   left a message"
    assert second == "2026-11-24 10:00:00 UTC  +1  called +2"
    assert any(line.startswith("2 callers were missed") and "3 calls" in line for line in shown)
    many = [MissedCall(f"+{number}", NUMBER, AT, "CA1") for number in range(103)]
    shown = lines(missed=many, missed_count=103)
    assert sum(" called " in line for line in shown) == 100
    assert any(line.strip().startswith("and 3 more") for line in shown)
