"""The columns of a call and of its recordings, each by the events that decide it, in any order of arrival."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from tests.functions.project import AGENT, LEAD, OUR_NUMBER, USER
from tests.functions.test_merge_rules import ACCOUNT, INCOMING, PLACED, reserve, status

COLLEAGUE = "+15557650000"
DIALED = {"Direction": "outbound-dial", "From": OUR_NUMBER, "To": AGENT}


def at(second: int) -> datetime:
    """Return a second of the minute in which all calls of this file take place."""
    return datetime(2026, 11, 24, 11, 0, second, tzinfo=UTC)


def tell(project, *events: dict[str, Any]) -> list[str]:
    """Ingest events one after the other; their results."""
    answers = [
        project.rows("select ingest_twilio_webhook(%s::jsonb) as r", json.dumps(event)) for event in events
    ]
    return [answer[0]["r"]["result"] for answer in answers]


def event(kind: str, sid: str, *, second: int | None = None, place: str | None = None, **params: Any):
    """Make an event of a call, which arrives at a second."""
    made: dict[str, Any] = {"kind": kind, "params": {"CallSid": sid, "AccountSid": ACCOUNT, **params}}
    if second is not None:
        made["received_at"] = at(second).isoformat()
    if place is not None:
        made["place"] = place
    return made


def recording_row(project, sid: str) -> dict[str, Any] | None:
    """Read a recording's row."""
    rows = project.rows("select *, status::text as status from twilio_recordings where recording_sid = %s", sid)
    return rows[0] if rows else None


@pytest.mark.parametrize(
    ("name", "column"),
    [("initiated", "initiated_at"), ("ringing", "ringing_at"), ("in-progress", "answered_at")],
)
@pytest.mark.parametrize("seconds", [(10,), (10, 40), (40, 10)])
def test_each_step_has_the_time_of_its_first_report(project, new_sid, name, column, seconds):
    """By Twilio's clock, and not by that of the arrival; the call began with the earliest step."""
    sid = new_sid("CA")
    times = ("initiated_at", "ringing_at", "answered_at")

    for sequence, second in enumerate(seconds):
        tell(project, status(sid, name, sequence, second) | {"received_at": at(59).isoformat()})

    call = project.call(sid)
    assert {key: call[key] for key in times} == dict.fromkeys(times) | {column: at(10)}
    assert (call["started_at"], call["ended_at"]) == (at(10), None)


@pytest.mark.parametrize(
    ("ended", "seconds"),
    [("in-progress", None), ("completed", 7), ("busy", 0), ("no-answer", 0), ("failed", 0), ("canceled", 0)],
)
def test_how_long_a_placed_call_talked(project, new_sid, ended, seconds):
    """Not known while it goes on; as long as it took, and no time where nobody answered."""
    sid = new_sid("CA")

    tell(project, status(sid, "ringing", 0, 1, **PLACED), status(sid, ended, 1, 9, CallDuration="7", **PLACED))

    assert project.call(sid)["talk_seconds"] == seconds


@pytest.mark.parametrize("kind", ["dial-action", "record-action"])
def test_a_time_that_a_browser_chose_is_none(project, new_sid, kind):
    """Its parameters come with each request for TwiML of its call."""
    sid = new_sid("CA")
    chosen = {"Timestamp": "Tue, 24 Nov 2020 11:00:00 +0000", "SequenceNumber": "7"}

    tell(project, event(kind, sid, second=3, CallStatus="in-progress", **chosen, **INCOMING))

    assert project.call(sid)["started_at"] == at(3)
    (kept,) = project.rows("select * from twilio_call_events where call_sid = %s", sid)
    assert (kept["occurred_at"], kept["sequence_number"]) == (None, None)


