"""Subaccounts: created, renamed, suspended; closed only if everything says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from twilio.rest import Client
from twilio.rest.api.v2010.account import AccountInstance

from tests.providers.servicer_client import Refused, Resource
from tests.providers.twilio.conftest import ACCOUNT, TOKEN, Emulator, run
from tests.providers.twilio.vendor import signed_in
from tests.support.engine import Project

NUMBER = "+15557770000"
OURS = "https://crm.example.com/voice"
PROGRAM = """\
import pulumi
import pulumi_twilio as twilio

customer = twilio.Subaccount("customer", friendly_name="Customer 17", %s)
twilio.Application("app", friendly_name="crm", account_sid=customer.subaccount_sid)
key = twilio.ApiKey("key", friendly_name="crm", account_sid=customer.subaccount_sid)
%s
pulumi.export("account", customer.subaccount_sid)
"""
LINE = f"twilio.VoiceConfiguration('line', phone_number='{NUMBER}', voice_url='{OURS}', account_sid=%r)"
GET = """\
import pulumi
import pulumi_twilio as twilio

found = twilio.VoiceConfiguration.get("found", "{account}/{number}")
pulumi.export("url", found.voice_url)
pulumi.export("account", found.account_sid)
"""


@pytest.fixture
def vendor(emulator: Emulator) -> Client:
    """Return the vendor's own client of the main account."""
    return signed_in(emulator.url, ACCOUNT, TOKEN)


@pytest.fixture
def project(emulator: Emulator, tmp_path: Path) -> Project:
    """Return a project that is signed in at the emulator."""
    return Project(
        tmp_path, {"twilio:accountSid": ACCOUNT, "twilio:authToken": TOKEN, "twilio:baseUrl": emulator.url}
    )


def below(vendor: Client) -> list[AccountInstance]:
    """Return the subaccounts."""
    return [account for account in vendor.api.v2010.accounts.list() if account.sid != ACCOUNT]


def create(emulator: Emulator, **inputs: Any) -> Resource:
    """Return a new subaccount."""
    return run(emulator.plugin().create("Subaccount", "customer", {"friendlyName": "customer", **inputs}))


def stock(emulator: Emulator, account_sid: str) -> None:
    """Give a subaccount a number."""
    given = {"phone_numbers": [NUMBER], "account_sid": account_sid}
    emulator.http.post("/_sandbox/numbers", json=given).raise_for_status()


@pytest.mark.slow
def test_a_customer_from_its_account_to_its_number(
    emulator: Emulator, vendor: Client, project: Project
) -> None:
    """Account, app and key in one up; then its number; destroy leaves the account and its number alone."""
    project.program(PROGRAM % ("", ""))
    assert "4 to create" in project.preview()
    project.up()
    (account,) = below(vendor)
    assert (account.friendly_name, account.status) == ("Customer 17", "active")
    assert project.outputs()["account"] == account.sid
    customer = signed_in(emulator.url, str(account.sid), str(account.auth_token))
    assert [app.friendly_name for app in customer.applications.list()] == ["crm"]
    assert [key.friendly_name for key in customer.keys.list()] == ["crm"]
    assert str(account.auth_token) not in project.state()

    stock(emulator, str(account.sid))
    project.program(PROGRAM % ("", LINE % account.sid))
    project.up()
    assert customer.incoming_phone_numbers.list()[0].voice_url == OURS
    project.run("preview", "--expect-no-changes")
    said = project.destroy().text
    assert below(vendor)[0].status == "active"
    (number,) = customer.incoming_phone_numbers.list()
    assert not number.voice_url
    assert customer.applications.list() == customer.keys.list() == []
    assert f"the subaccount {account.sid} (Customer 17) stays as it is" in said


