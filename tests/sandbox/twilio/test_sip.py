"""SIP domains, trunks and Studio flows: through Twilio's own client, and what they do to calls."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import Response
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from voicehooks_sandbox.twilio import create_app

from tests.sandbox.twilio.receiver import HOOK, Receiver
from tests.sandbox.twilio.sandbox_client import ACCOUNT_SID, API, AUTH_TOKEN, NUMBERS, Sandbox, Serve
from tests.sandbox.twilio.test_official_client import ToSandbox

SAY = "<Response><Say>Hello</Say></Response>"
PASSWORD = "Correct7Horse"
DOMAIN = "crm.sip.twilio.com"


@pytest.fixture
def client(tmp_path: Any, serve: Serve) -> Any:
    """Twilio's client, and a sandbox on a real port."""
    app = create_app(state_dir=tmp_path, account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, phone_numbers=NUMBERS)
    with serve(app) as url:
        yield Client(ACCOUNT_SID, AUTH_TOKEN, http_client=ToSandbox(url))


def code_of(call: Any) -> int | None:
    """The code with which Twilio's client is refused."""
    with pytest.raises(TwilioRestException) as refused:
        call()
    return refused.value.code


def test_a_domain_with_its_lists_through_the_client(client: Client) -> None:
    """Made, mapped in each of the three uses, read back, and deleted in the order that Twilio asks for."""
    sip = client.api.account.sip
    domain = sip.domains.create(DOMAIN, voice_url="https://a.example/v", secure=True)
    assert (domain.voice_method, domain.voice_status_callback_url, domain.auth_type) == ("POST", None, "")
    credentials = sip.credential_lists.create("phones")
    user = sip.credential_lists(credentials.sid).credentials.create("alice", PASSWORD)
    addresses = sip.ip_access_control_lists.create("office")
    address = sip.ip_access_control_lists(addresses.sid).ip_addresses.create("a", "203.0.113.10")
    assert (user.username, address.cidr_prefix_length) == ("alice", 32)
    one = sip.domains(domain.sid)
    one.auth.calls.credential_list_mappings.create(credentials.sid)
    one.auth.calls.ip_access_control_list_mappings.create(addresses.sid)
    one.auth.registrations.credential_list_mappings.create(credentials.sid)
    assert [m.sid for m in one.auth.calls.credential_list_mappings.list()] == [credentials.sid]
    assert [m.sid for m in one.credential_list_mappings.list()] == [credentials.sid]
    assert [m.sid for m in one.ip_access_control_list_mappings.list()] == [addresses.sid]
    assert [m.sid for m in one.auth.registrations.credential_list_mappings.list()] == [credentials.sid]
    assert one.fetch().auth_type == "IP_ACL,CREDENTIAL_LIST"
    changed = one.update(voice_status_callback_url="https://a.example/s", voice_method="GET")
    assert (changed.voice_status_callback_url, changed.voice_url) == (
        "https://a.example/s",
        "https://a.example/v",
    )
    assert code_of(sip.credential_lists(credentials.sid).delete) == 21244
    assert one.auth.calls.credential_list_mappings(credentials.sid).delete()
    assert one.auth.registrations.credential_list_mappings(credentials.sid).delete()
    assert one.fetch().auth_type == "IP_ACL"
    assert sip.credential_lists(credentials.sid).delete()
    assert one.delete()
    assert sip.ip_access_control_lists(addresses.sid).delete()
    assert sip.domains.list() == []


def test_what_twilio_refuses_of_a_domain(client: Client) -> None:
    """Names of another form or in use, weak passwords, users twice; a deleted name stays reserved."""
    sip = client.api.account.sip
    domain = sip.domains.create(DOMAIN)
    assert code_of(lambda: sip.domains.create("crm.example.com")) == 21231
    assert code_of(lambda: sip.domains.create(DOMAIN.upper())) == 21232
    assert sip.domains(domain.sid).delete()
    assert code_of(lambda: sip.domains.create(DOMAIN)) == 21232
    users = sip.credential_lists(sip.credential_lists.create("phones").sid).credentials
    for weak in ("Short7", "nodigitsHere", "alllower7case"):
        assert code_of(lambda weak=weak: users.create("alice", weak)) == 21242
    users.create("alice", PASSWORD)
    assert code_of(lambda: users.create("alice", PASSWORD)) == 21241