def test_a_request_without_a_time_counts_from_its_arrival(project, new_sid):
    """A voice request is a step of the call; the end that an older account reports is its end."""
    sid = new_sid("CA")

    tell(
        project,
        event("voice", sid, second=3, CallStatus="ringing", Timestamp="Tue, 24 Nov 2020 11:00:00 +0000"),
    )
    tell(project, event("status", sid, second=9, CallStatus="completed"))

    call = project.call(sid)
    assert (call["started_at"], call["ringing_at"], call["ended_at"]) == (at(3), at(3), at(9))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([("ringing", 1), ("initiated", 0)], "ringing"),
        ([("completed", 3), ("failed", 1)], "completed"),
        ([("completed", 3), ("in-progress", 9)], "completed"),
        # Of two ends the one with the higher SequenceNumber counts, and one without is the earliest.
        ([("busy", None), ("completed", 0)], "completed"),
        ([("completed", 2), ("busy", 5)], "busy"),
        *(([("ringing", 1), (end, 2)], end) for end in ("busy", "no-answer", "failed", "canceled")),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_furthest_step_is_the_status(project, new_sid, steps, expected, turned):
    """Whatever arrives last; a direct call is shown as it ended."""
    sid = new_sid("CA")

    for name, sequence in reversed(steps) if turned else steps:
        params = {} if sequence is None else {"SequenceNumber": str(sequence)}
        tell(project, event("status", sid, CallStatus=name, **params, **PLACED))

    call = project.call(sid)
    assert (call["status"], call["display_status"]) == (expected, expected)


@pytest.mark.parametrize("name", ["queued", "initiated"])
def test_a_call_that_does_not_ring_yet_is_connecting(project, new_sid, name):
    """A CRM has one word for both."""
    sid = new_sid("CA")

    tell(project, event("status", sid, CallStatus=name, **PLACED))

    assert project.call(sid)["display_status"] == "connecting"


@pytest.mark.parametrize(
    "change",
    [
        {"CallSid": "CA" + "z" * 32},
        {"CallSid": "CA" + "1" * 33},
        {"CallSid": ["CA" + "1" * 32, "CA" + "2" * 32]},
        {"CallSid": ""},
        {"AccountSid": "AC1"},
        {"AccountSid": ["AC" + "1" * 32]},
    ],
)
def test_an_event_without_valid_sids_makes_no_row(project, new_sid, change):
    """It is kept as it came, and a repeated value is not a value."""
    made = event("status", "CA" + "1" * 32, CallStatus="completed")
    mark = new_sid("XX")
    made["params"] |= change | {"Mark": mark}

    assert tell(project, made, made) == ["stored", "duplicate"]

    (kept,) = project.rows("select * from twilio_call_events where params ->> 'Mark' = %s", mark)
    sid = made["params"]["CallSid"]
    assert (kept["kind"], kept["call_sid"]) == ("status", sid if isinstance(sid, str) and sid else None)
    assert project.rows("select from twilio_calls where call_sid ~ '^CA(z|1{32})' or account_sid = 'AC1'") == []


def test_a_party_that_is_repeated_is_unknown(project, new_sid):
    """A browser may add a second From of its own choice."""
    sid = new_sid("CA")

    tell(
        project, event("voice", sid, CallStatus="ringing", Direction="inbound", From=[LEAD, "x"], To=OUR_NUMBER)
    )

    call = project.call(sid)
    assert (call["from_number"], call["to_number"]) == (None, OUR_NUMBER)


@pytest.mark.parametrize("turned", [False, True])
def test_a_callback_that_names_less_forgets_nothing(project, new_sid, turned):
    """Direction and parties stay; two that differ leave the same in any order."""
    sid = new_sid("CA")
    events = [
        status(sid, "ringing", 0, 1, **INCOMING),
        status(sid, "in-progress", 1, 2, Direction="", From="", To=""),
        status(sid, "completed", 2, 3),
        event("voice", sid, CallStatus="ringing", **INCOMING | {"From": "+15559998888"}),
    ]

    tell(project, *(reversed(events) if turned else events))

    call = project.call(sid)
    assert (call["direction"], call["from_number"], call["to_number"]) == ("inbound", LEAD, OUR_NUMBER)


@pytest.mark.parametrize("parent", ["itself", "no SID", "of an incoming call"])
def test_what_cannot_be_a_parent_is_none(project, new_sid, parent):
    """The call stays a call of its own, and no row is made of the value."""
    sid = new_sid("CA")
    claimed = {"itself": sid, "no SID": "CAx", "of an incoming call": new_sid("CA")}[parent]
    more = INCOMING if parent == "of an incoming call" else {}

    tell(project, status(sid, "completed", 0, 1, ParentCallSid=claimed, **more))

    assert project.call(sid)["parent_call_sid"] is None
    assert project.rows("select from twilio_calls where call_sid = %s and call_sid <> %s", claimed, sid) == []