@pytest.mark.slow
def test_what_exists_in_a_subaccount_is_read_and_imported(
    emulator: Emulator, vendor: Client, project: Project
) -> None:
    """By the account and the ID in it, also for a get."""
    account = vendor.api.v2010.accounts.create(friendly_name="customer")
    stock(emulator, str(account.sid))
    customer = signed_in(emulator.url, str(account.sid), str(account.auth_token))
    customer.incoming_phone_numbers.list()[0].update(voice_url=OURS)
    project.program(GET.format(account=account.sid, number=NUMBER))
    project.up()
    assert project.outputs() == {"url": OURS, "account": account.sid}
    project.run("preview", "--expect-no-changes")

    project.program("import pulumi_twilio as twilio\n" + LINE % account.sid)
    kind, options = "twilio:index:VoiceConfiguration", ("--yes", "--protect=false", "--generate-code=false")
    project.run("import", kind, "line", f"{account.sid}/{NUMBER}", *options)
    project.run("preview", "--expect-no-changes")


def test_rename_suspend_and_activate(emulator: Emulator, vendor: Client) -> None:
    """A status that leaves the program goes back to active."""
    account = create(emulator, status="suspended")
    assert below(vendor)[0].status == "suspended"
    client = emulator.plugin()
    active = run(client.update(account, {"friendlyName": "new name"}))
    assert (below(vendor)[0].friendly_name, below(vendor)[0].status) == ("new name", "active")
    vendor.api.v2010.accounts(account.id).update(status="suspended")
    drifted = run(emulator.plugin().read(active))
    assert drifted is not None
    assert run(client.diff(drifted, {"friendlyName": "new name", "status": "active"})) == {"status": "ADD"}


@pytest.mark.parametrize("policy", [None, "keep", "suspend", "close"])
def test_what_a_delete_does(emulator: Emulator, vendor: Client, policy: str | None) -> None:
    """Only what the program says; by default nothing."""
    account = create(emulator, **({"onDelete": policy} if policy else {}))
    client = emulator.plugin()
    run(client.delete(account))
    status = vendor.api.v2010.accounts(account.id).fetch().status
    assert status == {"suspend": "suspended", "close": "closed"}.get(policy or "", "active")
    run(emulator.plugin().delete(account))


def test_an_account_with_numbers_is_not_closed(emulator: Emulator, vendor: Client) -> None:
    """Closing it would release them; once they are elsewhere, it is closed."""
    account = create(emulator, onDelete="close")
    stock(emulator, account.id)
    with pytest.raises(
        Refused, match=rf"still has 1 phone number \(\{NUMBER}\), which closing it would release"
    ):
        run(emulator.plugin().delete(account))
    assert vendor.api.v2010.accounts(account.id).fetch().status == "active"
    (number,) = vendor.api.v2010.accounts(account.id).incoming_phone_numbers.list()
    number.update(account_sid=vendor.username)
    run(emulator.plugin().delete(account))
    assert vendor.api.v2010.accounts(account.id).fetch().status == "closed"
    assert NUMBER in {n.phone_number for n in vendor.api.v2010.account.incoming_phone_numbers.list()}


def test_an_imported_account_is_never_closed(emulator: Emulator, vendor: Client) -> None:
    """Not even where the program says so; without that, its name and status are restored."""
    theirs = vendor.api.v2010.accounts.create(friendly_name="theirs")
    client = emulator.plugin()
    imported = run(client.import_("Subaccount", "customer", str(theirs.sid)))
    assert imported is not None
    assert run(client.diff(imported, {"friendlyName": "theirs"})) == {}
    closing = run(client.update(imported, {"friendlyName": "ours", "onDelete": "close"}))
    client.next_run()
    with pytest.raises(Refused, match="was not created here, so it is not closed"):
        run(client.delete(closing))
    keeping = run(client.update(closing, {"friendlyName": "ours", "status": "suspended"}))
    client.next_run()
    run(client.delete(keeping))
    account = vendor.api.v2010.accounts(theirs.sid).fetch()
    assert (account.friendly_name, account.status) == ("theirs", "active")


def test_a_closed_account_is_gone(emulator: Emulator, vendor: Client) -> None:
    """Nobody can reopen it, so the next update creates another one."""
    account = create(emulator)
    vendor.api.v2010.accounts(account.id).update(status="closed")
    client = emulator.plugin()
    assert run(client.read(account)) is None
    assert "Twilio does not reopen it" in client.said


