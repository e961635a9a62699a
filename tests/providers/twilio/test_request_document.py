"""Every request to Twilio is one that its documents describe, and none buys or releases a number."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.providers.servicer_client import Refused, ServicerClient
from tests.providers.twilio.conftest import ACCOUNT, NUMBER, OTHER, Emulator, run
from tests.providers.twilio.request_document import BUYING, RELEASING, problems, template_of
from tests.support.waiting import PATIENCE

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
URLS = {
    "voiceUrl": OURS,
    "voiceMethod": "GET",
    "voiceFallbackUrl": f"{OURS}?fallback=1",
    "voiceFallbackMethod": "POST",
    "statusCallback": OURS,
    "statusCallbackMethod": "POST",
    "voiceCallerIdLookup": True,
    "delivery": {"retries": 3, "retryOn": ["connect", "5xx"]},
}
LIVES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("VoiceConfiguration", {"phoneNumber": NUMBER, **URLS}, {"phoneNumber": NUMBER, "voiceUrl": ""}, NUMBER),
    (
        "VoiceConfiguration",
        {"phoneNumber": OTHER, "trunkSid": "TK" + "1" * 32},
        {"phoneNumber": OTHER, "trunkSid": "", "voiceUrl": OURS},
        OTHER,
    ),
    ("Application", {"friendlyName": "crm", **URLS}, {"friendlyName": "crm 2"}, "crm 2"),
    (
        "DialingPermissions",
        {"countries": {"GB": {"lowRisk": True}, "FR": {"highRiskSpecial": True}}},
        {"countries": {"GB": {"lowRisk": False, "highRiskTollfraud": False}}},
        "GB,US",
    ),
    (
        "VoiceSettings",
        {"dialingPermissionsInheritance": True},
        {"dialingPermissionsInheritance": False},
        ACCOUNT,
    ),
    (
        "VoiceInsightsSettings",
        {"advancedFeatures": True, "voiceTrace": True},
        {"advancedFeatures": False},
        ACCOUNT,
    ),
]


def whole_life(
    client: ServicerClient, kind: str, given: dict[str, Any], changed: dict[str, Any], key: str = ""
) -> None:
    """Preview, create, refresh, change, import and delete one resource."""
    run(client.create(kind, "it", given, preview=True))
    resource = run(client.read(run(client.create(kind, "it", given))))
    assert resource is not None
    run(client.diff(resource, changed))
    run(client.update(resource, changed, preview=True))
    resource = run(client.update(resource, changed))
    assert run(client.import_(kind, "it", key or resource.id)) is not None
    resource = run(client.read(resource))
    assert resource is not None
    client.next_run()
    run(client.delete(resource))


def look_up(client: ServicerClient) -> None:
    """Call every function, by name and by SID."""
    app = run(client.create("Application", "kept", {"friendlyName": "kept"}))
    number = run(client.invoke("getPhoneNumber", {"phoneNumber": NUMBER}))
    run(client.invoke("getPhoneNumber", {"phoneNumber": number["phoneNumberSid"]}))
    run(client.invoke("getPhoneNumbers", {}))
    run(client.invoke("getApplication", {"application": "kept"}))
    run(client.invoke("getApplication", {"application": app.id}))
    run(client.invoke("getApplications", {}))


def test_every_request_is_valid_and_none_buys_or_releases(emulator: Emulator) -> None:
    """Paths, parameters and values of a whole life of everything, against the documents."""
    emulator.http.post("/_sandbox/numbers", json={"count": 1200}, timeout=PATIENCE).raise_for_status()
    emulator.forget_requests()
    for life in LIVES:
        whole_life(emulator.plugin(), *life)
    look_up(emulator.plugin())
    sent = emulator.requests()
    used = {template_of(r) for r in sent}
    account = "/2010-04-01/Accounts/{AccountSid}"
    assert used == {
        f"GET {account}/IncomingPhoneNumbers.json",
        f"GET {account}/IncomingPhoneNumbers/{{Sid}}.json",
        f"POST {account}/IncomingPhoneNumbers/{{Sid}}.json",
        f"GET {account}/Applications.json",
        f"POST {account}/Applications.json",
        f"GET {account}/Applications/{{Sid}}.json",
        f"POST {account}/Applications/{{Sid}}.json",
        f"DELETE {account}/Applications/{{Sid}}.json",
        "GET /v1/DialingPermissions/Countries",
        "POST /v1/DialingPermissions/BulkCountryUpdates",
        "GET /v1/Settings",
        "POST /v1/Settings",
        "GET /v1/Voice/Settings",
        "POST /v1/Voice/Settings",
    }
    assert not used & {BUYING, RELEASING}
    assert not [r for r in sent if any(name.startswith("Sms") for name, _ in r["params"])]
    wrong = {f"{r['method']} {r['path']}": problems(r) for r in sent if problems(r)}
    assert wrong == {}
    assert not [r for r in sent if r["status"] >= 400]


def other_lives(emulator: Emulator) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Return what else there is: resources whose objects are created, with lists of somebody else."""
    lists = [emulator.post("SIP/CredentialLists.json", FriendlyName=name)["sid"] for name in ("one", "two")]
    networks = emulator.post("SIP/IpAccessControlLists.json", FriendlyName="one")["sid"]
    sink = {
        "Description": "theirs",
        "SinkType": "webhook",
        "SinkConfiguration": json.dumps({"destination": f"{OURS}/2", "method": "POST"}),
    }
    sink_sid = emulator.http.post("/v1/Sinks", data=sink).json()["sid"]
    mapped = {"credentialLists": lists[:1], "ipAccessControlLists": [networks]}
    urls = {name: value for name, value in URLS.items() if name != "voiceCallerIdLookup"}
    ours, error = "a.sip.twilio.com", "com.twilio.error-logs.error.logged"
    call, recording = (f"com.twilio.voice.insights.call-summary.{when}" for when in ("partial", "complete"))
    return [
        ("Subaccount", {"friendlyName": "c"}, {"friendlyName": "c 2", "onDelete": "close"}),
        ("ApiKey", {"friendlyName": "crm"}, {"friendlyName": "crm 2"}),
        (
            "SipDomain",
            {"domainName": ours, **urls, **mapped, "registrationCredentialLists": lists, "secure": True},
            {"domainName": ours, "sipRegistration": True, "credentialLists": lists[1:]},
        ),
        (
            "SipCredentialList",
            {"friendlyName": "phones", "credentials": {"al": "Correct7Horse", "bo": "Correct7Horse"}},
            {"friendlyName": "all", "credentials": {"al": "Another8Horse"}},
        ),
        (
            "SipIpAccessControlList",
            {"friendlyName": "office", "addresses": {"203.0.113.0/24": "PBX", "198.51.100.7/32": "home"}},
            {"friendlyName": "all", "addresses": {"203.0.113.0/24": "PBX 2"}},
        ),
        (
            "SipTrunk",
            {
                **mapped,
                "friendlyName": "pbx",
                "disasterRecoveryUrl": OURS,
                "recordingMode": "record-from-answer-dual",
                "originationUrls": [{"sipUrl": f"sip:{name}.example.com"} for name in "ab"],
                "phoneNumbers": [NUMBER],
            },
            {
                "friendlyName": "pbx 2",
                "secure": True,
                "originationUrls": [{"sipUrl": "sip:a.example.com", "enabled": False}],
                "phoneNumbers": [OTHER],
            },
        ),
        (
            "EventSink",
            {"description": "crm", "destination": OURS},
            {"description": "crm 2", "destination": OURS},
        ),
        (
            "EventSubscription",
            {"description": "crm", "sinkSid": sink_sid, "types": {error: 1, call: 1}},
            {"description": "crm 2", "sinkSid": sink_sid, "types": {error: 2, recording: 1}},
        ),
    ]


