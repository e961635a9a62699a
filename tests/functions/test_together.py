"""Many callbacks in one transaction: each has the result that it would have alone, whatever the others do."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.functions.project import read_callback
from tests.functions.test_poison import poison, status, trigger
from tests.support.waiting import wait_for

# What `status` reports is that the call rings; this is the step before.
BEFORE = {"CallStatus": "initiated", "SequenceNumber": "0"}


def event(project, sid, **changes):
    """One status callback as the handler passes it on."""
    return {"kind": "status", "params": status(project, sid, **changes)}


def store(project, events):
    """The results of a batch, as the service role gets them."""
    answer = project.rest("POST", "/rpc/ingest_twilio_webhooks", key="secret", json={"events": events})
    assert answer.status_code == 200, answer.text
    return answer.json()


def transactions(project, sids):
    """The (sub)transactions that wrote the events of these calls."""
    rows = project.rows(
        "select distinct xmin::text as x from twilio_call_events where call_sid = any(%s)", sids
    )
    return len(rows)


@contextmanager
def transaction(project, statement, *parameters):
    """Run a statement in a transaction that stays open."""
    with psycopg.connect(project.env["database_url"]) as connection:
        connection.execute(statement, parameters)
        yield
        connection.rollback()


def test_events_are_stored_in_one_transaction_with_a_result_each(project, new_sid):
    """In the order in which they were given; what was there already, or is given twice, is a duplicate."""
    old, new, leg = new_sid("CA"), new_sid("CA"), new_sid("CA")
    project.ingest(**event(project, old))
    other = {"kind": "other", "params": {"CallSid": new, "Text": "x"}}
    dialed = event(project, leg, ParentCallSid=new, Direction="outbound-dial", CallStatus="completed")
    ringing, completed = (event(project, new, CallStatus=word) for word in ("ringing", "completed"))

    results = store(project, [completed, event(project, old), ringing, other, completed, dialed])

    words = ["stored", "duplicate", "stored", "stored", "duplicate", "stored"]
    assert results == [{"result": word} for word in words]
    assert transactions(project, [new, leg]) == 1
    assert (project.call(new)["status"], project.call(new)["dial_status"]) == ("completed", "completed")


@pytest.mark.parametrize("at", [0, 3, 7])
@pytest.mark.parametrize("what", ["31 February", "a long caller", "a duration of 40 digits", "a long status"])
def test_an_unusual_event_is_stored_among_others(project, new_sid, what, at):
    """Whatever one of them contains, at the beginning, in the middle or at the end, all are stored."""
    events = [event(project, new_sid("CA")) for _ in range(7)]
    events.insert(at, {"kind": "status", "params": poison(project, new_sid("CA"))[what]})

    assert store(project, events) == [{"result": "stored"}] * 8


@pytest.mark.parametrize("at", [0, 3, 7])
def test_one_that_cannot_be_merged_is_quarantined_alone(project, new_sid, at):
    """The others are stored, and the one is kept with its error."""
    sids = sorted(new_sid("CA") for _ in range(8))
    events = [event(project, sid) for sid in sids]
    events[at]["params"]["From"] = "+666"
    definition = project.rows(
        "select pg_get_functiondef('voicehooks.party_of(jsonb, text)'::regprocedure) as text"
    )[0]["text"]
    project.database.execute(
        "create or replace function voicehooks.party_of(params jsonb, name text) returns text "
        "language plpgsql immutable as $$ begin "
        "if params ->> name = '+666' then perform 2147483647 + 1; end if; return params ->> name; end $$"
    )
    try:
        results = store(project, events)
    finally:
        project.database.execute(definition)

    assert [result["result"] for result in results] == [
        "quarantined" if place == at else "stored" for place in range(8)
    ]
    (kept,) = project.rows("select * from twilio_call_events where call_sid = %s", sids[at])
    assert (kept["kind"], kept["params"]["From"]) == ("quarantined", "+666")


@pytest.mark.parametrize("at", [0, 3, 7])
def test_one_that_fails_leaves_nothing_and_disturbs_none(project, new_sid, at):
    """A user's own trigger refuses one call: only that event has the error, and may be sent again."""
    sids = sorted(new_sid("CA") for _ in range(8))
    events = [event(project, sid) for sid in sids]
    create, drop = trigger(f"if new.call_sid = '{sids[at]}' then raise 'no'; end if; return new;")
    project.database.execute(create)
    try:
        results = store(project, events)
    finally:
        project.database.execute(drop)

    expected = [{"error": "P0001"} if place == at else {"result": "stored"} for place in range(8)]
    assert results == expected
    assert store(project, events) == [
        {"result": "stored" if place == at else "duplicate"} for place in range(8)
    ]


