"""`voicehooks:account: {eventStreams: true}`: calls whose callbacks are lost are found and fetched."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.support.clone import Clone
from tests.support.examination import examined, findings_by_check
from tests.support.waiting import PATIENCE
from voicehooks.commands.rotate.tokens import Tokens
from voicehooks.stack.environment import Environment

CHECKS = ["event-sinks", "unreported-calls"]
DESTINATION = "/functions/v1/twilio-events"
AGE = "interval '3 hours'"


def of_account(clone: Clone, path: str) -> dict[str, Any]:
    """Read Event Streams of the account."""
    account = clone.values["twilio_account_sid"], clone.values["twilio_auth_token"]
    url = clone.values["twilio_base_url"] + path
    return dict(httpx.get(url, auth=account, timeout=PATIENCE).raise_for_status().json())


def lost_call(clone: Clone) -> str:
    """A call of which nothing arrives but the summary; its SID."""
    lost = [{"fault": "drop", "kind": kind} for kind in ("status", "recording")]
    refused = [{"fault": "wrong-signature", "kind": kind} for kind in ("voice", "action")]
    clone.control("POST", "faults", json=[*lost, *refused, {"fault": "duplicate", "kind": "event"}])
    sid = str(clone.call()["sid"])
    clone.control("DELETE", "faults")
    return sid


@pytest.mark.slow
def test_event_streams_from_the_setting_to_reconcile(deployed: Clone) -> None:
    """Planned, deployed after its checks, fed, shown by doctor and status, fetched, and removed again."""
    clone = deployed
    clone.configure(account={"eventStreams": True})
    plan = clone.voicehooks("plan", "--json")
    changes = {change["setting"]: change["new"] for change in json.loads(plan.stdout)["changes"]}
    assert changes["destination"].endswith(DESTINATION)
    assert "com.twilio.error-logs.error.logged" in changes["types"]
    assert of_account(clone, "/v1/Sinks")["sinks"] == []

    clone.up()
    (sink,) = of_account(clone, "/v1/Sinks")["sinks"]
    assert sink["sink_configuration"]["destination"].endswith(DESTINATION)
    clone.pulumi("preview", "--expect-no-changes")
    assert findings_by_check(examined(clone, CHECKS)) == {}
    # A rotation asks each function whether it accepts the token: this one with JSON.
    assert asyncio.run(Tokens(Environment("local", clone.folder)).facts()).functions_accept_primary

    reported = str(clone.call()["sid"])
    lost = lost_call(clone)
    clone.control("GET", "event-requests", params={"wait": 120})
    rows = clone.query("select call_sid from twilio_call_summaries")
    assert {row["call_sid"] for row in rows} >= {reported, lost}
    assert clone.query(f"select 1 as one from twilio_calls where call_sid = '{lost}'") == []
    # Callbacks of a call that has just ended may be on their way: let all be older.
    clone.query(
        f"update twilio_call_summaries set started_at = started_at - {AGE}, ended_at = ended_at - {AGE};"
        f"update twilio_calls set started_at = started_at - {AGE}, ended_at = ended_at - {AGE}"
    )
    report = examined(clone, CHECKS)
    assert findings_by_check(report) == {"unreported-calls": "problem"}
    assert report.findings[0].subject == lost
    status = clone.voicehooks("status", "--json")
    assert json.loads(status.stdout)["unreportedCalls"] == [lost]

    clone.control("DELETE", "api-requests")
    done = clone.voicehooks("reconcile", "--json", "--since", "24h")
    document = json.loads(done.stdout)
    assert (document["callsFrom"], document["calls"]["broughtIn"]) == ("event-streams", 1)
    asked = [request["path"] for request in clone.control("GET", "api-requests")["api_requests"]]
    assert not any(path.endswith("/Calls.json") for path in asked)
    assert [path for path in asked if "/Calls/" in path] == [path for path in asked if lost in path]
    (row,) = clone.query(f"select status::text from twilio_calls where call_sid = '{lost}'")
    assert row["status"] in ("completed", "no-answer", "failed")
    assert findings_by_check(examined(clone, CHECKS)) == {}

    # Without a summary of a call that callbacks reported, the stream proves nothing: all calls are compared.
    # For doctor, only calls that began after the sink was created count.
    clone.query(
        f"delete from twilio_call_summaries where call_sid = '{reported}';"
        f"update twilio_calls set started_at = now() where call_sid = '{reported}'"
    )
    assert findings_by_check(examined(clone, CHECKS)) == {"unreported-calls": "warning"}
    done = clone.voicehooks("reconcile", "--json", "--since", "24h")
    assert json.loads(done.stdout)["callsFrom"] == "lists"

    clone.configure(account=None)
    clone.up()
    assert (
        of_account(clone, "/v1/Sinks")["sinks"] == of_account(clone, "/v1/Subscriptions")["subscriptions"] == []
    )
