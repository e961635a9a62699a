"""twilio-events: what Event Streams sends is admitted, stored once in any order, and never lost."""

from __future__ import annotations

import hashlib
import itertools
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from infra.stream_checks import events_checks
from tests.functions.project import LEAD, OUR_NUMBER, SECONDARY_TOKEN
from tests.support.waiting import PATIENCE, wait_for

SLUG = "twilio-events"
SUMMARY = "com.twilio.voice.insights.call-summary"
ERROR = "com.twilio.error-logs.error.logged"
ENDED = datetime.now(UTC) - timedelta(minutes=10)


def event(kind: str, data: dict[str, Any], minute: int = 0) -> dict[str, Any]:
    """Make an event; `minute` is when Twilio made it."""
    return {
        "specversion": "1.0",
        "type": kind,
        "id": "EZ" + secrets.token_hex(16),
        "time": f"2026-11-28T10:{minute:02}:00Z",
        "data": data,
    }


@pytest.fixture
def summary(project, new_sid):
    """Make summary events of one call that is over."""
    sid = new_sid("CA")

    def make(kind="partial", minute=0, **data):
        base = {
            "account_sid": project.account_sid,
            "call_sid": sid,
            "call_state": "completed",
            "start_time": (ENDED - timedelta(minutes=1)).isoformat(),
            "end_time": ENDED.isoformat(),
            "connect_duration": 42,
            "from": {"caller": LEAD},
            "to": {"callee": OUR_NUMBER},
            "properties": {"direction": "inbound"},
        }
        return event(f"{SUMMARY}.{kind}", base | data, minute)

    return make


@pytest.fixture
def send(project):
    """Send a body, signed by Twilio's own library unless something else is said."""

    def ask(events, *, token=None, hashed=None, in_url=True, method="POST", sent=None):
        body = events if isinstance(events, str) else json.dumps(events)
        url = f"{project.functions_url}/{SLUG}"
        query = f"?bodySHA256={hashlib.sha256((hashed or body).encode()).hexdigest()}"
        signature = RequestValidator(token or project.auth_token).compute_signature(url + query, {})
        assert RequestValidator(token or project.auth_token).validate(url + query, hashed or body, signature)
        return project.http.request(
            method,
            f"/functions/v1/{SLUG}{query if in_url else ''}",
            content=sent or body,
            headers={"X-Twilio-Signature": signature, "Content-Type": "application/json"},
        )

    return ask


@pytest.fixture
def store(project):
    """Store events as the function does once it has admitted them; the counts."""

    def ask(events):
        (row,) = project.rows("select ingest_twilio_stream_events(%s::jsonb) as r", json.dumps(events))
        return row["r"]

    return ask


def stored(project, event):
    """Read the row of an event's call."""
    sid = event["data"]["call_sid"]
    return project.rows("select * from twilio_call_summaries where call_sid = %s", sid)


def test_summary_is_stored(project, send, summary):
    """Twilio's words become those of callbacks; the rest is kept as it came."""
    one = summary("complete", call_state="noanswer", properties={"direction": "outbound_dial"})

    assert send([one]).status_code == 204

    (row,) = stored(project, one)
    assert (row["status"], row["direction"], row["duration_seconds"]) == ("no-answer", "outbound-dial", 42)
    assert (row["from_number"], row["to_number"], row["is_complete"]) == (LEAD, OUR_NUMBER, True)
    assert (row["ended_at"], row["data"]) == (ENDED, one["data"])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("fail", "failed"),
        ("noanswer", "no-answer"),
        ("answered", "in-progress"),
        ("busy", "busy"),
        ("canceled", "canceled"),
        ("new", "new"),
    ],
)
def test_a_summarys_state_has_the_word_of_a_callback(project, store, summary, word, expected):
    """Where Twilio's two words differ; an unknown one is kept."""
    one = summary(call_state=word)

    store([one])

    assert stored(project, one)[0]["status"] == expected


