"""What the merge leaves, by value: each rule of the tables has a test of its own here."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.functions.project import AGENT, LEAD, OUR_NUMBER, USER

ACCOUNT = "AC" + "5a4db0c5" * 4


def status(sid, name, sequence, second, **more):
    """A status callback at a second of one minute."""
    return {
        "kind": "status",
        "params": {
            "CallSid": sid,
            "AccountSid": ACCOUNT,
            "CallStatus": name,
            "SequenceNumber": str(sequence),
            "Timestamp": f"Tue, 24 Nov 2026 11:00:{second:02d} +0000",
            **more,
        },
    }


def reserve(project, **params):
    """Reserve a call as place-call does; the row's id."""
    answer = project.ingest(
        kind="place",
        params={"AccountSid": ACCOUNT, "From": OUR_NUMBER, "To": AGENT, "Dial": LEAD, "AgentFirst": "true"}
        | params,
        user_id=USER,
        limit=10_000,
    )
    return answer["id"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_call_was_answered_at_its_first_in_progress(project, new_sid, order):
    """A second in-progress (another subscription's) moves nothing."""
    sid = new_sid("CA")
    events = [status(sid, "in-progress", 2, 10), status(sid, "in-progress", 5, 40)]

    for place in order:
        project.ingest(**events[place])

    assert project.call(sid)["answered_at"] == datetime(2026, 11, 24, 11, 0, 10, tzinfo=UTC)


INCOMING = {"Direction": "inbound", "From": LEAD, "To": OUR_NUMBER}
BROWSER = {"Direction": "inbound", "From": "client:agent_1", "To": LEAD}
PLACED = {"Direction": "outbound-api", "From": OUR_NUMBER, "To": LEAD}
MESSAGE = {"kind": "record-action", "CallStatus": "in-progress", "RecordingUrl": "https://x.example/RE1"}


@pytest.mark.parametrize(
    ("call", "leg", "more", "shown"),
    [
        (INCOMING, [], [], {"display_status": "completed", "lead_number": LEAD, "talk_seconds": 0}),
        (INCOMING, ["no-answer"], [], {"display_status": "missed", "lead_number": LEAD, "talk_seconds": 0}),
        (INCOMING, ["no-answer"], [MESSAGE | {"RecordingDuration": "7"}], {"display_status": "voicemail"}),
        (INCOMING, ["no-answer"], [MESSAGE | {"RecordingDuration": "0"}], {"display_status": "missed"}),
        # The end of the dialed leg was lost.
        (
            INCOMING,
            ["ringing", "in-progress"],
            [],
            {"display_status": "completed", "lead_number": LEAD, "talk_seconds": None},
        ),
        (BROWSER, ["ringing", "in-progress"], [], {"display_status": "completed", "lead_number": AGENT}),
        (BROWSER, ["busy"], [], {"display_status": "busy", "lead_number": AGENT, "talk_seconds": 0}),
        (PLACED, [], [], {"display_status": "completed", "lead_number": LEAD, "talk_seconds": 9}),
        (INCOMING, ["in-progress", "failed"], [], {"dial_status": "completed", "display_status": "completed"}),
    ],
)
def test_what_a_crm_shows_once_a_call_is_over(project, new_sid, call, leg, more, shown):
    """A call that lasted nine seconds, its dialed leg, and a message: the columns that a screen reads."""
    sid, dialed = new_sid("CA"), new_sid("CA")
    child = {"ParentCallSid": sid, "Direction": "outbound-dial", "From": OUR_NUMBER, "To": AGENT}
    project.ingest(**status(sid, "in-progress", 1, 1, **call))
    for sequence, name in enumerate(leg):
        project.ingest(**status(dialed, name, sequence, 2 + sequence, **child))
    for event in more:
        params = {key: value for key, value in event.items() if key != "kind"}
        project.ingest(kind=event["kind"], params={"CallSid": sid, "AccountSid": ACCOUNT, **params, **call})

    project.ingest(**status(sid, "completed", 2, 10, CallDuration="9", **call))

    assert {name: project.call(sid)[name] for name in shown} == shown


def test_an_agent_in_a_browser_is_there_when_the_call_rings(project, new_sid):
    """Twilio answers a browser's call by itself and need not report it."""
    sid = new_sid("CA")

    project.ingest(**status(sid, "ringing", 0, 3, **BROWSER))

    assert project.call(sid)["agent_answered_at"] == datetime(2026, 11, 24, 11, 0, 3, tzinfo=UTC)


def test_only_a_leg_that_was_answered_counts_as_talk_time(project, new_sid):
    """Two parties ring; one is busy for a while, the other answers."""
    sid = new_sid("CA")
    child = {"ParentCallSid": sid, "Direction": "outbound-dial", "From": OUR_NUMBER, "To": AGENT}
    project.ingest(**status(new_sid("CA"), "busy", 2, 10, CallDuration="7", **child))
    project.ingest(**status(new_sid("CA"), "completed", 2, 40, CallDuration="30", **child))

    assert project.call(sid)["dial_seconds"] == 30


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_call_ended_at_its_first_end(project, new_sid, order):
    """A second end (another subscription's) moves nothing."""
    sid = new_sid("CA")
    events = [status(sid, "completed", 3, 20), status(sid, "completed", 7, 21)]

    for place in order:
        project.ingest(**events[place])

    assert project.call(sid)["ended_at"] == datetime(2026, 11, 24, 11, 0, 20, tzinfo=UTC)


def test_a_reconciled_call_has_twilios_times(project, new_sid):
    """Not those of the run that fetched it."""
    sid = new_sid("CA")
    times = {"StartTime": "Tue, 24 Nov 2026 11:00:00 +0000", "EndTime": "Tue, 24 Nov 2026 11:00:30 +0000"}

    project.ingest(
        kind="reconciled", params={"CallSid": sid, "AccountSid": ACCOUNT, "CallStatus": "completed", **times}
    )

    call = project.call(sid)
    assert (call["started_at"].second, call["ended_at"].second) == (0, 30)


def test_the_end_of_a_dial_is_no_step_of_its_call(project, new_sid):
    """A request without a time of its own says nothing about when the call was answered."""
    sid = new_sid("CA")
    params = {"CallSid": sid, "AccountSid": ACCOUNT, "CallStatus": "in-progress", "DialCallStatus": "busy"}

    project.ingest(kind="dial-action", params=params | INCOMING)

    call = project.call(sid)
    assert (call["status"], call["answered_at"]) == ("in-progress", None)


def test_the_end_of_a_dial_is_the_end_of_its_leg(project, new_sid):
    """Also of a leg whose own callbacks were lost: the request at the end of the <Dial> names it."""
    sid, leg = new_sid("CA"), new_sid("CA")
    params = {"CallSid": sid, "AccountSid": ACCOUNT, "CallStatus": "in-progress"}
    dial = {"DialCallSid": leg, "DialCallStatus": "completed", "DialCallDuration": "12"}

    project.ingest(kind="dial-action", params=params | dial | INCOMING)

    call = project.call(leg)
    assert (call["status"], call["direction"], call["parent_call_sid"]) == ("completed", "outbound-dial", sid)
    assert project.call(sid)["dial_seconds"] == 12


def test_a_request_of_another_kind_changes_no_row(project, new_sid):
    """It is kept as it came: what it would mean for the call is not known."""
    sid = new_sid("CA")

    project.ingest(kind="other", params={"CallSid": sid, "AccountSid": ACCOUNT, "CallStatus": "completed"})

    assert project.rows("select 1 from twilio_calls where call_sid = %s", sid) == []
    assert len(project.rows("select 1 from twilio_call_events where call_sid = %s", sid)) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_recording_that_is_complete_stays_complete(project, new_sid, order):
    """A callback that arrives late, without a duration, changes neither status nor duration."""
    sid, recording = new_sid("CA"), new_sid("RE")
    base = {"CallSid": sid, "AccountSid": ACCOUNT, "RecordingSid": recording}
    events = [{"RecordingStatus": "in-progress"}, {"RecordingStatus": "completed", "RecordingDuration": "12"}]

    project.ingest(**status(sid, "completed", 0, 30))
    for place in order:
        project.ingest(kind="recording", params=base | events[place])

    (row,) = project.rows("select * from twilio_recordings where recording_sid = %s", recording)
    assert (row["status"], row["duration_seconds"]) == ("completed", 12)


@pytest.mark.parametrize(("seconds", "left"), [("0", False), ("5", True)])
def test_an_empty_message_is_no_voicemail(project, new_sid, seconds, left):
    """Someone who hangs up at the tone leaves a recording of no length."""
    sid = new_sid("CA")
    recording = {"RecordingSid": new_sid("RE"), "RecordingSource": "RecordVerb", "RecordingDuration": seconds}

    project.ingest(**status(sid, "completed", 0, 30))
    project.ingest(
        kind="recording",
        params={"CallSid": sid, "AccountSid": ACCOUNT, "RecordingStatus": "completed", **recording},
    )

    assert project.call(sid)["left_voicemail"] == left


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_call_took_as_long_as_the_longest_report_says(project, new_sid, order):
    """Two subscriptions round differently: the order in which they arrive decides nothing."""
    sid = new_sid("CA")
    events = [
        status(sid, "completed", sequence, 50, CallDuration=seconds)
        for sequence, seconds in ((3, "44"), (7, "45"))
    ]

    for place in order:
        project.ingest(**events[place])

    assert project.call(sid)["duration_seconds"] == 45


def test_a_call_that_is_being_placed_is_not_given_up_on(project):
    """The user's next call leaves one of a moment ago alone: its worker may still be waiting for Twilio."""
    place = reserve(project)

    reserve(project)

    (row,) = project.rows("select status, ended_at from twilio_calls where id = %s", place)
    assert (row["status"], row["ended_at"]) == ("queued", None)


def test_a_click_to_call_ends_with_the_agents_leg(project, new_sid):
    """The lead's leg rang and its own end was lost: once the agent's leg is over, the call was canceled."""
    sid, leg = new_sid("CA"), new_sid("CA")
    place = reserve(project)
    dialed = {"ParentCallSid": sid, "Direction": "outbound-dial", "From": OUR_NUMBER, "To": LEAD}
    project.ingest(**status(sid, "in-progress", 2, 5), place=place)
    project.ingest(**status(leg, "ringing", 1, 8, **dialed))
    assert project.call(sid)["display_status"] == "ringing"

    project.ingest(**status(sid, "completed", 3, 20), place=place)

    assert project.call(sid)["display_status"] == "canceled"
    assert project.call(sid)["talk_seconds"] == 0


def test_a_click_to_call_whose_lead_was_never_rung_was_canceled(project, new_sid):
    """The agent answered and hung up before the lead's leg began: nobody was reached."""
    sid = new_sid("CA")
    place = reserve(project)

    project.ingest(**status(sid, "in-progress", 2, 5), place=place)
    assert project.call(sid)["display_status"] == "connecting"
    project.ingest(**status(sid, "completed", 3, 20), place=place)

    assert project.call(sid)["display_status"] == "canceled"


def test_a_call_that_was_given_up_on_and_comes_back_is_open_again(project, new_sid):
    """After two minutes without news the next call gave up on it, then Twilio reports it ringing."""
    sid = new_sid("CA")
    place = reserve(project)
    project.database.execute(
        "update twilio_calls set created_at = now() - interval '3 minutes' where id = %s", [place]
    )
    reserve(project)
    (given_up,) = project.rows("select status, ended_at, error_message from twilio_calls where id = %s", place)
    assert given_up["status"] == "failed"
    assert given_up["ended_at"] is not None
    assert given_up["error_message"] == "the call never reached Twilio"

    project.ingest(**status(sid, "ringing", 1, 5), place=place)

    call = project.call(sid)
    assert (str(call["id"]), call["status"], call["display_status"]) == (place, "ringing", "connecting")
    assert (call["ended_at"], call["error_message"]) == (None, None)


class Worker:
    """A connection of the service role that ingests in a transaction of its own, in a thread of its own."""

    def __init__(self, project):
        self.connection = psycopg.connect(project.env["database_url"], row_factory=dict_row)
        self.error = None

    def ingest(self, event):
        self.connection.execute("select ingest_twilio_webhook(%s::jsonb)", [json.dumps(event)])

    def start(self, event):
        """Ingest and commit in the background."""

        def work():
            try:
                self.ingest(event)
                self.connection.commit()
            except psycopg.Error as error:
                self.error = error

        self.thread = threading.Thread(target=work)
        self.thread.start()

    def wait_until_blocked(self, project):
        """Wait until Postgres says that the worker waits for a lock."""
        pid = self.connection.info.backend_pid
        query = "select 1 from pg_stat_activity where pid = %s and wait_event_type = 'Lock'"
        while not project.rows(query, pid):
            assert self.thread.is_alive(), self.error

    def finish(self):
        self.thread.join()
        self.connection.close()
        assert self.error is None


def test_the_ends_of_two_legs_at_one_time_both_count(project, new_sid):
    """The second event waits for the first one's transaction and then sees its leg."""
    parent, first, second = new_sid("CA"), new_sid("CA"), new_sid("CA")
    dialed = {"ParentCallSid": parent, "Direction": "outbound-dial", "To": AGENT}
    ends = [
        status(first, "completed", 3, 30, CallDuration="20", **dialed),
        status(second, "completed", 3, 31, CallDuration="5", **dialed),
    ]
    holder, waiter = Worker(project), Worker(project)
    holder.ingest(ends[0])
    waiter.start(ends[1])
    waiter.wait_until_blocked(project)
    holder.connection.commit()
    holder.connection.close()
    waiter.finish()

    call = project.call(parent)
    assert (call["dial_status"], call["dial_seconds"]) == ("completed", 25)


@pytest.mark.parametrize("leg_is_lower", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_a_leg_and_the_dial_that_it_ends_never_wait_in_a_circle(project, new_sid, leg_is_lower, known):
    """A leg's event with a reservation, and the dial-action of its call, each halted before its first row."""
    leg, parent = sorted([new_sid("CA"), new_sid("CA")], reverse=not leg_is_lower)
    place = reserve(project)
    dialed = {"ParentCallSid": parent, "Direction": "outbound-dial", "To": AGENT}
    if known:
        project.ingest(**status(leg, "ringing", 1, 5, **dialed), place=place)
    # Each write of a row waits a moment, so that the transactions are amid their rows at one time.
    project.database.execute(
        "create function public.gate() returns trigger language plpgsql as $$ begin "
        "perform pg_sleep(0.05); return new; end $$; "
        "create trigger gate before insert or update on twilio_calls for each row "
        f"when (new.call_sid in ('{leg}', '{parent}')) execute function public.gate();"
    )
    action = {"CallSid": parent, "AccountSid": ACCOUNT, "DialCallSid": leg, "DialCallStatus": "completed"}
    try:
        workers = [Worker(project) for _ in range(8)]
        for number, worker in enumerate(workers):
            if number % 2:
                worker.start({"kind": "dial-action", "params": action | {"Try": str(number)}, "place": place})
            else:
                worker.start(status(leg, "completed", number, 20, **dialed) | {"place": place})
        for worker in workers:
            worker.finish()
    finally:
        project.database.execute("drop trigger gate on twilio_calls; drop function public.gate")

    assert project.call(leg)["parent_call_sid"] == parent
    assert project.call(parent)["dial_status"] == "completed"


def test_the_timeline_shows_a_user_what_the_policies_let_them_see(project, new_sid):
    """The view has its reader's rights: a user sees the steps of their own call only."""
    mine, other = new_sid("CA"), new_sid("CA")
    project.ingest(**status(mine, "ringing", 1, 5), place=reserve(project))
    project.ingest(**status(other, "ringing", 1, 5))
    project.database.execute(
        "grant select on twilio_calls, twilio_call_events, twilio_call_timeline to authenticated; "
        "create policy mine on twilio_calls for select to authenticated using (placed_by = auth.uid()); "
        "create policy mine on twilio_call_events for select to authenticated using "
        "(call_sid in (select c.call_sid from twilio_calls c));"
        if project.rows("select to_regproc('auth.uid') as f")[0]["f"]
        else "grant select on twilio_calls, twilio_call_events, twilio_call_timeline to authenticated; "
        "create policy mine on twilio_calls for select to authenticated using (placed_by = "
        "(current_setting('request.jwt.claims', true)::jsonb ->> 'sub')::uuid); "
        "create policy mine on twilio_call_events for select to authenticated using "
        "(call_sid in (select c.call_sid from twilio_calls c));"
    )
    try:
        answer = project.rest(
            "GET",
            f"/twilio_call_timeline?call_sid=in.({mine},{other})&select=call_sid,step,seconds",
            token=project.token(),
        )
    finally:
        project.database.execute(
            "drop policy mine on twilio_calls; drop policy mine on twilio_call_events; "
            "revoke select on twilio_calls, twilio_call_events, twilio_call_timeline from authenticated"
        )

    assert answer.json() == [{"call_sid": mine, "step": "ringing", "seconds": None}]
