"""`voicehooks:account`: the recordings of the whole account, from the settings to the rows."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.support.clone import Clone
from tests.support.examination import examined, findings_by_check
from tests.support.hand_deployed import NUMBER
from tests.support.waiting import PATIENCE

PATH = "/v2/AccountDefaultConfiguration/Recording"
OTHER = "https://" + "q" * 20 + ".supabase.co/functions/v1/twilio-webhook"


def ask(clone: Clone, method: str, **request: Any) -> Any:
    """Read or write the account's default recording configuration."""
    account = clone.values["twilio_account_sid"], clone.values["twilio_auth_token"]
    url = clone.values["twilio_base_url"] + PATH
    answer = httpx.request(method, url, auth=account, timeout=PATIENCE, **request)
    return None if answer.status_code in (204, 404) else answer.json()["configuration"]


def recorded_call_of_another_program(clone: Clone) -> str:
    """A call that knows nothing of us, recorded without a callback of its own."""
    form = {
        "From": NUMBER,
        "To": "+15557654321",
        "Twiml": "<Response><Pause length='3'/></Response>",
        "Record": "true",
    }
    call = clone.twilio("POST", "Calls.json", data=form)
    clone.control("GET", f"calls/{call['sid']}", params={"wait": 60})
    return str(call["sid"])


@pytest.mark.slow
def test_recordings_of_the_whole_account(deployed: Clone) -> None:
    """Planned, deployed, received without a row of an unknown call, found by doctor, and given back."""
    clone = deployed
    before = clone.query("select count(*)::int as n from twilio_calls")[0]["n"]
    clone.configure(account={"recordingCallback": True, "channels": "dual"})
    plan = clone.voicehooks("plan", "--json")
    changes = {change["setting"]: change["new"] for change in json.loads(plan.stdout)["changes"]}
    webhook = clone.values["webhook_url"]
    assert changes["callRecordingStatusCallback"].startswith(webhook)
    assert changes["channels"] == "dual"
    assert ask(clone, "GET") is None

    clone.up()
    callback = ask(clone, "GET")["callRecordingStatusCallback"]
    assert callback["url"].partition("#")[0] == webhook
    assert callback["events"] == ["in-progress", "completed", "absent"]
    clone.pulumi("preview", "--expect-no-changes")
    assert findings_by_check(examined(clone, ["account-recording-default"])) == {}

    sid = recorded_call_of_another_program(clone)
    events = clone.query(
        f"select kind, params ->> 'RecordingStatus' as s from twilio_call_events where call_sid = '{sid}'"
    )
    assert {(event["kind"], event["s"]) for event in events} == {
        ("recording", "in-progress"),
        ("recording", "completed"),
    }
    assert clone.query("select count(*)::int as n from twilio_calls")[0]["n"] == before

    theirs = {"configurationType": "Recording", "callRecordingStatusCallback": {"url": OTHER}}
    ask(clone, "PUT", json={"configuration": theirs})
    report = examined(clone, ["account-recording-default"])
    assert findings_by_check(report) == {"account-recording-default": "problem"}
    assert "q" * 20 in report.findings[0].what
    refused = clone.pulumi("preview", "--refresh", ok=False)
    assert OTHER in refused
    assert "replaceExisting" in refused
    clone.configure(account={"recordingCallback": True, "replaceExisting": True})
    clone.up("--refresh")
    assert ask(clone, "GET")["callRecordingStatusCallback"]["url"].partition("#")[0] == webhook

    clone.configure(account=None)
    clone.up()
    assert ask(clone, "GET") is None
