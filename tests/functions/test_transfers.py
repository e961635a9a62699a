"""Transfers and limits in the database, what a CRM shows of a transferred call, and who is on a call."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.functions.project import AGENT, LEAD, OUR_NUMBER
from tests.functions.test_call_columns import COLLEAGUE, DIALED, at, event, tell
from tests.functions.test_merge_rules import ACCOUNT, BROWSER, INCOMING, PLACED, status

MANY = 10_000


@pytest.fixture
def user() -> str:
    """A user nobody else is."""
    return str(uuid.uuid4())


def transfer(
    project,
    sid: str,
    user: str,
    request: str,
    *,
    to: str = COLLEAGUE,
    limit: int = MANY,
    limit_in_all: int = MANY,
):
    """Reserve a transfer as control-call does; the function's result."""
    (row,) = project.rows(
        "select reserve_twilio_transfer(%s, %s, %s, %s, %s, %s, %s) as r",
        sid,
        ACCOUNT,
        request,
        to,
        user,
        limit,
        limit_in_all,
    )
    return row["r"]


def place(project, user: str, *, limit: int = MANY, limit_in_all: int = MANY, **params: Any) -> dict[str, Any]:
    """Reserve a call as place-call does; the function's result."""
    order = {"AccountSid": ACCOUNT, "From": OUR_NUMBER, "To": AGENT, "Dial": LEAD, "AgentFirst": "true"}
    return project.ingest(
        kind="place",
        params=order | params,
        user_id=user,
        limit=limit,
        environment_limit=limit_in_all,
        received_at=at(1).isoformat(),
    )


def test_a_reserved_call_has_what_the_crm_asked_for(project, user):
    """Before anybody rings: whom it calls, from where, for whom and since when."""
    reserved = place(project, user, Reference="lead-7")

    (row,) = project.rows("select * from twilio_calls where id = %s", reserved["id"])
    assert reserved["result"] == "reserved"
    assert (row["from_number"], row["to_number"], row["dial_number"]) == (OUR_NUMBER, AGENT, LEAD)
    assert (row["lead_number"], row["reference"], str(row["placed_by"])) == (LEAD, "lead-7", user)
    assert (row["direction"], row["agent_first"], row["started_at"]) == ("outbound-api", True, at(1))
    assert (row["status"], row["display_status"], row["account_sid"]) == ("queued", "connecting", ACCOUNT)


def test_what_counts_against_a_users_limit(project, new_sid, user):
    """Calls and transfers of the last minute, of this user; the answer says when there is room again."""
    place(project, str(uuid.uuid4()))
    (before,) = project.rows("select recent from voicehooks.calls_of_last_minute(null)")
    tell(project, status(new_sid("CA"), "ringing", 0, 1, **INCOMING))
    (after,) = project.rows("select recent from voicehooks.calls_of_last_minute(null)")
    assert after["recent"] <= before["recent"]
    old = place(project, user)["id"]
    project.database.execute(
        "update twilio_calls set created_at = now() - interval '61 seconds' where id = %s", [old]
    )
    past = transfer(project, new_sid("CA"), user, "past")["event_key"]
    project.database.execute(
        "update twilio_call_events set received_at = now() - interval '61 seconds' where event_key = %s", [past]
    )
    first = place(project, user, limit=1)
    assert first["result"] == "reserved"
    project.database.execute(
        "update twilio_calls set created_at = now() - interval '40 seconds' where id = %s", [first["id"]]
    )
    assert transfer(project, new_sid("CA"), user, "one", limit=2)["result"] == "reserved"

    limited = [place(project, user, limit=2), transfer(project, new_sid("CA"), user, "two", limit=2)]

    assert [(answer["result"], answer["scope"]) for answer in limited] == [("limited", "user")] * 2
    # The oldest of them is a minute old in twenty seconds.
    assert all(10 <= answer["retry_after"] <= 20 for answer in limited)
    in_all = place(project, str(uuid.uuid4()), limit_in_all=1)
    assert (in_all["result"], in_all["scope"]) == ("limited", "environment")


