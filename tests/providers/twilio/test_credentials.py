"""Signing in: API keys do for everything, a missing right is named, and each Region has its hosts."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from pulumi_twilio.account import TwilioAccount

from tests.providers.servicer_client import Refused, Secret, ServicerClient
from tests.providers.twilio.conftest import ACCOUNT, NUMBER, Emulator, run
from tests.support.prepared_twilio import prepared_twilio

OURS = "https://crm.example.com/functions/v1/twilio-webhook"


def with_key(emulator: Emulator, **key: Any) -> ServicerClient:
    """Return a plugin that signs in with a new API key, and no auth token."""
    made = emulator.http.post("/_sandbox/api-keys", json=key)
    made.raise_for_status()
    found = made.json()
    return emulator.plugin(apiKeySid=found["sid"], apiKeySecret=Secret(found["secret"]), authToken=None)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("VoiceConfiguration", {"phoneNumber": NUMBER, "voiceUrl": OURS}),
        ("Application", {"friendlyName": "crm", "voiceUrl": OURS}),
        ("DialingPermissions", {"countries": {"GB": {"lowRisk": True}}}),
        ("VoiceSettings", {"dialingPermissionsInheritance": False}),
        ("VoiceInsightsSettings", {"advancedFeatures": True}),
    ],
)
def test_an_api_key_is_enough(emulator: Emulator, kind: str, given: dict[str, Any]) -> None:
    """A standard key creates, reads and deletes every resource."""
    client = with_key(emulator, type="standard")
    resource = run(client.create(kind, "it", given))
    assert run(client.diff(run(client.read(resource)), given)) == {}
    run(client.delete(resource))


def test_a_missing_right_is_named(emulator: Emulator) -> None:
    """A restricted key that may only list fails at the write, with the right that it lacks."""
    permissions = [f"/twilio/phone-numbers/incoming/{verb}" for verb in ("list", "read")]
    client = with_key(emulator, type="restricted", permissions=permissions)
    with pytest.raises(Refused) as caught:
        run(client.create("VoiceConfiguration", NUMBER, {"phoneNumber": NUMBER, "voiceUrl": OURS}))
    assert "(HTTP 403)" in str(caught.value)
    assert "lack the permission IncomingPhoneNumbers: update;" in str(caught.value)
    assert not emulator.number()["voice_url"]


def test_a_revoked_key_names_cause_and_command(emulator: Emulator) -> None:
    """401 with a key says which setting to renew."""
    client = emulator.plugin(apiKeySid="SK" + "0" * 32, apiKeySecret=Secret("gone"), authToken=None)
    with pytest.raises(Refused, match=r"pulumi config set --stack \S+ --secret twilio:apiKeySecret"):
        run(client.create("VoiceConfiguration", NUMBER, {"phoneNumber": NUMBER, "voiceUrl": OURS}))


@pytest.mark.parametrize(
    ("region", "edge", "host"),
    [
        ("", "", "api.twilio.com"),
        ("ie1", "", "api.ashburn.ie1.twilio.com"),
        ("ie1", "dublin", "api.dublin.ie1.twilio.com"),
        ("", "sydney", "api.sydney.us1.twilio.com"),
    ],
)
def test_hosts_of_regions_and_edges(region: str, edge: str, host: str) -> None:
    """Twilio's hosts are product.edge.region.twilio.com (Twilio docs: edge locations)."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, json={"applications": []})

    async def ask() -> None:
        client = prepared_twilio(answer, ACCOUNT, region=region, edge=edge)
        await client.get(client.account("Applications.json"))
        await client.close()

    asyncio.run(ask())
    assert asked == [host]


def test_a_write_that_did_not_take_keeps_the_state(emulator: Emulator) -> None:
    """Twilio answers an update with another value than was sent: the failure comes with the state."""
    live = {**emulator.number(), "voice_url": "https://somebody.example.com/x"}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json=live)
        return httpx.Response(200, json={"incoming_phone_numbers": [{**live, "voice_url": ""}]})

    client = emulator.plugin()
    api = prepared_twilio(answer, ACCOUNT)

    async def create() -> None:
        await client._configure()
        client.servicer._client = TwilioAccount(api)
        await client.create("VoiceConfiguration", NUMBER, {"phoneNumber": NUMBER, "voiceUrl": OURS})

    with pytest.raises(Refused, match="answers with other values: voice_url") as caught:
        run(create())
    assert caught.value.kept is not None
    assert caught.value.kept[0] == live["sid"]
    assert caught.value.kept[1]["original"] == Secret(
        {**caught.value.kept[1]["original"].value, "voice_url": ""}
    )


@pytest.mark.parametrize(
    ("kind", "given", "asked"),
    [
        ("VoiceConfiguration", {"phoneNumber": NUMBER}, "https://api.twilio.com/2010-04-01/Accounts/"),
        ("Application", {"friendlyName": "x"}, "https://api.twilio.com/2010-04-01/Accounts/"),
        ("DialingPermissions", {"countries": {"GB": {"lowRisk": True}}}, "https://voice.twilio.com/v1/Dialing"),
        ("VoiceSettings", {"dialingPermissionsInheritance": True}, "https://voice.twilio.com/v1/Settings"),
        ("VoiceInsightsSettings", {"voiceTrace": True}, "https://insights.twilio.com/v1/Voice/Settings"),
    ],
)
def test_each_product_is_asked_at_its_own_host(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, kind: str, given: dict[str, Any], asked: str
) -> None:
    """Without a base URL, which only a sandbox has (Twilio docs: base URLs of the APIs)."""
    urls: list[str] = []

    async def answer(_: Any, request: httpx.Request) -> httpx.Response:
        urls.append(str(request.url))
        return httpx.Response(403, json={"code": 20403, "message": "no", "status": 403}, request=request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", answer)
    with pytest.raises(Refused):
        run(emulator.plugin(baseUrl=None).create(kind, "x", given, preview=True))
    assert urls
    assert all(url.startswith(asked) for url in urls)
