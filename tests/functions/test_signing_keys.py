"""Requests that a shared key of a webhook rule signed: which are accepted, and which never are."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator

from tests.functions.project import OUR_NUMBER, SECONDARY_TOKEN, Project
from tests.support.waiting import PATIENCE

BOTH, KEY_ONLY = "twilio-webhook-keys", "twilio-webhook-key-only"
SETTINGS_HEADER = "X-Twilio-Webhooks-Signature-Settings"


class Twilio:
    """The account's webhooks API, and two of its keys."""

    def __init__(self, project: Project) -> None:
        self._http = httpx.Client(
            base_url=f"{project.env['twilio_base_url']}/v1/Webhooks",
            auth=(project.account_sid, project.auth_token),
            timeout=PATIENCE,
        )
        self.keys = [self.make("/SharedKeys", friendlyName=name) for name in ("first", "second")]

    def make(self, path: str, **body: Any) -> dict[str, Any]:
        """Create an object."""
        answer = self._http.post(path, json=body)
        assert answer.is_success, answer.text
        made: dict[str, Any] = answer.json()
        return dict(made.get("rule", made))

    def change(self, path: str, **body: Any) -> None:
        """Change an object."""
        self._http.patch(path, json=body).raise_for_status()

    def delete(self, path: str) -> None:
        """Delete an object."""
        self._http.delete(path).raise_for_status()

    def setting(self, key: dict[str, Any]) -> dict[str, Any]:
        """Create a setting that signs with a key."""
        auth = {"source": "INLINE", "value": {"scheme": "NONE"}}
        return self.make(
            "/Settings", auth=auth, signature={"sharedKeyId": key["id"], "algorithm": "HMAC_SHA256"}
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


@pytest.fixture(scope="module")
def twilio(project):
    """Two handlers that know two keys: one also takes the token, the other one does not."""
    twilio = Twilio(project)
    first, second = twilio.keys
    project.set_secrets(
        VOICEHOOKS_SIGNING_KEY_1=f"{first['id']} {first['secret']}",
        VOICEHOOKS_SIGNING_KEY_2=f"{second['id']} {second['secret']}",
    )
    project.deploy("twilio-webhook", project.settings(functionName=BOTH), slug=BOTH)
    key_only = project.settings(functionName=KEY_ONLY, signature="key-only")
    project.deploy("twilio-webhook", key_only, slug=KEY_ONLY)
    project.deploy("twilio-fallback", key_only)
    yield twilio
    project.deploy("twilio-fallback", project.settings())
    twilio.close()


def status_callback(project: Project, sid: str) -> dict[str, str]:
    """A callback of a call that is over."""
    return {
        "AccountSid": project.account_sid,
        "CallSid": sid,
        "ApiVersion": "2010-04-01",
        "CallStatus": "completed",
        "CallbackSource": "call-progress-events",
        "Direction": "inbound",
        "From": "+15550001111",
        "To": OUR_NUMBER,
    }


def post(
    project: Project,
    form: dict[str, str],
    secret: str,
    settings: str | None,
    *,
    slug: str = BOTH,
    algorithm: str = "HMAC_SHA256",
    signed: dict[str, str] | None = None,
) -> int:
    """Send a callback that the official library signed; ``signed`` are other parameters than those sent."""
    url = f"{project.functions_url}/{slug}"
    headers = {"X-Twilio-Signature": RequestValidator(secret).compute_signature(url, signed or form, algorithm)}
    if settings is not None:
        headers[SETTINGS_HEADER] = settings
    return project.http.post(f"/functions/v1/{slug}", data=form, headers=headers).status_code


def header(key: dict[str, Any], algorithm: str = "HMAC_SHA256") -> str:
    """The header of a request that a key signed."""
    return f"key={key['id']},algorithm={algorithm}"


@pytest.mark.parametrize("slug", [BOTH, KEY_ONLY])
def test_each_known_key_is_accepted_by_its_id(project, twilio, new_sid, slug):
    """Each with its own secret, and neither with the other's."""
    first, second = twilio.keys
    form = status_callback(project, new_sid("CA"))

    assert post(project, form, first["secret"], header(first), slug=slug) == 204
    assert post(project, form, second["secret"], header(second), slug=slug) == 204
    assert post(project, form, first["secret"], header(second), slug=slug) == 403
    assert project.call(form["CallSid"])["status"] == "completed"


@pytest.mark.parametrize("slug", [BOTH, KEY_ONLY])
def test_forgeries_of_a_key_are_refused(project, twilio, new_sid, slug):
    """Another body, an unknown ID, another algorithm, the token in a key's place, two headers in one."""
    key, other = twilio.keys
    secret, token = key["secret"], project.auth_token
    form = status_callback(project, new_sid("CA"))
    forged = {**form, "CallStatus": "busy"}
    unknown = {"id": key["id"][:-32] + "0" * 32}

    statuses = {
        "another body": post(project, form, secret, header(key), slug=slug, signed=forged),
        "unknown ID": post(project, form, secret, header(unknown), slug=slug),
        "empty ID": post(project, form, "", "key=,algorithm=HMAC_SHA256", slug=slug),
        "SHA-1": post(project, form, secret, header(key), slug=slug, algorithm="HMAC_SHA1"),
        "SHA-1 named": post(project, form, secret, header(key, "HMAC_SHA1"), slug=slug, algorithm="HMAC_SHA1"),
        "no algorithm": post(project, form, secret, f"key={key['id']}", slug=slug),
        "the token as the key": post(project, form, token, header(key), slug=slug),
        "the key as the token": post(project, form, secret, None, slug=slug, algorithm="HMAC_SHA1"),
        "the token by SHA-256": post(project, form, token, "algorithm=HMAC_SHA256", slug=slug),
        "two keys": post(project, form, secret, f"{header(key)},{header(other)}", slug=slug),
    }

    assert {name: status for name, status in statuses.items() if status != 403} == {}
    assert project.rows("select 1 from twilio_call_events where call_sid = %s", form["CallSid"]) == []


def test_the_token_is_accepted_beside_the_keys_by_default(project, twilio, new_sid):
    """While a rule takes effect, some requests still have the token's signature."""
    form = status_callback(project, new_sid("CA"))

    assert post(project, form, project.auth_token, None, algorithm="HMAC_SHA1") == 204
    assert post(project, form, SECONDARY_TOKEN, None, algorithm="HMAC_SHA1") == 204


@pytest.mark.parametrize("settings", [None, "", "algorithm=HMAC_SHA1", "x=y"])
def test_there_is_no_downgrade_to_the_token(project, twilio, new_sid, settings):
    """With key-only no token signs, whatever the header says, which is not signed itself."""
    form = status_callback(project, new_sid("CA"))

    for token in (project.auth_token, SECONDARY_TOKEN):
        assert post(project, form, token, settings, slug=KEY_ONLY, algorithm="HMAC_SHA1") == 403
        assert post(project, form, token, settings, slug="twilio-fallback", algorithm="HMAC_SHA1") == 403
    reasons = {line.get("reason") for line in project.log_lines(KEY_ONLY)}
    assert "signed by the auth token" in reasons


def test_twilios_own_test_request(project, twilio):
    """Through a setting, without a rule: accepted with a known key, refused with an unknown one."""
    known = twilio.setting(twilio.keys[0])
    unknown = twilio.setting(twilio.make("/SharedKeys", friendlyName="unknown"))

    def status(setting: dict[str, Any], slug: str, method: str) -> int:
        url = f"{project.functions_url}/{slug}?VoicehooksCheck=rule"
        trial = twilio.make("/Tests", url=url, settingId=setting["id"], method=method)
        return int(trial["result"]["response"]["statusCode"])

    for slug in (BOTH, KEY_ONLY, "twilio-fallback"):
        assert status(known, slug, "GET") == 200
        assert status(unknown, slug, "GET") == 403


def test_calls_while_the_key_is_rotated(project, twilio):
    """From the token to the first key, by halves, and on to the second key: no request is refused."""
    settings = [twilio.setting(key) for key in twilio.keys]
    statuses: list[int] = []
    signers: set[str | None] = set()

    def shares(*percentages: int) -> list[dict[str, Any]]:
        return [
            {"settingId": setting["id"], "percentage": share}
            for setting, share in zip(settings, percentages, strict=True)
            if share
        ]

    def call() -> None:
        body = {"from": "+15550001111", "to": OUR_NUMBER}
        placed = httpx.post(f"{project.env['twilio_base_url']}/_sandbox/calls", json=body, timeout=PATIENCE)
        sid = placed.raise_for_status().json()["sid"]
        control = f"{project.env['twilio_base_url']}/_sandbox"
        httpx.get(f"{control}/calls/{sid}", params={"wait": 60}, timeout=PATIENCE).raise_for_status()
        sent = httpx.get(f"{control}/webhook-requests", params={"call_sid": sid}, timeout=PATIENCE).json()
        for request in sent["webhook_requests"]:
            statuses.append(request["status"])
            signers.add(request["headers"].get(SETTINGS_HEADER.lower()))

    url = f"{project.functions_url}/{BOTH}"
    project.answer_number(BOTH)
    try:
        call()
        rule = twilio.make("/Rules", matchType="EXACT_MATCH", value=url, settings=shares(100, 0))
        call()
        for percentages in ((50, 50), (0, 100)):
            twilio.change(f"/Rules/{rule['id']}", settings=shares(*percentages))
            call()
        twilio.delete(f"/Rules/{rule['id']}")
        call()
    finally:
        project.answer_number()

    assert set(statuses) <= {200, 204}
    assert len(statuses) > 15
    assert len(signers) == 3
