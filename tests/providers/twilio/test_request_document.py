"""Every request to Twilio is one that its documents describe, and none buys or releases a number."""

from __future__ import annotations

from typing import Any

from tests.providers.servicer_client import ServicerClient
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
    client: ServicerClient, kind: str, given: dict[str, Any], changed: dict[str, Any], key: str
) -> None:
    """Preview, create, refresh, change, import and delete one resource."""
    run(client.create(kind, "it", given, preview=True))
    resource = run(client.read(run(client.create(kind, "it", given))))
    assert resource is not None
    run(client.diff(resource, changed))
    run(client.update(resource, changed, preview=True))
    resource = run(client.update(resource, changed))
    assert run(client.import_(kind, "it", key)) is not None
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