def test_no_call_is_a_leg_of_its_own_dial(project, new_sid):
    """A page may choose the parameter: the call would have itself as its parent."""
    sid = new_sid("CA")
    ends = {"CallStatus": "in-progress", "DialCallSid": sid, "DialCallStatus": "completed"}

    tell(project, event("dial-action", sid, Direction="outbound-dial", **ends))

    assert (project.call(sid)["parent_call_sid"], project.call(sid)["status"]) == (None, "in-progress")


def test_a_legs_first_parent_stays_and_what_reconcile_read_counts(project, new_sid):
    """A second claim moves no leg; Twilio's API decides, also that a call has no parent."""
    first, second, leg, alone = (new_sid("CA") for _ in range(4))
    tell(project, status(leg, "in-progress", 0, 1, ParentCallSid=first, **DIALED))
    tell(project, status(leg, "completed", 1, 2, ParentCallSid=second, **DIALED))
    assert project.call(leg)["parent_call_sid"] == first

    tell(project, event("reconciled", leg, CallStatus="completed", ParentCallSid=second, **INCOMING))
    assert project.call(leg)["parent_call_sid"] == second
    assert (project.call(first)["dial_status"], project.call(second)["dial_status"]) == (None, "completed")
    assert (project.call(first)["dial_answered_at"], project.call(second)["dial_answered_at"]) == (None, at(1))
    assert project.call(leg)["lead_number"] is None

    tell(project, event("reconciled", leg, CallStatus="completed", Direction="outbound-dial"))
    assert (project.call(leg)["parent_call_sid"], project.call(second)["dial_status"]) == (None, None)

    for order in ((0, 1, 2), (1, 0, 2)):
        sid = new_sid("CA")
        read = event("reconciled", sid, CallStatus="completed", Direction="outbound-dial")
        claims = [status(sid, "ringing", n, n, ParentCallSid=alone, **DIALED) for n in (1, 2)]
        tell(project, *([read, *claims][n] for n in order))
        assert project.call(sid)["parent_call_sid"] is None


def test_a_reconciled_call_without_times_began_when_it_was_read(project, new_sid):
    """A call that Twilio never started has no StartTime, and none of its times is invented."""
    sid = new_sid("CA")

    tell(project, event("reconciled", sid, second=7, CallStatus="failed", StartTime="", EndTime=""))

    call = project.call(sid)
    assert (call["started_at"], call["ended_at"], call["answered_at"]) == (at(7), None, None)


# From the most to the least that can become of a leg; the first one speaks for all.
OUTCOMES = [
    "in-progress",
    "completed",
    "ringing",
    "initiated",
    "queued",
    "busy",
    "no-answer",
    "failed",
    "canceled",
]


@pytest.mark.parametrize(("more", "less"), list(itertools.pairwise(OUTCOMES)))
def test_the_leg_that_got_furthest_speaks_for_all(project, new_sid, more, less):
    """Two parties ring: what became of the call is what became of one of them."""
    sid = new_sid("CA")

    for name in (less, more):
        tell(project, event("status", new_sid("CA"), CallStatus=name, ParentCallSid=sid, **DIALED))

    assert project.call(sid)["dial_status"] == more


def test_talking_begins_with_the_first_answer_and_the_call_with_its_first_leg(project, new_sid):
    """Two legs answered, one after the other; the call's own events come last."""
    sid = new_sid("CA")
    for start, answer, to in ((4, 9, AGENT), (2, 20, COLLEAGUE)):
        leg, dialed = new_sid("CA"), DIALED | {"ParentCallSid": sid, "To": to}
        tell(
            project, status(leg, "ringing", 1, start, **dialed), status(leg, "in-progress", 2, answer, **dialed)
        )

    tell(project, status(sid, "in-progress", 3, 30, **INCOMING))

    call = project.call(sid)
    assert (call["dial_answered_at"], call["started_at"]) == (at(9), at(2))
    assert (call["talking_since"], call["agent_answered_at"]) == (at(9), at(9))
    assert (call["display_status"], call["dial_number"]) == ("connected", min(AGENT, COLLEAGUE))