def test_only_a_stale_call_of_the_same_user_is_given_up_on(project, new_sid, user):
    """Not one that Twilio has named, nor one that it refused, nor another user's."""
    other = str(uuid.uuid4())
    named, refused, stale, foreign = (place(project, who)["id"] for who in (user, user, user, other))
    sid = new_sid("CA")
    tell(project, event("placed", sid, place=named, CallStatus="queued"))
    words = {"AccountSid": ACCOUNT, "ErrorMessage": "No permission"}
    tell(project, {"kind": "refused", "place": refused, "params": words})
    ids = [named, refused, stale, foreign]
    project.database.execute(
        "update twilio_calls set created_at = now() - interval '3 minutes' where id = any(%s)", [ids]
    )

    place(project, user)

    rows = project.rows(
        "select id::text, status::text, error_message from twilio_calls where id = any(%s)", ids
    )
    assert {row["id"]: (row["status"], row["error_message"]) for row in rows} == {
        named: ("queued", None),
        refused: ("failed", "No permission"),
        stale: ("failed", "the call never reached Twilio"),
        foreign: ("queued", None),
    }


def test_a_transfer_is_stored_once_for_each_call_and_request(project, new_sid, user):
    """With its target and who asked for it; another call may use the same request id."""
    one, other = new_sid("CA"), new_sid("CA")
    tell(project, status(one, "in-progress", 0, 1, **INCOMING), status(other, "in-progress", 0, 1, **INCOMING))

    results = [
        transfer(project, sid, user, "same", to=to)
        for sid, to in ((one, COLLEAGUE), (one, AGENT), (other, AGENT))
    ]

    assert [result["result"] for result in results] == ["reserved", "duplicate", "reserved"]
    assert results[0]["event_key"] == results[1]["event_key"] != results[2]["event_key"]
    (stored,) = project.rows("select * from twilio_call_events where call_sid = %s and kind = 'transfer'", one)
    assert stored["params"] == {
        "CallSid": one,
        "AccountSid": ACCOUNT,
        "Target": COLLEAGUE,
        "RequestedBy": user,
    }
    assert project.call(one)["transferred_at"] is not None


def test_a_transfer_that_was_not_made_is_forgotten_and_an_earlier_one_is_not(project, new_sid, user):
    """Only a transfer can be forgotten, by its key."""
    sid = new_sid("CA")
    tell(project, status(sid, "in-progress", 0, 1, **INCOMING))
    first = transfer(project, sid, user, "first")["event_key"]
    project.database.execute(
        "update twilio_call_events set received_at = %s where event_key = %s", [at(5), first]
    )
    second = transfer(project, sid, user, "second")["event_key"]
    (own,) = project.rows(
        "select event_key from twilio_call_events where call_sid = %s and kind = 'status'", sid
    )

    def release(key):
        return project.rows("select release_twilio_transfer(%s) as r", key)[0]["r"]

    assert release(own["event_key"]) == {"released": False}
    assert release(second) == {"released": True}
    assert release(second) == {"released": False}
    assert project.call(sid)["transferred_at"] == at(5)
    assert release(first) == {"released": True}
    assert project.call(sid)["transferred_at"] is None
    kinds = project.rows("select kind from twilio_call_events where call_sid = %s", sid)
    assert [row["kind"] for row in kinds] == ["status"]


def shown(project, sid: str, *columns: str) -> tuple[Any, ...]:
    """Read columns of a call."""
    call = project.call(sid)
    return tuple(call[column] for column in columns)


def test_an_incoming_call_that_is_transferred_stays_connected(project, new_sid, user):
    """While the next phone rings, and until the caller's own leg is over."""
    sid, agent, colleague = new_sid("CA"), new_sid("CA"), new_sid("CA")
    child = DIALED | {"ParentCallSid": sid}
    tell(project, status(sid, "in-progress", 0, 1, **INCOMING), status(agent, "in-progress", 1, 2, **child))
    transfer(project, sid, user, "one")

    tell(project, status(agent, "completed", 2, 10, CallDuration="8", **child))
    assert shown(project, sid, "display_status") == ("connected",)
    assert on_call(project, sid) == []
    tell(project, status(colleague, "ringing", 0, 11, **child | {"To": COLLEAGUE}))
    assert shown(project, sid, "display_status") == ("connected",)
    tell(project, status(colleague, "completed", 1, 20, CallDuration="9", **child | {"To": COLLEAGUE}))
    tell(project, status(sid, "completed", 1, 21, CallDuration="20", **INCOMING))

    assert shown(project, sid, "display_status", "talk_seconds", "talking_since") == ("completed", 17, at(2))
    assert shown(project, sid, "agent_answered_at", "lead_number") == (at(2), LEAD)


