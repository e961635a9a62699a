"""`voicehooks console`: what its stream tells of the tables, which have a clock of their own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from voicehooks.commands.console import stream
from voicehooks.commands.console.stream import Stream
from voicehooks.output.errors import CommandError

CALL, LEG, RECORDING = "CA" + "1" * 32, "CA" + "2" * 32, "RE" + "3" * 32
BASE = "https://ref.supabase.co/functions/v1/twilio-webhook"
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def at(seconds: float) -> str:
    """A time as the database writes it, seconds after noon."""
    return (NOON + timedelta(seconds=seconds)).isoformat()


def number_at(seconds: float) -> int:
    """The number of an event at that time."""
    return round((NOON + timedelta(seconds=seconds)).timestamp() * 1_000_000)


def call(sid: str = CALL, *, updated: float, created: float = 0, **more: Any) -> dict[str, Any]:
    """A call's row."""
    return {
        "call_sid": sid,
        "parent_call_sid": None,
        "account_sid": "AC1",
        "direction": "inbound",
        "from_number": "+15550001111",
        "to_number": None,
        "status": "ringing",
        "started_at": at(created),
        "ended_at": None,
        "created_at": at(created),
        "updated_at": at(updated),
        "duration_seconds": None,
        **more,
    }


def event(key: str, *, received: float, **more: Any) -> dict[str, Any]:
    """A callback's row."""
    return {
        "event_key": key,
        "call_sid": CALL,
        "kind": "status",
        "params": {"CallSid": CALL, "SequenceNumber": 1},
        "path": "/status",
        "occurred_at": None,
        "received_at": at(received),
        "error": None,
        **more,
    }


def step(name: str, *, received: float, **more: Any) -> dict[str, Any]:
    """A row of the timeline."""
    return {
        "call_sid": CALL,
        "leg_sid": LEG,
        "happened_at": at(received),
        "kind": "status",
        "step": name,
        "seconds": None,
        "received_at": at(received),
        **more,
    }


def recording(*, updated: float, created: float = 0) -> dict[str, Any]:
    """A recording's row."""
    return {"recording_sid": RECORDING, "created_at": at(created), "updated_at": at(updated)}


class Tables:
    """The tables, which answer by their filters.

    Attributes:
        rows_of: rows by table.
        failing: what each request fails with, if anything.
    """

    def __init__(self) -> None:
        self.rows_of: dict[str, list[dict[str, Any]]] = {}
        self.failing: CommandError | None = None

    async def rows(self, table: str, *, order: str, limit: int, select: str = "", **filters: str) -> list[Any]:
        """Newest first, as PostgREST does it."""
        await asyncio.sleep(0)
        if self.failing:
            raise self.failing
        column, _, way = order.partition(".")
        assert way == "desc"
        rows = self.rows_of.get(table, [])
        for name, condition in filters.items():
            operator, _, value = condition.partition(".")
            if operator == "gte":
                first = datetime.fromisoformat(value)
                rows = [row for row in rows if datetime.fromisoformat(row[name]) >= first]
            else:
                assert condition == "not.is.null"
                rows = [row for row in rows if row[name] is not None]
        rows = sorted(rows, key=lambda row: datetime.fromisoformat(row[column]), reverse=True)[:limit]
        return [{name: row[name] for name in select.split(",")} if select else row for row in rows]


class Follower:
    """A client of the stream, in steps.

    Attributes:
        tables: what the stream reads.
        ended: set at the console's end.
    """

    def __init__(self, runner: asyncio.Runner) -> None:
        self.tables = Tables()
        self._runner = runner
        self._text: AsyncIterator[str] | None = None
        self.ended = runner.run(self._event())

    async def _event(self) -> asyncio.Event:
        return asyncio.Event()

    def begin(self, after: int = 0, *, is_sandbox: bool = True) -> None:
        """Open the stream; the tables are read from here on."""
        settings = SimpleNamespace(webhook_url=BASE, fallback_function_url=BASE.replace("webhook", "fallback"))
        environment: Any = SimpleNamespace(settings=settings, is_sandbox=is_sandbox)
        tables: Any = self.tables
        self._text = self._runner.run(Stream(environment, tables, self.ended).begin(after))
        assert self._runner.run(self._next()) == ": connected\n\n"

    def look(self) -> list[dict[str, Any]]:
        """What the next look tells: the events, each with its name and number; a comment as one of them."""
        found: list[dict[str, Any]] = []
        while (text := self._runner.run(self._next())) != ": still connected\n\n":
            fields = dict(line.partition(": ")[::2] for line in text.removesuffix("\n\n").split("\n"))
            if "" in fields:
                found.append({"event": "", "data": fields[""]})
                continue
            found.append({"event": fields["event"], "number": int(fields["id"]), **json.loads(fields["data"])})
        return found

    def rest(self) -> str:
        """What the stream still says before it ends by itself."""
        return self._runner.run(self._rest())

    async def _next(self) -> str:
        assert self._text is not None
        return await anext(self._text)

    async def _rest(self) -> str:
        assert self._text is not None
        return "".join([text async for text in self._text])


