"""Resources in subaccounts: one provider with the main account's auth token manages them all.

What Twilio's own client reads with a subaccount's own token is the measure.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pulumi_provider_kit.stack_state import Past, StackState
from pulumi_provider_kit.values import wrap
from pulumi_twilio.provider import TABLE
from twilio.rest.api.v2010.account import AccountInstance

from tests.providers.servicer_client import UNKNOWN, Refused, Secret
from tests.providers.twilio.conftest import ACCOUNT, NUMBER, TOKEN, Emulator, run
from tests.providers.twilio.vendor import signed_in

OURS = "https://crm.example.com/voice"
FOREIGN = "AC" + "0" * 32
BELOW = "+15557770000"
GIVEN: dict[str, dict[str, Any]] = {
    "VoiceConfiguration": {"phoneNumber": BELOW, "voiceUrl": OURS},
    "Application": {"friendlyName": "crm"},
    "DialingPermissions": {"countries": {"GB": {"lowRisk": True}}},
    "VoiceSettings": {"dialingPermissionsInheritance": True},
    "VoiceInsightsSettings": {"advancedFeatures": True},
    "AccountRecordingDefaults": {"callRecordingStatusCallback": OURS},
    "VoiceOriginals": {"phoneNumbers": [BELOW]},
    "AccountOriginals": {"countries": ["GB"], "settings": ["voiceSettings"]},
    "ApiKey": {"friendlyName": "crm"},
    "EventSink": {"description": "crm", "destination": OURS},
    "SipDomain": {"domainName": "crm.sip.twilio.com", "voiceUrl": OURS},
    "SipCredentialList": {"friendlyName": "crm"},
    "SipTrunk": {"friendlyName": "crm"},
}


@pytest.fixture
def customer(emulator: Emulator) -> AccountInstance:
    """Return a subaccount that has one number."""
    account = signed_in(emulator.url, ACCOUNT, TOKEN).api.v2010.accounts.create(friendly_name="customer")
    emulator.http.post(
        "/_sandbox/numbers", json={"phone_numbers": [BELOW], "account_sid": account.sid}
    ).raise_for_status()
    return account


def test_every_resource_and_function_takes_the_account() -> None:
    """Only a subaccount itself is always below the account of the credentials."""
    without = [r.name for r in TABLE.resources if not any(p.home for p in r.arguments)]
    without += [f.name for f in TABLE.functions if "accountSid" not in {p.name for p in f.inputs}]
    assert without == ["Subaccount"]


@pytest.mark.parametrize("kind", GIVEN)
def test_every_resource_lives_in_a_subaccount(emulator: Emulator, customer: AccountInstance, kind: str) -> None:
    """Created, read, imported, updated and deleted there; nothing of it is in the main account."""
    client = emulator.plugin()
    inputs = {**GIVEN[kind], "accountSid": customer.sid}
    resource = run(client.create(kind, "it", inputs))
    assert resource.state["accountSid"] == customer.sid
    again = run(client.read(resource))
    assert again is not None
    assert again.inputs["accountSid"] == again.state["accountSid"] == customer.sid
    assert run(client.diff(again, inputs)) == {}
    ids = {"DialingPermissions": "GB", "VoiceOriginals": BELOW}
    imported = run(emulator.plugin().import_(kind, "it", f"{customer.sid}/{ids.get(kind, resource.id)}"))
    assert imported is not None
    assert imported.id == resource.id
    assert imported.inputs["accountSid"] == imported.state["accountSid"] == customer.sid
    client.next_run()
    run(client.delete(resource))
    paths = {request["path"] for request in emulator.requests()}
    assert f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json" not in paths


def test_settings_are_imported_by_the_account_alone(emulator: Emulator, customer: AccountInstance) -> None:
    """An account has one such object, so its SID is enough."""
    imported = run(emulator.plugin().import_("VoiceSettings", "it", str(customer.sid)))
    assert imported is not None
    assert imported.inputs["accountSid"] == imported.id == customer.sid


def test_the_vendors_client_sees_it_with_the_subaccounts_own_token(
    emulator: Emulator, customer: AccountInstance
) -> None:
    """Also at the hosts that the main account's token does not open."""
    main, below = (
        signed_in(emulator.url, ACCOUNT, TOKEN),
        signed_in(emulator.url, customer.sid, customer.auth_token),
    )
    client = emulator.plugin()
    for kind in ("VoiceConfiguration", "VoiceInsightsSettings", "DialingPermissions"):
        run(client.create(kind, "it", {**GIVEN[kind], "accountSid": customer.sid}))
    (number,) = below.incoming_phone_numbers.list()
    assert number.voice_url == OURS
    assert below.insights.v1.settings().fetch().advanced_features is True
    assert below.voice.v1.dialing_permissions.countries("GB").fetch().low_risk_numbers_enabled is True
    assert main.insights.v1.settings().fetch().advanced_features is False
    assert all(n.voice_url != OURS for n in main.incoming_phone_numbers.list())