@pytest.mark.parametrize("locked", ["the call", "the key"])
def test_one_that_has_to_wait_does_so_alone(project, new_sid, locked):
    """The row of a call, or the event itself, is in another transaction's hands: the others are stored."""
    sids = sorted(new_sid("CA") for _ in range(5))
    events = [event(project, sid) for sid in sids]
    project.ingest(**event(project, sids[2], **BEFORE))
    statement, parameter = {
        "the call": ("select from twilio_calls where call_sid = %s for update", sids[2]),
        "the key": ("select ingest_twilio_webhook(%s::jsonb)", json.dumps(events[2])),
    }[locked]

    with transaction(project, statement, parameter):
        results = store(project, events)

    expected = [{"error": "55P03"} if place == 2 else {"result": "stored"} for place in range(5)]
    assert results == expected
    assert project.ingest(**events[2]) == {"result": "stored"}


@pytest.mark.parametrize("events", [{}, "x", None, [{"kind": "place"}], [{"kind": "check"}]])
def test_what_is_no_batch_is_refused_with_a_sentence(project, events):
    """Not a list, or a kind that asks something."""
    answer = project.rest("POST", "/rpc/ingest_twilio_webhooks", key="secret", json={"events": events})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(
        ("events is not a list", "an event of kind check, place, refused or quarantined goes to")
    )


def test_a_request_of_an_unknown_kind_changes_no_row_in_a_batch(project, new_sid):
    """It is kept as it came, next to the others."""
    sid, strange = new_sid("CA"), new_sid("CA")

    store(project, [event(project, sid), {**event(project, strange), "kind": "other"}])

    assert project.rows("select from twilio_calls where call_sid = %s", sid)
    assert not project.rows("select from twilio_calls where call_sid = %s", strange)
    assert project.rows("select from twilio_call_events where call_sid = %s", strange)


def test_a_call_that_a_leg_and_a_recording_name_is_known(project, new_sid):
    """The recording alone would make no row of the call, the leg does; the leg's outcome is there as well."""
    for turned in (False, True):
        sid, leg, recording = new_sid("CA"), new_sid("CA"), new_sid("RE")
        base = {"CallSid": sid, "AccountSid": project.account_sid, "RecordingSid": recording}
        made = {"kind": "recording", "params": base | {"RecordingStatus": "completed"}}
        dialed = event(project, leg, ParentCallSid=sid, Direction="outbound-dial", CallStatus="busy")

        store(project, [dialed, made] if turned else [made, dialed])

        assert project.call(sid)["dial_status"] == "busy"
        assert project.rows(
            "select from twilio_recordings where recording_sid = %s and call_sid = %s", recording, sid
        )


def test_an_event_that_a_previous_version_stored_is_a_duplicate_among_others(project, new_sid):
    """Under its former key, without the status; another status under that key is another event."""
    sid = new_sid("CA")
    ringing = event(project, sid, CallStatus="ringing", SequenceNumber="0")
    project.database.execute(
        "insert into twilio_call_events (event_key, call_sid, kind, params) values (%s, %s, 'status', %s)",
        [f"{sid}:status:0", sid, json.dumps(ringing["params"])],
    )

    results = store(project, [ringing, event(project, sid, CallStatus="busy", SequenceNumber="0")])

    assert results == [{"result": "duplicate"}, {"result": "stored"}]


@pytest.mark.parametrize("gone", ["store_events(jsonb)", "merge_event(voicehooks.twilio_event)"])
def test_a_check_tries_both_ways_and_leaves_nothing(project, gone):
    """A deploy must not pass if callbacks can be stored alone, or only together."""
    check = 'select ingest_twilio_webhook(\'{"kind": "check"}\')'
    project.database.execute(check)
    row = "select from twilio_call_events where call_sid = 'CA' || repeat('0', 32)"
    assert project.rows(row) == []

    with project.database.transaction(force_rollback=True):
        project.database.execute(f"alter function voicehooks.{gone} rename to gone")
        with pytest.raises(psycopg.errors.Error, match=r"not exist|would not be merged"):
            project.database.execute(check)


@pytest.mark.parametrize("kind", ["check", "place", "refused", "quarantined"])
def test_only_what_twilio_sent_is_stored_together(project, new_sid, kind):
    """A limit or a refusal is decided one at a time: nothing of the batch is stored."""
    sid = new_sid("CA")

    answer = project.rest(
        "POST",
        "/rpc/ingest_twilio_webhooks",
        key="secret",
        json={"events": [event(project, sid), {"kind": kind, "event_key": "x", "params": {}}]},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "22023")
    assert project.rows("select from twilio_call_events where call_sid = %s", sid) == []


def test_nothing_is_nothing(project):
    """An empty list."""
    assert store(project, []) == []