@pytest.fixture
def follower(monkeypatch: pytest.MonkeyPatch) -> Iterator[Follower]:
    """A client of a stream that does not wait between two looks."""
    monkeypatch.setattr(stream, "_SANDBOX_PAUSE", 0.0)
    with asyncio.Runner() as runner:
        yield Follower(runner)


def names(found: list[dict[str, Any]]) -> list[str]:
    """The names of events."""
    return [each["event"] for each in found]


def test_what_is_there_already_is_no_event(follower: Follower) -> None:
    """Neither old rows nor those within the overlap; a row that becomes visible later than younger ones is."""
    follower.tables.rows_of = {
        "twilio_calls": [call(updated=0), call(LEG, updated=-3600)],
        "twilio_call_events": [event("a", received=0)],
        "twilio_call_timeline": [step("ringing", received=-1)],
        "twilio_recordings": [recording(updated=-2)],
    }
    follower.begin()
    assert follower.look() == []
    follower.tables.rows_of["twilio_call_events"].append(event("late", received=-9.5))
    assert names(follower.look()) == ["webhook-request", "row"]
    follower.tables.rows_of["twilio_call_events"].append(event("too late", received=-10.5))
    assert follower.look() == []


@pytest.mark.parametrize("table", ["twilio_calls", "twilio_recordings", "twilio_call_events"])
def test_new_is_what_is_new_by_the_databases_clock(follower: Follower, table: str) -> None:
    """This machine's clock may be years ahead or behind."""
    rows: dict[str, dict[str, Any]] = {
        "twilio_calls": call(updated=5),
        "twilio_recordings": recording(updated=5),
        "twilio_call_events": event("b", received=5),
    }
    follower.tables.rows_of = {"twilio_call_events": [event("old", received=-3600), event("a", received=0)]}
    follower.begin()
    follower.tables.rows_of.setdefault(table, []).append(rows[table])
    assert "row" in names(follower.look())


def test_only_rows_that_may_change_are_looked_through(follower: Follower) -> None:
    """Those have an index: a call is over within a day, and its recording is ready soon after."""
    follower.tables.rows_of["twilio_call_events"] = [event("a", received=0)]
    follower.begin()
    two_days = 2 * 24 * 3600
    follower.tables.rows_of["twilio_calls"] = [
        call(updated=1, created=-two_days - 1),
        call(LEG, updated=1, created=-two_days + 1),
    ]
    follower.tables.rows_of["twilio_recordings"] = [recording(updated=1, created=-two_days - 1)]
    assert [each.get("sid") for each in follower.look()] == [LEG, None]


def test_an_empty_table_has_a_first_call(follower: Follower) -> None:
    """Whatever time it is."""
    follower.begin()
    assert follower.look() == []
    follower.tables.rows_of["twilio_calls"] = [call(updated=0)]
    assert names(follower.look()) == ["call", "row"]


def test_a_client_that_returns_is_told_what_it_missed(follower: Follower) -> None:
    """From its last event on, less the overlap."""
    follower.tables.rows_of["twilio_calls"] = [
        call(updated=-11),
        call(LEG, updated=-9),
        call("CA3", updated=3),
    ]
    follower.begin(after=number_at(0))
    assert [each["sid"] for each in follower.look() if each["event"] == "call"] == [LEG, "CA3"]
    assert follower.look() == []


def test_an_event_beyond_time_is_no_error(follower: Follower) -> None:
    """As a client could name it: nothing is as new as that."""
    follower.tables.rows_of["twilio_calls"] = [call(updated=0)]
    follower.begin(after=999_999_999_999_999_999)
    assert follower.look() == []


def test_events_come_oldest_first(follower: Follower) -> None:
    """Over all tables, each with the time of its row as its number."""
    follower.begin()
    follower.tables.rows_of = {
        "twilio_calls": [call(updated=3.000001)],
        "twilio_call_events": [event("a", received=1)],
        "twilio_call_timeline": [step("ringing", received=1.5)],
        "twilio_recordings": [recording(updated=2)],
    }
    found = follower.look()
    assert [(each["event"], each["number"]) for each in found if each["event"] != "row"] == [
        ("webhook-request", number_at(1)),
        ("step", number_at(1.5)),
        ("call", number_at(3.000001)),
    ]
    assert [each["table"] for each in found if each["event"] == "row"] == [
        "twilio_call_events",
        "twilio_recordings",
        "twilio_calls",
    ]


def test_a_row_that_changes_is_told_again(follower: Follower) -> None:
    """A call and its row; first as an insert, then as an update; not while it stays as it is."""
    follower.begin()
    follower.tables.rows_of["twilio_calls"] = [call(updated=0)]
    [told, row] = follower.look()
    assert (told["status"], row["type"], row["old_record"]) == ("ringing", "INSERT", None)
    assert row["record"] == call(updated=0)
    assert follower.look() == []
    follower.tables.rows_of["twilio_calls"] = [call(updated=1, status="completed", duration_seconds=7)]
    [told, row] = follower.look()
    assert (told["status"], told["duration"], row["type"]) == ("completed", "7", "UPDATE")
    follower.tables.rows_of["twilio_recordings"] = [recording(updated=1, created=1)]
    assert [each["type"] for each in follower.look()] == ["INSERT"]