def test_the_subaccounts_token_is_in_no_state_and_no_message(
    emulator: Emulator, customer: AccountInstance
) -> None:
    """It is read when it is needed, and stays in memory."""
    client = emulator.plugin()
    resource = run(client.create("VoiceSettings", "it", {**GIVEN["VoiceSettings"], "accountSid": customer.sid}))
    assert customer.auth_token not in f"{resource}{client.said}"
    assert Counter(r["path"] for r in emulator.requests())[f"/2010-04-01/Accounts/{customer.sid}.json"] == 1


def test_a_token_that_was_rotated_meanwhile_is_read_again(
    emulator: Emulator, customer: AccountInstance
) -> None:
    """One process outlives the rotation of a subaccount's token."""
    client = emulator.plugin()
    inputs = {**GIVEN["VoiceSettings"], "accountSid": customer.sid}
    resource = run(client.create("VoiceSettings", "it", inputs))
    emulator.http.post(
        "/_sandbox/account", json={"account_sid": customer.sid, "authToken": "b" * 32}
    ).raise_for_status()
    assert run(client.read(resource)) is not None


@pytest.mark.parametrize("kind", GIVEN)
def test_an_account_that_is_not_below_is_never_taken_for_empty(emulator: Emulator, kind: str) -> None:
    """A read or a delete with the wrong main account fails; the resource is not forgotten."""
    resource = run(emulator.plugin().create("Application", "it", {"friendlyName": "crm"}))
    resource.urn = emulator.plugin().urn(kind, "it")
    resource.inputs = {**GIVEN[kind], "accountSid": FOREIGN}
    resource.state = {**resource.inputs, "accountSid": FOREIGN}
    resource.id = {"VoiceConfiguration": "PN" + "0" * 32}.get(kind, resource.id)
    acts = [emulator.plugin().read, emulator.plugin().delete]
    if kind.endswith("Originals"):  # what is recorded needs no request
        acts = []
        with pytest.raises(Refused, match=f"{FOREIGN} is not a subaccount of {ACCOUNT}"):
            run(emulator.plugin().create(kind, "it", resource.inputs))
    for act in acts:
        with pytest.raises(Refused, match=f"{FOREIGN} is not a subaccount of {ACCOUNT}"):
            run(act(resource))


def test_a_key_of_the_main_account_does_not_open_a_subaccount(
    emulator: Emulator, customer: AccountInstance
) -> None:
    """The message says what to sign in with."""
    key = emulator.http.post("/_sandbox/api-keys", json={"type": "standard"}).json()
    client = emulator.plugin(apiKeySid=key["sid"], apiKeySecret=Secret(key["secret"]))
    for kind in ("VoiceConfiguration", "VoiceSettings"):
        with pytest.raises(Refused, match="twilio:authToken"):
            run(client.create(kind, "it", {**GIVEN[kind], "accountSid": customer.sid}))