@pytest.mark.parametrize("key", ["publishable", "user"])
def test_only_the_service_role_may_store(project, new_sid, key):
    """Neither a page nor a signed-in user reaches the function."""
    body = {"events": [event(project, new_sid("CA"))]}
    token = project.token(role="authenticated") if key == "user" else None

    answer = project.rest("POST", "/rpc/ingest_twilio_webhooks", token=token, json=body)

    assert answer.status_code in {401, 403}
    assert answer.json()["code"] == "42501"


def test_callbacks_that_wait_share_a_transaction(project, new_sid):
    """While one callback waits for its row, the deployed function gathers the others."""

    def shares() -> bool:
        slow, sids = new_sid("CA"), [new_sid("CA") for _ in range(24)]
        project.ingest(**event(project, slow, **BEFORE))
        with ThreadPoolExecutor(25) as pool:
            with transaction(project, "select from twilio_calls where call_sid = %s for update", slow):
                late = pool.submit(project.send, status(project, slow))
                answers = list(pool.map(lambda sid: project.send(status(project, sid)).status_code, sids))
                assert not late.done() or late.result().status_code == 503
            assert late.result().status_code in {204, 503}
        assert answers == [204] * 24
        return transactions(project, sids) < 24

    # On a busy machine they may come one by one, each after the answer to the one before.
    wait_for(shares, "callbacks in one transaction")


def test_callbacks_are_stored_one_by_one_where_the_settings_say_so(project, new_sid):
    """Each has a transaction of its own, also while another one waits for its row."""
    slug, slow, sids = "webhook-one-by-one", new_sid("CA"), [new_sid("CA") for _ in range(24)]
    project.deploy("twilio-webhook", project.settings(functionName=slug, combineCallbacks=False), slug=slug)
    project.ingest(**event(project, slow, **BEFORE))

    def send(sid):
        return project.send(status(project, sid), slug=slug).status_code

    with ThreadPoolExecutor(25) as pool:
        with transaction(project, "select from twilio_calls where call_sid = %s for update", slow):
            late = pool.submit(send, slow)
            answers = list(pool.map(send, sids))
        late.result()

    assert answers == [204] * 24
    assert transactions(project, sids) == 24


def test_locked_calls_delay_only_themselves(project, new_sid):
    """Nine calls are locked, more than there are requests under way: all others are stored meanwhile."""
    locked, free = [new_sid("CA") for _ in range(9)], [new_sid("CA") for _ in range(30)]
    for sid in locked:
        project.ingest(**event(project, sid, **BEFORE))
    mixed = [sid for n in range(9) for sid in (locked[n], *free[n::9])]
    with ThreadPoolExecutor(len(mixed)) as pool:
        with transaction(project, "select from twilio_calls where call_sid = any(%s) for update", locked):
            sent = {sid: pool.submit(project.send, status(project, sid)) for sid in mixed}
            answers = [sent[sid].result().status_code for sid in free]
        late = [sent[sid].result().status_code for sid in locked]

    assert answers == [204] * 30
    assert set(late) <= {204, 503}
    again = [project.send(status(project, sid)).status_code for sid in locked]
    assert again == [204] * 9
    assert {project.call(sid)["status"] for sid in locked} == {status(project, "")["CallStatus"]}


def test_an_event_that_no_json_column_can_hold_is_refused_alone(project, new_sid):
    """Postgres cannot store a NUL: the batch is refused with a code, and the handler goes one by one."""
    events = [event(project, new_sid("CA")) for _ in range(3)]
    events[1]["params"]["From"] = "a\0b"

    answer = project.rest("POST", "/rpc/ingest_twilio_webhooks", key="secret", json={"events": events})

    assert (answer.status_code, answer.json()["code"]) == (400, "22P05")


def test_what_was_answered_is_there_though_connections_die(project, new_sid):
    """The database ends every connection again and again: whatever got 204 is stored, the rest got 503."""
    sids = [new_sid("CA") for _ in range(240)]
    done = threading.Event()

    def send(sid):
        return sid, project.send(status(project, sid)).status_code

    def kill():
        with psycopg.connect(project.env["database_url"], autocommit=True, row_factory=dict_row) as own:
            while not done.is_set():
                own.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where usename = 'authenticator' and query like '%ingest%'"
                )

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        with ThreadPoolExecutor(24) as pool:
            answers = dict(pool.map(send, sids))
    finally:
        done.set()
        killer.join()

    def recovered():
        return project.send(read_callback("check")).status_code == 200

    wait_for(recovered, "the function answers again")
    rows = project.rows("select call_sid from twilio_call_events where call_sid = any(%s)", sids)
    assert set(answers.values()) <= {204, 503}
    assert {sid for sid, code in answers.items() if code == 204} <= {row["call_sid"] for row in rows}
    calls = project.rows("select call_sid from twilio_calls where call_sid = any(%s)", sids)
    assert {row["call_sid"] for row in rows} == {row["call_sid"] for row in calls}