def test_a_complete_summary_replaces_every_column_of_a_partial_one(project, store, summary):
    """Also those that are unknown in it."""
    account = "AC" + "7" * 32
    late = {
        "start_time": None,
        "end_time": "2026-11-28T09:00:00Z",
        "connect_duration": 7,
        "account_sid": account,
    }
    after = summary(
        "complete",
        2,
        call_state="fail",
        properties={"direction": "outbound_api"},
        **late,
        **{"from": {}, "to": {}},
    )

    results = [store([one]) for one in (summary("partial", 1), after, summary("partial", 3))]

    counts = [(result["stored"], result["duplicates"], result["ignored"]) for result in results]
    assert counts == [(1, 0, 0), (1, 0, 0), (0, 1, 0)]
    (row,) = stored(project, after)
    assert (row["direction"], row["from_number"], row["to_number"]) == ("outbound-api", None, None)
    assert (row["status"], row["started_at"], row["duration_seconds"]) == ("failed", None, 7)
    assert (row["ended_at"], row["account_sid"]) == (datetime(2026, 11, 28, 9, tzinfo=UTC), account)
    assert (row["event_id"], row["reported_at"].minute, row["data"]) == (after["id"], 2, after["data"])


def test_events_that_lack_something_are_stored_as_far_as_they_can_be(project, store, summary, new_sid):
    """Without a time, an account, a call or a level; one of them holds up no other."""
    timeless, mark = summary(), new_sid("NO")
    del timeless["time"]
    base = {"account_sid": project.account_sid, "sid": mark}
    errors = [
        event(ERROR, base | {"level": "warning", "correlation_sid": new_sid("CA")}),
        event(ERROR, base | {"date_created": "2026-11-28T09:00:00Z"}, 7),
        event(ERROR, base | {"level": "info"}),
        event(ERROR, base | {"level": "Notice"}),
        event(ERROR, base | {"level": "DEBUG"}),
        event(ERROR, {"sid": mark, "level": "ERROR"}),
        {**event(ERROR, base | {"level": "ERROR"}), "id": "x" * 201},
        event(f"{SUMMARY}.partial", {"call_sid": new_sid("CA")}),
        event(f"{SUMMARY}.partial", {"account_sid": project.account_sid}),
        event("com.twilio.new", base),
    ]

    result = store([timeless, *errors])

    assert (result["stored"], result["duplicates"], result["ignored"]) == (3, 0, 8)
    rows = project.rows("select * from twilio_errors where error_sid = %s order by level nulls last", mark)
    assert [(row["level"], row["occurred_at"].hour, row["call_sid"]) for row in rows] == [
        ("warning", 10, errors[0]["data"]["correlation_sid"]),
        (None, 9, None),
    ]
    # What has no time is older than anything that has one.
    assert store([summary()])["stored"] == 1


def test_a_check_stores_nothing(project, store):
    """It tries a summary, and takes it back."""
    assert store([])["result"] == "checked"
    assert project.rows("select from twilio_call_summaries where event_id = 'check'") == []


def test_a_stream_that_does_not_report_everything_is_noticed(project, store, summary, new_sid):
    """Only calls that Twilio named, that ended more than an hour ago and have no summary."""
    young, old, open_call, summarized = new_sid("CA"), new_sid("CA"), new_sid("CA"), summary()
    for sid in (young, old, open_call, summarized["data"]["call_sid"]):
        ended = None if sid == open_call else datetime.now(UTC) - timedelta(minutes=50 if sid == young else 70)
        project.database.execute(
            "insert into twilio_calls (call_sid, account_sid, ended_at) values (%s, %s, %s)",
            [sid, project.account_sid, ended],
        )
    project.database.execute(
        "insert into twilio_calls (account_sid, status, ended_at) values (%s, 'failed', '2026-01-01')",
        [project.account_sid],
    )
    store([summarized])

    found = {row["call_sid"] for row in project.rows("select call_sid from twilio_unsummarized_calls")}

    sids = {young, old, open_call, summarized["data"]["call_sid"]}
    assert found & sids == {old}
    assert None not in found


@pytest.mark.parametrize("token", [SECONDARY_TOKEN, None])
@pytest.mark.parametrize("in_url", [True, False])
def test_both_tokens_sign(send, summary, token, in_url):
    """Also without the hash in the URL, where only the signature covers it."""
    assert send([summary()], token=token, in_url=in_url).status_code == 204


def test_forgeries_are_refused(project, send, summary):
    """A signature of something else, another body under a seen signature, and requests of other kinds."""
    real, forged = json.dumps([summary()]), json.dumps([summary(minute=5)])
    answers = {
        "another token": send(real, token="f" * 32),
        "another body with the hash of the seen one": send(real, sent=forged),
        "another body without a hash in the URL": send(real, sent=forged, in_url=False),
        "GET": send(real, method="GET"),
        "oversized": send(" " * 1_100_000 + real),
        "unsigned": project.http.post(f"/functions/v1/{SLUG}", content=real),
        "signed as a form": project.send({"AccountSid": project.account_sid}, slug=SLUG),
    }

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 403)
    assert stored(project, json.loads(real)[0]) == []