def test_another_account_is_another_number(emulator: Emulator, customer: AccountInstance) -> None:
    """A number is not recreated: the create looks for it in the new account, and the preview fails."""
    client = emulator.plugin()
    resource = run(client.create("VoiceConfiguration", NUMBER, {"phoneNumber": NUMBER, "voiceUrl": OURS}))
    news = {"phoneNumber": NUMBER, "voiceUrl": OURS, "accountSid": customer.sid}
    assert run(client.diff(resource, news)) == {"accountSid": "ADD_REPLACE"}
    with pytest.raises(Refused, match=f"not a number of account {customer.sid}"):
        run(client.create("VoiceConfiguration", NUMBER, news, preview=True))


def test_a_number_that_was_moved_to_the_subaccount_is_followed(
    emulator: Emulator, customer: AccountInstance
) -> None:
    """The number keeps its SID, and its resource what to restore."""
    client = emulator.plugin()
    resource = run(client.create("VoiceConfiguration", NUMBER, {"phoneNumber": NUMBER, "voiceUrl": OURS}))
    emulator.click(NUMBER, AccountSid=customer.sid)
    client = emulator.plugin()
    news = {"phoneNumber": NUMBER, "voiceUrl": OURS, "accountSid": customer.sid}
    assert run(client.diff(resource, news)) == {"accountSid": "UPDATE"}
    moved = run(client.update(resource, news))
    assert moved.state["accountSid"] == customer.sid
    assert moved.state["original"] == resource.state["original"]
    client.next_run()
    run(client.delete(moved))
    numbers = signed_in(emulator.url, customer.sid, customer.auth_token).incoming_phone_numbers.list()
    assert {n.phone_number: n.voice_url for n in numbers}[NUMBER] == ""


def test_the_account_of_the_credentials_may_be_named(emulator: Emulator) -> None:
    """Naming it, or no longer naming it, changes nothing."""
    client = emulator.plugin()
    plain = {"friendlyName": "crm"}
    resource = run(client.create("Application", "it", plain))
    assert run(client.diff(resource, {**plain, "accountSid": ACCOUNT})) == {}
    named = run(client.create("Application", "other", {**plain, "accountSid": ACCOUNT}))
    assert run(client.diff(named, plain)) == {}


def test_a_provider_for_each_subaccount_can_be_given_up(emulator: Emulator, customer: AccountInstance) -> None:
    """The main account's credentials and accountSid find what the subaccount's own credentials made."""
    own = {"accountSid": customer.sid, "authToken": Secret(customer.auth_token)}
    resource = run(emulator.plugin(**own).create("Application", "it", {"friendlyName": "crm"}))
    client, inputs = emulator.plugin(), {"friendlyName": "crm 2", "accountSid": customer.sid}
    assert run(client.diff(resource, inputs)) == {"friendlyName": "UPDATE"}
    updated = run(client.update(resource, inputs))
    assert updated.state["accountSid"] == customer.sid
    with pytest.raises(Refused, match="this resource is in accountSid"):
        run(client.diff(resource, {"friendlyName": "crm"}))


def test_settings_of_two_accounts_are_two_objects(emulator: Emulator, customer: AccountInstance) -> None:
    """They do not exclude each other, and each restores its own."""
    client = emulator.plugin()
    here = run(client.create("VoiceInsightsSettings", "here", {"advancedFeatures": True}))
    there = run(
        client.create("VoiceInsightsSettings", "there", {"advancedFeatures": True, "accountSid": customer.sid})
    )
    client.next_run()
    run(client.delete(there))
    below = signed_in(emulator.url, customer.sid, customer.auth_token)
    assert below.insights.v1.settings().fetch().advanced_features is False
    assert here.state["original"] == there.state["original"]
    assert signed_in(emulator.url, ACCOUNT, TOKEN).insights.v1.settings().fetch().advanced_features is True


