"""control-call: hangs up and transfers live calls, through the gateway, the emulated Twilio and back."""

from __future__ import annotations

import contextlib
import uuid

import httpx
import pytest

from tests.functions.project import AGENT, LEAD, OUR_NUMBER
from tests.functions.test_place_call import finished
from tests.support.waiting import PATIENCE, wait_for

ORIGIN = "http://localhost:8080"
COLLEAGUE = "+15557650000"
# Nobody hangs up, until the function ends the call.
LONG = {"talkSeconds": None, "ringSeconds": 1}


@pytest.fixture(scope="module", autouse=True)
def _readers(project):
    """A CRM's policy: users see incoming calls and those that they placed."""
    project.database.execute("""
        grant select on twilio_calls, twilio_agents_on_call to authenticated;
        create policy control_calls on twilio_calls for select to authenticated
          using (placed_by = (select auth.uid()) or (direction = 'inbound' and parent_call_sid is null));
        notify pgrst, 'reload schema';
    """)
    yield
    project.database.execute("""
        drop policy control_calls on twilio_calls;
        revoke select on twilio_calls, twilio_agents_on_call from authenticated;
    """)


@pytest.fixture
def user():
    """A user nobody else is."""
    return str(uuid.uuid4())


@pytest.fixture
def control(project, user):
    """Send a request to control-call."""

    def send(body, *, token=None, slug="control-call", **headers):
        headers = {"Origin": ORIGIN, "Authorization": f"Bearer {token or project.token(sub=user)}", **headers}
        return project.http.post(f"/functions/v1/{slug}", json=body, headers=headers)

    return send


def twilio(project, method, path, **options):
    """Send a request to the sandbox's control plane of Twilio."""
    url = f"{project.env['twilio_base_url']}/_sandbox{path}"
    answer = httpx.request(method, url, timeout=PATIENCE, **options)
    answer.raise_for_status()
    return answer.json()


@pytest.fixture(autouse=True)
def _long_calls(project):
    """Let every phone talk until the function ends the call."""
    twilio(project, "PUT", "/scenarios", json={"*": LONG})
    yield
    twilio(project, "PUT", "/scenarios", json={})