def test_a_trunk_through_the_client(client: Client) -> None:
    """With recording, origination URLs, and a number, whose own side shows the same association."""
    trunks = client.trunking.v1.trunks
    trunk = trunks.create(friendly_name="pbx", domain_name="crm.pstn.twilio.com")
    assert trunk.recording == {"mode": "do-not-record", "trim": "do-not-trim"}
    one = trunks(trunk.sid)
    assert one.recordings().update(mode="record-from-answer-dual").mode == "record-from-answer-dual"
    assert one.fetch().recording["mode"] == "record-from-answer-dual"
    assert code_of(lambda: one.origination_urls.create(1, 1, True, "x", "sips:pbx.example.com")) == 20001
    made = one.origination_urls.create(10, 20, True, "main", "sip:pbx.example.com")
    assert one.origination_urls(made.sid).update(enabled=False).enabled is False
    number = client.incoming_phone_numbers.list(phone_number=NUMBERS[0])[0]
    assert one.phone_numbers.create(number.sid).trunk_sid == trunk.sid
    assert client.incoming_phone_numbers(number.sid).fetch().trunk_sid == trunk.sid
    assert code_of(lambda: trunks.create(domain_name="crm.pstn.twilio.com")) == 21248
    assert one.delete()
    assert client.incoming_phone_numbers(number.sid).fetch().trunk_sid is None
    assert code_of(lambda: trunks.create(domain_name="crm.pstn.twilio.com")) == 21248


def test_a_flow_through_the_client(client: Client) -> None:
    """Its webhook URL is what a number points at."""
    flows = client.studio.v2.flows
    made = flows.create("support", "published", {"states": []})
    assert [flow.friendly_name for flow in flows.list()] == ["support"]
    assert flows(made.sid).fetch().webhook_url == (
        f"https://webhooks.twilio.com/v1/Accounts/{ACCOUNT_SID}/Flows/{made.sid}"
    )


async def sip_domain(
    sandbox: Sandbox, *, users: tuple[str, ...] = (), networks: tuple[str, ...] = (), **form: str
) -> str:
    """Make a domain that these users may call through, from these networks."""
    sid = (await sandbox.post(f"{API}/SIP/Domains.json", DomainName=DOMAIN, **form)).json()["sid"]
    domain = f"{API}/SIP/Domains/{sid}/Auth/Calls"
    if users:
        made = (await sandbox.post(f"{API}/SIP/CredentialLists.json", FriendlyName="u")).json()["sid"]
        for user in users:
            answer = await sandbox.post(
                f"{API}/SIP/CredentialLists/{made}/Credentials.json", Username=user, Password=PASSWORD
            )
            assert answer.status_code == 201, answer.text
        await sandbox.post(f"{domain}/CredentialListMappings.json", CredentialListSid=made)
    if networks:
        made = (await sandbox.post(f"{API}/SIP/IpAccessControlLists.json", FriendlyName="n")).json()["sid"]
        for network in networks:
            address, _, prefix = network.partition("/")
            await sandbox.post(
                f"{API}/SIP/IpAccessControlLists/{made}/IpAddresses.json",
                FriendlyName=network,
                IpAddress=address,
                CidrPrefixLength=prefix or "32",
            )
        await sandbox.post(f"{domain}/IpAccessControlListMappings.json", IpAccessControlListSid=made)
    return sid


@pytest.mark.anyio
async def test_a_call_from_a_domain_asks_its_voice_url(sandbox: Sandbox, receiver: Receiver) -> None:
    """With URIs as From and To and what SIP says of the caller; the domain's callback hears of the end."""
    receiver.answer("/status", lambda _: Response(status_code=204))
    sid = await sip_domain(
        sandbox,
        users=("alice",),
        VoiceUrl=receiver.twiml("/voice", SAY),
        VoiceStatusCallbackUrl=f"{HOOK}/status",
    )
    to = f"sip:+15557654321@{DOMAIN.replace('.sip.', '.sip.us1.')}"
    started = await sandbox.control(
        "POST", "/calls", {"to": to, "sipHeaders": {"X-Ticket": "7", "Via": "not passed on"}}
    )
    call = await sandbox.ended(started["sid"])
    assert call["status"] == "completed"
    asked, ended = [request["params"] for request in await sandbox.webhooks()]
    assert (asked["From"], asked["To"], asked["Direction"]) == (f"sip:alice@{DOMAIN}", to, "inbound")
    assert (asked["SipDomain"], asked["SipDomainSid"], asked["SipUsername"]) == (DOMAIN, sid, "alice")
    assert asked["SipCallId"]
    assert asked["SipHeader_X-Ticket"] == "7"
    assert "SipHeader_Via" not in asked
    assert "FromCountry" not in asked
    assert (ended["CallStatus"], ended["SipDomain"]) == ("completed", DOMAIN)