def test_the_main_account_is_not_a_subaccount(emulator: Emulator) -> None:
    """An import of it would let a destroy suspend everything."""
    with pytest.raises(Refused, match="not a subaccount of it"):
        run(emulator.plugin().import_("Subaccount", "customer", ACCOUNT))


def test_a_lost_answer_creates_no_second_account(emulator: Emulator, vendor: Client) -> None:
    """The request is not repeated, and the next create says what is there."""
    fault = {"fault": "rest-error", "times": 1, "method": "POST", "path": "Accounts.json", "status": 503}
    emulator.http.post("/_sandbox/faults", json=fault).raise_for_status()
    with pytest.raises(Refused, match="may have been created all the same"):
        create(emulator)
    assert below(vendor) == []
    first = create(emulator)
    client = emulator.plugin()
    run(client.create("Subaccount", "customer", {"friendlyName": "customer"}, preview=True))
    assert f"exists already ({first.id})" in client.said
    assert len(below(vendor)) == 1


@pytest.mark.usefixtures("quick_retries")
def test_a_status_that_twilio_refuses_keeps_the_new_account_in_the_state(emulator: Emulator) -> None:
    """The account exists by then; the next update continues with it."""
    fault = {"fault": "rest-error", "method": "POST", "path": "/Accounts/", "status": 500}
    emulator.http.post("/_sandbox/faults", json=fault).raise_for_status()
    with pytest.raises(Refused) as refused:
        create(emulator, status="suspended")
    emulator.http.delete("/_sandbox/faults").raise_for_status()
    assert refused.value.kept is not None
    assert refused.value.kept[0].startswith("AC")


def test_many_subaccounts_are_read_by_one_list(emulator: Emulator) -> None:
    """Two single reads, then the list."""
    client = emulator.plugin()
    accounts = [run(client.create("Subaccount", f"c{i}", {"friendlyName": f"customer {i}"})) for i in range(6)]
    client = emulator.plugin()
    emulator.forget_requests()
    for account in accounts:
        assert run(client.read(account)) is not None
    assert len(emulator.requests()) == 3


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("status", "closed", "onDelete"),
        ("onDelete", "destroy", "is not one of keep, suspend, close"),
        ("friendlyName", "", "Twilio takes 1 to 64"),
    ],
)
def test_inputs_are_checked(emulator: Emulator, name: str, value: str, reason: str) -> None:
    """Before any request."""
    with pytest.raises(Exception, match=reason):
        run(emulator.plugin().check("Subaccount", "customer", {"friendlyName": "customer", name: value}))


def test_a_change_of_what_a_delete_does_is_kept(emulator: Emulator) -> None:
    """It is a change of its own, a refresh keeps it, and it holds where the inputs are gone."""
    account = create(emulator)
    client = emulator.plugin()
    given = {"friendlyName": "customer", "onDelete": "suspend"}
    assert run(client.diff(account, given)) == {"onDelete": "ADD"}
    account = run(client.update(account, given))
    refreshed = run(emulator.plugin().read(account))
    assert refreshed is not None
    assert refreshed.inputs == given
    assert refreshed.state["onDelete"] == "suspend"
    refreshed.inputs = {}
    client = emulator.plugin()
    run(client.delete(refreshed))
    assert f"{account.id} (customer) is suspended" in client.said


def test_what_a_new_account_will_be(emulator: Emulator, vendor: Client) -> None:
    """A preview shows an active account; a status that it has already is no change and no request."""
    client = emulator.plugin()
    preview = run(client.create("Subaccount", "customer", {"friendlyName": "customer"}, preview=True))
    assert (preview.state["status"], below(vendor)) == ("active", [])
    assert client.said == ""
    emulator.forget_requests()
    account = create(emulator, status="active")
    assert [r["path"] for r in emulator.requests() if r["method"] != "GET"] == ["/2010-04-01/Accounts.json"]
    assert (account.state["original"], account.state["subaccountSid"]) == ({}, account.id)
    assert account.state["lastWritten"] == {"friendly_name": "customer", "status": "active"}
    assert run(client.diff(account, {"friendlyName": "customer"})) == {}
    suspended = run(client.update(account, {"friendlyName": "customer", "status": "suspended"}))
    assert run(client.diff(suspended, {"friendlyName": "customer"})) == {"status": "DELETE"}


