"""Nothing that Twilio signed is refused for what it contains; what cannot be merged is kept in quarantine."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from tests.functions.project import MIGRATIONS, OUR_NUMBER, apply_migration, read_callback

ACCOUNT_DIALS = {"Direction": "outbound-dial", "From": OUR_NUMBER, "To": "+15557654321"}
NOISE = "".join(chr(0x4E00 + (i * 7919) % 20000) for i in range(1400))


def status(project, sid, **changes):
    """A step of a call that the API placed."""
    return {**read_callback("status-api-call"), "AccountSid": project.account_sid, "CallSid": sid, **changes}


def poison(project, sid):
    """Bodies that a database or a date library may choke on, by what is wrong with them."""
    return {
        "a NUL in a value": status(project, sid, From="+1555\0000"),
        "a NUL in a name": status(project, sid, **{"Na\0me": "x"}),
        "31 February": status(project, sid, Timestamp="Tue, 31 Feb 2026 11:00:00 +0000"),
        "29 February of no leap year": status(project, sid, Timestamp="Sun, 29 Feb 2026 11:00:00 +0000"),
        "day 00": status(project, sid, Timestamp="Tue, 00 Mar 2026 11:00:00 +0000"),
        "year 0000": status(project, sid, Timestamp="Tue, 24 Nov 0000 11:00:00 +0000"),
        "an offset of +9999": status(project, sid, Timestamp="Tue, 24 Nov 2026 11:00:00 +9999"),
        "no weekday": status(project, sid, Timestamp="Xyz, 24 Nov 2026 11:00:00 +0000"),
        "a long caller": status(project, sid, From=f"sip:{NOISE}@example.com"),
        "a long status": status(project, sid, CallStatus=NOISE),
        "a long CallSid": status(project, sid + NOISE),
        "a large SequenceNumber": status(project, sid, SequenceNumber="9" * 40),
        "a SequenceNumber of nine digits": status(project, sid, SequenceNumber="9" * 9, CallStatus="completed"),
        "a duration of 40 digits": status(project, sid, CallDuration="9" * 40),
        "a large body": status(project, sid, Padding="x" * 1_000_000),
        "every name empty": status(project, sid, **{"": ""}),
    }


@pytest.mark.parametrize("what", list(poison(type("P", (), {"account_sid": ""}), "")))
def test_a_callback_is_stored_whatever_it_contains(project, new_sid, what):
    """204 and one raw row that says what came, sent once or twice; what is usable of it is merged."""
    sid = new_sid("CA")
    form = poison(project, sid)[what]

    answers = [project.send(form).status_code for _ in range(2)]

    assert answers == [204, 204]
    (event,) = project.rows("select * from twilio_call_events where params ->> 'CallSid' = %s", form["CallSid"])
    as_stored = {name.replace("\0", "�"): value.replace("\0", "�") for name, value in form.items()}
    assert event["params"] == as_stored
    assert event["nul_replaced"] == (as_stored != form)
    assert (event["kind"], event["error"]) == ("status", None)
    if what == "a long CallSid":
        assert event["call_sid"] is None
    else:
        call = project.call(sid)
        assert call["to_number"] == form["To"]
        assert call["from_number"] == as_stored["From"][:600]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Thu, 29 Feb 2024 11:00:00 +0000", "2024-02-29T11:00:00+00:00"),
        ("Tue, 24 Nov 2026 23:59:59 -0800", "2026-11-25T07:59:59+00:00"),
        ("Tue, 1 Dec 2026 11:00:00 +0000", "2026-12-01T11:00:00+00:00"),
        ("Tue, 3 Nov 2026 01:02:03 +0530", "2026-11-02T19:32:03+00:00"),
        ("Tue, 31 Feb 2026 11:00:00 +0000", None),
        ("Tue, 24 Nov 2026 24:01:00 +0000", None),
        ("infinity", None),
        ("2026-11-24", None),
        ("", None),
    ],
)
def test_a_moment_is_read_or_unknown(project, text, moment):
    """RFC 2822 with any offset; null for a moment that no calendar has."""
    (row,) = project.rows("select voicehooks.to_time(%s) at time zone 'UTC' as t", text)

    assert (row["t"].isoformat() + "+00:00" if row["t"] else None) == moment


def test_recordings_with_an_impossible_moment_or_status_are_stored(project, new_sid):
    """RecordingStartTime that no calendar has, a RecordingStatus of 4 KB: 204 and a raw row each."""
    base = read_callback("recording") | {"CallSid": new_sid("CA"), "RecordingSid": new_sid("RE")}
    assert project.send(status(project, base["CallSid"])).status_code == 204

    for change in ({"RecordingStartTime": "Tue, 31 Feb 2026 11:00:00 +0000"}, {"RecordingStatus": NOISE}):
        assert project.send(base | change).status_code == 204

    rows = project.rows(
        "select kind from twilio_call_events where params ->> 'RecordingSid' = %s", base["RecordingSid"]
    )
    assert [row["kind"] for row in rows] == ["recording", "recording"]
    (recording,) = project.rows(
        "select status, started_at from twilio_recordings where recording_sid = %s", base["RecordingSid"]
    )
    assert recording == {"status": "completed", "started_at": None}


def test_callbacks_without_a_call_sid_are_distinguished(project, new_sid):
    """Two of the same SequenceNumber are two events: without a CallSid the number says nothing."""
    marks = [new_sid("XX"), new_sid("XX")]
    for mark in marks:
        form = status(project, "", Mark=mark)
        del form["CallSid"]
        assert project.send(form).status_code == 204

    rows = project.rows("select call_sid from twilio_call_events where params ->> 'Mark' = any(%s)", marks)
    assert [row["call_sid"] for row in rows] == [None, None]


def test_a_body_beyond_a_megabyte_is_refused(project, new_sid):
    """The limit is a million bytes and a few, not sixty-four thousand."""
    form = status(project, new_sid("CA"), Padding="x" * 1_100_000)

    assert project.send(form).status_code == 403


def test_durations_beyond_an_integer_are_held_at_its_end(project, new_sid):
    """Three legs whose durations add up to more than 2^31: all are stored, and the sum is the largest."""
    parent = new_sid("CA")
    for _ in range(3):
        leg = status(project, new_sid("CA"), ParentCallSid=parent, CallDuration="999999999", **ACCOUNT_DIALS)
        assert project.send(leg | {"CallStatus": "completed"}).status_code == 204

    call = project.call(parent)
    assert (call["dial_status"], call["dial_seconds"]) == ("completed", 2**31 - 1)


def test_a_duration_of_ten_digits_is_not_known(project, new_sid):
    """It does not fit the column: the call's end is merged without it, and nothing is quarantined."""
    sid = new_sid("CA")

    assert (
        project.send(status(project, sid, CallStatus="completed", CallDuration="9999999999")).status_code == 204
    )

    (event,) = project.rows("select kind from twilio_call_events where call_sid = %s", sid)
    call = project.call(sid)
    assert (event["kind"], call["status"], call["duration_seconds"]) == ("status", "completed", None)


