"""place-call: the CRM's Call button, through the gateway, the Twilio emulator and back."""

from __future__ import annotations

import contextlib
import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import jwt
import pytest

from tests.functions.project import AGENT, LEAD, OUR_NUMBER
from tests.support.waiting import PATIENCE

ORIGIN = "http://localhost:8080"


@pytest.fixture
def user(project):
    """A user nobody else is, so that the limits of tests do not add up."""
    return project.token(sub=str(uuid.uuid4()))


@pytest.fixture
def press(project, user):
    """Press the Call button."""

    def press_button(body, *, token=user, origin=ORIGIN, slug="place-call", **headers):
        headers |= {"Origin": origin} if origin else {}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        return project.http.post(f"/functions/v1/{slug}", content=json.dumps(body), headers=headers)

    return press_button


@contextlib.contextmanager
def database_refuses(project, kind):
    """Let the database fail on every event of a kind."""
    project.database.execute(f"""
        create function refuse_event() returns trigger language plpgsql as
          $$ begin raise exception 'refused by a test' using errcode = '53100'; end $$;
        create trigger refuse_event before insert on twilio_call_events
          for each row when (new.kind = '{kind}') execute function refuse_event();
    """)
    try:
        yield
    finally:
        project.database.execute("""
            drop trigger refuse_event on twilio_call_events;
            drop function refuse_event();
        """)


def calls_created(project):
    """Return how many calls Twilio was asked for."""
    answer = httpx.get(f"{project.env['twilio_base_url']}/_sandbox/api-requests", timeout=PATIENCE)
    asked = [(r["method"], r["path"].rpartition("/")[2]) for r in answer.json()["api_requests"]]
    return asked.count(("POST", "Calls.json"))


def refuse_the_next_call(project):
    """Let Twilio refuse the next call for its country."""
    httpx.post(
        f"{project.env['twilio_base_url']}/_sandbox/faults",
        json={
            "fault": "rest-error",
            "times": 1,
            "status": 400,
            "code": 13227,
            "message": "No International Permission",
            "method": "POST",
        },
        timeout=PATIENCE,
    ).raise_for_status()


def finished(project, call_sid):
    """Wait until the emulator says the call is over and all its requests are sent."""
    emulator = httpx.get(
        f"{project.env['twilio_base_url']}/_sandbox/calls/{call_sid}", params={"wait": 60}, timeout=PATIENCE
    )
    assert emulator.json()["finished"], emulator.text
    return project.call(call_sid)


def test_the_agent_is_rung_first_and_the_rows_follow_the_lead(project, press):
    """The answer has Twilio's SID and our row; in the end talk time and number are the lead's."""
    reference = f"lead-{uuid.uuid4()}"

    answer = press({"to": LEAD, "agent": AGENT, "reference": reference})

    assert answer.status_code == 201, answer.text
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    placed = answer.json()
    assert (placed["status"], placed["reference"]) == ("connecting", reference)
    call = finished(project, placed["callSid"])
    assert str(call["id"]) == placed["id"]
    assert (call["reference"], call["lead_number"], call["to_number"]) == (reference, LEAD, AGENT)
    assert (call["status"], call["display_status"]) == ("completed", "completed")
    (leg,) = project.rows("select * from twilio_calls where parent_call_sid = %s", placed["callSid"])
    assert leg["to_number"] == LEAD
    assert call["talking_since"] == leg["answered_at"] > call["agent_answered_at"]
    assert call["talk_seconds"] == leg["duration_seconds"] > 0
    (recording,) = project.rows("select * from twilio_recordings where call_sid = %s", placed["callSid"])
    assert recording["status"] == "completed"


def test_without_an_agent_the_lead_is_rung_and_then_connected(project, press):
    """The leg is the lead's own; who takes the number's calls is dialed once the lead is there."""
    answer = press({"to": LEAD})

    assert answer.status_code == 201, answer.text
    call = finished(project, answer.json()["callSid"])
    assert (call["lead_number"], call["from_number"]) == (LEAD, OUR_NUMBER)
    assert call["talking_since"] == call["answered_at"]
    (leg,) = project.rows("select * from twilio_calls where parent_call_sid = %s", call["call_sid"])
    assert leg["to_number"] == AGENT


def test_a_crms_page_may_ask_from_an_allowed_origin_only(project, press):
    """Preflights are answered without a token; another page gets neither headers nor a call."""
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    allowed = project.http.options("/functions/v1/place-call", headers={"Origin": ORIGIN, **asked})
    foreign = project.http.options(
        "/functions/v1/place-call", headers={"Origin": "https://evil.example", **asked}
    )

    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    assert "authorization" in allowed.headers["access-control-allow-headers"]
    assert "access-control-allow-methods" not in foreign.headers
    refused = press({"to": LEAD}, origin="https://evil.example")
    assert (refused.status_code, refused.json()["code"]) == (403, "origin")