def test_only_an_open_account_of_exactly_that_name_is_announced(emulator: Emulator, vendor: Client) -> None:
    """A closed one cannot be taken over, and another name is another customer."""
    closed = vendor.api.v2010.accounts.create(friendly_name="customer")
    vendor.api.v2010.accounts(closed.sid).update(status="closed")
    vendor.api.v2010.accounts.create(friendly_name="customer 2")
    client = emulator.plugin()
    run(client.create("Subaccount", "customer", {"friendlyName": "customer"}, preview=True))
    assert client.said == ""
    same = vendor.api.v2010.accounts.create(friendly_name="customer")
    run(client.create("Subaccount", "customer", {"friendlyName": "customer"}))
    assert f"pulumi import twilio:index:Subaccount customer {same.sid}" in client.said


def test_an_imported_account_is_restored_field_by_field(emulator: Emulator, vendor: Client) -> None:
    """Somebody renamed it since: it keeps that name, and only its status goes back."""
    theirs = vendor.api.v2010.accounts.create(friendly_name="theirs")
    client = emulator.plugin()
    account = run(client.import_("Subaccount", "customer", str(theirs.sid)))
    assert account is not None
    assert account.inputs == {"friendlyName": "theirs", "status": "active"}
    assert account.state["original"] == {"friendly_name": "theirs", "status": "active"}
    given = {"friendlyName": "ours", "status": "suspended"}
    account = run(client.update(account, given))
    vendor.api.v2010.accounts(theirs.sid).update(friendly_name="new")
    account = run(emulator.plugin().read(account))
    assert account is not None
    assert account.state["original"] == {"friendly_name": "theirs", "status": "active"}
    client = emulator.plugin()
    run(client.delete(account))
    live = vendor.api.v2010.accounts(theirs.sid).fetch()
    assert (live.friendly_name, live.status) == ("new", "active")
    assert "friendly_name was changed outside this stack" in client.said
    assert "status suspended -> active" in client.said


@pytest.mark.parametrize(("status", "kept"), [(500, True), (400, False)])
def test_an_update_without_an_answer(
    emulator: Emulator, vendor: Client, monkeypatch: pytest.MonkeyPatch, status: int, kept: bool
) -> None:
    """What was tried is kept with what was there at first; a refusal changed nothing."""
    monkeypatch.setattr("pulumi_provider_kit.rest._FIRST_WAIT", 0.001)
    theirs = vendor.api.v2010.accounts.create(friendly_name="theirs")
    account = run(emulator.plugin().import_("Subaccount", "customer", str(theirs.sid)))
    assert account is not None
    fault = {"fault": "rest-error", "method": "POST", "path": f"/Accounts/{theirs.sid}", "status": status}
    emulator.http.post("/_sandbox/faults", json=[fault]).raise_for_status()
    with pytest.raises(Refused) as refused:
        run(emulator.plugin().update(account, {"friendlyName": "ours"}))
    assert (refused.value.kept is not None) is kept
    if refused.value.kept is not None:
        assert refused.value.kept[0] == theirs.sid
        assert refused.value.kept[1]["lastWritten"] == {"friendly_name": "ours", "status": "active"}
        assert refused.value.kept[1]["original"]["friendly_name"] == "theirs"


@pytest.mark.parametrize(("count", "said"), [(3, "3 phone numbers"), (4, "4 phone numbers")])
def test_an_account_with_many_numbers_names_the_first(emulator: Emulator, count: int, said: str) -> None:
    """Three of them, in Twilio's order: the newest first."""
    account = create(emulator, onDelete="close")
    numbers = [f"+1555777000{n}" for n in range(count)]
    given = {"phone_numbers": numbers, "account_sid": account.id}
    emulator.http.post("/_sandbox/numbers", json=given).raise_for_status()
    with pytest.raises(Refused, match=said) as refused:
        run(emulator.plugin().delete(account))
    assert f"({', '.join(numbers[:-4:-1])}{', ...' if count > 3 else ''})" in str(refused.value)