def test_a_placed_call_that_is_transferred_follows_the_lead(project, new_sid, user):
    """The <Dial> of the agent's leg is over, which ends neither the lead's leg nor the call."""
    sid, lead = new_sid("CA"), new_sid("CA")
    reserved = place(project, user)["id"]
    tell(project, status(sid, "in-progress", 0, 1, **PLACED | {"To": AGENT}) | {"place": reserved})
    child = DIALED | {"ParentCallSid": sid, "To": LEAD}
    tell(project, status(lead, "in-progress", 0, 2, **child))
    transfer(project, sid, user, "one")
    dial = {"DialCallSid": lead, "DialCallStatus": "completed", "DialCallDuration": "5"}

    tell(project, event("dial-action", sid, CallStatus="in-progress", **dial))
    assert project.call(lead)["status"] == "in-progress"
    tell(project, status(sid, "completed", 1, 10))
    assert shown(project, sid, "display_status", "lead_number") == ("connected", LEAD)
    tell(project, status(lead, "completed", 1, 30, CallDuration="28", **child))

    assert shown(project, sid, "display_status", "talk_seconds") == ("completed", 28)
    assert shown(project, sid, "agent_answered_at", "talking_since") == (at(1), at(2))


@pytest.mark.parametrize(
    ("own", "leg", "expected"),
    [
        # An agent's leg that nobody answered, or whose lead did not answer.
        ("no-answer", None, "no-answer"),
        ("busy", None, "busy"),
        ("completed", None, "canceled"),
        ("completed", "ringing", "canceled"),
        ("completed", "in-progress", "completed"),
        ("completed", "no-answer", "no-answer"),
        ("in-progress", "in-progress", "connected"),
        ("in-progress", "ringing", "ringing"),
    ],
)
def test_what_a_click_to_call_shows(project, new_sid, user, own, leg, expected):
    """The lead's leg decides; where there is none, the agent's."""
    sid, lead = new_sid("CA"), new_sid("CA")
    reserved = place(project, user)["id"]
    child = DIALED | {"ParentCallSid": sid, "To": LEAD}
    if leg:
        tell(project, status(lead, leg, 1, 5, **child))

    tell(project, status(sid, own, 2, 9, **PLACED | {"To": AGENT}) | {"place": reserved})

    assert shown(project, sid, "display_status") == (expected,)


def test_a_call_of_the_crms_own_code_is_a_direct_one_until_it_dials(project, new_sid):
    """Then the lead is who was dialed. A leg has no lead, and a lead who was called first stays the lead."""
    sid, leg = new_sid("CA"), new_sid("CA")
    direct = PLACED | {"To": AGENT}
    tell(project, status(sid, "in-progress", 0, 1, **direct))
    assert shown(project, sid, "lead_number", "display_status", "talking_since") == (AGENT, "connected", at(1))

    tell(project, status(leg, "ringing", 0, 2, ParentCallSid=sid, **DIALED | {"To": LEAD}))

    assert shown(project, sid, "lead_number", "display_status", "talking_since") == (LEAD, "ringing", None)
    assert shown(project, leg, "lead_number", "display_status") == (None, "ringing")
    first = place(project, str(uuid.uuid4()), To=LEAD, Dial=None, AgentFirst="false")["id"]
    own, agent = new_sid("CA"), new_sid("CA")
    tell(project, status(own, "in-progress", 0, 3, **PLACED) | {"place": first})
    tell(project, status(agent, "in-progress", 0, 6, ParentCallSid=own, **DIALED))
    assert shown(project, own, "lead_number", "talking_since", "agent_answered_at") == (LEAD, at(3), at(6))


