"""Which errors put an event into quarantine, and how it is taken out."""

from __future__ import annotations

import json

import pytest

from tests.functions.test_call_columns import at, tell
from tests.functions.test_merge_rules import ACCOUNT, status

OWN = (
    'SQL statement "update public.twilio_calls c set ..."\n'
    "PL/pgSQL function voicehooks.merge_leg(voicehooks.twilio_event) line 40 at SQL statement\n"
    "PL/pgSQL function voicehooks.merge_event(voicehooks.twilio_event) line 15 at PERFORM\n"
    "PL/pgSQL function public.ingest_twilio_webhook(jsonb) line 50 at IF"
)
IN_A_TRIGGER = f"PL/pgSQL function public.mine() line 3 at RAISE\n{OWN}"


@pytest.mark.parametrize(
    ("state", "context", "column", "expected"),
    [
        ("22003", OWN, None, True),
        ("22P05", 'SQL function "to_time" statement 1\n' + OWN, None, False),
        ("22P05", "PL/pgSQL function voicehooks.to_time(text) line 3 at RETURN\n" + OWN, None, True),
        ("54000", OWN, None, True),
        # Nothing that a callback contains fills a disk or breaks a rule of the tables.
        ("53100", OWN, None, False),
        ("23505", OWN, None, False),
        ("22003", IN_A_TRIGGER, None, False),
        ("54000", IN_A_TRIGGER, None, False),
        ("22003", "JavaScript function mine\n" + OWN, None, False),
        ("22003", "something new\n" + OWN, None, False),
        ("22003", "", None, False),
        ("23502", OWN, "public.twilio_calls.account_sid", True),
        ("23502", OWN, "public.twilio_recordings.call_sid", True),
        ("23502", OWN, "public.twilio_calls.tenant", False),
        ("23502", OWN, "public.twilio_recordings.status_order", False),
        ("23502", OWN, "public.mine.account_sid", False),
        ("23502", OWN, "mine.twilio_calls.account_sid", False),
        ("23502", IN_A_TRIGGER, "public.twilio_calls.account_sid", False),
    ],
)
def test_only_an_error_of_our_own_code_over_the_content_is_the_contents(
    project, state, context, column, expected
):
    """Every other one makes Twilio send the callback again: it may pass, or has to be repaired."""
    names = column.split(".") if column else ["", "", ""]

    (row,) = project.rows(
        "select voicehooks.is_caused_by_content(%s, %s, %s, %s, %s) as r", state, context, *names
    )

    assert row["r"] is expected


def test_an_event_leaves_quarantine_as_it_arrived(project, new_sid):
    """With its own key, kind and times, also if a later version would key it differently."""
    sid = new_sid("CA")
    key = f"{sid}:a key of a previous version"
    params = status(sid, "ringing", 4, 9)["params"]
    project.database.execute(
        "insert into twilio_call_events "
        "(event_key, call_sid, kind, params, error, quarantined_event, received_at) "
        "values (%s, %s, 'quarantined', %s, '22003 integer out of range', %s, %s)",
        [key, sid, json.dumps(params), json.dumps({"kind": "status", "path": "?x=1"}), at(30)],
    )
    release = {"kind": "quarantined", "event_key": key}

    assert tell(project, release, release) == ["stored", "duplicate"]

    (kept,) = project.rows("select * from twilio_call_events where call_sid = %s", sid)
    assert (kept["event_key"], kept["kind"]) == (key, "status")
    assert (kept["error"], kept["quarantined_event"], kept["params"]) == (None, None, params)
    assert (kept["occurred_at"], kept["sequence_number"], kept["received_at"]) == (at(9), 4, at(30))
    assert project.call(sid)["status"] == "ringing"


def test_an_event_without_a_time_is_dated_by_its_arrival(project, new_sid):
    """And not by its release, which may be months later."""
    sid = new_sid("CA")
    params = {"CallSid": sid, "AccountSid": ACCOUNT, "CallStatus": "completed"}
    project.database.execute(
        "insert into twilio_call_events (event_key, call_sid, kind, params, quarantined_event, received_at) "
        "values (%s, %s, 'quarantined', %s, %s, %s)",
        [f"{sid}:q", sid, json.dumps(params), json.dumps({"kind": "status"}), at(30)],
    )

    assert tell(project, {"kind": "quarantined", "event_key": f"{sid}:q"}) == ["stored"]
    assert project.call(sid)["ended_at"] == at(30)


def test_only_an_event_in_quarantine_can_be_taken_out(project, new_sid):
    """An unknown key, and an event that was merged: nothing happens."""
    sid = new_sid("CA")
    tell(project, status(sid, "ringing", 1, 9))
    (own,) = project.rows("select event_key from twilio_call_events where call_sid = %s", sid)

    keys = [own["event_key"], f"{sid}:unknown"]

    assert tell(project, *({"kind": "quarantined", "event_key": key} for key in keys)) == ["duplicate"] * 2
    assert len(project.rows("select from twilio_call_events where call_sid = %s", sid)) == 1
