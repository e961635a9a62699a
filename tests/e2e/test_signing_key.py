"""`voicehooks:account: {webhookRules: true}`: Twilio signs with a key, from the settings to the calls."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator

from tests.support.clone import Clone
from tests.support.examination import examined, findings_by_check
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

KEY_HEADER = "x-twilio-webhooks-signature-settings"
SECRET = "VOICEHOOKS_SIGNING_KEY_"


def webhooks_api(clone: Clone, kind: str) -> list[dict[str, Any]]:
    """The account's objects of a kind."""
    account = clone.values["twilio_account_sid"], clone.values["twilio_auth_token"]
    url = f"{clone.values['twilio_base_url']}/v1/Webhooks/{kind}"
    page = httpx.get(url, auth=account, timeout=PATIENCE).raise_for_status().json()
    return list(page[page["meta"]["key"]])


def secret_names(clone: Clone) -> set[str]:
    """The names of the project's secrets that are ours."""
    names = {secret["name"] for secret in clone.supabase("GET", "secrets")}
    return {name for name in names if name.startswith("VOICEHOOKS_")}


class Callers(threading.Thread):
    """People who call one after the other until they are asked to stop."""

    def __init__(self, clone: Clone) -> None:
        super().__init__()
        self._clone, self._end = clone, threading.Event()
        self.calls = 0

    def run(self) -> None:
        while not self._end.is_set():
            self._clone.call()
            self.calls += 1

    def __enter__(self) -> Callers:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self.join()


def update_with_calls(clone: Clone) -> set[str]:
    """Deploy while people call: no request is refused; returns the headers that name a key, "" for none."""
    clone.control("DELETE", "webhook-requests")
    with Callers(clone) as callers:
        clone.up()
    clone.call()
    requests = clone.control("GET", "webhook-requests", params={"limit": 10_000})["webhook_requests"]
    about_calls = [request for request in requests if request["kind"] != "test"]
    assert callers.calls > 1
    assert {request["status"] for request in requests} <= {200, 204}
    return {call["headers"].get(KEY_HEADER, "") for call in about_calls}


@contextmanager
def closer_rule(clone: Clone) -> Iterator[None]:
    """A rule of somebody else that matches the webhook more closely, and signs with the auth token."""
    account = clone.values["twilio_account_sid"], clone.values["twilio_auth_token"]
    base = f"{clone.values['twilio_base_url']}/v1/Webhooks"
    with httpx.Client(auth=account, timeout=PATIENCE) as twilio:
        auth = {"source": "INLINE", "value": {"scheme": "NONE"}}
        setting = twilio.post(f"{base}/Settings", json={"auth": auth}).json()["id"]
        shares = [{"settingId": setting, "percentage": 100}]
        body = {"matchType": "EXACT_MATCH", "value": clone.values["webhook_url"], "settings": shares}
        rule = twilio.post(f"{base}/Rules", json=body).json()["rule"]["id"]
        try:
            yield
        finally:
            twilio.delete(f"{base}/Rules/{rule}").raise_for_status()
            twilio.delete(f"{base}/Settings/{setting}").raise_for_status()


def status_of_token_signed(clone: Clone) -> int:
    """What the handler answers to a request that the account's token signed."""
    url, form = clone.values["webhook_url"], {"VoicehooksCheck": "1"}
    signature = RequestValidator(clone.values["twilio_auth_token"]).compute_signature(url, form)
    return httpx.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=PATIENCE).status_code


def test_key_from_the_first_update_to_the_last(deployed: Clone) -> None:
    """Created, rotated, made the only one, and given up, with calls all the time: none is refused."""
    clone = deployed
    clone.configure(account={"webhookRules": True, "signature": "key-only"})
    assert "does not sign all requests" in " ".join(clone.pulumi("preview", ok=False).split())
    clone.configure(account={"webhookRules": True})
    plan = json.loads(clone.voicehooks("plan", "--json").stdout)
    assert {"WebhookRule", "WebhookSetting", "WebhookSharedKey"} <= {
        change["setting"] for change in plan["changes"]
    }
    assert webhooks_api(clone, "SharedKeys") == []

    headers = update_with_calls(clone)
    (key,) = webhooks_api(clone, "SharedKeys")
    assert headers == {"", f"key={key['id']},algorithm=HMAC_SHA256"}
    assert f"{SECRET}1" in secret_names(clone)
    (setting,) = webhooks_api(clone, "Settings")
    assert setting["connection"]["retryPolicy"]["retryCount"] == 3
    clone.pulumi("preview", "--refresh", "--expect-no-changes")
    assert findings_by_check(examined(clone, ["webhook-rules", "probe", "secrets"])) == {}
    with closer_rule(clone):
        report = examined(clone, ["webhook-rules"])
    assert findings_by_check(report) == {"webhook-rules": "problem"}
    assert "the auth token" in report.findings[0].what

    clone.configure(account={"webhookRules": True, "signingKey": "next"})
    headers = update_with_calls(clone)
    (following,) = webhooks_api(clone, "SharedKeys")
    assert following["id"] != key["id"]
    assert headers == {f"key={item['id']},algorithm=HMAC_SHA256" for item in (key, following)}
    assert {name for name in secret_names(clone) if name.startswith(SECRET)} == {f"{SECRET}NEXT"}
    assert len(webhooks_api(clone, "Settings")) == 1
    assert status_of_token_signed(clone) == 200

    api_key = clone.twilio("POST", "Keys.json", data={"FriendlyName": "functions"})
    clone.configure(
        account={"webhookRules": True, "signingKey": "next", "signature": "key-only"},
        functionsApiKeySid=api_key["sid"],
        functionsApiKeySecret=api_key["secret"],
    )
    update_with_calls(clone)
    assert status_of_token_signed(clone) == 403
    assert "VOICEHOOKS_AUTH_TOKEN" not in secret_names(clone)
    assert findings_by_check(examined(clone, ["webhook-rules", "probe", "secrets"])) == {}
    probes = json.loads(clone.voicehooks("doctor", "--assumptions", "--json").stdout)
    assert {probe["assumption"]: probe["verdict"] for probe in probes}["webhook-test"] == "confirmed"
    state = clone.pulumi("stack", "export")
    assert clone.values["twilio_auth_token"] not in state
    assert "VOICEHOOKS_SIGNING_KEY" in state

    clone.configure(account=None)
    headers = update_with_calls(clone)
    assert "" in headers
    assert [webhooks_api(clone, kind) for kind in ("Rules", "Settings", "SharedKeys")] == [[], [], []]
    assert not [name for name in secret_names(clone) if name.startswith(SECRET)]
    assert status_of_token_signed(clone) == 200
