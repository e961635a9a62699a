"""`voicehooks reconcile` as a whole: what is compared, written and reported of calls of each kind.

The clients are the real ones; Twilio's lists and the tables are small stand-ins. What the database makes of an
event is tested with the real one.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from voicehooks.commands.reconcile import command
from voicehooks.output.errors import CommandError
from voicehooks.stack.environment import Environment

ACCOUNT = "AC" + "1" * 32
OURS, SECOND, FOREIGN, ANA, BEN, AGENT = (f"+1555010000{digit}" for digit in range(6))
HANDLER = "https://abcdefghijklmnopqrst.supabase.co/functions/v1/twilio-webhook"
NOW = datetime.now(UTC).replace(microsecond=0)
AN_HOUR_AGO = NOW - timedelta(hours=1)


def call(sid: str, *, ago: timedelta = timedelta(hours=1), **fields: Any) -> dict[str, Any]:
    """A call from Ana to our number that ended, as Twilio lists it."""
    began = format_datetime(NOW - ago)
    return {
        "sid": sid,
        "account_sid": ACCOUNT,
        "parent_call_sid": None,
        "status": "completed",
        "direction": "inbound",
        "from": ANA,
        "to": OURS,
        "duration": "5",
        "start_time": began,
        "end_time": began,
        "date_created": began,
        "date_updated": began,
        **fields,
    }


def recording(sid: str, call_sid: str, **fields: Any) -> dict[str, Any]:
    """A recording as Twilio lists it."""
    return {
        "sid": sid,
        "account_sid": ACCOUNT,
        "call_sid": call_sid,
        "status": "completed",
        "date_created": format_datetime(AN_HOUR_AGO),
        "duration": "5",
        "channels": 2,
        "source": "DialVerb",
        **fields,
    }


class Sides:
    """Twilio's lists and the tables.

    Attributes:
        config: the stack's configuration.
        calls: at Twilio.
        others: calls that Twilio knows, but that are not in its list.
        recordings: at Twilio.
        rows: of twilio_calls, by SID.
        recording_rows: of twilio_recordings, by SID.
        quarantined: the keys of quarantined events; those with an x stay in quarantine.
        stubborn: SIDs whose rows no event changes.
        stored: the parameters of the events that the database has.
        unreported: calls that Event Streams reported and no callback did; it reported all.
        asked: what was read, with its query.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config: dict[str, Any] = {
            "twilio:accountSid": ACCOUNT,
            "twilio:authToken": "t",
            "supabase:accessToken": "s",
            "voicehooks:supabaseProject": "abcdefghijklmnopqrst",
            "voicehooks:numbers": {OURS: {}, SECOND: {}},
        }
        self.calls: list[dict[str, Any]] = []
        self.others: list[dict[str, Any]] = []
        self.recordings: list[dict[str, Any]] = []
        self.rows: dict[str, dict[str, Any]] = {}
        self.recording_rows: dict[str, dict[str, Any]] = {}
        self.quarantined: list[str] = []
        self.stubborn: set[str] = set()
        self.stored: list[dict[str, str]] = []
        self.unreported: list[dict[str, Any]] = []
        self.asked: list[tuple[str, httpx.QueryParams]] = []

    def environment(self, name: str) -> Environment:
        """The stack of that name."""
        found = Environment(name, self.folder)
        found.__dict__["config"] = self.config
        found.engine = self  # type: ignore[assignment]
        return found

    def outputs(self) -> dict[str, Any]:
        """What is deployed, in the place of the engine's."""
        return {"numbers": {OURS: {"voiceUrl": HANDLER, "forwardTo": [AGENT]}, SECOND: {"voiceUrl": HANDLER}}}

    async def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of either side."""
        await request.aread()
        path, query = request.url.path, request.url.params
        if path.endswith("/api-keys"):
            return httpx.Response(200, json=[{"name": "default", "type": "secret", "api_key": "k"}])
        if request.method == "POST":
            body = json.loads(request.content)
            events = body["events"] if path.endswith("webhooks") else [body]
            results = [{"result": self._store(event)} for event in events]
            return httpx.Response(200, json=results if path.endswith("webhooks") else results[0])
        self.asked.append((path.rpartition("/")[2], query))
        return self._read(path, query)

    def _read(self, path: str, query: httpx.QueryParams) -> httpx.Response:
        if path.endswith("/Calls.json"):
            return httpx.Response(200, json={"calls": self.calls, "next_page_uri": None})
        if path.endswith("/Recordings.json"):
            return httpx.Response(200, json={"recordings": self.recordings, "next_page_uri": None})
        if single := re.search(r"/(?:Calls|Recordings)/([\w-]+)\.json$", path):
            every = {each["sid"]: each for each in [*self.calls, *self.others, *self.recordings]}
            found = every.get(single[1])
            return httpx.Response(200 if found else 404, json=found or {"code": 20404, "message": "no"})
        if path.endswith("/twilio_call_summaries"):
            return httpx.Response(200, json=[{"call_sid": "CA-reported"}])
        if path.endswith(("/twilio_unsummarized_calls", "/twilio_unreported_calls")):
            rows = self.unreported if query.get("call_sid") == "gt." else []
            return httpx.Response(200, json=rows)
        if path.endswith("/twilio_call_events"):
            after = query["event_key"].removeprefix("gt.")
            return httpx.Response(200, json=[{"event_key": key} for key in self.quarantined if key > after])
        table, key = (
            (self.rows, "call_sid")
            if path.endswith("/twilio_calls")
            else (self.recording_rows, "recording_sid")
        )
        if "parent_call_sid" in query:
            wanted = query["parent_call_sid"][4:-1].split(",")
            status = query["status"].removeprefix("eq.")
            legs = [
                row for row in table.values() if row["parent_call_sid"] in wanted and row["status"] == status
            ]
            return httpx.Response(200, json=legs)
        if query.get(key, "").startswith("in.("):
            wanted = query[key][4:-1].split(",")
            return httpx.Response(200, json=[table[sid] for sid in wanted if sid in table])
        if f"{key}.lt." in query["and"]:
            return httpx.Response(200, json=[])
        within = re.search(r"started_at\.gte\.([^,)]+)(?:,started_at\.lt\.([^,)]+))?", query["and"])
        assert within
        first, last = (datetime.fromisoformat(text) if text else None for text in within.groups())
        moments = {sid: datetime.fromisoformat(row["started_at"]) for sid, row in table.items()}
        inside = [
            row for sid, row in table.items() if first <= moments[sid] and (not last or moments[sid] < last)
        ]
        return httpx.Response(200, json=sorted(inside, key=lambda row: row["started_at"], reverse=True))

    def _store(self, event: dict[str, Any]) -> str:
        if event["kind"] == "quarantined":
            return "quarantined" if "x" in event["event_key"] else "stored"
        assert event["kind"] == "reconciled"
        params = event["params"]
        if params in self.stored:
            return "duplicate"
        self.stored.append(params)
        if not {params["CallSid"], params.get("RecordingSid")} & self.stubborn:
            self._merge(params)
        return "stored"

    def _merge(self, params: dict[str, str]) -> None:
        if "RecordingSid" in params:
            self.recording_rows[params["RecordingSid"]] = {
                **recording_row(params["RecordingSid"], params["CallSid"]),
                "status": params["RecordingStatus"],
            }
        else:
            self.rows[params["CallSid"]] = {
                **row(params["CallSid"]),
                "status": params["CallStatus"],
                "started_at": parsedate_to_datetime(params["StartTime"]).isoformat(),
                "direction": params["Direction"],
                "to_number": params["To"],
                "from_number": params["From"],
                "parent_call_sid": params.get("ParentCallSid"),
                "left_voicemail": "voicemail" in params["CallSid"],
            }


def row(sid: str, **fields: Any) -> dict[str, Any]:
    """The row of a call that says what `call()` does."""
    return {
        "call_sid": sid,
        "status": "completed",
        "duration_seconds": 5,
        "started_at": AN_HOUR_AGO.isoformat(),
        "ended_at": AN_HOUR_AGO.isoformat(),
        "direction": "inbound",
        "from_number": ANA,
        "to_number": OURS,
        "parent_call_sid": None,
        "left_voicemail": False,
        **fields,
    }


def recording_row(sid: str, call_sid: str, **fields: Any) -> dict[str, Any]:
    """The row of a recording that says what `recording()` does."""
    return {
        "recording_sid": sid,
        "call_sid": call_sid,
        "status": "completed",
        "duration_seconds": 5,
        "started_at": AN_HOUR_AGO.isoformat(),
        "url": "https://api.twilio.com/x",
        **fields,
    }


@pytest.fixture
def sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sides:
    """Both sides, empty."""
    found = Sides(tmp_path)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", found.respond)
    monkeypatch.setattr(command, "Environment", found.environment)
    return found


def run(*, dry_run: bool = False, since: str = "24h", until: str = "", as_json: bool = True) -> int:
    """Reconcile the stack `prod`; returns the exit code."""
    return command.run(
        stack="prod", since=since, until=until, dry_run=dry_run, compare_all=False, as_json=as_json
    )


@pytest.fixture
def a_day(sides: Sides) -> Sides:
    """A day with a call and a recording of each kind."""
    sides.calls = [
        call("CA-under-way", status="in-progress", end_time=None),
        call("CA-equal"),
        call("CA-missing", **{"from": BEN}),
        call("CA-leg", parent_call_sid="CA-answered", direction="outbound-dial", to=AGENT),
        call("CA-answered"),
        call("CA-unanswered-leg", parent_call_sid="CA-voicemail", status="no-answer", to=AGENT),
        call("CA-voicemail"),
        call("CA-lagging", **{"from": BEN}),
        call("CA-of-a-number-that-forwards-to-nobody", to=SECOND),
        call("CA-outgoing", direction="outbound-api", **{"from": OURS, "to": ANA}),
        call("CA-stubborn", ago=timedelta(hours=2)),
        call("CA-foreign", to=FOREIGN),
        call("CA-before", ago=timedelta(hours=25)),
    ]
    sides.others = [call("CA-older", ago=timedelta(days=2))]
    sides.stubborn = {"CA-stubborn"}
    sides.rows = {
        "CA-equal": row("CA-equal"),
        "CA-lagging": row("CA-lagging", status="ringing", ended_at=None, from_number=BEN),
        "CA-unknown": row("CA-unknown"),
    }
    sides.recordings = [
        recording("RE-missing", "CA-equal"),
        recording("RE-equal", "CA-equal"),
        recording("RE-of-an-older-call", "CA-older"),
        recording("RE-deleted", "CA-equal", status="deleted"),
        recording("RE-under-way", "CA-equal", status="processing"),
        recording("RE-foreign", "CA-foreign"),
        recording("RE-of-no-call", "CA-nobody-knows"),
        recording("RE-before", "CA-equal", date_created=format_datetime(NOW - timedelta(hours=25))),
    ]
    sides.recording_rows = {
        "RE-equal": recording_row("RE-equal", "CA-equal"),
        "RE-unknown": recording_row("RE-unknown", "CA-equal"),
        "RE-unknown-before": recording_row("RE-unknown-before", "CA-equal", status="deleted"),
    }
    sides.quarantined = ["CA1:status:1", "CA1:status:2", "CA2:x"]
    return sides


def test_a_day_is_compared_brought_in_and_reported(a_day: Sides, capsys: pytest.CaptureFixture[str]) -> None:
    """Each call and recording counts once; what stays different and what Twilio does not know is named."""
    assert run() == 1
    document = json.loads(capsys.readouterr().out)
    assert document.pop("seconds") >= 0
    since = datetime.fromisoformat(document.pop("since"))
    assert timedelta(hours=23, minutes=59) < datetime.now(UTC) - since < timedelta(hours=24, minutes=1)
    at = AN_HOUR_AGO.isoformat().replace("+00:00", "Z")

    def missed(sid: str, caller: str) -> dict[str, Any]:
        return {"caller": caller, "number": OURS, "at": at, "callSid": sid, "leftMessage": "voicemail" in sid}

    assert document == {
        "stack": "prod",
        "accountSid": ACCOUNT,
        "numbers": [OURS, SECOND],
        "dryRun": False,
        "until": None,
        "callsFrom": "lists",
        "equal": False,
        "quarantined": {"merged": 2, "left": 1},
        "calls": {
            "atTwilio": 12,
            "underWay": 1,
            "equal": 1,
            "broughtIn": 9,
            "differ": 1,
            "different": [{"sid": "CA-stubborn", "columns": ["call_sid"]}],
            "rows": 10,
            "unknownSids": ["CA-unknown"],
            "unknownToTwilio": 1,
            "deletedAtTwilio": 0,
        },
        "recordings": {
            "atTwilio": 5,
            "underWay": 1,
            "equal": 1,
            "broughtIn": 4,
            "differ": 0,
            "different": [],
            "rows": 6,
            "unknownSids": [],
            "unknownToTwilio": 0,
            "deletedAtTwilio": 2,
        },
        "missedCount": 3,
        "missed": [missed("CA-missing", BEN), missed("CA-voicemail", ANA), missed("CA-lagging", BEN)],
    }
    day = f"{NOW - timedelta(hours=24):%Y-%m-%d}"
    assert [dict(query) for path, query in a_day.asked if path in ("Calls.json", "Recordings.json")] == [
        {"StartTime>": day, "PageSize": "1000"},
        {"DateCreated>": day, "IncludeSoftDeleted": "true", "PageSize": "1000"},
    ]
    singles = [(path, dict(query)) for path, query in a_day.asked if path == "RE-unknown.json"]
    assert singles == [("RE-unknown.json", {"IncludeSoftDeleted": "true"})]


def test_a_dry_run_counts_the_same_and_writes_nothing(a_day: Sides, capsys: pytest.CaptureFixture[str]) -> None:
    """What it would bring in, without the messages that nobody looked for."""
    assert run(dry_run=True) == 1
    document = json.loads(capsys.readouterr().out)
    assert a_day.stored == []
    assert (document["dryRun"], document["equal"]) == (True, False)
    assert document["quarantined"] == {"merged": 0, "left": 3}
    assert (document["calls"]["broughtIn"], document["calls"]["differ"]) == (10, 0)
    assert (document["recordings"]["broughtIn"], document["recordings"]["deletedAtTwilio"]) == (4, 2)
    assert document["missedCount"] == 4
    assert not any(each["leftMessage"] for each in document["missed"])


def test_what_is_equal_is_left_alone_and_what_was_deleted_comes_back(
    sides: Sides, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0; a row that somebody deleted comes back although its event is still there."""
    sides.calls = [call("CA1"), call("CA2", start_time=None)]
    sides.recordings = [recording("RE1", "CA1")]
    assert run() == 0
    stored = list(sides.stored)
    assert len(stored) == 3
    assert run() == 0
    assert sides.stored == stored
    del sides.rows["CA1"]
    assert run() == 0
    (again,) = sides.stored[3:]
    assert (again["CallSid"], "FetchedAt" in again) == ("CA1", True)
    capsys.readouterr()
    sides.rows["CA1"]["status"] = "ringing"
    sides.stubborn = {"CA1"}
    assert run() == 1
    document = json.loads(capsys.readouterr().out)
    assert document["calls"]["different"] == [{"sid": "CA1", "columns": ["status"]}]
    # Its row is there, so the event that the database has already is not made up once more.
    assert len(sides.stored) == 4


