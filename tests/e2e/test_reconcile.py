"""`voicehooks reconcile` against a deployed environment: real engine, handler, Postgres and PostgREST."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from tests.support.clone import Clone
from tests.support.hand_deployed import BIN, NUMBER
from tests.support.terminal import run_in_terminal
from tests.support.twilio_lists import differences

pytestmark = pytest.mark.slow
FOREIGN = "+15559990001"
STRANGER = "CA" + "e" * 32


@pytest.fixture
def clone(deployed: Clone) -> Clone:
    """A deployed environment; calls in it are over at once."""
    deployed.control("POST", "clock", json={"factor": "max"})
    return deployed


@pytest.fixture
def equal(clone: Clone) -> Clone:
    """The same, with tables equal to Twilio's list."""
    reconcile(clone)
    return clone


def reconcile(clone: Clone, *options: str, code: int = 0) -> dict[str, Any]:
    """Run the command with `--json`."""
    done = clone.voicehooks("reconcile", "--json", *options)
    assert done.returncode == code, done.stdout + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def assert_equal(clone: Clone) -> None:
    """Twilio's lists and the tables say the same, read past all that reconcile itself uses."""
    assert differences(clone, without=(FOREIGN,)) == []


def a_day(clone: Clone, *, calls_an_hour: int, seed: int) -> None:
    """A day of calls: each request of Twilio is lost with a chance of 20 %; from 13:00 to 14:00 all fail."""
    chance = random.Random(seed)
    for hour in range(24):
        if hour == 13:
            down = [
                {"function": slug, "status": 503, "times": None}
                for slug in ("twilio-webhook", "twilio-fallback")
            ]
            clone.supabase_control("POST", "faults", json={"functions": down})
        for _ in range(calls_an_hour):
            lost = [
                {"fault": "drop", "kind": kind, "times": 1}
                for kind in ("voice", "action", "status", "status", "status", "recording")
                if chance.random() < 0.2
            ]
            if lost:
                clone.control("POST", "faults", json=lost)
            agent = chance.choice(["answered", "answered", "busy", "no-answer"])
            clone.call(scenario=agent, talkSeconds=chance.randint(1, 90))
            clone.control("DELETE", "faults")
        if hour == 13:
            clone.supabase_control("POST", "faults", json={"clear": True})
        clone.control("POST", "clock", json={"advanceSeconds": 3600})


def test_day_with_losses_leaves_tables_equal(clone: Clone) -> None:
    """20 % of all requests dropped, the functions down for an hour: afterwards tables and lists are equal."""
    a_day(clone, calls_an_hour=1, seed=1)
    before = reconcile(clone, "--dry-run", code=1)
    assert before["calls"]["broughtIn"] > 0
    result = reconcile(clone)
    assert result["equal"]
    assert result["calls"]["broughtIn"] == before["calls"]["broughtIn"]
    assert result["calls"]["rows"] == result["calls"]["atTwilio"]
    assert result["missedCount"] >= 1, "nobody was put through while the functions were down"
    assert {call["number"] for call in result["missed"]} == {NUMBER}
    assert_equal(clone)


def test_long_day_with_losses_leaves_tables_equal(clone: Clone) -> None:
    """The same with many calls, and more requests to the tables than one."""
    a_day(clone, calls_an_hour=5, seed=2)
    assert reconcile(clone)["equal"]
    assert_equal(clone)


def test_second_run_writes_nothing(clone: Clone) -> None:
    """What is equal is left alone: no event is added, however often it runs."""
    clone.control("POST", "faults", json={"fault": "drop", "kind": "status"})
    clone.call()
    reconcile(clone)
    events = clone.query("select count(*) from twilio_call_events")
    again = reconcile(clone)
    assert again["calls"]["broughtIn"] == again["recordings"]["broughtIn"] == 0
    assert clone.query("select count(*) from twilio_call_events") == events


def test_dry_run_tells_and_writes_nothing(clone: Clone) -> None:
    """--dry-run: exit code 1, the counts and the command, and the tables as before."""
    clone.control("POST", "faults", json={"fault": "drop", "kind": "status"})
    clone.call()
    before = clone.query("select * from twilio_call_events order by event_key")
    done = clone.voicehooks("reconcile", "--dry-run")
    assert done.returncode == 1
    assert "dry run: nothing is written" in done.stdout
    assert "NOT EQUAL  bring it in:\n    voicehooks reconcile --stack local" in done.stdout
    assert clone.query("select * from twilio_call_events order by event_key") == before