def place(project, user, **order):
    """Place a call as the CRM's page does; returns its SID."""
    headers = {"Authorization": f"Bearer {project.token(sub=user)}"}
    answer = project.http.post("/functions/v1/place-call", json={"to": LEAD, **order}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["callSid"]


def shows(project, call_sid, status):
    """Wait until the CRM shows a status for the call; returns the row."""

    def row():
        found = project.rows("select * from twilio_calls where call_sid = %s", call_sid)
        return found[0] if found and found[0]["display_status"] == status else None

    return wait_for(row, f"{call_sid} is {status}")


@contextlib.contextmanager
def real_time(project):
    """Let calls go at the speed of the clock on the wall: a phone that rings is seen ringing."""
    factor = twilio(project, "GET", "/clock")["factor"]
    twilio(project, "POST", "/clock", json={"factor": 1})
    try:
        yield
    finally:
        twilio(project, "POST", "/clock", json={"factor": factor})


def call_in(project):
    """Let the lead call our number; returns the call's SID."""
    return project.call_in(LEAD)


def legs(project, call_sid):
    """The legs that a call dialed, oldest first."""
    return project.rows(
        "select * from twilio_calls where parent_call_sid = %s order by started_at, call_sid", call_sid
    )


@pytest.mark.parametrize("agent", [AGENT, None])
def test_hanging_up_ends_every_leg_once(project, control, user, agent):
    """The call that a user placed ends for lead and agent; a second request changes nothing."""
    sid = place(project, user, **({"agent": agent} if agent else {}))
    shows(project, sid, "connected")

    first = control({"callSid": sid, "action": "hang-up"})

    assert (first.status_code, first.json()) == (200, {"callSid": sid, "result": "hung-up"}), first.text
    row = finished(project, sid)
    assert (row["status"], row["display_status"]) == ("completed", "completed")
    assert {leg["status"] for leg in legs(project, sid)} <= {"completed", "canceled"}
    again = control({"callSid": sid, "action": "hang-up"})
    assert (again.status_code, again.json()["result"]) == (200, "already-over")


def test_hanging_up_while_it_rings(project, control, user):
    """A lead who has not answered is not called any longer."""
    twilio(project, "PUT", "/scenarios", json={"*": LONG, LEAD: {"ringSeconds": 1000}})
    with real_time(project):
        sid = place(project, user, agent=AGENT)
        shows(project, sid, "ringing")

        assert control({"callSid": sid, "action": "hang-up"}).json()["result"] == "hung-up"

    assert finished(project, sid)["display_status"] == "canceled"


def test_an_incoming_call_is_transferred_to_a_colleague(project, control):
    """The caller goes on with the colleague, the first agent is free, and the row says connected throughout."""
    sid = call_in(project)
    shows(project, sid, "connected")
    twilio(project, "PUT", "/scenarios", json={"*": LONG, COLLEAGUE: {"ringSeconds": 20, "talkSeconds": None}})
    order = {"callSid": sid, "action": "transfer", "to": COLLEAGUE, "requestId": "first"}

    with real_time(project):
        moved = control(order)

        assert (moved.status_code, moved.json()["result"]) == (200, "transferred"), moved.text
        wait_for(lambda: {leg["status"] for leg in legs(project, sid)} == {"completed", "ringing"}, "it rings")
        agent, colleague = sorted(legs(project, sid), key=lambda leg: leg["to_number"] == COLLEAGUE)
        assert (agent["to_number"], agent["status"], colleague["to_number"]) == (AGENT, "completed", COLLEAGUE)
        assert project.call(sid)["display_status"] == "connected"
    wait_for(lambda: legs(project, sid)[-1]["status"] == "in-progress", "the colleague answers")
    assert project.call(sid)["display_status"] == "connected"
    assert control({"callSid": sid, "action": "hang-up"}).json()["result"] == "hung-up"
    assert finished(project, sid)["display_status"] == "completed"


def test_a_placed_call_is_transferred_and_ended(project, control, user):
    """The lead's leg goes on without the agent's; the row follows the lead, and hanging up reaches the lead."""
    sid = place(project, user, agent=AGENT)
    shows(project, sid, "connected")

    moved = control({"callSid": sid, "action": "transfer", "to": COLLEAGUE})

    assert (moved.status_code, moved.json()["result"]) == (200, "transferred"), moved.text
    (lead,) = legs(project, sid)
    wait_for(lambda: [leg["status"] for leg in legs(project, lead["call_sid"])] == ["in-progress"], "answered")
    (colleague,) = legs(project, lead["call_sid"])
    assert (colleague["to_number"], colleague["from_number"]) == (COLLEAGUE, OUR_NUMBER)
    wait_for(lambda: project.call(sid)["status"] == "completed", "the agent's leg is over")
    assert project.call(sid)["display_status"] == "connected"
    assert control({"callSid": sid, "action": "hang-up"}).json()["result"] == "hung-up"
    shows(project, sid, "completed")
    assert project.call(sid)["talk_seconds"] == project.call(lead["call_sid"])["duration_seconds"] > 0
    # Each part has its own recording: the second one belongs to the lead's leg.
    recorded = "select call_sid from twilio_recordings where status = 'completed' and call_sid = %s"
    for part in (sid, lead["call_sid"]):
        wait_for(lambda part=part: len(project.rows(recorded, part)) == 1, f"the recording of {part}")


def test_a_repeated_transfer_has_no_further_effect(project, control):
    """Of requests with one id, at the same time or later, one reaches Twilio."""
    sid = call_in(project)
    shows(project, sid, "connected")
    order = {"callSid": sid, "action": "transfer", "to": COLLEAGUE, "requestId": "one"}

    results = [control(order).json()["result"] for _ in range(3)]

    assert results == ["transferred", "already-transferred", "already-transferred"]
    events = project.rows(
        "select params from twilio_call_events where call_sid = %s and kind = 'transfer'", sid
    )
    assert [event["params"]["Target"] for event in events] == [COLLEAGUE]
    control({"callSid": sid, "action": "hang-up"})
    finished(project, sid)


def test_a_transfer_that_cannot_be_made_is_forgotten(project, control):
    """A call that is over: a sentence, no event, and the row is as before."""
    sid = call_in(project)
    shows(project, sid, "connected")
    control({"callSid": sid, "action": "hang-up"})
    before = finished(project, sid)

    refused = control({"callSid": sid, "action": "transfer", "to": COLLEAGUE})

    assert (refused.status_code, refused.json()["code"]) == (409, "not-connected")
    assert refused.json()["error"].endswith(".")
    assert project.rows("select from twilio_call_events where call_sid = %s and kind = 'transfer'", sid) == []
    assert project.call(sid)["transferred_at"] is before["transferred_at"] is None


def test_transfers_count_against_the_limits(project, control, user):
    """A user at the limit transfers nothing, and a transfer leaves one call fewer to place."""
    project.deploy("control-call", project.settings(callsPerMinute=1), slug="control-call-limited")
    project.deploy("place-call", project.settings(callsPerMinute=1), slug="place-call-once")
    sid = call_in(project)
    shows(project, sid, "connected")
    order = {"callSid": sid, "action": "transfer", "to": COLLEAGUE}

    assert control(order, slug="control-call-limited").json()["result"] == "transferred"

    limited = control(order, slug="control-call-limited")
    assert (limited.status_code, limited.json()["code"]) == (429, "limit")
    assert 0 < int(limited.headers["retry-after"]) <= 60
    headers = {"Authorization": f"Bearer {project.token(sub=user)}"}
    placed = project.http.post("/functions/v1/place-call-once", json={"to": LEAD}, headers=headers)
    assert placed.status_code == 429
    control({"callSid": sid, "action": "hang-up"})
    finished(project, sid)


def test_only_a_call_that_the_user_may_read(project, control, user):
    """Another user's call and one that does not exist have the same answer; nothing happens to the call."""
    sid = place(project, str(uuid.uuid4()), agent=AGENT)
    shows(project, sid, "connected")

    answers = [control({"callSid": item, "action": "hang-up"}) for item in (sid, "CA" + "0" * 32)]

    assert [(a.status_code, a.json()["code"]) for a in answers] == [(404, "not-there")] * 2
    assert answers[0].json() == answers[1].json()
    assert project.call(sid)["status"] == "in-progress"
    twilio(project, "POST", f"/calls/{sid}/hang-up")
    finished(project, sid)


def test_only_a_call_of_this_environment(project, control):
    """Another environment's number in the same account, and another account."""
    project.deploy(
        "control-call", project.settings(numbers={"+15559990000": {}}), slug="control-call-elsewhere"
    )
    project.deploy("control-call", project.settings(accountSids=["AC" + "9" * 32]), slug="control-call-account")
    sid = call_in(project)
    shows(project, sid, "connected")

    for slug in ("control-call-elsewhere", "control-call-account"):
        refused = control({"callSid": sid, "action": "hang-up"}, slug=slug)
        assert (refused.status_code, refused.json()["code"]) == (404, "not-there"), slug

    assert project.call(sid)["display_status"] == "connected"
    control({"callSid": sid, "action": "hang-up"})
    finished(project, sid)


def test_who_may_not_place_calls_may_not_end_them(project, control):
    """Without the claim, as an anonymous user, with an API key, from another page."""
    callers = {"claim": "role", "anyOf": ["agent"]}
    project.deploy("control-call", project.settings(callers=callers), slug="control-call-for-agents")
    order = {"callSid": "CA" + "0" * 32, "action": "hang-up"}
    anonymous = project.token(sub=str(uuid.uuid4()), is_anonymous=True)
    answers = [
        control(order, slug="control-call-for-agents"),
        control(order, token=anonymous),
        control(order, token=project.token(role="service_role")),
        control(order, Origin="https://evil.example"),
    ]

    codes = [(answer.status_code, answer.json()["code"]) for answer in answers]

    assert codes == [(403, "claim"), (403, "user"), (403, "user"), (403, "origin")]


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"action": "hang-up"}, 400, '"callSid" must be'),
        ({"callSid": "CA" + "0" * 32}, 400, '"action" must be'),
        ({"callSid": "CA" + "0" * 32, "action": "hang-up", "to": LEAD}, 400, "belong to"),
        ({"callSid": "CA" + "0" * 32, "action": "transfer"}, 400, '"to" is missing'),
        ({"callSid": "CA" + "0" * 32, "action": "transfer", "to": "bob"}, 400, '"to" must be'),
        ({"callSid": "CA" + "0" * 32, "action": "transfer", "to": "+442071838750"}, 403, "country"),
        ({"callSid": "CA" + "0" * 32, "action": "transfer", "to": "+19005551234"}, 403, "country"),
        ({"callSid": "CA" + "0" * 32, "action": "transfer", "to": "sip:x@evil.example"}, 403, "sipHosts"),
        ({"callSid": "CA" + "0" * 32, "action": "transfer", "to": LEAD, "requestId": "a b"}, 400, "requestId"),
        ({"callSid": "CA" + "0" * 32, "action": "hold"}, 400, '"action" must be'),
        ({"sid": "CA" + "0" * 32}, 400, '"sid" is not a key'),
    ],
)
def test_a_wrong_request_is_explained_in_a_sentence(control, body, status, sentence):
    """As place-call explains it."""
    answer = control(body)

    assert answer.status_code == status
    assert sentence in answer.json()["error"]