def test_a_window_with_an_end_leaves_out_what_began_later(
    sides: Sides, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twilio's filters are whole days; a call that begins at the end belongs to the next window."""
    until = NOW - timedelta(hours=2)
    sides.calls = [
        call("CA-after"),
        call("CA-at-the-end", ago=timedelta(hours=2)),
        call("CA-inside", ago=timedelta(hours=3)),
        call("CA-at-the-begin", ago=timedelta(hours=4)),
    ]
    assert run(since=(NOW - timedelta(hours=4)).isoformat(), until=until.isoformat()) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["until"] == until.isoformat().replace("+00:00", "Z")
    assert set(sides.rows) == {"CA-inside", "CA-at-the-begin"}
    assert document["calls"]["rows"] == 2
    (query,) = (dict(query) for path, query in sides.asked if path == "Calls.json")
    assert query["StartTime<"] == f"{until + timedelta(days=1):%Y-%m-%d}"


@pytest.mark.parametrize(("compare_all", "source"), [(False, "event-streams"), (True, "lists")])
def test_with_event_streams_only_the_calls_are_fetched_that_it_reported(
    a_day: Sides, capsys: pytest.CaptureFixture[str], compare_all: bool, source: str
) -> None:
    """Those of our numbers and the legs that they dialed; `--all` compares all."""
    a_day.config["voicehooks:account"] = {"eventStreams": True}
    a_day.unreported = [
        {"call_sid": sid, "direction": direction, "from_number": ANA, "to_number": to}
        for sid, direction, to in (
            ("CA-foreign", "inbound", FOREIGN),
            ("CA-gone", "inbound", OURS),
            ("CA-leg", "outbound-dial", AGENT),
            ("CA-missing", None, OURS),
        )
    ]
    command.run(stack="prod", since="24h", until="1m", dry_run=False, compare_all=compare_all, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["callsFrom"] == source
    if compare_all:
        assert document["calls"]["atTwilio"] == 12
        return
    assert [params["CallSid"] for params in a_day.stored if "RecordingSid" not in params][:2] == [
        "CA-leg",
        "CA-missing",
    ]
    assert [call["callSid"] for call in document["missed"]] == ["CA-missing"]
    asked = {path: dict(query) for path, query in a_day.asked if path.startswith("twilio_un")}
    for query in asked.values():
        assert query["account_sid"] == f"eq.{ACCOUNT}"
        assert re.fullmatch(r"\(started_at\.gte\.[^,]+Z,started_at\.lt\.[^,]+Z\)", query["and"])
    assert asked["twilio_unreported_calls"]["order"] == "call_sid"


def test_answered_calls_are_not_missed_however_many_event_streams_reported(
    sides: Sides, capsys: pytest.CaptureFixture[str]
) -> None:
    """A call is answered if one of its legs was, which is asked for by itself."""
    sides.config["voicehooks:account"] = {"eventStreams": True}
    for number in range(25):
        status = "no-answer" if number == 7 else "completed"
        leg = {
            "parent_call_sid": f"CA-{number:02}",
            "direction": "outbound-dial",
            "to": AGENT,
            "status": status,
        }
        sides.calls += [call(f"CA-{number:02}"), call(f"CL-{number:02}", **leg)]
        sides.unreported += [
            {"call_sid": f"CA-{number:02}", "direction": "inbound", "from_number": ANA, "to_number": OURS},
            {
                "call_sid": f"CL-{number:02}",
                "direction": "outbound-dial",
                "from_number": ANA,
                "to_number": AGENT,
            },
        ]
    assert run() == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["callsFrom"], document["calls"]["broughtIn"]) == ("event-streams", 50)
    assert [each["callSid"] for each in document["missed"]] == ["CA-07"]


def test_a_leg_that_did_report_says_that_its_call_was_answered(
    sides: Sides, capsys: pytest.CaptureFixture[str]
) -> None:
    """Event Streams names only what no callback reported: the leg may be in the table already."""
    sides.config["voicehooks:account"] = {"eventStreams": True}
    sides.calls = [call("CA-answered"), call("CA-missed")]
    for number, status in enumerate(["completed", "no-answer"]):
        parent = sides.calls[number]["sid"]
        sides.rows[f"CL{number}"] = row(f"CL{number}", parent_call_sid=parent, status=status)
        sides.unreported.append(
            {"call_sid": parent, "direction": "inbound", "from_number": ANA, "to_number": OURS}
        )
    assert run() == 0
    document = json.loads(capsys.readouterr().out)
    assert document["callsFrom"] == "event-streams"
    assert [each["callSid"] for each in document["missed"]] == ["CA-missed"]


def test_the_report_for_people_names_what_is_left_and_whom_to_call_back(
    a_day: Sides, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each SID with its columns, each caller once, and the commands that show more."""
    assert run(as_json=False) == 1
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0].startswith("prod  2 numbers")
    table = {line.split()[0]: line.split()[1:] for line in lines if line.startswith(("calls ", "recordings "))}
    assert table == {"calls": ["12", "1", "1", "9", "1"], "recordings": ["5", "1", "1", "4", "0"]}
    assert "the other way: 9 of 10 rows of calls are known to Twilio" in lines
    assert "the other way: 6 of 6 rows of recordings are known to Twilio" in lines
    assert "CA-stubborn  call_sid" in lines
    assert "CA-unknown" in lines
    assert any(line.startswith("2 recordings ") for line in lines)
    callers = [line for line in lines if f"called {OURS}" in line]
    assert [(line.count("2 times"), line.count("left a message"), BEN in line) for line in callers] == [
        (1, 0, True),
        (0, 1, False),
    ]
    assert "2 quarantined callbacks were merged" in lines
    assert any(line.startswith("1 callback is in quarantine") for line in lines)
    assert lines[-1] == "NOT EQUAL  see above"
    assert run(dry_run=True, as_json=False) == 1
    dry = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert dry[-2:] == ["NOT EQUAL  bring it in:", "voicehooks reconcile --stack prod"]
    assert "dry run" in dry[0]


def test_without_a_deployed_number_there_is_nothing_to_compare(sides: Sides) -> None:
    """With the command that deploys."""
    sides.outputs = dict  # type: ignore[method-assign]
    with pytest.raises(CommandError) as caught:
        run()
    assert "pulumi up --stack prod" in caught.value.do
    assert sides.asked == []