def test_an_incoming_call_rings_until_somebody_answers(project, new_sid):
    """Also while Twilio calls its leg in-progress; what Twilio has not rung is connecting."""
    for name, expected in (("queued", "connecting"), ("ringing", "ringing"), ("in-progress", "ringing")):
        sid = new_sid("CA")
        tell(project, status(sid, name, 0, 1, **INCOMING))
        assert shown(project, sid, "display_status", "talk_seconds") == (expected, None)


def on_call(project, sid: str) -> list[dict[str, Any]]:
    """Read who is on a call."""
    return project.rows("select * from twilio_agents_on_call where call_sid = %s", sid)


def test_who_is_on_an_incoming_call_is_who_answered_and_is_still_there(project, new_sid):
    """Nobody while it rings; after a transfer the colleague; nobody once it is over."""
    sid = new_sid("CA")
    child = DIALED | {"ParentCallSid": sid}
    agent, colleague = new_sid("CA"), new_sid("CA")
    tell(project, status(sid, "in-progress", 0, 1, **INCOMING), status(agent, "ringing", 0, 2, **child))
    assert on_call(project, sid) == []
    tell(project, status(agent, "in-progress", 1, 5, **child))
    (row,) = on_call(project, sid)
    assert (row["agent"], row["since"], row["lead_number"], row["user_id"]) == (AGENT, at(5), LEAD, None)
    # The leg itself is no call, also if it dials another phone.
    onward = status(new_sid("CA"), "in-progress", 0, 6, ParentCallSid=agent, **DIALED)
    tell(project, onward)
    assert on_call(project, agent) == []

    tell(project, status(colleague, "in-progress", 0, 8, **child | {"To": COLLEAGUE}))
    tell(project, status(agent, "completed", 2, 9, **child))
    assert [row["agent"] for row in on_call(project, sid)] == [COLLEAGUE]

    tell(project, status(colleague, "completed", 1, 20, **child), status(sid, "completed", 1, 21, **INCOMING))
    assert on_call(project, sid) == []


def test_who_is_on_a_placed_call_is_the_agent_from_the_beginning(project, new_sid, user):
    """The phone that rings first, with the CRM's key and user; a softphone is its own agent."""
    sid, softphone, direct = new_sid("CA"), new_sid("CA"), new_sid("CA")
    reserved = place(project, user, Reference="lead-8")["id"]
    tell(project, event("placed", sid, place=reserved, CallStatus="queued"))
    tell(project, status(softphone, "ringing", 0, 3, **BROWSER))
    tell(project, status(direct, "in-progress", 0, 3, **PLACED))

    (row,) = on_call(project, sid)
    assert (row["agent"], str(row["user_id"]), row["reference"]) == (AGENT, user, "lead-8")
    assert (row["display_status"], row["direction"], row["since"]) == ("connecting", "outbound-api", at(1))
    assert [(row["agent"], row["display_status"]) for row in on_call(project, softphone)] == [
        ("client:agent_1", "connecting")
    ]
    # Nobody is known to be on a call of the CRM's own code that dials nobody.
    assert on_call(project, direct) == []


def test_nobody_is_on_a_call_for_longer_than_a_day(project, new_sid):
    """Twilio ends every call after 24 hours: the end of an older one was lost."""
    sid = new_sid("CA")
    tell(project, status(sid, "in-progress", 0, 3, **BROWSER))
    assert len(on_call(project, sid)) == 1

    project.database.execute(
        "update twilio_calls set created_at = now() - interval '25 hours' where call_sid = %s", [sid]
    )

    assert on_call(project, sid) == []


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (
            "reserve_twilio_transfer",
            {
                "call_sid": "CA1",
                "account_sid": "AC1",
                "request_id": "x",
                "target": "x",
                "user_id": "11111111-2222-4333-8444-555555555555",
                "per_minute": 1,
                "per_minute_in_all": 1,
            },
        ),
        ("release_twilio_transfer", {"key": "CA1:transfer:x"}),
    ],
)
def test_only_the_service_role_transfers(project, function, arguments):
    """Neither a page nor a signed-in user reaches the functions."""
    path = f"/rpc/{function}"
    anonymous = project.rest("POST", path, json=arguments)
    user = project.rest("POST", path, token=project.token(), json=arguments)

    assert (anonymous.status_code, user.status_code) == (401, 403)
