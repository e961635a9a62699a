"""twilio-webhook and twilio-fallback over HTTP: who is let in, what is stored, what is answered."""

from __future__ import annotations

from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import httpx
import pytest
from twilio.request_validator import RequestValidator

from tests.functions.project import (
    AGENT,
    CALLBACKS,
    MIGRATIONS,
    SECONDARY_TOKEN,
    migration_version,
    read_callback,
)

KIND_OF_FIXTURE = {
    "voice": "voice",
    "voice-browser": "voice",
    "voice-outgoing": "voice",
    "fallback": "fallback",
    "status-number": "status",
    "status-number-legacy": "status",
    "status-api-call": "status",
    "status-child-answered": "status",
    "status-child-busy": "status",
    "recording": "recording",
    "recording-absent": "recording",
    "dial-action": "dial-action",
    "dial-action-answered": "dial-action",
    "record-action": "record-action",
    "conference": "other",
}
TWIML_KINDS = {"voice", "fallback", "dial-action", "record-action"}


def renamed(form, new_sid):
    """The form with call and recording SIDs of its own."""
    sids = {}
    for name in ("CallSid", "ParentCallSid", "DialCallSid", "RecordingSid"):
        if name in form:
            sids[form[name]] = new_sid("RE" if name == "RecordingSid" else "CA")
    changed = {}
    for name, value in form.items():
        for old, new in sids.items():
            changed[name] = changed.get(name, value).replace(old, new)
        changed.setdefault(name, value)
    return changed


def test_every_request_kind_has_a_fixture():
    """One readable file a kind, and every file is sent by a test."""
    names = {path.stem for path in CALLBACKS.glob("*.txt")}

    assert names == {*KIND_OF_FIXTURE, "check"}


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("name", KIND_OF_FIXTURE)
def test_a_request_is_recognized_stored_and_answered(project, new_sid, name, method):
    """Each kind is stored once under its kind with all its parameters; TwiML for calls, 204 for callbacks."""
    form = renamed(read_callback(name), new_sid)
    kind = KIND_OF_FIXTURE[name]

    answers = [project.send(form, method=method) for _ in range(2)]

    (event,) = project.rows("select * from twilio_call_events where call_sid = %s", form["CallSid"])
    assert event["kind"] == kind
    assert event["params"] == form
    for answer in answers:
        if kind in TWIML_KINDS:
            assert answer.status_code == 200
            # The gateway declares text/html as text/plain for GET; TwiML is text/xml and stays that.
            assert answer.headers["content-type"] == "text/xml; charset=utf-8"
            assert ET.fromstring(answer.text).tag == "Response"
        else:
            assert (answer.status_code, answer.text) == (204, "")


def test_a_whole_incoming_call_leaves_its_true_rows(project, new_sid):
    """Voice request, the leg's steps, the end of the dial, recording and the number's callback, together."""
    parent, child, recording = new_sid("CA"), new_sid("CA"), new_sid("RE")
    names = ("voice", "status-child-answered", "dial-action-answered", "status-number", "recording")
    for name in names:
        form = read_callback(name)
        for key, value in (("CallSid", parent), ("RecordingSid", recording), ("DialCallSid", child)):
            if key in form:
                form[key] = value
        if name == "status-child-answered":
            form |= {"CallSid": child, "ParentCallSid": parent}
        assert project.send(form).status_code in (200, 204)

    call = project.call(parent)
    assert (call["status"], call["display_status"]) == ("completed", "completed")
    assert (call["duration_seconds"], call["talk_seconds"]) == (45, 40)
    assert call["talking_since"] == call["agent_answered_at"] == project.call(child)["answered_at"]
    assert call["lead_number"] == "+15550001111"
    assert project.call(child)["parent_call_sid"] == parent
    (row,) = project.rows("select * from twilio_recordings where recording_sid = %s", recording)
    assert (row["call_sid"], row["status"], row["duration_seconds"]) == (parent, "completed", 40)
    steps = project.rows("select step from twilio_call_timeline where call_sid = %s", parent)
    assert {"asked what to do", "connected", "completed", "recording completed"} <= {
        row["step"] for row in steps
    }


def test_unknown_parameters_and_values_are_kept(project, new_sid):
    """A parameter, status and kind that nobody knows yet is stored as it came, and refused by nothing."""
    form = renamed(read_callback("status-api-call"), new_sid)
    form |= {"CallStatus": "on-the-moon", "Brand New": "ä€😀 & <x>", "CallDuration": "NaN", "Timestamp": "soon"}

    assert project.send(form).status_code == 204

    (event,) = project.rows("select * from twilio_call_events where call_sid = %s", form["CallSid"])
    assert event["params"] == form
    assert project.call(form["CallSid"])["status"] == "queued"


