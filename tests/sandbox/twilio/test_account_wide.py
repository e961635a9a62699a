"""The account-wide APIs through Twilio's own client, and what their objects do to calls."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest
from starlette.responses import Response
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.request_validator import RequestValidator, get_signature_algorithm
from twilio.rest import Client

from tests.sandbox.twilio.receiver import HOOK as HOST
from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import ACCOUNT_SID, AUTH_TOKEN, NUMBERS, MakeSandbox, Sandbox

FOLDER = f"{HOST}/functions/v1/"
HOOK = f"{FOLDER}voice"
NO_AUTH = {"source": "INLINE", "value": {"scheme": "NONE"}}
DEFAULT = "/v2/AccountDefaultConfiguration/Recording"
KEY_HEADER = "x-twilio-webhooks-signature-settings"


class _Body:
    """A request's body: the client's own class for it names one that its module does not import (9.13.0)."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content

    def to_dict(self) -> dict[str, Any]:
        return self._content


def test_keys_settings_and_rules_through_the_client(client: Client) -> None:
    """Twilio's client makes and lists them; a key's secret is in one answer only."""
    hooks = client.webhooks.v1
    key = hooks.shared_keys.create(hooks.shared_keys.PostSharedKey({"friendlyName": "ours"}))
    assert key.secret
    assert hooks.shared_keys(key.id).fetch().secret is None
    setting = hooks.settings.create(
        hooks.settings.PostSetting({"friendlyName": "s", "auth": NO_AUTH, "signature": {"sharedKeyId": key.id}})
    )
    assert setting.signature["algorithm"] == "HMAC_SHA256"
    rule = {
        "friendlyName": "r",
        "matchType": "PREFIX_MATCH",
        "prefix": FOLDER,
        "settings": [{"settingId": setting.id, "percentage": 100}],
    }
    made = hooks.rules.create(hooks.rules.PostRule(rule))
    rule_id = made.rule["id"]
    assert hooks.operations(made.operation["id"]).fetch().status == "COMPLETED"
    assert hooks.rules(rule_id).fetch().prefix == FOLDER
    assert [item.id for item in hooks.rules.list()] == [rule_id]
    trial = hooks.tests.create(
        hooks.tests.TestRequest({"url": "http://127.0.0.1:9/no", "settingId": setting.id, "method": "POST"})
    )
    assert (trial.result["outcome"], trial.result["response"]) == ("FAILED", None)
    assert trial.result["error"]
    with pytest.raises(TwilioServiceException) as refused:
        hooks.rules.create(hooks.rules.PostRule(rule))
    assert refused.value.status == 409
    with pytest.raises(TwilioServiceException):  # a rule names it
        hooks.settings(setting.id).delete()
    assert hooks.rules(rule_id).delete()
    assert hooks.settings(setting.id).delete()
    assert hooks.shared_keys(key.id).delete()
    assert hooks.rules.list() == []


def test_recording_default_through_the_client(client: Client) -> None:
    """Created once, replaced as a whole, deleted."""
    default = client.voice.v2.recording_account_default_configuration()
    with pytest.raises(TwilioRestException) as missing:
        default.fetch()
    assert missing.value.status == 404
    callback = {"url": HOOK, "method": "POST", "events": ["completed"]}
    body = {"configuration": {"configurationType": "Recording", "callRecordingStatusCallback": callback}}
    assert default.create(_Body(body)).account_sid == ACCOUNT_SID
    with pytest.raises(TwilioRestException) as twice:
        default.create(_Body(body))
    assert twice.value.status == 409
    assert default.fetch().configuration["callRecordingStatusCallback"]["url"] == HOOK
    body["configuration"]["compositionPolicy"] = {"channels": "dual"}
    assert default.update(_Body(body)).configuration["compositionPolicy"]["channels"] == "dual"
    assert default.delete()


