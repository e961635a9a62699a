"""What a reconciliation decides without anybody to ask: time, ownership, what a row lacks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from voicehooks.commands.reconcile.entries import CallEntry, RecordingEntry
from voicehooks.commands.reconcile.ingest import ingest_many
from voicehooks.commands.reconcile.numbers import handled_numbers
from voicehooks.commands.reconcile.ownership import Ownership, Recent
from voicehooks.commands.reconcile.result import LISTED, Difference, Reconciliation, Tally
from voicehooks.commands.reconcile.window import Window, parse_window
from voicehooks.output.errors import CommandError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OURS = "+15551234567"
BEGAN = "Tue, 24 Nov 2026 10:00:00 +0000"
ENDED = "Tue, 24 Nov 2026 10:01:00 +0000"


def call(sid: str = "CA1", **changes: Any) -> CallEntry:
    """A call that somebody made to our number, as Twilio lists it."""
    return CallEntry(
        {
            "sid": sid,
            "account_sid": "AC1",
            "parent_call_sid": None,
            "status": "completed",
            "direction": "inbound",
            "from": "+15550100001",
            "to": OURS,
            "duration": "60",
            "start_time": BEGAN,
            "end_time": ENDED,
            "date_created": BEGAN,
            "date_updated": ENDED,
            **changes,
        }
    )


def row(**changes: Any) -> dict[str, Any]:
    """The row that says all that `call()` does."""
    return {
        "call_sid": "CA1",
        "status": "completed",
        "duration_seconds": 60,
        "started_at": "2026-11-24T10:00:00.5+00:00",
        "ended_at": "2026-11-24T10:01:00+00:00",
        "direction": "inbound",
        "from_number": "+15550100001",
        "to_number": OURS,
        "parent_call_sid": None,
        **changes,
    }


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        ("24h", "", NOW - timedelta(hours=24), None),
        ("90m", "30m", NOW - timedelta(minutes=90), NOW - timedelta(minutes=30)),
        ("2w", "1d", NOW - timedelta(weeks=2), NOW - timedelta(days=1)),
        ("2026-11-24", "", datetime(2026, 11, 24, tzinfo=UTC), None),
        ("2026-11-24T08:00+02:00", "", datetime(2026, 11, 24, 6, tzinfo=UTC), None),
    ],
)
def test_time_is_a_length_or_a_moment(since: str, until: str, first: datetime, last: datetime | None) -> None:
    """Lengths count back from now; moments without a zone are UTC."""
    assert parse_window(since, until, now=NOW) == Window(first, last)


@pytest.mark.parametrize(
    ("since", "until"), [("yesterday", ""), ("1h", "2h"), ("2027-01-01", ""), ("24 h", ""), ("999999w", "")]
)
def test_impossible_time_is_one_sentence(since: str, until: str) -> None:
    """What is no time, or ends before it begins, is refused."""
    with pytest.raises(CommandError) as caught:
        parse_window(since, until, now=NOW)
    assert "\n" not in str(caught.value)


def test_filters_are_whole_days_and_rather_one_too_many() -> None:
    """Twilio's filters are days in UTC, the comparison part of the name."""
    window = Window(NOW - timedelta(hours=24), NOW)
    assert window.filters("StartTime") == {"StartTime>": "2026-11-23", "StartTime<": "2026-11-25"}
    assert Window(NOW).filters("DateCreated") == {"DateCreated>": "2026-11-24"}


def test_equal_row_lacks_nothing() -> None:
    """A row whose first event was half a second later than the call says all there is to say."""
    assert call().lacks(row()) == []


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"status": "in-progress", "ended_at": None}, "status"),
        ({"duration_seconds": None}, "duration_seconds"),
        ({"duration_seconds": 61}, "duration_seconds"),
        ({"ended_at": None}, "ended_at"),
        ({"started_at": None}, "started_at"),
        ({"started_at": "2026-11-24T10:01:01+00:00"}, "started_at"),
        ({"direction": None}, "direction"),
        ({"from_number": None}, "from_number"),
        ({"to_number": None}, "to_number"),
        ({"parent_call_sid": "CA2"}, "parent_call_sid"),
    ],
)
def test_lagging_row_names_the_column(changes: dict[str, Any], column: str) -> None:
    """Each fact that a lost callback leaves out is seen by itself."""
    assert column in call().lacks(row(**changes))