@pytest.mark.parametrize(
    ("dial", "made"),
    [
        ({"DialCallStatus": "in-progress"}, False),
        ({"DialCallStatus": "on-the-moon"}, False),
        ({"DialCallStatus": "busy"}, True),
        ({"DialCallStatus": "busy", "DialCallSid": "CA1"}, False),
    ],
)
def test_only_a_dial_that_is_over_ends_its_leg(project, new_sid, dial, made):
    """An unknown word ends nothing; what is not a SID makes no row."""
    sid = new_sid("CA")
    params = {"CallStatus": "in-progress", "DialCallSid": new_sid("CA"), "CallDuration": "99", **dial}

    assert tell(project, event("dial-action", sid, **params, **INCOMING)) == ["stored"]

    legs = project.rows(
        "select status::text, duration_seconds from twilio_calls where parent_call_sid = %s", sid
    )
    assert legs == ([{"status": "busy", "duration_seconds": None}] if made else [])


def test_a_dial_action_takes_no_call_that_reconcile_read_as_nobodys_leg(project, new_sid):
    """Also if its Direction is that of a dialed leg."""
    sid, other = new_sid("CA"), new_sid("CA")
    tell(project, event("reconciled", other, CallStatus="in-progress", Direction="outbound-dial"))

    dial = {"DialCallSid": other, "DialCallStatus": "completed"}
    tell(project, event("dial-action", sid, CallStatus="in-progress", **dial, **INCOMING))

    assert (project.call(other)["parent_call_sid"], project.call(other)["status"]) == (None, "in-progress")


@pytest.mark.parametrize("first", ["callback", "reconciled"])
def test_a_call_that_was_seen_before_it_was_linked_takes_over_what_was_reserved(project, new_sid, first):
    """The CRM's key, the user and the lead's number: one row, also if the call's own event came first."""
    sid, reference = new_sid("CA"), new_sid("lead")
    place = reserve(project, Reference=reference)
    (reserved,) = project.rows("select created_at from twilio_calls where id = %s", place)
    if first == "callback":
        tell(project, event("status", sid, CallStatus="ringing", **PLACED | {"To": AGENT}))
    else:
        tell(project, event("reconciled", sid, CallStatus="ringing", Direction="outbound-api"))

    tell(project, event("placed", sid, place=place, CallStatus="queued", From=OUR_NUMBER, To=AGENT))

    call = project.call(sid)
    assert (call["reference"], str(call["placed_by"]), call["agent_first"]) == (reference, USER, True)
    assert (call["lead_number"], call["from_number"], call["to_number"]) == (LEAD, OUR_NUMBER, AGENT)
    assert (call["status"], call["direction"]) == ("ringing", "outbound-api")
    # The limits count the call from when it was reserved.
    assert call["created_at"] == reserved["created_at"]
    assert len(project.rows("select from twilio_calls where reference = %s", reference)) == 1


def test_a_reserved_call_is_linked_by_whichever_event_names_it(project, new_sid):
    """A leg's callback, the end of a dial and a recording carry the reservation of the first leg's row."""
    for kind in ("leg", "dial-action", "recording", "batch"):
        # Rows are locked in the order of their SIDs: the leg's comes first.
        leg, sid = sorted([new_sid("CA"), new_sid("CA")])
        recording, place = new_sid("RE"), reserve(project)
        made = {
            "leg": event("status", leg, place=place, CallStatus="ringing", ParentCallSid=sid, **DIALED),
            "dial-action": event("dial-action", sid, place=place, CallStatus="in-progress", DialCallSid=leg)
            | {},
            "recording": event(
                "recording", sid, place=place, RecordingSid=recording, RecordingStatus="in-progress"
            ),
            "batch": event("status", sid, place=place, CallStatus="ringing", **PLACED),
        }[kind]
        if kind == "dial-action":
            made["params"]["DialCallStatus"] = "busy"
        if kind == "batch":
            project.rows("select ingest_twilio_webhooks(%s::jsonb)", json.dumps([made]))
        else:
            tell(project, made)

        call = project.call(sid)
        assert (kind, str(call["id"]), call["dial_number"]) == (kind, place, LEAD)
        if kind == "recording":
            assert recording_row(project, recording) is not None


