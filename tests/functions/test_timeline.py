"""twilio_call_timeline: the steps of a call and of its legs, in the order in which they happened."""

from __future__ import annotations

import uuid

from tests.functions.project import AGENT, OUR_NUMBER
from tests.functions.test_call_columns import COLLEAGUE, DIALED, at, event, tell
from tests.functions.test_merge_rules import INCOMING, status
from tests.functions.test_transfers import transfer


def steps(project, sid: str, *columns: str):
    """Read columns of a call's timeline, in its own order."""
    rows = project.rows("select * from twilio_call_timeline where call_sid = %s", sid)
    return [tuple(row[column] for column in columns) for row in rows]


def test_a_call_is_told_in_order_whatever_arrived_first(project, new_sid):
    """By Twilio's time where it says one; in the same second by the number that Twilio counts."""
    sid, leg, recording = new_sid("CA"), new_sid("CA"), new_sid("RE")
    child = DIALED | {"ParentCallSid": sid}
    asked = {"CallStatus": "ringing", **INCOMING}
    dialed = {"CallStatus": "in-progress", "DialCallStatus": "busy", **INCOMING}
    message = {"RecordingSid": recording, "RecordingDuration": "7"}
    events = [
        event("voice", sid, second=1, **asked),
        # Two steps in one second: the later number arrived first.
        status(leg, "initiated", 0, 2, **child) | {"received_at": at(9).isoformat()},
        status(leg, "ringing", 1, 2, **child) | {"received_at": at(8).isoformat()},
        status(leg, "in-progress", 2, 3, **child) | {"received_at": at(50).isoformat()},
        status(leg, "busy", 3, 4, CallDuration="0", **child),
        event("dial-action", sid, second=5, **dialed),
        event("fallback", sid, second=6, **asked),
        event("record-action", sid, second=20, CallStatus="in-progress", **message, **INCOMING),
        event("recording", sid, second=21, RecordingStatus="completed", **message),
        status(sid, "completed", 0, 22, CallDuration="21", **INCOMING),
        event("reconciled", sid, second=23, CallStatus="completed", CallDuration="21", **INCOMING),
        event("reconciled", sid, second=24, RecordingStatus="deleted", **message),
        event("other", sid, second=25, StreamEvent="x"),
    ]

    tell(project, *reversed(events))

    assert steps(project, sid, "leg", "leg_sid", "step", "seconds") == [
        ("first", sid, "asked what to do", None),
        ("dialed", leg, "connecting", None),
        ("dialed", leg, "ringing", None),
        ("dialed", leg, "connected", None),
        ("dialed", leg, "busy", 0),
        ("first", sid, "dialing ended: busy", None),
        ("first", sid, "asked the fallback what to do", None),
        ("first", sid, "left a message", 7),
        ("first", sid, "recording completed", 7),
        ("first", sid, "completed", 21),
        ("first", sid, "fetched from Twilio: completed", 21),
        ("first", sid, "fetched from Twilio: recording deleted", 7),
        ("first", sid, "something else", None),
    ]
    assert steps(project, sid, "happened_at")[2:4] == [(at(2),), (at(3),)]


def test_a_transfer_says_to_whom(project, new_sid):
    """Twilio sends no callback for it: control-call stores it."""
    sid = new_sid("CA")
    tell(project, status(sid, "in-progress", 0, 1, **INCOMING))
    transfer(project, sid, str(uuid.uuid4()), "first", to=COLLEAGUE)

    assert steps(project, sid, "step") == [("connected",), (f"transferred to {COLLEAGUE}",)]


def test_an_event_of_no_known_call_is_its_own_timeline(project, new_sid):
    """A recording of a call that nothing else is known of; an event without a CallSid is in no timeline."""
    sid, recording = new_sid("CA"), new_sid("RE")
    tell(project, event("recording", sid, RecordingSid=recording, RecordingStatus="completed"))
    tell(project, {"kind": "other", "params": {"Text": recording}})

    assert steps(project, sid, "leg", "step") == [("first", "recording completed")]
    assert project.rows("select from twilio_call_timeline where call_sid is null") == []


def test_the_crms_server_reads_the_views(project, new_sid):
    """The service role, of which each has the grant; nobody else has."""
    sid = new_sid("CA")
    tell(project, status(sid, "in-progress", 0, 1, From=OUR_NUMBER, To=AGENT, Direction="outbound-api"))

    views = (
        "twilio_call_timeline",
        "twilio_agents_on_call",
        "twilio_unreported_calls",
        "twilio_unsummarized_calls",
    )
    for view in views:
        assert project.rest("GET", f"/{view}?limit=1", key="secret").status_code == 200, view
        assert project.rest("GET", f"/{view}?limit=1").status_code == 401, view
        assert project.rest("GET", f"/{view}?limit=1", token=project.token()).status_code == 403, view