def test_call_says_its_facts_by_the_names_of_callbacks() -> None:
    """Only what there is: no empty parameters."""
    assert call(duration=None).params() == {
        "CallSid": "CA1",
        "AccountSid": "AC1",
        "Direction": "inbound",
        "From": "+15550100001",
        "To": OURS,
        "CallStatus": "completed",
        "StartTime": BEGAN,
        "EndTime": ENDED,
    }


CREATED, UPDATED = "Tue, 24 Nov 2026 09:59:59 +0000", "Tue, 24 Nov 2026 10:02:00 +0000"
NEVER = "Thu, 01 Jan 1970 00:00:00 +0000"


@pytest.mark.parametrize(
    ("changes", "start", "end"),
    [
        ({}, BEGAN, ENDED),
        ({"start_time": None}, CREATED, ENDED),
        ({"end_time": None}, BEGAN, UPDATED),
        ({"end_time": None, "date_updated": None}, BEGAN, BEGAN),
        ({"start_time": None, "date_created": None}, NEVER, ENDED),
        ({"start_time": "Tue, 24 Nov 2026 12:00:00 +0200"}, BEGAN, ENDED),
    ],
)
def test_when_a_call_began_and_ended(changes: dict[str, Any], start: str, end: str) -> None:
    """Its own times; where it has none, those of its record."""
    entry = call(**{"date_created": CREATED, "date_updated": UPDATED, **changes})
    assert (entry.params()["StartTime"], entry.params()["EndTime"]) == (start, end)


def test_a_leg_names_its_call() -> None:
    """And a call without a direction or parties says none."""
    said = call(parent_call_sid="CA0", direction=None, **{"from": None, "to": None}).params()
    assert said["ParentCallSid"] == "CA0"
    assert {"Direction", "From", "To"} & said.keys() == set()


def test_a_row_is_not_blamed_for_what_twilio_does_not_say() -> None:
    """A length, a direction or a party that the list lacks, too."""
    silent = call(duration=None, direction=None, **{"from": None, "to": None})
    assert silent.lacks(row(duration_seconds=None, direction=None, from_number=None, to_number=None)) == []
    assert call().lacks(None) == ["call_sid"]
    assert call().lacks(row(started_at="2026-11-24T10:01:00+00:00")) == []


def test_a_recording_says_its_facts_by_the_names_of_callbacks() -> None:
    """With the address that Twilio gives; a trailing slash of the API's address makes no difference."""
    body = {
        "sid": "RE1",
        "account_sid": "AC1",
        "call_sid": "CA1",
        "status": "completed",
        "duration": "12",
        "channels": 2,
        "source": "DialVerb",
        "track": "both",
        "error_code": 0,
        "start_time": BEGAN,
        "date_created": CREATED,
        "media_url": "https://media.example.com/RE1",
    }
    assert RecordingEntry(body, "https://api.twilio.com").params() == {
        "CallSid": "CA1",
        "AccountSid": "AC1",
        "RecordingSid": "RE1",
        "RecordingStatus": "completed",
        "RecordingDuration": "12",
        "RecordingChannels": "2",
        "RecordingSource": "DialVerb",
        "RecordingTrack": "both",
        "RecordingUrl": "https://media.example.com/RE1",
        "RecordingStartTime": BEGAN,
    }
    odd = {**body, "media_url": None, "start_time": None, "error_code": 31, "call_sid": None, "duration": ""}
    said = RecordingEntry(odd, "https://api.example.com/").params()
    assert said["RecordingUrl"] == "https://api.example.com/2010-04-01/Accounts/AC1/Recordings/RE1"
    assert (said["RecordingStartTime"], said["ErrorCode"]) == (CREATED, "31")
    assert {"CallSid", "RecordingDuration"} & said.keys() == set()
    assert not RecordingEntry({**body, "status": "processing"}, "").over


def test_recording_without_a_length_says_none() -> None:
    """Twilio lists -1 seconds for a recording that has no audio; its address is beside the API's."""
    body = {
        "sid": "RE1",
        "account_sid": "AC1",
        "call_sid": "CA1",
        "status": "absent",
        "duration": "-1",
        "channels": 1,
        "source": "DialVerb",
        "error_code": 3,
        "start_time": BEGAN,
        "date_created": BEGAN,
    }
    recording = RecordingEntry(body, "https://api.twilio.com")
    params = recording.params()
    assert "RecordingDuration" not in params
    assert params["RecordingUrl"] == "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"
    assert recording.over
    assert recording.lacks(None) == ["recording_sid"]