def test_a_callback_is_told_once(follower: Follower) -> None:
    """Also each of several; as a request and as a row."""
    follower.begin()
    follower.tables.rows_of["twilio_call_events"] = [
        event("a", received=0),
        event("b", received=1, kind="fallback", params={"ParentCallSid": "CA9"}, error="odd"),
    ]
    found = follower.look()
    assert [
        (each["url"], each["root_call_sid"], each.get("error"))
        for each in found
        if each["event"] == "webhook-request"
    ] == [
        (f"{BASE}/status", CALL, None),
        (f"{BASE.replace('webhook', 'fallback')}/status", "CA9", "in quarantine: odd"),
    ]
    assert [each["type"] for each in found if each["event"] == "row"] == ["INSERT", "INSERT"]
    assert follower.look() == []


@pytest.mark.parametrize("kind", ["placed", "refused", "reconciled", "transfer"])
def test_what_twilio_did_not_send_is_no_request(follower: Follower, kind: str) -> None:
    """But it is a row."""
    follower.begin()
    follower.tables.rows_of["twilio_call_events"] = [event("a", received=0, kind=kind)]
    assert names(follower.look()) == ["row"]


def test_steps_are_told_from_the_begin_of_their_call(follower: Follower) -> None:
    """Each once; without its call's row, from itself on."""
    follower.begin()
    follower.tables.rows_of["twilio_call_timeline"] = [step("ringing", received=2)]
    [told] = follower.look()
    assert (told["text"], told["offset"], told["call_sid"], told["root_call_sid"]) == (
        "ringing",
        0.0,
        LEG,
        CALL,
    )
    follower.tables.rows_of["twilio_calls"] = [call(updated=4, created=0)]
    follower.tables.rows_of["twilio_call_timeline"] += [
        step("ended", received=4.5, seconds=3),
        step("ended", received=4.5, seconds=3, leg_sid=CALL),
        step("ended", received=4.5, seconds=3, kind="dial"),
    ]
    steps = [each for each in follower.look() if each["event"] == "step"]
    assert [(each["text"], each["offset"]) for each in steps] == [("ended, 3 s", 4.5)] * 3
    assert follower.look() == []


def test_the_begin_of_a_call_without_a_start_is_its_rows(follower: Follower) -> None:
    """A call that was placed and has not rung yet."""
    follower.begin()
    follower.tables.rows_of["twilio_calls"] = [call(updated=1, created=1, started_at=None)]
    follower.tables.rows_of["twilio_call_timeline"] = [step("queued", received=3)]
    assert [each["offset"] for each in follower.look() if each["event"] == "step"] == [2.0]


def test_a_call_without_a_sid_is_a_change_of_no_call(follower: Follower) -> None:
    """A row that a CRM has stored, and that Twilio does not know yet."""
    follower.begin()
    follower.tables.rows_of["twilio_calls"] = [call(updated=1) | {"call_sid": None}]
    assert follower.look() == []


def test_a_database_that_fails_in_between_is_told_and_asked_again(follower: Follower) -> None:
    """As a comment; nothing is lost."""
    follower.begin()
    follower.tables.failing = CommandError("the calls cannot be read", "it is away", "wait")
    assert follower.look() == [{"event": "", "data": str(follower.tables.failing)}]
    follower.tables.failing = None
    follower.tables.rows_of["twilio_calls"] = [call(updated=0)]
    assert names(follower.look()) == ["call", "row"]


def test_a_database_that_fails_at_first_is_an_error(follower: Follower) -> None:
    """Of the request, which the page repeats."""
    follower.tables.failing = CommandError("the calls cannot be read", "it is away", "wait")
    with pytest.raises(CommandError, match="it is away"):
        follower.begin()


def test_the_consoles_end_ends_the_stream(follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, however long the pause is; a hosted project is asked less often than a sandbox."""
    monkeypatch.setattr(stream, "_HOSTED_PAUSE", 3600.0)
    follower.begin(is_sandbox=False)
    follower.ended.set()
    assert follower.rest() == ""


def test_what_was_shown_is_forgotten_in_the_end(follower: Follower, monkeypatch: pytest.MonkeyPatch) -> None:
    """A console that runs for weeks does not keep every row; what changed last is kept."""
    monkeypatch.setattr(stream, "_MOST", 0.04)  # fifty times that are 2
    shown: dict[str, str] = {}
    assert [stream._is_new(shown, key, "1") for key in ("a", "b", "a", "c")] == [True, True, False, True]
    assert list(shown) == ["b", "c"]
    assert stream._is_new(shown, "b", "2")
    assert list(shown) == ["c", "b"]