def test_what_reconcile_read_of_a_recording_changes_no_call(project, new_sid):
    """It names the call, and says nothing about who dialed it."""
    sid, leg, recording = new_sid("CA"), new_sid("CA"), new_sid("RE")
    tell(project, status(leg, "in-progress", 0, 1, ParentCallSid=sid, **DIALED))

    tell(project, event("reconciled", leg, RecordingSid=recording, RecordingStatus="completed"))

    assert (project.call(leg)["parent_call_sid"], project.call(sid)["dial_status"]) == (sid, "in-progress")
    assert recording_row(project, recording)["call_sid"] == leg


def test_a_legs_recording_is_its_calls_if_it_says_so(project, new_sid):
    """Also if nothing else is known of the leg; the reverse, of which only the leg is known, waits."""
    sid, leg, recording, waiting = new_sid("CA"), new_sid("CA"), new_sid("RE"), new_sid("RE")
    tell(project, status(sid, "in-progress", 0, 1, **INCOMING))
    of_leg = {"RecordingStatus": "completed", "ParentCallSid": sid}

    tell(project, event("recording", leg, RecordingSid=recording, **of_leg))

    assert recording_row(project, recording)["call_sid"] == sid
    tell(project, event("recording", sid, RecordingSid=waiting, RecordingStatus="completed", ParentCallSid=leg))
    assert recording_row(project, waiting) is None


def test_a_recording_that_came_before_place_call_knew_its_call(project, new_sid):
    """It waits without a row, and is there once the reserved row has the call's SID."""
    sid, recording = new_sid("CA"), new_sid("RE")
    place = reserve(project)
    tell(project, event("recording", sid, RecordingSid=recording, RecordingStatus="completed"))
    assert recording_row(project, recording) is None

    tell(project, event("placed", sid, place=place, CallStatus="queued"))

    assert recording_row(project, recording)["call_sid"] == sid


def test_a_refusal_ends_the_reserved_call_and_no_other(project, new_sid):
    """Two refusals with the same words are two events; a call that Twilio did make goes on."""
    refused = [reserve(project), reserve(project)]
    made, sid = reserve(project), new_sid("CA")
    tell(project, event("placed", sid, place=made, CallStatus="queued"))
    words = {"ErrorCode": "21211", "ErrorMessage": "Invalid 'To'"}

    for place in (*refused, made):
        params = {"AccountSid": ACCOUNT, **words}
        tell(project, {"kind": "refused", "place": place, "params": params, "received_at": at(5).isoformat()})

    for place in refused:
        (row,) = project.rows("select * from twilio_calls where id = %s", place)
        assert (row["status"], row["ended_at"]) == ("failed", at(5))
        assert (row["error_code"], row["error_message"]) == (21211, "Invalid 'To'")
    assert (project.call(sid)["status"], project.call(sid)["error_code"]) == ("queued", None)


@pytest.mark.parametrize(
    "status_name",
    ["in-progress", "paused", "stopped", "processing", "absent", "failed", "completed", "deleted"],
)
def test_a_recording_has_twilios_status(project, new_sid, status_name):
    """Each word of Twilio's, so that a page knows what it can play."""
    sid, recording = new_sid("CA"), new_sid("RE")

    tell(project, status(sid, "completed", 0, 1))
    tell(project, event("recording", sid, RecordingSid=recording, RecordingStatus=status_name, ErrorCode="0"))

    row = recording_row(project, recording)
    assert (row["status"], row["error_code"]) == (status_name, None)


@pytest.mark.parametrize("turned", [False, True])
def test_a_recordings_callback_that_says_less_forgets_nothing(project, new_sid, turned):
    """Channels, source, track, address, error and start stay as they were reported."""
    sid, recording = new_sid("CA"), new_sid("RE")
    said = {
        "RecordingChannels": "2",
        "RecordingSource": "DialVerb",
        "RecordingTrack": "both",
        "RecordingUrl": f"https://api.twilio.com/Recordings/{recording}",
        "RecordingStartTime": "Tue, 24 Nov 2026 11:00:04 +0000",
        "ErrorCode": "16111",
    }
    events = [
        event("recording", sid, RecordingSid=recording, RecordingStatus="in-progress", **said),
        event("recording", sid, RecordingSid=recording, RecordingStatus="completed", RecordingChannels="7"),
    ]
    tell(project, status(sid, "completed", 0, 30))

    tell(project, *(reversed(events) if turned else events))

    row = recording_row(project, recording)
    assert (row["channels"], row["source"], row["track"], row["url"]) == (
        2,
        "DialVerb",
        "both",
        said["RecordingUrl"],
    )
    assert (row["started_at"], row["error_code"], row["status"]) == (at(4), 16111, "completed")
    assert project.call(sid)["started_at"] == at(4)