@pytest.mark.parametrize(
    ("status", "changes", "lacking"),
    [
        ("completed", {}, []),
        ("completed", {"status": "processing"}, ["status"]),
        ("completed", {"duration_seconds": 11}, ["duration_seconds"]),
        ("completed", {"started_at": None}, ["started_at"]),
        ("completed", {"url": None}, ["url"]),
        # Twilio has no final length and no audio yet.
        ("processing", {"duration_seconds": None, "url": None}, []),
        ("absent", {"duration_seconds": None, "url": None}, []),
    ],
)
def test_a_recordings_row_that_says_less_is_found(
    status: str, changes: dict[str, Any], lacking: list[str]
) -> None:
    """Length and address count once the audio exists."""
    body = {
        "sid": "RE1",
        "account_sid": "AC1",
        "call_sid": "CA1",
        "status": status,
        "duration": "12",
        "channels": 1,
        "source": "DialVerb",
        "error_code": None,
        "start_time": BEGAN,
        "date_created": BEGAN,
    }
    row = {"status": status, "duration_seconds": 12, "started_at": "2026-11-24T11:00:00+00:00", "url": "x"}
    assert RecordingEntry(body, "https://api.twilio.com").lacks(row | changes) == lacking


class Lists:
    """Twilio's side, with single calls to be asked for."""

    def __init__(self, *calls: CallEntry) -> None:
        self._calls = {entry.sid: entry for entry in calls}
        self.asked: list[str] = []

    async def call(self, sid: str) -> CallEntry | None:
        """One call, or None."""
        self.asked.append(sid)
        return self._calls.get(sid)


def ours(page: list[CallEntry], *elsewhere: CallEntry) -> tuple[list[str], list[str]]:
    """The SIDs of a page that are ours, and the SIDs that were asked for one by one."""
    lists = Lists(*elsewhere)
    found = asyncio.run(Ownership([OURS], lists, remember=100).ours(page))  # type: ignore[arg-type]
    return [entry.sid for entry in found], lists.asked


def test_both_directions_of_our_numbers_are_ours() -> None:
    """Calls to a number and calls from it; calls of the account's other numbers are not."""
    page = [
        call("CA1"),
        call("CA2", direction="outbound-api", **{"from": OURS, "to": "+15550009999"}),
        call("CA3", to="+15550008888"),
    ]
    assert ours(page) == (["CA1", "CA2"], [])


def test_dialed_leg_is_its_calls() -> None:
    """A leg belongs to whom its call belongs, whatever caller it shows; it is listed before its call."""
    legs = [
        call("CA9", parent_call_sid="CA1", direction="outbound-dial", to="+15557654321"),
        call("CA8", parent_call_sid="CA7", direction="outbound-dial", **{"from": OURS}),
    ]
    assert ours([*legs, call("CA1")], call("CA7", to="+15550008888")) == (["CA9", "CA1"], ["CA7"])


def test_leg_without_its_call_is_nobodys() -> None:
    """Where Twilio does not know the call any more, nothing is claimed, and it is asked for once."""
    legs = [call(sid, parent_call_sid="CA0", direction="outbound-dial") for sid in ("CA1", "CA2")]
    assert ours(legs) == ([], ["CA0"])


def test_a_leg_of_a_leg_is_its_first_calls() -> None:
    """However it is nested; a chain without an end is nobody's loop: the caller decides at last."""
    chain = [call(f"CA{depth}", parent_call_sid=f"CA{depth - 1}", to=OURS) for depth in range(4, 0, -1)]
    assert ours([*chain, call("CA0", to="+15550008888")])[0] == []
    assert ours([*chain, call("CA0")])[0] == ["CA4", "CA3", "CA2", "CA1", "CA0"]
    circle = [call("CA1", parent_call_sid="CA2"), call("CA2", parent_call_sid="CA1")]
    assert ours(circle)[0] == ["CA1", "CA2"]


def test_a_single_call_is_asked_for_once() -> None:
    """Whose it is, also where Twilio does not know it."""
    lists = Lists(call("CA1"), call("CA2", to="+15550008888"))
    ownership = Ownership([OURS], lists, remember=100)  # type: ignore[arg-type]

    async def whose() -> list[bool]:
        return [await ownership.is_ours(sid) for sid in ("CA1", "CA2", "CA3", "CA1", "CA2", "CA3")]

    assert asyncio.run(whose()) == [True, False, False] * 2
    assert lists.asked == ["CA1", "CA2", "CA3"]