def test_an_empty_value_never_replaces_a_known_one(project, new_sid):
    """Twilio sends unknown values as empty ones, before and after it knows them."""
    sid = new_sid("CA")
    empty = {"From": "", "To": "", "Direction": ""}
    known = status(project, sid, CallStatus="ringing", SequenceNumber="1")

    for form in (status(project, sid, **empty, SequenceNumber="0", CallStatus="initiated"), known):
        assert project.send(form).status_code == 204
    last = status(project, sid, **empty, SequenceNumber="2", CallStatus="in-progress")
    assert project.send(last).status_code == 204

    call = project.call(sid)
    assert [call[name] for name in ("from_number", "to_number", "direction")] == [
        known[name] for name in ("From", "To", "Direction")
    ]
    assert call["lead_number"] == known["To"]


def test_two_statuses_of_one_sequence_number_are_two_events(project, new_sid):
    """A leg with two subscriptions has two counts: the end is not taken for a repetition of the ringing."""
    sid = new_sid("CA")
    for name in ("ringing", "completed"):
        form = status(project, sid, CallStatus=name, SequenceNumber="0")
        assert project.send(form).status_code == 204

    assert project.call(sid)["status"] == "completed"
    keys = project.rows("select event_key from twilio_call_events where call_sid = %s order by 1", sid)
    assert [row["event_key"] for row in keys] == [f"{sid}:status:0:completed", f"{sid}:status:0:ringing"]


def test_an_event_stored_under_its_former_key_is_still_a_duplicate(project, new_sid):
    """Versions before this one keyed a status callback without its status; those rows stay as they are."""
    sid = new_sid("CA")
    params = status(project, sid, CallStatus="ringing", SequenceNumber="0")
    project.rows(
        "insert into twilio_call_events (event_key, call_sid, kind, sequence_number, params) "
        "values (%s, %s, 'status', 0, %s) returning 1",
        f"{sid}:status:0",
        sid,
        json.dumps(params),
    )

    assert project.ingest(kind="status", params=params)["result"] == "duplicate"
    assert project.ingest(kind="status", params=params | {"CallStatus": "busy"})["result"] == "stored"
    assert project.call(sid)["status"] == "busy"