def test_repeated_parameters_are_kept_and_signed(project, new_sid):
    """Both values of a repeated name arrive, whatever their order."""
    form = renamed(read_callback("status-api-call"), new_sid)
    pairs = [*form.items(), ("Digits", "2"), ("Digits", "1")]

    class Multi(dict):
        def getlist(self, name):
            return [value for key, value in pairs if key == name]

    signature = RequestValidator(project.auth_token).compute_signature(
        f"{project.functions_url}/twilio-webhook", Multi({**form, "Digits": ""})
    )
    body = str(httpx.QueryParams(pairs))
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    answer = project.http.post("/functions/v1/twilio-webhook", content=body, headers=headers)

    assert answer.status_code == 204
    (event,) = project.rows("select params from twilio_call_events where call_sid = %s", form["CallSid"])
    assert event["params"]["Digits"] == ["2", "1"]


def refusals(project, form):
    """Requests that must not get in, each with what is wrong with it."""
    good = {"X-Twilio-Signature": project.signature("", form)}
    large = {**form, "Padding": "x" * 1_100_000}
    many = {**form, **{f"Extra{number}": "" for number in range(10_000)}}
    foreign = {**form, "AccountSid": "AC" + "9" * 32}
    other_slug = project.signature("", form, slug="twilio-fallback")
    return {
        "unsigned": ("POST", "", form, {}),
        "empty signature": ("POST", "", form, {"X-Twilio-Signature": ""}),
        "tampered": ("POST", "", {**form, "CallStatus": "busy"}, good),
        "added parameter": ("POST", "", {**form, "Extra": ""}, good),
        "added query": ("POST", "?x=1", form, good),
        "signed for another function": ("POST", "", form, {"X-Twilio-Signature": other_slug}),
        "below the function": ("POST", "/more", form, {"X-Twilio-Signature": project.signature("/more", form)}),
        "another account": ("POST", "", foreign, {"X-Twilio-Signature": project.signature("", foreign)}),
        "too many parameters": (
            "POST",
            "",
            many,
            {"X-Twilio-Signature": project.signature("", many)},
        ),
        "too large": ("POST", "", large, {"X-Twilio-Signature": project.signature("", large)}),
        "another method": ("PUT", "", form, good),
        "another method, signed like a GET": (
            "PUT",
            f"?{urlencode(form)}",
            {},
            {"X-Twilio-Signature": project.signature(f"?{urlencode(form)}", None)},
        ),
        "signed with an empty token": (
            "POST",
            "",
            form,
            {
                "X-Twilio-Signature": RequestValidator("").compute_signature(
                    f"{project.functions_url}/twilio-webhook", form
                )
            },
        ),
    }


@pytest.mark.parametrize(
    "what",
    [
        "unsigned",
        "empty signature",
        "tampered",
        "added parameter",
        "added query",
        "signed for another function",
        "below the function",
        "another account",
        "too large",
        "too many parameters",
        "another method",
        "another method, signed like a GET",
        "signed with an empty token",
    ],
)
def test_whatever_is_not_twilios_is_refused_without_a_word(project, new_sid, what):
    """403, an empty body, and no row."""
    form = renamed(read_callback("status-api-call"), new_sid)
    method, query, body, headers = refusals(project, form)[what]

    answer = project.http.request(method, f"/functions/v1/twilio-webhook{query}", data=body, headers=headers)

    assert (answer.status_code, answer.text) == (403, "")
    assert project.rows("select 1 from twilio_call_events where call_sid = %s", form["CallSid"]) == []


def test_json_bodies_are_refused(project):
    """Voice webhooks are forms; nothing else is read."""
    answer = project.http.post(
        "/functions/v1/twilio-webhook", json={"CallSid": "x"}, headers={"X-Twilio-Signature": "x"}
    )

    assert (answer.status_code, answer.text) == (403, "")