def test_api_keys_may_not_place_calls(project, press):
    """The public anon key and the service key are valid tokens, but nobody's."""
    for claims in (
        {"role": "anon", "sub": ""},
        {"role": "anon"},
        {"role": "service_role"},
        {"role": "authenticated", "sub": ""},
    ):
        answer = press({"to": LEAD}, token=project.token(**claims))

        assert (answer.status_code, answer.json()["code"]) == (403, "user"), claims
    assert press({"to": LEAD}, token=None).status_code == 401


def test_anonymous_users_may_not_place_calls(project, press):
    """Anybody can become one, and as many as they like."""
    before = calls_created(project)
    token = project.token(sub=str(uuid.uuid4()), is_anonymous=True)

    answer = press({"to": LEAD}, token=token)

    assert (answer.status_code, answer.json()["code"]) == (403, "user")
    assert "anonymous" in answer.json()["error"]
    assert calls_created(project) == before


def test_a_claim_decides_who_may_place_calls(project, press):
    """Where the environment names a claim of app_metadata, other users are refused before there is a row."""
    callers = {"claim": "role", "anyOf": ["agent"]}
    project.deploy("place-call", project.settings(callers=callers), slug="place-call-for-agents")

    def pressed(**claims):
        sub = str(uuid.uuid4())
        token = project.token(sub=sub, **claims)
        answer = press({"to": LEAD}, token=token, slug="place-call-for-agents")
        return answer, project.rows("select * from twilio_calls where placed_by = %s", sub)

    for claims in (
        {},
        {"app_metadata": {"role": "guest"}},
        {"user_metadata": {"role": "agent"}},
        {"app_metadata": ["role", "agent"]},
    ):
        answer, rows = pressed(**claims)
        assert (answer.status_code, answer.json()["code"], rows) == (403, "claim", []), claims
    answer, rows = pressed(app_metadata={"role": "agent"})
    assert (answer.status_code, len(rows)) == (201, 1)
    finished(project, answer.json()["callSid"])


def test_the_database_decides_whether_a_token_is_genuine(project, press):
    """Also where somebody has switched verify_jwt off: a token that another key signed places no call."""
    project.deploy("place-call", project.settings(), slug="place-call-unverified", verify_jwt=False)
    sub = str(uuid.uuid4())
    genuine = project.token(sub=sub)
    claims = jwt.decode(genuine, options={"verify_signature": False})
    forged = jwt.encode(claims, "a key of somebody else, long enough", algorithm="HS256")
    before = calls_created(project)

    answer = press({"to": LEAD}, token=forged, slug="place-call-unverified")

    assert (answer.status_code, answer.json()["code"]) == (403, "user")
    assert project.rows("select * from twilio_calls where placed_by = %s", sub) == []
    assert calls_created(project) == before
    placed = press({"to": LEAD}, token=genuine, slug="place-call-unverified")
    assert placed.status_code == 201
    finished(project, placed.json()["callSid"])


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({}, 400, '"to" must be a phone number'),
        ({"to": "0155"}, 400, '"to" must be a phone number'),
        ({"to": 5}, 400, '"to" must be a text'),
        ({"to": LEAD, "form": "x"}, 400, '"form" is not a key'),
        ([], 400, "must be a JSON object"),
        ({"to": LEAD, "agent": "bob"}, 400, '"agent" must be'),
        ({"to": LEAD, "reference": "x" * 201}, 400, '"reference"'),
        ({"to": LEAD, "from": "+15559999999"}, 403, "not one of this environment's numbers"),
        ({"to": "+442071838750"}, 403, "country"),
        ({"to": "+18765551234"}, 403, "country"),
        ({"to": LEAD, "agent": "+19005551234"}, 403, "country"),
        ({"to": "+12129760100"}, 403, "country"),
        ({"to": LEAD, "agent": "sip:desk@evil.example"}, 403, "sipHosts"),
        ({"to": LEAD, "agent": "sip:desk@pbx.example.com;maddr=evil.example"}, 400, "SIP address"),
        ({"to": LEAD, "reference": "a\0b"}, 400, '"reference"'),
        ({"to": LEAD, "reference": "\ud800"}, 400, '"reference"'),
    ],
)
def test_a_wrong_order_is_explained_in_a_sentence(project, press, body, status, sentence):
    """The sentence names the key; no row and no call comes of it."""
    before = project.rows("select count(*) from twilio_calls")

    answer = press(body)

    assert answer.status_code == status
    assert sentence in answer.json()["error"]
    assert answer.json()["error"].endswith(".")
    assert project.rows("select count(*) from twilio_calls") == before