def test_a_former_key_is_not_looked_for_once_no_event_can_have_it(project, new_sid):
    """An event from long after the migration cannot have been stored before it: its own key alone counts."""
    sid = new_sid("CA")
    params = status(
        project, sid, CallStatus="ringing", SequenceNumber="0", Timestamp="Tue, 24 Nov 2099 11:00:00 +0000"
    )
    project.database.execute(
        "insert into twilio_call_events (event_key, call_sid, kind, sequence_number, params) "
        "values (%s, %s, 'status', 0, %s)",
        [f"{sid}:status:0", sid, json.dumps(params)],
    )

    assert project.ingest(kind="status", params=params)["result"] == "stored"
    assert project.ingest(kind="status", params=params)["result"] == "duplicate"


@pytest.fixture
def broken_merge(project):
    """A version whose merge has an overflow for one number; undone by the current migrations."""
    project.database.execute(
        "create or replace function voicehooks.party_of(params jsonb, name text) returns text "
        "language plpgsql immutable as $$ begin "
        "if params ->> name = '+666' then perform 2147483647 + 1; end if; return params ->> name; end $$"
    )

    def repair():
        for migration in MIGRATIONS:
            apply_migration(project.database, migration)

    yield repair
    repair()


def test_what_cannot_be_merged_is_quarantined_and_merged_by_a_later_version(project, new_sid, broken_merge):
    """204, the raw row with kind `quarantined` and the error, no row of the call; later all is as usual."""
    sid = new_sid("CA")
    form = status(project, sid, From="+666", CallStatus="completed", SequenceNumber="3")

    assert [project.send(form).status_code for _ in range(2)] == [204, 204]

    (event,) = project.rows("select * from twilio_call_events where call_sid = %s", sid)
    assert (event["kind"], event["params"]) == ("quarantined", form)
    assert event["error"].startswith("22003 integer out of range")
    assert event["quarantined_event"]["kind"] == "status"
    assert "params" not in event["quarantined_event"]
    assert project.rows("select 1 from twilio_calls where call_sid = %s", sid) == []
    steps = project.rows("select step from twilio_call_timeline where call_sid = %s", sid)
    assert steps == [{"step": "in quarantine"}]
    again = {"kind": "quarantined", "event_key": event["event_key"]}
    assert project.ingest(**again) == {"result": "quarantined"}

    broken_merge()

    assert project.ingest(**again) == {"result": "stored"}
    (event,) = project.rows("select * from twilio_call_events where call_sid = %s", sid)
    assert (event["kind"], event["error"], event["quarantined_event"]) == ("status", None, None)
    assert (project.call(sid)["status"], project.call(sid)["from_number"]) == ("completed", "+666")
    assert project.ingest(**again) == {"result": "duplicate"}


def test_a_check_fails_where_a_callback_would_be_quarantined(project, broken_merge):
    """A deploy must not pass with a schema that merges nothing, together with others or alone."""
    for condition in ("true", "params ->> 'CallStatus' = 'ringing'", "params ->> 'CallStatus' = 'completed'"):
        project.database.execute(
            "create or replace function voicehooks.party_of(params jsonb, name text) returns text "
            "language plpgsql immutable as $$ begin "
            f"if {condition} then perform 2147483647 + 1; end if; return null; end $$"
        )

        assert project.send(read_callback("check")).status_code == 503, condition


def trigger(body):
    """A trigger of the user's own, and how it is removed."""
    return (
        (
            f"create function public.mine() returns trigger language plpgsql as $$ begin {body} end $$; "
            "create trigger mine before insert on twilio_calls for each row execute function public.mine();"
        ),
        "drop trigger mine on twilio_calls; drop function public.mine;",
    )


USERS_OWN = {
    "an error of class 22 in a trigger": trigger("perform 1 / 0; return new;"),
    "an error of class 22 that a trigger raises": trigger("raise exception 'no' using errcode = '22023';"),
    "a null in a table that a trigger writes": trigger(
        "create temporary table mine (id int not null); insert into mine values (null); return new;"
    ),
    "a trigger that skips the row": trigger("return null;"),
    "a column that must not be null": (
        (
            "alter table twilio_calls add column tenant text not null default 'x'; "
            "alter table twilio_calls alter column tenant drop default;"
        ),
        "alter table twilio_calls drop column tenant;",
    ),
}