@pytest.mark.parametrize("together", [True, False])
def test_a_recordings_callback_changes_no_call(project, new_sid, together):
    """Whatever it says about one, also if it names no recording: it may be about any call of the account."""
    sid = new_sid("CA")
    tell(project, status(sid, "in-progress", 0, 1, **INCOMING))
    said = event("recording", sid, CallStatus="completed", RecordingStatus="completed", CallDuration="7")

    tell(project, *[said | {"params": said["params"] | {"RecordingTrack": n}} for n in "ab"[: 1 + together]])

    call = project.call(sid)
    assert (call["status"], call["ended_at"], call["duration_seconds"]) == ("in-progress", None, None)


def test_what_is_no_recording_makes_no_row(project, new_sid):
    """A SID that is none, and a status that nobody knows yet; both are kept as events."""
    sid, recording = new_sid("CA"), new_sid("RE")
    tell(project, status(sid, "completed", 0, 30))

    made = [
        event("recording", sid, RecordingSid=new_sid("RX"), RecordingStatus="completed"),
        event("recording", sid, RecordingSid=recording, RecordingStatus="on-the-moon"),
    ]

    assert tell(project, *made) == ["stored", "stored"]
    assert project.rows("select from twilio_recordings where call_sid = %s", sid) == []


def test_the_recording_that_a_request_mentions_is_being_processed(project, new_sid):
    """A message's request has only its address; a dial's end and the recording's callback are two events."""
    sid, message, talk = new_sid("CA"), new_sid("RE"), new_sid("RE")
    url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings"
    both = {"RecordingSid": talk, "RecordingUrl": f"{url}/{talk}"}

    tell(
        project,
        event("record-action", sid, CallStatus="in-progress", RecordingUrl=f"{url}/{message}", **INCOMING),
    )
    results = tell(
        project,
        event("dial-action", sid, CallStatus="in-progress", DialCallStatus="completed", **both, **INCOMING),
        event("recording", sid, RecordingStatus="completed", RecordingDuration="9", **both),
    )

    assert results == ["stored", "stored"]
    assert recording_row(project, message)["status"] == "processing"
    assert recording_row(project, talk)["status"] == "completed"
    # How long the message is was not said, so there may be one.
    assert project.call(sid)["left_voicemail"] is True


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({}, True),
        ({"RecordingSource": "DialVerb"}, False),
        ({"RecordingStatus": "in-progress"}, False),
    ],
)
def test_only_a_message_that_was_recorded_is_a_voicemail(project, new_sid, change, left):
    """Not a conversation, nor what is still being recorded; another recording changes nothing."""
    sid = new_sid("CA")
    tell(project, status(sid, "completed", 0, 30, **INCOMING))
    said = {"RecordingStatus": "completed", "RecordingDuration": "5"}

    for source in ({"RecordingSource": "RecordVerb"} | change, {"RecordingSource": "DialVerb"}):
        tell(project, event("recording", sid, RecordingSid=new_sid("RE"), **said | source))

    assert project.call(sid)["left_voicemail"] is left


