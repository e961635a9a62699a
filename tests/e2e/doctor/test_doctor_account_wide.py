"""`voicehooks doctor`: settings of the whole account that somebody else made, and what they do to calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.clone import Clone
from tests.support.examination import examined, findings_by_check
from tests.support.hand_deployed import NUMBER
from tests.support.waiting import PATIENCE
from voicehooks.commands.doctor.checks import account_wide, event_streams, webhook_rules

NO_AUTH = {"source": "INLINE", "value": {"scheme": "NONE"}}
CHECKS = [check.code for room in (webhook_rules, account_wide, event_streams) for check in room.CHECKS]


class Account:
    """The account-wide APIs, as somebody else uses them; what was made is deleted at the end."""

    def __init__(self, clone: Clone) -> None:
        self._clone = clone
        self._made: list[str] = []

    def ask(self, method: str, path: str, **request: Any) -> Any:
        """One request."""
        answer = httpx.request(
            method,
            f"{self._clone.values['twilio_base_url']}{path}",
            auth=(self._clone.values["twilio_account_sid"], self._clone.values["twilio_auth_token"]),
            timeout=PATIENCE,
            **request,
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def make(self, path: str, **request: Any) -> Any:
        """Create something."""
        made = self.ask("POST", path, **request)
        found = made.get("rule", made)
        self._made.append(path if path.endswith("/Recording") else f"{path}/{found.get('id') or found['sid']}")
        return found

    def rule(self, **setting: Any) -> Any:
        """A rule for all functions of the project, with a setting of its own."""
        made = self.make("/v1/Webhooks/Settings", json={"auth": NO_AUTH, **setting})
        prefix = f"{self._clone.values['supabase_url']}/functions/v1/"
        reference = {"settingId": made["id"], "percentage": 100}
        body = {
            "friendlyName": "theirs",
            "matchType": "PREFIX_MATCH",
            "prefix": prefix,
            "settings": [reference],
        }
        return self.make("/v1/Webhooks/Rules", json=body)

    def clean(self) -> None:
        """Delete what was made, the last one first."""
        for path in reversed(self._made):
            self.ask("DELETE", path)


@pytest.fixture
def account(deployed: Clone) -> Iterator[Account]:
    """The account of a deployed environment."""
    account = Account(deployed)
    try:
        yield account
    finally:
        account.clean()


def test_rule_with_another_signing_key(deployed: Clone, account: Account) -> None:
    """Every callback is refused with 403, while the probe, signed with the token, passes."""
    key = account.make("/v1/Webhooks/SharedKeys", json={"friendlyName": "theirs"})
    rule = account.rule(signature={"sharedKeyId": key["id"]})
    report = examined(deployed, [*CHECKS, "probe"])
    assert findings_by_check(report) == {"webhook-rules": "problem"}
    (finding,) = report.findings
    assert key["id"] in finding.what
    assert rule["id"] in finding.do
    assert set(report.symptoms) == {"connecting", "updates", "recording"}
    deployed.call()
    sent = deployed.control("GET", "webhook-requests")["webhook_requests"]
    assert {request["status"] for request in sent} == {403}


def test_rule_with_its_own_retries(deployed: Clone, account: Account) -> None:
    """A rule whose setting has a connection replaces the settings' delivery."""
    account.rule(connection={"connectTimeoutMs": 1000})
    report = examined(deployed, CHECKS)
    assert findings_by_check(report) == {"webhook-rules": "warning"}
    assert report.findings[0].observed == "0 retries"


def test_rule_for_other_urls(deployed: Clone, account: Account) -> None:
    """A rule that matches none of our URLs is not a finding."""
    key = account.make("/v1/Webhooks/SharedKeys", json={})
    setting = account.make(
        "/v1/Webhooks/Settings", json={"auth": NO_AUTH, "signature": {"sharedKeyId": key["id"]}}
    )
    reference = {"settingId": setting["id"], "percentage": 100}
    body = {"matchType": "PREFIX_MATCH", "prefix": "https://other.example.com/", "settings": [reference]}
    account.make("/v1/Webhooks/Rules", json=body)
    assert findings_by_check(examined(deployed, CHECKS)) == {}