def test_nothing_is_inherited_from_another_account(
    emulator: Emulator, customer: AccountInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the same settings of the main account had before is not restored in the subaccount."""
    client = emulator.plugin()
    here = run(client.create("VoiceInsightsSettings", "here", {"advancedFeatures": True}))
    state = {name: wrap(here.state[name]) for name in ("accountSid", "lastWritten")}
    past = Past(here.urn, here.id, {**state, "original": wrap({"advanced_features": "unlike any other"})})

    async def resources(_: StackState, urn: str) -> list[Past]:
        return [past] if urn else []

    monkeypatch.setattr(StackState, "resources", resources)
    inputs = {"advancedFeatures": True, "accountSid": customer.sid}
    there = run(emulator.plugin().create("VoiceInsightsSettings", "there", inputs))
    assert there.state["original"] == here.state["original"]


def test_an_account_that_is_not_known_yet(emulator: Emulator) -> None:
    """The preview of a program that creates the subaccount asks Twilio nothing about it."""
    client = emulator.plugin()
    emulator.forget_requests()
    for kind, inputs in GIVEN.items():
        preview = run(client.create(kind, "it", {**inputs, "accountSid": UNKNOWN}, preview=True))
        assert preview.state["accountSid"] is UNKNOWN
    assert emulator.requests() == []


def test_what_was_in_a_closed_subaccount_is_gone(emulator: Emulator, customer: AccountInstance) -> None:
    """A closed account has no numbers any more; a suspended one does, and says what to do."""
    client = emulator.plugin()
    inputs = {**GIVEN["VoiceConfiguration"], "accountSid": customer.sid}
    resource = run(client.create("VoiceConfiguration", BELOW, inputs))
    customer.update(status="suspended")
    for act in (emulator.plugin().read, emulator.plugin().delete):
        with pytest.raises(Refused, match=rf"{customer.sid} \(customer\) is suspended"):
            run(act(resource))
    customer.update(status="closed")
    client = emulator.plugin()
    assert run(client.read(resource)) is None
    run(client.delete(resource))
    assert "is closed" in client.said


def test_functions_look_into_a_subaccount(emulator: Emulator, customer: AccountInstance) -> None:
    """Each function takes the account too."""
    client = emulator.plugin()
    run(client.create("Application", "it", {"friendlyName": "crm", "accountSid": customer.sid}))
    where = {"accountSid": customer.sid}
    found = run(client.invoke("getPhoneNumbers", where))["phoneNumbers"]
    assert [number["phoneNumber"] for number in found] == [BELOW]
    assert run(client.invoke("getPhoneNumber", {"phoneNumber": BELOW, **where}))["phoneNumber"] == BELOW
    assert run(client.invoke("getApplication", {"application": "crm", **where}))["friendlyName"] == "crm"
    assert len(run(client.invoke("getApplications", where))["applications"]) == 1


def test_an_error_names_the_subaccount(emulator: Emulator, customer: AccountInstance) -> None:
    """With many accounts, the SID says where to look."""
    inputs = {"phoneNumber": BELOW, "voiceApplicationSid": "AP" + "0" * 32, "accountSid": customer.sid}
    with pytest.raises(Refused, match=rf"\(HTTP 400, in the subaccount {customer.sid}\)"):
        run(emulator.plugin().create("VoiceConfiguration", BELOW, inputs))


def test_requests_of_many_subaccounts(emulator: Emulator) -> None:
    """One list for the numbers of each account, however many numbers a program manages there."""
    main = signed_in(emulator.url, ACCOUNT, TOKEN)
    accounts = [main.api.v2010.accounts.create(friendly_name=f"c{i}") for i in range(4)]
    client, resources = emulator.plugin(), []
    for i, account in enumerate(accounts):
        numbers = [f"+1555666{i}{j:03}" for j in range(6)]
        emulator.http.post("/_sandbox/numbers", json={"phone_numbers": numbers, "account_sid": account.sid})
        for number in numbers:
            inputs = {"phoneNumber": number, "voiceUrl": OURS, "accountSid": account.sid}
            resources.append(run(client.create("VoiceConfiguration", number, inputs)))
    client = emulator.plugin()
    emulator.forget_requests()
    for resource in resources:
        assert run(client.read(resource)) is not None
    # Two single look-ups at first, then a list per account.
    assert len(emulator.requests()) == 2 + len(accounts)