@pytest.mark.parametrize("names_parent", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_a_recording_of_a_leg_and_of_its_call_is_one(project, new_sid, turned, names_parent):
    """Reported for the leg and for its call, in any order: one row, and what says more counts."""
    sid, leg, recording = new_sid("CA"), new_sid("CA"), new_sid("RE")
    tell(project, status(sid, "in-progress", 0, 1, **INCOMING))
    tell(project, status(leg, "in-progress", 0, 2, ParentCallSid=sid, **DIALED))
    more = {"ParentCallSid": sid} if names_parent else {}

    for of, word in zip((leg, sid) if turned else (sid, leg), ("processing", "completed"), strict=True):
        named = more if of == leg else {}
        tell(project, event("recording", of, RecordingSid=recording, RecordingStatus=word, **named))

    row = recording_row(project, recording)
    owner = sid if names_parent else min(sid, leg)
    assert (row["call_sid"], row["status"]) == (owner, "completed")


def test_two_events_that_differ_in_kind_or_address_are_two(project, new_sid):
    """Only a status callback is known by its number alone; the others by all they say."""
    sid, same = new_sid("CA"), {"CallStatus": "in-progress", "SequenceNumber": "1"}
    asked = event("voice", sid, **same)

    results = tell(
        project,
        asked,
        asked | {"path": "?x=1"},
        event("fallback", sid, **same),
        event("status", sid, **same),
        asked,
    )

    assert results == ["stored"] * 4 + ["duplicate"]
    conference = {"SequenceNumber": "1", "StatusCallbackEvent": "participant-join"}
    words = ("recording", "reconciled")
    recording = {"RecordingSid": new_sid("RE"), "RecordingStatus": "completed"}
    more = new_sid("CA")
    assert (
        tell(
            project,
            event("other", more, **conference),
            event("other", more, **conference | {"StatusCallbackEvent": "participant-leave"}),
            *(event(word, more, **recording) for word in words),
        )
        == ["stored"] * 4
    )
    rows = project.rows("select kind, path from twilio_call_events where call_sid = %s order by 1, 2", sid)
    assert [(row["kind"], row["path"]) for row in rows] == [
        ("fallback", ""),
        ("status", ""),
        ("voice", ""),
        ("voice", "?x=1"),
    ]


def test_a_row_says_when_it_changed(project, new_sid):
    """A CRM that asks for what changed since its last look learns of every step, also of a recording's."""
    sid, recording = new_sid("CA"), new_sid("RE")
    tell(project, status(sid, "ringing", 0, 1), status(sid, "in-progress", 1, 2))
    tell(project, event("recording", sid, RecordingSid=recording, RecordingStatus="in-progress"))
    old = "set updated_at = '2020-01-01' where"
    with project.database.transaction():
        project.database.execute("alter table twilio_calls disable trigger voicehooks_derive")
        project.database.execute(f"update twilio_calls {old} call_sid = %s", [sid])
        project.database.execute("alter table twilio_calls enable trigger voicehooks_derive")
    project.database.execute(f"update twilio_recordings {old} recording_sid = %s", [recording])

    tell(project, event("recording", sid, RecordingSid=recording, RecordingStatus="completed"))

    assert project.call(sid)["updated_at"].year > 2020
    assert recording_row(project, recording)["updated_at"].year > 2020


def test_an_empty_value_of_a_previous_version_is_unknown(project, new_sid):
    """Rows that were written before empty values were read as unknown."""
    sid, leg = new_sid("CA"), new_sid("CA")
    project.database.execute(
        "insert into twilio_calls (call_sid, account_sid, direction, from_number, to_number, dial_number) "
        "values (%s, %s, '', '', '', '')",
        [sid, ACCOUNT],
    )

    tell(project, status(sid, "in-progress", 1, 1, **INCOMING))
    tell(project, status(leg, "in-progress", 1, 2, ParentCallSid=sid, **DIALED))

    call = project.call(sid)
    assert (call["direction"], call["from_number"], call["to_number"]) == ("inbound", LEAD, OUR_NUMBER)
    assert call["dial_number"] == AGENT


def test_a_call_that_was_given_up_on_is_open_once_twilio_has_taken_it(project, new_sid):
    """Also if what is heard of it says nothing new: Twilio has queued it."""
    sid, place = new_sid("CA"), reserve(project)
    project.database.execute(
        "update twilio_calls set created_at = now() - interval '3 minutes' where id = %s", [place]
    )
    reserve(project)

    tell(project, event("placed", sid, place=place, CallStatus="queued"))

    call = project.call(sid)
    assert (call["status"], call["display_status"], call["ended_at"]) == ("queued", "connecting", None)


@pytest.mark.parametrize("name", ["initiated", "ringing", "in-progress", "completed", "busy", "canceled"])
def test_a_call_that_twilio_never_named_is_queued_or_failed(project, name):
    """No other status is possible without a SID, also for the owner of the database."""
    with pytest.raises(psycopg.errors.CheckViolation):
        project.database.execute("insert into twilio_calls (account_sid, status) values ('AC1', %s)", [name])
