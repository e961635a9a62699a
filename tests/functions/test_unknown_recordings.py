"""A recording of a call that nothing else is known of makes no row; once the call is known, it is there."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.functions.project import Project
from tests.functions.test_merge_rules import ACCOUNT

NewSid = Callable[[str], str]


def recording_of(call_sid: str, recording_sid: str, status: str = "completed") -> dict[str, Any]:
    """A recording's callback, as the account's default sends it: it names no party of the call."""
    params = {
        "AccountSid": ACCOUNT,
        "CallSid": call_sid,
        "RecordingSid": recording_sid,
        "RecordingStatus": status,
        "RecordingSource": "Trunking",
        "RecordingDuration": "9",
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{recording_sid}",
    }
    return {"kind": "recording", "params": params}


def status_of(call_sid: str) -> dict[str, Any]:
    """The end of an incoming call."""
    params = {"AccountSid": ACCOUNT, "CallSid": call_sid, "CallStatus": "completed", "Direction": "inbound"}
    return {"kind": "status", "params": {**params, "SequenceNumber": "0"}}


def rows_of(project: Project, call_sid: str) -> tuple[int, list[tuple[str, str]]]:
    """How many rows a call has, and its recordings."""
    (calls,) = project.rows("select count(*)::int as n from twilio_calls where call_sid = %s", call_sid)
    found = project.rows(
        "select recording_sid, status::text from twilio_recordings where call_sid = %s order by 1", call_sid
    )
    return calls["n"], [(row["recording_sid"], row["status"]) for row in found]


@pytest.mark.parametrize("together", [False, True])
def test_recording_of_an_unknown_call(project: Project, new_sid: NewSid, together: bool) -> None:
    """Its callback is stored and counted once; there is no row of the call, nor of the recording."""
    sid, recording = new_sid("CA"), new_sid("RE")
    event = recording_of(sid, recording)
    if together:
        (row,) = project.rows("select ingest_twilio_webhooks(%s::jsonb) as r", json.dumps([event, event]))
        assert [item["result"] for item in row["r"]] == ["stored", "duplicate"]
    else:
        assert project.ingest(**event)["result"] == "stored"
        assert project.ingest(**event)["result"] == "duplicate"
    assert rows_of(project, sid) == (0, [])
    (kept,) = project.rows("select kind, params from twilio_call_events where call_sid = %s", sid)
    assert (kept["kind"], kept["params"]["RecordingSid"]) == ("recording", recording)


@pytest.mark.parametrize("together", [False, True])
def test_call_that_becomes_known(project: Project, new_sid: NewSid, together: bool) -> None:
    """Its first own callback brings the recordings that waited, with their last status."""
    sid, first, second = new_sid("CA"), new_sid("RE"), new_sid("RE")
    for event in (
        recording_of(sid, first, "in-progress"),
        recording_of(sid, first),
        recording_of(sid, second, "in-progress"),
    ):
        project.ingest(**event)
    if together:
        project.rows("select ingest_twilio_webhooks(%s::jsonb)", json.dumps([status_of(sid)]))
    else:
        project.ingest(**status_of(sid))
    assert rows_of(project, sid) == (1, sorted([(first, "completed"), (second, "in-progress")]))
    (row,) = project.rows(
        "select duration_seconds, source from twilio_recordings where recording_sid = %s", first
    )
    assert (row["duration_seconds"], row["source"]) == (9, "Trunking")


def test_both_in_one_batch(project: Project, new_sid: NewSid) -> None:
    """A recording and its call's own callback arrive together, in either order."""
    for turned in (False, True):
        sid, recording = new_sid("CA"), new_sid("RE")
        events = [recording_of(sid, recording), status_of(sid)]
        project.rows("select ingest_twilio_webhooks(%s::jsonb)", json.dumps(events[::-1] if turned else events))
        assert rows_of(project, sid) == (1, [(recording, "completed")])


def test_conference_recording(project: Project, new_sid: NewSid) -> None:
    """A conference's recording names no call at all: it is kept as an event."""
    recording = new_sid("RE")
    event = recording_of("", recording)
    del event["params"]["CallSid"]
    event["params"]["ConferenceSid"] = new_sid("CF")
    assert project.ingest(**event)["result"] == "stored"
    found = project.rows("select 1 from twilio_recordings where recording_sid = %s", recording)
    assert found == []


def test_reconciled_recording_makes_its_call_known(project: Project, new_sid: NewSid) -> None:
    """What reconcile reads is of a call that it has chosen."""
    sid, recording = new_sid("CA"), new_sid("RE")
    project.ingest(**{**recording_of(sid, recording), "kind": "reconciled"})
    assert rows_of(project, sid) == (1, [(recording, "completed")])


def test_import_of_many_calls(project: Project, new_sid: NewSid) -> None:
    """More calls than Postgres has room for locks, in one statement; a recording that waited is merged."""
    sid, recording = new_sid("CA"), new_sid("RE")
    project.ingest(**recording_of(sid, recording))
    with project.database.transaction(force_rollback=True):
        project.database.execute(
            "insert into twilio_calls (call_sid, account_sid, status) "
            "select case n when 1 then %s else 'CA' || md5(n::text || %s) end, %s, 'completed' "
            "from generate_series(1, 20000) n",
            [sid, sid, ACCOUNT],
        )
        assert rows_of(project, sid) == (1, [(recording, "completed")])


def test_recording_and_call_at_the_same_time(project: Project, new_sid: NewSid) -> None:
    """Two workers store them at once, many times over: no recording is left behind."""
    pairs = [(new_sid("CA"), new_sid("RE")) for _ in range(60)]
    barrier = threading.Barrier(2)
    errors: list[Exception] = []

    def tell(events: list[dict[str, Any]]) -> None:
        try:
            with psycopg.connect(project.env["database_url"], autocommit=True) as connection:
                for event in events:
                    barrier.wait()
                    connection.execute("select ingest_twilio_webhook(%s::jsonb)", [json.dumps(event)])
        except Exception as error:  # noqa: BLE001 - reported by the test
            errors.append(error)
            barrier.abort()

    workers = [
        threading.Thread(target=tell, args=([recording_of(*pair) for pair in pairs],)),
        threading.Thread(target=tell, args=([status_of(sid) for sid, _ in pairs],)),
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert errors == []
    assert [rows_of(project, sid) for sid, _ in pairs] == [
        (1, [(recording, "completed")]) for _, recording in pairs
    ]