def test_missed_callers_are_reported(equal: Clone) -> None:
    """Callers whom nobody answered during an outage, with how often; a lost callback is no miss."""
    down = [{"function": slug, "status": 503, "times": None} for slug in ("twilio-webhook", "twilio-fallback")]
    equal.supabase_control("POST", "faults", json={"functions": down})
    equal.call()
    equal.call()
    equal.supabase_control("POST", "faults", json={"clear": True})
    equal.control("POST", "faults", json={"fault": "drop", "kind": "status"})
    equal.call()
    done = equal.voicehooks("reconcile")
    assert done.returncode == 0, done.stdout
    assert "1 caller was missed in the meantime, in 2 calls:" in done.stdout
    (line,) = [line for line in done.stdout.splitlines() if f"called {NUMBER}" in line]
    assert "+15550100001" in line
    assert "2 times" in line
    assert "EQUAL  the tables say what Twilio says" in done.stdout


def test_call_under_way_is_left_alone(clone: Clone) -> None:
    """A call in progress gets no event from reconcile, and is counted as such."""
    clone.control("POST", "clock", json={"factor": 1})
    call = {"from": "+15550100001", "to": NUMBER, "ringSeconds": 0, "talkSeconds": 3600}
    sid = clone.control("POST", "calls", json=call)["sid"]
    try:
        result = reconcile(clone)
        assert result["calls"]["underWay"] >= 1
        assert result["equal"]
        kinds = clone.query(f"select kind from twilio_call_events where call_sid = '{sid}'")
        assert "reconciled" not in {row["kind"] for row in kinds}
    finally:
        clone.control("POST", "clock", json={"factor": "max"})
        clone.control("GET", f"calls/{sid}", params={"wait": 60})


def test_other_numbers_calls_are_not_ours(equal: Clone) -> None:
    """A number of the same account that this environment does not manage is not stored."""
    equal.control("POST", "numbers", json={"phone_numbers": [FOREIGN]})
    sid = equal.call(FOREIGN)["sid"]
    assert reconcile(equal)["calls"]["broughtIn"] == 0
    assert equal.query(f"select from twilio_calls where call_sid = '{sid}'") == []


def test_row_without_a_call_is_a_finding(clone: Clone) -> None:
    """A row that Twilio does not know: exit code 1, its SID, and it is not touched."""
    params = {"CallSid": STRANGER, "AccountSid": clone.values["twilio_account_sid"], "CallStatus": "completed"}
    event = json.dumps({"kind": "status", "params": params})
    clone.query(f"select ingest_twilio_webhook('{event}'::jsonb)")
    try:
        done = clone.voicehooks("reconcile")
        assert done.returncode == 1
        assert "1 call has a row, and Twilio has none:" in done.stdout
        assert STRANGER in done.stdout
        assert len(clone.query(f"select call_sid from twilio_calls where call_sid = '{STRANGER}'")) == 1
    finally:
        clone.query(f"delete from twilio_calls where call_sid = '{STRANGER}'")
        clone.query(f"delete from twilio_call_events where call_sid = '{STRANGER}'")


def test_deleted_recording_is_reported(equal: Clone) -> None:
    """A recording deleted at Twilio is marked as deleted and reported once."""
    sid = equal.call()["recordings"][0]["sid"]
    equal.twilio("DELETE", f"Recordings/{sid}.json")
    done = equal.voicehooks("reconcile")
    assert done.returncode == 0, done.stdout
    assert "1 recording was deleted at Twilio: the audio is gone" in done.stdout
    (row,) = equal.query(f"select status from twilio_recordings where recording_sid = '{sid}'")
    assert row["status"] == "deleted"
    assert reconcile(equal)["recordings"]["deletedAtTwilio"] == 0


def test_lost_rows_come_back(clone: Clone) -> None:
    """Rows that somebody deleted come back, also a second time, when the event of the first is still there."""
    sid = clone.call()["sid"]
    for _ in range(2):
        clone.query(f"delete from twilio_calls where call_sid = '{sid}' or parent_call_sid = '{sid}'")
        assert reconcile(clone)["equal"]
        (row,) = clone.query(f"select status from twilio_calls where call_sid = '{sid}'")
        assert row["status"] == "completed"
    assert_equal(clone)


def test_terminal_shows_the_verdict(clone: Clone) -> None:
    """On a terminal the same lines appear, the verdict last."""
    shown = run_in_terminal([BIN / "voicehooks", "reconcile"], clone.folder)
    assert shown.exit_code == 0
    assert "EQUAL  the tables say what Twilio says" in shown.text.strip().splitlines()[-1]


def test_outage_is_one_sentence(clone: Clone) -> None:
    """Without a database nothing can be told: exit code 2, one line, no traceback."""
    clone.supabase_control("POST", "database/stop")
    try:
        done = clone.voicehooks("reconcile")
    finally:
        clone.supabase_control("POST", "database/start")
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("voicehooks: table twilio_call_events cannot be read: ")


def test_wrong_time_is_one_sentence(clone: Clone) -> None:
    """--since must be a length of time or a moment."""
    done = clone.voicehooks("reconcile", "--since", "yesterday")
    assert done.returncode == 2
    assert done.stderr == (
        "voicehooks: --since yesterday cannot be used: it is neither a duration nor a time; "
        "give 24h, 90m, 7d, 2026-11-24 or 2026-11-24T08:00\n"
    )