@pytest.fixture
def key(project):
    """A signing key that the functions know, deployed so that the token does not count."""
    key = ("webhooks_sharedkey_" + "7" * 26, "k" * 40)
    project.set_secrets(VOICEHOOKS_SIGNING_KEY_STREAM=" ".join(key))
    project.deploy(SLUG, project.settings(signature="key-only"))
    yield key
    project.deploy(SLUG, project.settings())


def test_signing_key(project, key, summary):
    """A known key signs. What Twilio may have signed with an unknown one gets 503: a 403 would discard it."""
    (key_id, secret), url = key, f"{project.functions_url}/{SLUG}"
    body = json.dumps([summary()])
    query = f"?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"

    def answer(secret, algorithm, settings):
        signature = RequestValidator(secret).compute_signature(url + query, {}, algorithm)
        headers = {"X-Twilio-Signature": signature, "X-Twilio-Webhooks-Signature-Settings": settings}
        sent = project.http.post(f"/functions/v1/{SLUG}{query}", content=body, headers=headers)
        return sent.status_code

    named = f"key={key_id},algorithm=HMAC_SHA256"
    assert answer(secret, "HMAC_SHA256", named.replace("7", "8")) == 503
    assert answer(project.auth_token, "HMAC_SHA1", "algorithm=HMAC_SHA1") == 503
    assert answer("f" * 40, "HMAC_SHA256", named) == 403
    assert stored(project, json.loads(body)[0]) == []
    assert answer(secret, "HMAC_SHA256", named) == 204
    for check in events_checks(url, secret, key_id):
        asked = project.http.request(
            check.get("method", "POST"),
            f"/functions/v1/{SLUG}{check['path']}",
            content=check.get("body"),
            headers=check.get("headers"),
        )
        assert asked.status_code == check["expect"]["status"], check["name"]
    assert len(stored(project, json.loads(body)[0])) == 1


def test_summaries_of_a_call_merge_in_any_order(project, send, summary, new_sid):
    """The complete one wins, then the latest; repeated and reordered events, one by one or together."""
    events = [summary("partial", 1), summary("partial", 3), summary("complete", 2), summary("complete", 2)]
    sid, seen = events[0]["data"]["call_sid"], []
    for order in itertools.permutations(events):
        for batches in ([[item] for item in (*order, order[0])], [list(order)]):
            project.database.execute("delete from twilio_call_summaries where call_sid = %s", [sid])
            for batch in batches:
                assert send(batch).status_code == 204
            (row,) = stored(project, events[0])
            seen.append((row["event_id"], row["is_complete"]))

    assert set(seen) == {(max(events[2]["id"], events[3]["id"]), True)}


def test_batch_with_duplicates_is_stored_once(project, send, summary, new_sid):
    """Twilio may repeat an event in the same request."""
    one = event(ERROR, {"account_sid": project.account_sid, "sid": new_sid("NO"), "level": "ERROR"})

    assert send([one, one, summary(), summary("complete")]).status_code == 204
    assert send([one]).status_code == 204

    assert len(project.rows("select 1 from twilio_errors where event_id = %s", one["id"])) == 1
    lines = [line for line in project.log_lines(SLUG) if line.get("kind") == "events"]
    assert lines[-1]["result"] == "0 stored, 1 duplicates, 0 ignored"


def test_error_is_stored_with_its_call(project, send, new_sid):
    """Errors and warnings; what Twilio Serverless logs as information is not."""
    call = new_sid("CA")
    data = {
        "account_sid": project.account_sid,
        "sid": new_sid("NO"),
        "level": "ERROR",
        "error_code": "11200",
        "product_name": "Programmable Voice",
        "date_created": "2026-11-28T10:00:00.000Z",
        "payload": json.dumps({"resource_sid": call, "error_code": "11200"}),
    }
    info = event(ERROR, {**data, "level": "INFO"})

    assert send([event(ERROR, data), info]).status_code == 204

    (row,) = project.rows("select * from twilio_errors where call_sid = %s", call)
    assert (row["error_code"], row["level"], row["data"]) == (11200, "ERROR", data)