def test_a_dialed_leg_is_not_a_call(project, control, user):
    """Its sentence names the row to use."""
    sid = place(project, user, agent=AGENT)
    shows(project, sid, "connected")
    (leg,) = legs(project, sid)
    project.database.execute("create policy legs on twilio_calls for select to authenticated using (true)")
    try:
        refused = control({"callSid": leg["call_sid"], "action": "hang-up"})
    finally:
        project.database.execute("drop policy legs on twilio_calls")

    assert refused.status_code == 400
    assert "parent_call_sid" in refused.json()["error"]
    control({"callSid": sid, "action": "hang-up"})
    finished(project, sid)


def test_who_is_on_a_call_is_seen_under_the_readers_policies(project, control, user):
    """A user sees the agent of their own call while it lasts; another user does not."""
    sid = place(project, user, agent=AGENT, reference="lead-9")
    shows(project, sid, "connected")
    path = f"/twilio_agents_on_call?call_sid=eq.{sid}&select=agent,user_id,reference,display_status,lead_number"

    (seen,) = project.rest("GET", path, token=project.token(sub=user)).json()

    assert (seen["agent"], seen["user_id"], seen["lead_number"]) == (AGENT, user, LEAD)
    assert (seen["reference"], seen["display_status"]) == ("lead-9", "connected")
    assert project.rest("GET", path, token=project.token(sub=str(uuid.uuid4()))).json() == []
    assert project.rest("GET", path).status_code == 401
    control({"callSid": sid, "action": "hang-up"})
    finished(project, sid)
    assert project.rest("GET", path, token=project.token(sub=user)).json() == []


def test_the_agent_of_an_incoming_call_is_who_answered(project, control):
    """Its leg has the phone; the service role sees all of them."""
    sid = call_in(project)
    shows(project, sid, "connected")

    (seen,) = project.rest("GET", f"/twilio_agents_on_call?call_sid=eq.{sid}", key="secret").json()

    assert (seen["agent"], seen["direction"], seen["user_id"]) == (AGENT, "inbound", None)
    control({"callSid": sid, "action": "hang-up"})
    finished(project, sid)