def test_regions_sinks_and_subscriptions_through_the_client(client: Client) -> None:
    """A number's Region; a sink with its subscription."""
    route = client.routes.v2.phone_numbers(NUMBERS[0])
    assert route.fetch().voice_region == "us1"
    assert route.update(voice_region="ie1").voice_region == "ie1"
    events = client.events.v1
    sink = events.sinks.create(
        description="d", sink_configuration={"destination": HOOK, "method": "post"}, sink_type="webhook"
    )
    made = events.subscriptions.create(
        description="d", sink_sid=sink.sid, types=[{"type": "com.twilio.error-logs.error.logged"}]
    )
    assert [item.sid for item in events.subscriptions.list(sink_sid=sink.sid)] == [made.sid]
    assert [event.type for event in events.subscriptions(made.sid).subscribed_events.list()] == [
        "com.twilio.error-logs.error.logged"
    ]
    assert events.sinks(sink.sid).delete()
    assert [subscription.sink_sid for subscription in events.subscriptions.list()] == [sink.sid]


def test_tokens_through_the_client(client: Client) -> None:
    """Both tokens sign in until the secondary one is promoted; then only that one does."""
    base = client.http_client._base.geturl()  # type: ignore[attr-defined]
    tokens = client.accounts.v1
    secondary = tokens.secondary_auth_token().create().secondary_auth_token

    def signs_in(token: str | None) -> int:
        url = f"{base}/2010-04-01/Accounts/{ACCOUNT_SID}.json"
        return httpx.get(url, auth=(ACCOUNT_SID, str(token))).status_code

    assert (signs_in(AUTH_TOKEN), signs_in(secondary)) == (200, 200)
    assert tokens.auth_token_promotion().update().auth_token == secondary
    assert (signs_in(AUTH_TOKEN), signs_in(secondary)) == (401, 200)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"matchType": "PREFIX_MATCH", "prefix": "https://a.example/x"}, 400),
        ({"matchType": "EXACT_MATCH", "value": "https://a.example/x/"}, 400),
        ({"matchType": "SUFFIX"}, 400),
        ({"matchType": "DEFAULT", "percentage": 60}, 400),
        ({"matchType": "DEFAULT"}, 202),
    ],
)
async def test_rules_are_checked(sandbox: Sandbox, body: dict[str, Any], status: int) -> None:
    """A prefix ends with a slash, an exact URL does not; percentages sum to 100."""
    setting = await _setting(sandbox)
    share = body.pop("percentage", 100)
    body["settings"] = [{"settingId": setting, "percentage": share}]
    made = await sandbox.client.post("/v1/Webhooks/Rules", json=body)
    assert made.status_code == status
    if status == 400:
        assert made.headers["content-type"] == "application/problem+json"
        assert made.json()["code"] == 59000


@pytest.mark.anyio
async def test_idempotency_key_of_another_version(sandbox: Sandbox) -> None:
    """Only a UUIDv7 is accepted."""
    made = await sandbox.client.post(
        "/v1/Webhooks/SharedKeys", json={}, headers={"Idempotency-Key": str(uuid.uuid4())}
    )
    assert made.status_code == 400


@pytest.mark.anyio
async def test_idempotency_key_makes_one_object(sandbox: Sandbox) -> None:
    """The same key in a second request returns the first answer, with the secret."""
    headers = {"Idempotency-Key": "01920000-0000-7000-8000-000000000001"}
    first, second = [
        (await sandbox.client.post("/v1/Webhooks/SharedKeys", json={}, headers=headers)).json()
        for _ in range(2)
    ]
    assert first == second
    assert len((await sandbox.get("/v1/Webhooks/SharedKeys")).json()["sharedKeys"]) == 1


@pytest.mark.anyio
async def test_request_through_a_setting_without_a_rule(sandbox: Sandbox, receiver: Receiver) -> None:
    """One request, signed with the setting's key, query included; the answer has status and headers."""
    key = (await sandbox.client.post("/v1/Webhooks/SharedKeys", json={"friendlyName": "k"})).json()
    setting = await _setting(sandbox, signature={"sharedKeyId": key["id"]})
    receiver.answer("/functions/v1/voice", Response("{}", 200, headers={"X-Here": "yes"}))
    url = f"{HOOK}?VoicehooksCheck=rule"
    body = {"url": url, "settingId": setting, "method": "GET"}
    trial = (await sandbox.client.post("/v1/Webhooks/Tests", json=body)).json()
    assert (trial["url"], trial["result"]["outcome"]) == (url, "DELIVERED")
    assert trial["result"]["response"]["statusCode"] == 200
    assert trial["result"]["response"]["headers"]["x-here"] == ["yes"]
    (sent,) = await sandbox.webhooks()
    assert (sent["kind"], sent["method"]) == ("test", "GET")
    headers = sent["headers"]
    algorithm = get_signature_algorithm(headers[KEY_HEADER])
    assert RequestValidator(key["secret"]).validate(url, {}, headers["x-twilio-signature"], algorithm)
    refused = await sandbox.client.post("/v1/Webhooks/Tests", json={**body, "url": "nowhere"})
    assert (refused.status_code, refused.json()["code"]) == (400, 59000)
    missing = await sandbox.client.post("/v1/Webhooks/Tests", json={**body, "settingId": "no"})
    assert missing.status_code == 404