def test_many_workers_do_not_outrun_the_limit(project, press):
    """Of fourteen orders at the same time ten are placed; the other answers say when to try again."""
    gate = threading.Barrier(14)
    answers = []

    def work():
        gate.wait()
        answers.append(press({"to": LEAD, "agent": AGENT}))

    threads = [threading.Thread(target=work) for _ in range(14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [429] * 4
    late = next(answer for answer in answers if answer.status_code == 429)
    assert 0 < int(late.headers["retry-after"]) <= 60
    for answer in answers:
        if answer.status_code == 201:
            finished(project, answer.json()["callSid"])


def test_all_users_together_have_a_limit(project, press):
    """Of eight users' orders at the same time five are placed; nobody's own limit is near."""
    project.deploy("place-call", project.settings(totalCallsPerMinute=5), slug="place-call-limited")
    # Other tests have placed and transferred calls in the last minute.
    project.database.execute(
        "update twilio_calls set created_at = created_at - interval '1 hour' where placed_by is not null"
    )
    project.database.execute(
        "update twilio_call_events set received_at = received_at - interval '1 hour' where kind = 'transfer'"
    )
    tokens = [project.token(sub=str(uuid.uuid4())) for _ in range(8)]

    with ThreadPoolExecutor(len(tokens)) as pool:
        answers = list(
            pool.map(lambda token: press({"to": LEAD}, token=token, slug="place-call-limited"), tokens)
        )

    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [429] * 3
    late = next(answer for answer in answers if answer.status_code == 429)
    assert late.json()["error"].startswith("All users together have placed too many calls")
    assert 0 < int(late.headers["retry-after"]) <= 60
    for answer in answers:
        if answer.status_code == 201:
            finished(project, answer.json()["callSid"])


def test_a_handler_without_the_limit_for_all_is_served_as_before(project):
    """A function of the version before sends one limit alone; then one user's calls count."""
    params = {"AccountSid": project.account_sid, "From": OUR_NUMBER, "To": LEAD, "AgentFirst": "false"}
    user = str(uuid.uuid4())

    results = [project.ingest(kind="place", params=params, user_id=user, limit=2)["result"] for _ in range(3)]

    assert results == ["reserved", "reserved", "limited"]


def test_a_call_under_way_is_never_called_not_placed(project, press):
    """If the row cannot be linked after Twilio took the call, the user hears of the call all the same."""
    before = calls_created(project)

    with database_refuses(project, "placed"):
        answer = press({"to": LEAD})

    assert answer.status_code == 201, answer.text
    assert calls_created(project) == before + 1
    call = finished(project, answer.json()["callSid"])
    assert str(call["id"]) == answer.json()["id"]


def test_twilios_refusal_is_reported_even_if_the_database_fails_then(project, press):
    """What Twilio said is what the user needs to know."""
    refuse_the_next_call(project)

    with database_refuses(project, "refused"):
        answer = press({"to": LEAD})

    assert answer.status_code == 422, answer.text
    assert "No International Permission" in answer.json()["error"]


def test_twilios_refusal_is_reported_in_a_sentence_and_stored(project, press):
    """The reserved row ends as failed, with Twilio's code."""
    refuse_the_next_call(project)
    reference = f"lead-{uuid.uuid4()}"

    answer = press({"to": LEAD, "reference": reference})

    assert answer.status_code == 422, answer.text
    assert (
        answer.json()["error"] == "Twilio refused the call: No International Permission (Twilio error 13227)."
    )
    (row,) = project.rows("select * from twilio_calls where reference = %s", reference)
    assert (row["call_sid"], row["status"], row["display_status"]) == (None, "failed", "failed")
    assert (row["error_code"], row["error_message"]) == (13227, "No International Permission")


def test_the_first_callback_links_a_call_that_place_call_could_not(project, new_sid):
    """Should the function die after Twilio took the call, the row is linked all the same, also if given up."""
    params = {
        "AccountSid": project.account_sid,
        "From": OUR_NUMBER,
        "To": AGENT,
        "Dial": LEAD,
        "AgentFirst": "true",
    }
    place = project.ingest(kind="place", params=params, user_id=str(uuid.uuid4()), limit=5)["id"]
    project.ingest(kind="refused", place=place, params={"ErrorMessage": "Twilio did not answer"})
    sid = new_sid("CA")
    form = {
        "CallSid": sid,
        "AccountSid": project.account_sid,
        "CallStatus": "ringing",
        "SequenceNumber": "1",
        "CallbackSource": "call-progress-events",
        "Direction": "outbound-api",
        "ApiVersion": "2010-04-01",
        "From": OUR_NUMBER,
        "To": AGENT,
    }

    assert project.send(form, query=f"?place={place}").status_code == 204

    call = project.call(sid)
    assert (str(call["id"]), call["status"], call["display_status"]) == (place, "ringing", "connecting")
    assert call["error_message"] is None