@pytest.mark.anyio
async def test_a_domain_refuses_those_whom_no_list_names(sandbox: Sandbox, receiver: Receiver) -> None:
    """Nobody without a list, not another user, not another network; no webhook is requested."""
    sid = await sip_domain(sandbox, VoiceUrl=receiver.twiml("/voice", SAY))
    to = f"sip:sales@{DOMAIN}"

    async def refusal(**more: str) -> str:
        answer = await sandbox.client.post("/_sandbox/calls", json={"to": to, **more})
        assert answer.status_code == 400, answer.text
        return str(answer.json()["message"])

    assert "no credential list" in await refusal()
    await sandbox.delete(f"{API}/SIP/Domains/{sid}.json")
    await sandbox.control("POST", "/clock", {"advanceSeconds": 31 * 86_400})
    await sip_domain(sandbox, users=("alice",), networks=("198.51.100.0/24",), VoiceUrl=f"{HOOK}/voice")
    assert "203.0.113.10 is in no" in await refusal()
    assert "has the user 'mallory'" in await refusal(username="mallory", sourceIp="198.51.100.7")
    assert receiver.requests == []
    await sandbox.control("POST", "/calls", {"to": to, "sourceIp": "198.51.100.7"})


async def trunk(sandbox: Sandbox, *origins: str, **form: str) -> str:
    """A trunk of the first number, with these origination URLs in their order."""
    sid = (await sandbox.post("/v1/Trunks", FriendlyName="pbx", **form)).json()["sid"]
    for priority, url in enumerate(origins):
        await sandbox.post(
            f"/v1/Trunks/{sid}/OriginationUrls",
            Weight="1",
            Priority=str(priority),
            Enabled="true",
            FriendlyName=url,
            SipUrl=url,
        )
    await sandbox.configure(TrunkSid=sid)
    return str(sid)


@pytest.mark.anyio
async def test_a_trunk_whose_origin_answers_asks_nobody(sandbox: Sandbox, receiver: Receiver) -> None:
    """The second origination URL takes the call when the first cannot be reached; the trunk records it."""
    sid = await trunk(
        sandbox, "sip:a.example.com", "sip:b.example.com", DisasterRecoveryUrl=receiver.twiml("/disaster", SAY)
    )
    await sandbox.post(f"/v1/Trunks/{sid}/Recording", Mode="record-from-answer-dual")
    call = await sandbox.call_in(legs={"sip:a.example.com": {"scenario": "failed"}})
    assert (call["status"], receiver.requests) == ("completed", [])
    (recording,) = call["recordings"]
    assert (recording["source"], recording["channels"]) == ("Trunking", 2)
    assert call["call"]["trunk_sid"] == sid


@pytest.mark.anyio
async def test_disaster_recovery_is_asked_when_every_origin_is_down(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    """Its TwiML takes the call; without such a URL the call fails. A busy PBX is no disaster."""
    await trunk(sandbox, "sip:a.example.com", DisasterRecoveryUrl=receiver.twiml("/disaster", SAY))
    call = await sandbox.call_in(scenario="failed")
    assert call["status"] == "completed"
    (asked,) = await sandbox.webhooks()
    assert (asked["url"], asked["params"]["To"]) == (f"{HOOK}/disaster", NUMBERS[0])
    assert (await sandbox.call_in(scenario="busy"))["status"] == "busy"
    assert len(await sandbox.webhooks()) == 1
    await trunk(sandbox, "sip:a.example.com")
    assert (await sandbox.call_in(scenario="failed"))["status"] == "failed"
    assert len(await sandbox.webhooks()) == 1