def test_recording_default_of_somebody_else(deployed: Clone, account: Account) -> None:
    """Both the account's default and the handler say where recordings report."""
    callback = {"url": "https://other.example.com/recordings?key=secret", "method": "POST"}
    body = {"configuration": {"configurationType": "Recording", "callRecordingStatusCallback": callback}}
    account.make("/v2/AccountDefaultConfiguration/Recording", json=body)
    report = examined(deployed, CHECKS)
    assert findings_by_check(report) == {"account-recording-default": "warning"}
    assert "other.example.com" in report.findings[0].what
    assert "secret" not in report.findings[0].what


def test_number_of_another_region(deployed: Clone, account: Account) -> None:
    """A number that another Region processes: what we configured is not used."""
    account.ask("POST", f"/v2/PhoneNumbers/{NUMBER}", data={"VoiceRegion": "ie1"})
    try:
        report = examined(deployed, CHECKS)
        deployed.call()
    finally:
        account.ask("POST", f"/v2/PhoneNumbers/{NUMBER}", data={"VoiceRegion": "us1"})
    assert findings_by_check(report) == {"region": "problem"}
    assert (report.findings[0].subject, report.findings[0].observed) == (NUMBER, "ie1")
    assert deployed.control("GET", "webhook-requests")["webhook_requests"] == []


def test_event_sinks(deployed: Clone, account: Account) -> None:
    """A sink that failed, one that sends to a missing function, and a subscription of a deleted one."""
    form = {"SinkType": "webhook", "SinkConfiguration": '{"destination": "https://a.example/e"}'}
    failed = account.make("/v1/Sinks", data={**form, "Description": "failed one"})
    deleted = account.ask("POST", "/v1/Sinks", data=form)
    lost = account.make("/v1/Subscriptions", data={"SinkSid": deleted["sid"], "Types": '{"type": "x"}'})
    account.ask("DELETE", f"/v1/Sinks/{deleted['sid']}")
    functions = f"{deployed.values['supabase_url']}/functions/v1"
    for slug in ("twilio-webhook", "twilio-events"):
        destination = json.dumps({"destination": f"{functions}/{slug}?a=b"})
        nowhere = account.make("/v1/Sinks", data={"SinkType": "webhook", "SinkConfiguration": destination})
    deployed.control("POST", f"event-sinks/{failed['sid']}", json={"status": "failed"})
    report = examined(deployed, CHECKS)
    assert findings_by_check(report) == {"event-sinks": "warning"}
    assert [finding.subject for finding in report.findings] == [failed["sid"], nowhere["sid"], lost["sid"]]
    assert report.findings[1].observed == "twilio-events"


def test_unreported_call(deployed: Clone, account: Account) -> None:
    """Event Streams reported a call of our number, and no callback did."""
    destination = json.dumps({"destination": f"{deployed.values['supabase_url']}/functions/v1/twilio-events"})
    account.make("/v1/Sinks", data={"SinkType": "webhook", "SinkConfiguration": destination})
    sid = "CA" + "7" * 32
    deployed.query(
        "insert into twilio_call_summaries "
        "(call_sid, account_sid, to_number, ended_at, is_complete, event_id, reported_at, data) values "
        f"('{sid}', 'AC', '{NUMBER}', now() - interval '1 hour', true, 'EZ', now(), '{{}}')"
    )
    deployed.configure(account={"eventStreams": True})
    try:
        report = examined(deployed, ["unreported-calls"])
    finally:
        deployed.configure(account=None)
        deployed.query(f"delete from twilio_call_summaries where call_sid = '{sid}'")
    assert findings_by_check(report) == {"unreported-calls": "problem"}
    assert report.findings[0].subject == sid


@pytest.mark.parametrize("status", [403, 404])
def test_apis_that_are_not_available(deployed: Clone, status: int) -> None:
    """An account or a key without these APIs is not a finding."""
    paths = ("/v1/Webhooks/Rules", "/v2/AccountDefault", "/v2/PhoneNumbers/", "/v1/Sinks", "/v1/Subscriptions")
    faults = [
        {"fault": "rest-error", "status": status, "code": 20003, "message": "no", "path": path}
        for path in paths
    ]
    deployed.control("POST", "faults", json=faults)
    asking = [code for code in CHECKS if code != "unreported-calls"]  # that one asks the database
    try:
        report = examined(deployed, asking)
    finally:
        deployed.control("DELETE", "faults")
    assert {outcome.status for outcome in report.outcomes} == {"ok"}
    of_apis = [outcome for outcome in report.outcomes if outcome.check.code != "unreported-calls"]
    assert all("not available here" in outcome.summary for outcome in of_apis)