@pytest.mark.anyio
async def test_rule_changes_what_signs(sandbox: Sandbox, receiver: Receiver) -> None:
    """The longest match wins; requests carry the key's ID and a signature that Twilio's validator accepts."""
    key = (await sandbox.client.post("/v1/Webhooks/SharedKeys", json={"friendlyName": "k"})).json()
    signed = await _setting(sandbox, signature={"sharedKeyId": key["id"]})
    await _rule(sandbox, await _setting(sandbox), matchType="DEFAULT")
    await _rule(sandbox, signed, matchType="PREFIX_MATCH", prefix=FOLDER)
    await sandbox.configure(
        VoiceUrl=receiver.twiml("/functions/v1/voice", "<Response/>"), StatusCallback="https://b.example/end"
    )
    await sandbox.call_in()
    voice, end = await sandbox.webhooks()
    headers = voice["headers"]
    assert headers[KEY_HEADER] == f"key={key['id']},algorithm=HMAC_SHA256"
    algorithm = get_signature_algorithm(headers[KEY_HEADER])
    signature = headers["x-twilio-signature"]
    assert RequestValidator(key["secret"]).validate(HOOK, voice["params"], signature, algorithm)
    assert not RequestValidator(AUTH_TOKEN).validate(HOOK, voice["params"], signature, algorithm)
    explained = await sandbox.control("GET", f"/webhook-requests/{voice['id']}/signature")
    assert (explained["key"], explained["valid"], explained["computed"]) == ("shared key", True, signature)
    assert KEY_HEADER not in end["headers"]
    assert RequestValidator(AUTH_TOKEN).validate(
        "https://b.example/end", end["params"], end["headers"]["x-twilio-signature"]
    )


@pytest.mark.anyio
async def test_rule_replaces_the_retries_of_the_url(sandbox: Sandbox, receiver: Receiver) -> None:
    """A setting's connection takes precedence over the URL's overrides; without a policy nothing is retried."""
    receiver.answer("/down", lambda _: Response("no", 500))
    await sandbox.configure(VoiceUrl=f"{HOST}/down#rc=3&rp=5xx")
    await sandbox.call_in()
    assert len(await sandbox.webhooks()) == 4
    await sandbox.control("DELETE", "/webhook-requests")
    setting = await _setting(sandbox, connection={"connectTimeoutMs": 1000})
    await _rule(sandbox, setting, matchType="EXACT_MATCH", value=f"{HOST}/down")
    await sandbox.call_in()
    assert len(await sandbox.webhooks()) == 1


@pytest.mark.anyio
async def test_recording_default_hears_of_every_recording(sandbox: Sandbox, receiver: Receiver) -> None:
    """A recording without a callback of its own reports to the account's default; one with its own does not."""
    body = {
        "configuration": {
            "configurationType": "Recording",
            "callRecordingStatusCallback": {
                "url": "https://crm.example/all",
                "events": ["in-progress", "completed"],
            },
        }
    }
    assert (await sandbox.client.post(DEFAULT, json=body)).status_code == 201
    record = '<Response><Dial record="record-from-answer"{}>+15557654321</Dial></Response>'
    await sandbox.configure(VoiceUrl=receiver.twiml("/v", record.format("")))
    await sandbox.call_in()
    recordings = [
        (recording["url"], recording["params"]["RecordingStatus"]) for recording in await _recordings(sandbox)
    ]
    assert recordings == [("https://crm.example/all", "in-progress"), ("https://crm.example/all", "completed")]
    await sandbox.control("DELETE", "/webhook-requests")
    own = ' recordingStatusCallback="https://a.example/own"'
    await sandbox.configure(VoiceUrl=receiver.twiml("/w", record.format(own)))
    await sandbox.call_in()
    assert {recording["url"] for recording in await _recordings(sandbox)} == {"https://a.example/own"}


