"""place-call: the CRM's Call button, through the gateway, Twilio's twin and back."""

from __future__ import annotations

import threading
import uuid

import httpx
import pytest

from tests.functions.project import AGENT, LEAD, OUR_NUMBER

ORIGIN = "http://localhost:8080"


@pytest.fixture
def user(project):
    """A user nobody else is, so that the limits of tests do not add up."""
    return project.token(sub=str(uuid.uuid4()))


@pytest.fixture
def press(project, user):
    """Press the Call button."""

    def press_button(body, *, token=user, origin=ORIGIN, **headers):
        headers |= {"Origin": origin} if origin else {}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        return project.http.post("/functions/v1/place-call", json=body, headers=headers)

    return press_button


def finished(project, call_sid):
    """Wait until the twin says the call is over and all its requests are sent."""
    twin = httpx.get(
        f"{project.env['twilio_base_url']}/_sandbox/calls/{call_sid}", params={"wait": 60}, timeout=70
    )
    assert twin.json()["finished"], twin.text
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


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({}, 400, '"to" must be a phone number'),
        ({"to": "0155"}, 400, '"to" must be a phone number'),
        ({"to": 5}, 400, '"to" must be a text'),
        ({"to": LEAD, "form": "x"}, 400, '"form" is no key'),
        ([], 400, "must be a JSON object"),
        ({"to": LEAD, "agent": "bob"}, 400, '"agent" must be'),
        ({"to": LEAD, "reference": "x" * 201}, 400, '"reference"'),
        ({"to": LEAD, "from": "+15559999999"}, 403, "not one of this environment's numbers"),
        ({"to": "+442071838750"}, 403, "country"),
        ({"to": "+18765551234"}, 403, "country"),
        ({"to": LEAD, "agent": "+19005551234"}, 403, "country"),
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
    """Of fourteen orders at the same time ten are placed; the others are told when to try again."""
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


def test_twilios_refusal_is_told_in_a_sentence_and_kept(project, press):
    """The reserved row ends as failed, with Twilio's code."""
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
    ).raise_for_status()
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