@pytest.mark.parametrize("what", list(USERS_OWN))
def test_an_error_of_the_users_own_makes_twilio_send_again(project, new_sid, what):
    """503 and no row: the content is not the cause; once the error is fixed the callback is stored."""
    create, drop = USERS_OWN[what]
    form = status(project, new_sid("CA"))
    project.database.execute(create)
    try:
        assert project.send(form).status_code == 503
        assert project.rows("select 1 from twilio_call_events where call_sid = %s", form["CallSid"]) == []
    finally:
        project.database.execute(drop)

    assert project.send(form).status_code == 204


def test_a_missing_function_makes_twilio_send_again(project, new_sid):
    """A schema with a missing function is not caused by the content either."""
    form = status(project, new_sid("CA"))
    project.database.execute("alter function voicehooks.merge_leg rename to gone")
    try:
        assert project.send(form).status_code == 503
    finally:
        project.database.execute("alter function voicehooks.gone rename to merge_leg")

    assert project.send(form).status_code == 204


def browser_call(project, sid, **own):
    """The request for TwiML of a call from a browser, with parameters of the page's own choice."""
    return read_callback("voice-browser") | {"AccountSid": project.account_sid, "CallSid": sid} | own


def test_a_browsers_parameters_touch_no_other_call(project, new_sid):
    """Parameters that look like other kinds of requests: TwiML, and foreign rows stay as they are."""
    call, recording, leg = new_sid("CA"), new_sid("RE"), new_sid("CA")
    project.send(read_callback("voice") | {"AccountSid": project.account_sid, "CallSid": call})
    project.send(status(project, leg, ParentCallSid=call, CallStatus="in-progress", **ACCOUNT_DIALS))
    project.send(
        read_callback("recording")
        | {"AccountSid": project.account_sid, "CallSid": call, "RecordingSid": recording}
    )
    tables = ("twilio_calls", "twilio_recordings")
    before = [project.rows(f"select * from {table} where call_sid = any(%s)", [call, leg]) for table in tables]
    lures = [
        {"RecordingSid": recording, "RecordingStatus": "deleted"},
        {"RecordingUrl": f"https://api.twilio.com/Recordings/{recording}", "RecordingStatus": "deleted"},
        {"DialCallSid": call, "DialCallStatus": "completed", "DialCallDuration": "999999"},
        {"DialCallSid": leg, "DialCallStatus": "failed", "DialCallDuration": "999999"},
        {"ParentCallSid": call},
        {"VoicehooksCheck": "4711"},
        {"CallbackSource": "call-progress-events", "SequenceNumber": "7", "CallDuration": "999999"},
        {"ConferenceSid": "CF" + "0" * 32},
    ]

    for lure in lures:
        own = new_sid("CA")
        answer = project.send(browser_call(project, own, **lure))
        assert answer.status_code == 200
        assert "<Dial" in answer.text, lure
        (event,) = project.rows("select kind from twilio_call_events where call_sid = %s", own)
        assert event["kind"] == "voice"
        row = project.call(own)
        assert (row["status"], row["parent_call_sid"], row["duration_seconds"]) == ("ringing", None, None)

    assert [project.rows(f"select * from {t} where call_sid = any(%s)", [call, leg]) for t in tables] == before


def test_a_browsers_sequence_number_decides_nothing(project, new_sid):
    """The end that Twilio reports wins, whatever number the page chose."""
    sid = new_sid("CA")
    chosen = {"CallStatus": "completed", "DialCallStatus": "busy", "SequenceNumber": "99"}
    project.ingest(kind="dial-action", params=browser_call(project, sid) | chosen)

    project.ingest(kind="status", params=status(project, sid, CallStatus="failed", SequenceNumber="3"))

    assert project.call(sid)["status"] == "failed"