def hosts_of_requests(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Send what is for Twilio to the emulator; return the host and the product's path of each request."""
    send = httpx.AsyncHTTPTransport.handle_async_request
    local = httpx.URL(emulator.url)
    hosts: set[tuple[str, str]] = set()

    async def handle(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        hosts.add((request.url.host, "/".join(request.url.path.removesuffix(".json").split("/")[1:3])))
        request.url = request.url.copy_with(scheme=local.scheme, host=local.host, port=local.port)
        return await send(transport, request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
    return hosts


def test_every_other_request_is_valid_and_none_buys_or_releases(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for accounts, keys, SIP, trunks and Event Streams, each at its own host.

    The webhooks API has no such document.
    """
    lives = other_lives(emulator)
    hosts = hosts_of_requests(emulator, monkeypatch)
    emulator.forget_requests()
    for life in lives:
        whole_life(emulator.plugin(baseUrl=None), *life)
    sent = emulator.requests()
    used = {template_of(r) for r in sent}
    wrong = {f"{r['method']} {r['path']}": problems(r) for r in sent if problems(r)}
    assert wrong == {}
    assert not used & {BUYING, RELEASING}
    assert not [r for r in sent if r["status"] >= 400]
    account = "/2010-04-01/Accounts/{AccountSid}"
    assert {request.partition(" ")[2] for request in used if request.startswith("DELETE")} == {
        f"{account}/Keys/{{Sid}}.json",
        f"{account}/SIP/CredentialLists/{{CredentialListSid}}/Credentials/{{Sid}}.json",
        f"{account}/SIP/CredentialLists/{{Sid}}.json",
        f"{account}/SIP/Domains/{{DomainSid}}/Auth/Calls/CredentialListMappings/{{Sid}}.json",
        f"{account}/SIP/Domains/{{DomainSid}}/Auth/Calls/IpAccessControlListMappings/{{Sid}}.json",
        f"{account}/SIP/Domains/{{DomainSid}}/Auth/Registrations/CredentialListMappings/{{Sid}}.json",
        f"{account}/SIP/Domains/{{Sid}}.json",
        f"{account}/SIP/IpAccessControlLists/{{IpAccessControlListSid}}/IpAddresses/{{Sid}}.json",
        f"{account}/SIP/IpAccessControlLists/{{Sid}}.json",
        "/v1/Sinks/{Sid}",
        "/v1/Subscriptions/{Sid}",
        "/v1/Subscriptions/{SubscriptionSid}/SubscribedEvents/{Type}",
        "/v1/Trunks/{Sid}",
        "/v1/Trunks/{TrunkSid}/CredentialLists/{Sid}",
        "/v1/Trunks/{TrunkSid}/IpAccessControlLists/{Sid}",
        "/v1/Trunks/{TrunkSid}/OriginationUrls/{Sid}",
    }
    client = emulator.plugin(baseUrl=None)
    key = run(client.read(run(client.create("WebhookSharedKey", "key", {"friendlyName": "crm"}))))
    assert key is not None
    setting = {"friendlyName": "crm", "sharedKeyId": key.id}
    setting_id = run(client.create("WebhookSetting", "setting", setting)).id
    given = {"matchType": "DEFAULT", "settings": [{"settingId": setting_id, "percentage": 100}]}
    rule = run(client.read(run(client.create("WebhookRule", "rule", given))))
    assert rule is not None
    run(client.delete(run(client.update(rule, {**given, "friendlyName": "crm"}))))
    with pytest.raises(Refused, match="no Studio flow"):
        run(client.invoke("getStudioFlow", {"flow": "sales"}))
    with pytest.raises(Refused, match="no Studio flow"):
        run(client.invoke("getStudioFlow", {"flow": "FW" + "0" * 32}))
    assert hosts == {
        ("api.twilio.com", "2010-04-01/Accounts"),
        ("trunking.twilio.com", "v1/Trunks"),
        ("events.twilio.com", "v1/Sinks"),
        ("events.twilio.com", "v1/Subscriptions"),
        ("events.twilio.com", "v1/Types"),
        ("webhooks.twilio.com", "v1/Webhooks"),
        ("studio.twilio.com", "v2/Flows"),
    }


def test_the_documents_would_notice() -> None:
    """The check itself finds what is wrong."""
    numbers = f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers"
    buying = {"method": "POST", "path": f"{numbers}.json", "query": "", "params": []}
    assert template_of(buying) == BUYING
    sid = "PN" + "0" * 32
    assert template_of({**buying, "method": "DELETE", "path": f"{numbers}/{sid}.json"}) == RELEASING
    params = [["VoiceUrl", "nowhere"], ["VoiceMethod", "PUT"], ["VoiceCallerIdLookup", "True"], ["Voice", "x"]]
    bad = {"method": "POST", "path": f"{numbers}/PN1.json", "query": "PageSize=x", "params": params}
    assert problems(bad) == [
        "path: Sid does not match ^PN[0-9a-fA-F]{32}$",
        "query: PageSize is unknown",
        "form: Voice is unknown",
        "form: VoiceUrl is no URL",
        "form: VoiceMethod is no HTTP method",
        "form: VoiceCallerIdLookup is no boolean",
    ]
    missing = {"method": "POST", "path": "/v1/DialingPermissions/BulkCountryUpdates", "query": "", "params": []}
    assert problems(missing) == ["form: UpdateRequest is missing"]