def test_no_content_is_refused_or_lost(project, send, summary, new_sid):
    """What Twilio signed is stored as far as it can be, or ignored; nothing of it is an error."""
    strange = summary(
        start_time="yesterday", end_time=7, connect_duration="x", to="+1555", answered_by="a\0b\ud800c"
    )
    foreign = new_sid("AC")
    others = [
        {"type": f"{SUMMARY}.partial"},
        event("com.twilio.new", {"account_sid": project.account_sid}),
        event(f"{SUMMARY}.partial", {"account_sid": project.account_sid, "call_sid": "x" * 5000}),
        {**summary(), "id": "x" * 5000},
        event(ERROR, {"account_sid": foreign, "level": "ERROR"}),
    ]

    assert send([strange, *others]).status_code == 204

    (row,) = stored(project, strange)
    assert (row["started_at"], row["ended_at"], row["duration_seconds"]) == (None, None, None)
    assert row["data"]["answered_by"] == "a\ufffdb\ufffdc"
    assert project.rows("select 1 from twilio_errors where account_sid = %s", foreign) == []


@pytest.mark.parametrize("body", ["{}", "[1]", "not JSON"])
def test_what_cannot_be_read_is_sent_again(send, body):
    """Twilio discards events after a 4xx, so that a signed body which is not understood gets 503."""
    assert send(body).status_code == 503


def test_deploy_check_stores_nothing(project, send):
    """The answer names the revision and the schema."""
    answer = send([{"type": "voicehooks.check", "id": "n1"}])

    assert answer.json()["nonce"] == "n1"
    assert answer.json()["revision"] == "r1"
    assert project.rows("select 1 from twilio_call_summaries where call_sid = %s", "CA" + "0" * 32) == []


def test_unreported_calls(project, send, summary, new_sid):
    """A call without a row, or whose end is missing, is unreported once its callbacks cannot come any more."""

    def missing(one):
        sid = one["data"]["call_sid"]
        rows = project.rows("select missing from twilio_unreported_calls where call_sid = %s", sid)
        return [row["missing"] for row in rows]

    one = summary()
    send([summary(end_time=datetime.now(UTC).isoformat())])
    assert missing(one) == []
    send([summary("complete")])
    assert missing(one) == ["call"]
    params = {"CallSid": one["data"]["call_sid"], "AccountSid": project.account_sid, "Direction": "inbound"}
    project.ingest(kind="status", params={**params, "CallStatus": "in-progress"})
    assert missing(one) == ["end"]
    project.ingest(kind="status", params={**params, "CallStatus": "completed"})
    assert missing(one) == []


@pytest.mark.parametrize("table", ["twilio_call_summaries", "twilio_errors"])
def test_a_grant_without_a_policy_opens_no_row(project, send, summary, new_sid, table):
    """Each table has row-level security, and the API roles have no right to write."""
    send([summary(), event(ERROR, {"account_sid": project.account_sid, "level": "ERROR"})])
    assert project.rest("GET", f"/{table}", token=project.token()).status_code == 403
    with project.database.transaction(force_rollback=True):
        project.database.execute(f"grant select on {table} to authenticated")
        project.database.execute("set local role authenticated")
        assert project.rows(f"select 1 from {table}") == []
    privileges = "select has_table_privilege('service_role', %s, 'insert, update') as may"
    assert project.rows(privileges, table) == [{"may": False}]
    answer = project.rest(
        "POST", "/rpc/ingest_twilio_stream_events", token=project.token(), json={"events": []}
    )
    assert answer.status_code == 403