def test_a_dial_action_takes_no_other_calls_leg(project, new_sid):
    """Neither a leg that another call dialed nor a call of its own becomes a leg of the call that claims it."""
    thief, parent, leg, alone = (new_sid("CA") for _ in range(4))
    claim = read_callback("dial-action") | {"CallSid": thief, "DialCallDuration": "999999"}
    own_events = [
        ("status", status(project, leg, ParentCallSid=parent, CallStatus="in-progress", **ACCOUNT_DIALS)),
        ("voice", read_callback("voice") | {"AccountSid": project.account_sid, "CallSid": alone}),
    ]
    for kind, params in own_events:
        project.ingest(kind=kind, params=params)
    for target in (leg, alone):
        params = claim | {"DialCallSid": target, "DialCallStatus": "completed"}
        project.ingest(kind="dial-action", params=params)

    assert (project.call(leg)["parent_call_sid"], project.call(leg)["duration_seconds"]) == (parent, None)
    assert (project.call(alone)["parent_call_sid"], project.call(alone)["duration_seconds"]) == (None, None)
    assert project.call(thief)["dial_status"] is None


@pytest.mark.parametrize("reconciled_first", [True, False])
def test_what_reconcile_read_of_a_parent_outranks_a_claim(project, new_sid, reconciled_first):
    """Whatever comes first, and the call that lost the leg knows of none."""
    leg, parent, claimed = (new_sid("CA") for _ in range(3))
    claim = {"kind": "status", "params": status(project, leg, ParentCallSid=claimed, **ACCOUNT_DIALS)}
    facts = {
        "CallSid": leg,
        "AccountSid": project.account_sid,
        "ParentCallSid": parent,
        "CallStatus": "completed",
    }
    read = {"kind": "reconciled", "params": facts | {"Direction": "outbound-dial"}}

    for event in (read, claim) if reconciled_first else (claim, read):
        project.ingest(**event)

    assert project.call(leg)["parent_call_sid"] == parent
    assert project.call(parent)["dial_status"] == "completed"
    assert project.call(claimed)["dial_status"] is None


def test_a_recording_is_touched_only_by_its_own_family(project, new_sid):
    """Another call's event leaves it alone, a leg's changes it, and what reconcile read always counts."""
    call, leg, stranger, sid = new_sid("CA"), new_sid("CA"), new_sid("CA"), new_sid("RE")
    base = {"AccountSid": project.account_sid, "RecordingSid": sid}
    project.ingest(kind="recording", params=base | {"CallSid": call, "RecordingStatus": "in-progress"})
    project.ingest(kind="status", params=status(project, leg, ParentCallSid=call, **ACCOUNT_DIALS))
    # A recording of a call that nothing is known of would wait.
    project.ingest(kind="status", params=status(project, stranger))

    def row():
        (found,) = project.rows("select call_sid, status from twilio_recordings where recording_sid = %s", sid)
        return found["call_sid"], found["status"]

    project.ingest(kind="recording", params=base | {"CallSid": stranger, "RecordingStatus": "deleted"})
    assert row() == (call, "in-progress")
    project.ingest(kind="recording", params=base | {"CallSid": leg, "RecordingStatus": "completed"})
    assert row() == (min(call, leg), "completed")
    project.ingest(kind="reconciled", params=base | {"CallSid": stranger, "RecordingStatus": "deleted"})
    assert row() == (stranger, "deleted")


@pytest.mark.parametrize("kind", ["voice", "fallback"])
def test_the_voice_request_attaches_no_recording(project, new_sid, kind):
    """A browser chooses parameters of its call's first request; Twilio sends none of a recording with it."""
    sid, recording = new_sid("CA"), new_sid("RE")
    chosen = {"RecordingSid": recording, "RecordingUrl": f"https://api.twilio.com/Recordings/{recording}"}

    project.ingest(kind=kind, params=browser_call(project, sid) | chosen)

    assert project.call(sid)["call_sid"] == sid
    assert project.rows("select from twilio_recordings where recording_sid = %s", recording) == []


def test_a_repeated_account_is_ours_if_one_of_them_is(project, new_sid):
    """A parameter of the page's own choice may be called AccountSid; the signature says whose request it is."""
    form = browser_call(project, new_sid("CA"))
    pairs = [*form.items(), ("AccountSid", "AC" + "9" * 32)]

    class Repeated(dict):
        def getlist(self, name):
            return [value for key, value in pairs if key == name]

    headers = {
        "X-Twilio-Signature": project.signature("", Repeated(form)),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = project.http.post("/functions/v1/twilio-webhook", content=urlencode(pairs), headers=headers)

    assert answer.status_code == 200


def test_the_log_holds_no_text_in_place_of_a_call_sid(project, new_sid):
    """Only a valid CallSid is logged, whatever a request has in its place."""
    mark = new_sid("XX")
    project.send(status(project, mark + "call me at +15550001111"))

    assert mark not in str(project.log_lines("twilio-webhook"))