class Ingesting:
    """A database that stores events together, except for those that wait."""

    def __init__(self, *, answers: int = 0) -> None:
        self.batches: list[int] = []
        self.alone: list[int] = []
        self._missing = answers

    async def rpc(self, function: str, argument: dict[str, Any], *, shape: Any) -> Any:
        if function == "ingest_twilio_webhook":
            self.alone.append(argument["n"])
            return {"result": "alone"}
        events = argument["events"]
        self.batches.append(len(events))
        results = [
            {"error": "55P03"} if event["n"] % 50 == 7 else {"result": f"r{event['n']}"} for event in events
        ]
        return results[self._missing :]


def test_events_are_stored_in_parts_and_alone_where_they_have_to_wait() -> None:
    """The results keep the order of the events."""
    database = Ingesting()
    results = asyncio.run(ingest_many(database, [{"n": number} for number in range(130)]))  # type: ignore[arg-type]
    assert sorted(database.batches) == [2, 64, 64]
    assert sorted(database.alone) == [7, 57, 107]
    assert results == ["alone" if number % 50 == 7 else f"r{number}" for number in range(130)]
    assert asyncio.run(ingest_many(Ingesting(), [])) == []  # type: ignore[arg-type]


def test_an_answer_that_lacks_results_is_not_taken_for_stored() -> None:
    """Something else answers in the database's place."""
    with pytest.raises(CommandError, match="1 results to 2 events"):
        asyncio.run(ingest_many(Ingesting(answers=1), [{"n": 0}, {"n": 1}]))  # type: ignore[arg-type]


def test_only_so_many_are_remembered() -> None:
    """The oldest is forgotten first."""
    recent: Recent[int] = Recent(2)
    for value, key in enumerate("abc"):
        recent.put(key, value)
    assert ("a" in recent, recent.get("b"), recent.get("c")) == (False, 1, 2)


def test_lists_have_an_end_and_counts_have_none() -> None:
    """Beyond what anybody reads, differences are counted only."""
    tally = Tally()
    for index in range(LISTED + 5):
        tally.note_difference(Difference(f"CA{index}", ("status",)))
        tally.note_unknown(f"CA{index}")
    assert (tally.differ, len(tally.different), tally.unknown, len(tally.unknown_sids)) == (
        LISTED + 5,
        LISTED,
        LISTED + 5,
        LISTED,
    )


@pytest.mark.parametrize(
    ("dry_run", "calls", "equal"),
    [
        (False, Tally(at_twilio=1, brought_in=1), True),
        (True, Tally(at_twilio=1, brought_in=1), False),
        (False, Tally(at_twilio=1, differ=1), False),
        (False, Tally(rows=1, unknown=1), False),
        (True, Tally(at_twilio=1, equal=1), True),
    ],
)
def test_equal_means_equal_now(dry_run: bool, calls: Tally, equal: bool) -> None:
    """What was brought in is equal now; what a dry run would bring in is not yet."""
    assert Reconciliation("local", "AC1", Window(NOW), [OURS], dry_run, calls).equal is equal


HANDLER = "https://x.supabase.co/functions/v1/twilio-webhook"


@pytest.mark.parametrize(
    ("deployed", "shared", "handled"),
    [
        ({"voiceUrl": HANDLER, "forwardTo": [OURS]}, False, {OURS: True}),
        ({"voiceUrl": f"{HANDLER}#rc=3"}, False, {OURS: False}),
        ({"voiceUrl": "https://other.example/voice", "statusCallback": HANDLER}, False, {OURS: False}),
        ({"voiceUrl": "", "voiceApplicationSid": "AP1"}, True, {OURS: False}),
        ({"voiceUrl": HANDLER, "voiceApplicationSid": "AP1"}, False, None),
        ({"voiceUrl": "https://other.example/voice"}, False, None),
    ],
)
def test_numbers_that_come_to_the_handler(
    deployed: dict[str, Any], shared: bool, handled: dict[str, bool] | None
) -> None:
    """By URL, by status callback or by the shared app; calls of other numbers are ignored."""
    environment: Any = SimpleNamespace(
        name="dev",
        engine=SimpleNamespace(outputs=lambda: {"numbers": {OURS: deployed}}),
        settings=SimpleNamespace(webhook_url=HANDLER, shared_application=shared),
    )
    if handled is None:
        with pytest.raises(CommandError, match="nothing to reconcile in dev"):
            handled_numbers(environment)
    else:
        assert handled_numbers(environment) == handled