def test_a_body_without_declared_length_is_cut_off(project):
    """More than 1 MiB is not read, also when sent in chunks."""
    answer = project.http.post(
        "/functions/v1/twilio-webhook",
        content=iter([b"a=" + b"x" * 600_000, b"y" * 600_000]),
        headers={"X-Twilio-Signature": "x", "Content-Type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code == 403


def test_the_secondary_token_is_taken_during_a_rotation(project, new_sid):
    """A request signed with the token that is about to become the primary one is accepted."""
    form = renamed(read_callback("status-api-call"), new_sid)
    url = f"{project.functions_url}/twilio-webhook"
    headers = {"X-Twilio-Signature": RequestValidator(SECONDARY_TOKEN).compute_signature(url, form)}

    assert project.http.post("/functions/v1/twilio-webhook", data=form, headers=headers).status_code == 204


@pytest.mark.parametrize("slug", ["twilio-webhook", "twilio-webhook-candidate"])
def test_a_check_request_goes_all_the_way_and_leaves_no_row(project, new_sid, slug):
    """It returns the nonce, the revision and the schema's version, also for the candidate."""
    if slug.endswith("-candidate"):
        project.deploy("twilio-webhook", project.settings(), slug=slug, revision="r2")
    nonce = new_sid("CA")

    answer = project.send(read_callback("check") | {"VoicehooksCheck": nonce}, slug=slug)

    assert answer.status_code == 200
    assert answer.json() == {
        "nonce": nonce,
        "revision": "r2" if slug.endswith("-candidate") else "r1",
        "schemaVersion": migration_version(MIGRATIONS[-1]),
    }
    # All rows cannot be counted: a call's row may be stored after its answer, so after its test.
    assert project.rows("select from twilio_call_events where params::text like %s", f"%{nonce}%") == []


def test_the_fallback_forwards_without_a_database(project, new_sid):
    """It connects the call, asks nothing afterwards, and refuses requests that Twilio did not sign."""
    form = renamed(read_callback("fallback"), new_sid)
    with project.database_down():
        answer = project.send(form, slug="twilio-fallback")
        check = project.send(read_callback("check"), slug="twilio-fallback")

    dial = ET.fromstring(answer.text).find("Dial")
    assert dial.find("Number").text == AGENT
    assert "action" not in dial.attrib
    assert check.json() == {"nonce": "4711", "revision": "r1"}
    assert project.http.post("/functions/v1/twilio-fallback", data=form).status_code == 403


@pytest.mark.parametrize("only", [None, "postgres"])
def test_without_a_database_calls_are_answered_and_callbacks_are_not(project, new_sid, only):
    """TwiML for a call; 503 for a callback, so that Twilio sends it again, and then it is stored."""
    voice, status = (renamed(read_callback(name), new_sid) for name in ("voice", "status-api-call"))
    with project.database_down(only):
        call = project.send(voice)
        callback = project.send(status)
        check = project.send(read_callback("check"))

    assert call.status_code == 200
    assert ET.fromstring(call.text).find("Dial/Number").text == AGENT
    assert callback.status_code == 503
    assert check.status_code == 503
    assert project.send(status).status_code == 204


def test_a_locked_row_delays_no_call(project, new_sid):
    """While the database hangs, the call is answered when its own time is up, without the database."""
    form = renamed(read_callback("voice"), new_sid)
    assert project.send(form).status_code == 200
    again = {**form, "StirVerstat": "No-TN-Validation"}
    with project.database.transaction():
        project.rows("select 1 from twilio_calls where call_sid = %s for update", form["CallSid"])
        answer = project.send(again)
        callback = project.send(
            {**renamed(read_callback("status-number"), new_sid), "CallSid": form["CallSid"]}
        )

    assert answer.status_code == 200
    assert callback.status_code == 503
    lines = [line for line in project.log_lines("twilio-webhook") if line.get("call_sid") == form["CallSid"]]
    assert [line.get("reason") for line in lines if line["kind"] == "voice"] == [None, "database late"]


def test_a_request_leaves_one_line_without_personal_data(project, new_sid):
    """The log has kind, SID, status and result, but no number, name or token."""
    form = renamed(read_callback("voice"), new_sid)
    project.send(form)

    lines = [line for line in project.log_lines("twilio-webhook") if line.get("call_sid") == form["CallSid"]]

    assert len(lines) == 1
    assert {key: lines[0][key] for key in ("function", "kind", "status", "result")} == {
        "function": "twilio-webhook",
        "kind": "voice",
        "status": 200,
        "result": "stored",
    }
    text = str(project.log_lines("twilio-webhook"))
    for secret in (form["From"], form["To"], form["CallToken"], "SAN FRANCISCO", project.auth_token):
        assert secret not in text