@pytest.mark.anyio
async def test_recording_default_hears_of_conferences(make_sandbox: MakeSandbox, receiver: Receiver) -> None:
    """A recorded conference without a callback of its own reports to the default's one for conferences."""
    room = (
        "<Response><Dial><Conference record='record-from-start' endConferenceOnExit='true'>Room</Conference>"
        "</Dial></Response>"
    )
    async with make_sandbox(factor=20) as sandbox:
        configuration = {
            "configurationType": "Recording",
            "conferenceRecordingStatusCallback": {"url": receiver.answer("/rooms", Response(status_code=204))},
            "callRecordingStatusCallback": {"url": "https://crm.example/calls"},
        }
        made = await sandbox.client.post(DEFAULT, json={"configuration": configuration})
        assert made.status_code == 201
        await sandbox.configure(VoiceUrl=receiver.twiml("/voice", room))
        calls = [
            await sandbox.control("POST", "/calls", {"to": NUMBERS[0], "talkSeconds": 5}) for _ in range(2)
        ]
        for call in calls:
            await sandbox.ended(call["sid"])
        (recording,) = await _recordings(sandbox)
    assert recording["url"] == f"{HOST}/rooms"
    assert recording["params"]["RecordingSource"] == "Conference"
    assert recording["params"]["ConferenceSid"].startswith("CF")


@pytest.mark.anyio
async def test_recording_default_is_replaced_by_its_tag(sandbox: Sandbox) -> None:
    """PUT with the tag of an older version is refused with 412."""
    body: dict[str, Any] = {"configuration": {"configurationType": "Recording"}}
    tag = (await sandbox.client.post(DEFAULT, json=body)).headers["etag"]
    body["description"] = "new"
    assert (await sandbox.client.put(DEFAULT, json=body, headers={"If-Match": tag})).status_code == 200
    assert (await sandbox.client.put(DEFAULT, json=body, headers={"If-Match": tag})).status_code == 412
    body["configuration"] = {"configurationType": "Transcription"}
    assert (await sandbox.client.put(DEFAULT, json=body)).status_code == 422


@pytest.mark.anyio
async def test_number_of_another_region(sandbox: Sandbox, receiver: Receiver) -> None:
    """Its calls do not use the record of the number in us1: no webhook is requested."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/v", "<Response/>"))
    await sandbox.post(f"/v2/PhoneNumbers/{NUMBERS[0]}", VoiceRegion="ie1")
    call = await sandbox.call_in()
    assert call["status"] == "failed"
    assert "ie1" in json.dumps(call["steps"])
    assert await sandbox.webhooks() == []


@pytest.mark.anyio
async def test_sink_that_failed(sandbox: Sandbox) -> None:
    """The control plane sets a sink's status; a subscription needs an active one."""
    form = {"SinkType": "webhook", "SinkConfiguration": json.dumps({"destination": HOOK})}
    sink = (await sandbox.post("/v1/Sinks", data=form)).json()
    assert sink["status"] == "active"
    await sandbox.control("POST", f"/event-sinks/{sink['sid']}", {"status": "failed"})
    assert [item["sid"] for item in (await sandbox.get("/v1/Sinks", Status="failed")).json()["sinks"]] == [
        sink["sid"]
    ]
    refused = await sandbox.post("/v1/Subscriptions", SinkSid=sink["sid"], Types='{"type": "x"}')
    assert refused.status_code == 400
    assert (await sandbox.delete(f"/v1/Sinks/{sink['sid']}")).status_code == 204


async def _setting(sandbox: Sandbox, **fields: Any) -> str:
    made = await sandbox.client.post("/v1/Webhooks/Settings", json={"auth": NO_AUTH, **fields})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def _rule(sandbox: Sandbox, setting: str, **match: str) -> None:
    body = {**match, "settings": [{"settingId": setting, "percentage": 100}]}
    made = await sandbox.client.post("/v1/Webhooks/Rules", json=body)
    assert made.status_code == 202, made.text


async def _recordings(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [webhook for webhook in await sandbox.webhooks() if webhook["kind"] == "recording"]