def test_retention_deletes_a_calls_summary_with_it(project, send, summary, new_sid):
    """A deleted call is not unreported afterwards; what belongs to no call goes by when it arrived."""
    one, lost, kept = (summary(call_sid=new_sid("CA")) for _ in range(3))
    failure, young = (event(ERROR, {"account_sid": project.account_sid, "level": "ERROR"}) for _ in range(2))
    send([one, lost, kept, failure, young])
    params = {
        "CallSid": one["data"]["call_sid"],
        "AccountSid": project.account_sid,
        "CallStatus": "completed",
        "Timestamp": "Tue, 24 Nov 2020 11:00:00 +0000",
    }
    project.ingest(kind="status", params=params)
    # A call that is kept keeps its first steps and its summary, however old they are.
    kept_sid = kept["data"]["call_sid"]
    leg = {"CallSid": kept_sid, "AccountSid": project.account_sid, "CallStatus": "completed"}
    project.ingest(kind="status", params=leg)
    young_leg = new_sid("CA")
    project.database.execute(
        "insert into twilio_calls (call_sid, parent_call_sid, account_sid, started_at) "
        "values (%s, %s, %s, '2020-01-01')",
        [young_leg, kept_sid, project.account_sid],
    )
    old = "set received_at = '2020-11-24'"
    project.database.execute(
        f"update twilio_call_summaries {old} where call_sid = any(%s)", [[lost["data"]["call_sid"], kept_sid]]
    )
    project.database.execute(f"update twilio_call_events {old} where call_sid = %s", [kept_sid])
    project.database.execute(f"update twilio_errors {old} where event_id = %s", [failure["id"]])

    project.database.execute("select delete_old_twilio_calls('90 days')")

    assert stored(project, one) == stored(project, lost) == []
    assert len(stored(project, kept)) == 1
    assert len(project.rows("select from twilio_calls where call_sid = %s", young_leg)) == 1
    assert len(project.rows("select from twilio_call_events where call_sid = %s", kept_sid)) == 1
    assert len(project.rows("select from twilio_errors where event_id = %s", young["id"])) == 1
    assert project.rows("select 1 from twilio_errors where event_id = %s", failure["id"]) == []


@pytest.fixture
def subscribed(project):
    """Let the sandbox's Event Streams send to the function."""
    twilio = Client(project.account_sid, project.auth_token)
    twilio.events.base_url = project.env["twilio_base_url"]
    streams = twilio.events.v1
    destination = {"destination": f"{project.functions_url}/{SLUG}", "method": "POST"}
    sink = streams.sinks.create(description="t", sink_configuration=destination, sink_type="webhook")
    types = [{"type": f"{SUMMARY}.{kind}"} for kind in ("partial", "complete")]
    streams.subscriptions.create(description="t", sink_sid=sink.sid, types=[*types, {"type": ERROR}])
    with httpx.Client(base_url=f"{project.env['twilio_base_url']}/_sandbox", timeout=PATIENCE) as emulator:
        yield emulator
    for subscription in streams.subscriptions.list():
        streams.subscriptions(subscription.sid).delete()
    streams.sinks(sink.sid).delete()
    twilio.http_client.session.close()


def deliveries(emulator, sid, wait=120):
    """Wait until nothing is under way; the statuses of the requests to the sink about a call."""
    found = emulator.get("/event-requests", params={"wait": wait}).json()["event_requests"]
    return [item["status"] for item in found if sid in item["body"]]


def test_lost_callback_is_proven_by_the_stream(project, subscribed):
    """The sandbox drops each callback of a call; its summary arrives, repeated and out of order."""
    faults = [
        {"fault": "drop", "kind": "status"},
        {"fault": "reorder", "kind": "event", "times": 1},
        {"fault": "duplicate", "kind": "event"},
    ]
    subscribed.post("/faults", json=faults).raise_for_status()
    try:
        sid = project.call_in("+15550007001")
        assert subscribed.get(f"/calls/{sid}", params={"wait": 60}).json()["finished"]
        assert set(deliveries(subscribed, sid)) == {204}
    finally:
        subscribed.delete("/faults").raise_for_status()

    (row,) = project.rows("select * from twilio_call_summaries where call_sid = %s", sid)
    assert (row["is_complete"], row["status"], row["from_number"]) == (True, "completed", "+15550007001")
    older = "update twilio_call_summaries set ended_at = ended_at - interval '1 hour' where call_sid = %s"
    project.database.execute(older, [sid])
    rows = project.rows("select missing from twilio_unreported_calls where call_sid = %s", sid)
    assert rows == [{"missing": "end"}]  # the request for TwiML did arrive


def test_database_down(project, subscribed, new_sid):
    """The sink answers 5xx, and Twilio's retries store the event once the database is back."""
    with project.database_down():
        sid = project.call_in("+15550007002")
        assert subscribed.get(f"/calls/{sid}", params={"wait": 60}).json()["finished"]
        wait_for(lambda: deliveries(subscribed, sid, wait=0), "the sink answers")
    project.wait_for_schema()

    statuses = deliveries(subscribed, sid)
    assert (statuses[0], statuses[-1]) == (503, 204)
    assert len(project.rows("select 1 from twilio_call_summaries where call_sid = %s", sid)) == 1
