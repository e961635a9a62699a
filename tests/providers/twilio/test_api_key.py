"""API keys: created, renamed, revoked; the secret is known once, and to nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from tests.providers.servicer_client import Refused, Resource, Secret
from tests.providers.twilio.conftest import ACCOUNT, TOKEN, Emulator, run
from tests.providers.twilio.vendor import signed_in
from tests.support.engine import Project

PROGRAM = """\
import pulumi
import pulumi_twilio as twilio

key = twilio.ApiKey("crm", friendly_name={name!r})
pulumi.export("user", key.api_key_sid)
pulumi.export("password", key.secret)
"""


@pytest.fixture
def vendor(emulator: Emulator) -> Client:
    """Return the vendor's own client of the account."""
    return signed_in(emulator.url, ACCOUNT, TOKEN)


def names(vendor: Client) -> dict[str, str]:
    """Return the account's keys, SID to name."""
    return {str(key.sid): str(key.friendly_name) for key in vendor.keys.list()}


def create(emulator: Emulator, **inputs: Any) -> Resource:
    """Return a new key."""
    return run(emulator.plugin().create("ApiKey", "crm", {"friendlyName": "crm", **inputs}))


@pytest.mark.slow
def test_the_whole_life_of_a_key(emulator: Emulator, vendor: Client, tmp_path: Path) -> None:
    """The program signs in with it; no state, preview or log has its secret in clear text."""
    project = Project(tmp_path, {"twilio:accountSid": ACCOUNT, "twilio:baseUrl": emulator.url})
    project.set_secret("twilio:authToken", TOKEN)
    project.program(PROGRAM.format(name="crm"))
    printed = project.up().text
    outputs = project.outputs()
    user, password = outputs["user"], outputs["password"]
    signed = Client(user, password, ACCOUNT)
    signed.api.base_url = emulator.url
    assert signed.incoming_phone_numbers.list()
    printed += project.run("preview", "--expect-no-changes").text
    vendor.keys(user).update(friendly_name="renamed in the console")
    printed += project.preview().text
    assert 'friendlyName: "renamed in the console" => "crm"' in printed
    project.program(PROGRAM.format(name="crm 2"))
    printed += project.up().text
    assert names(vendor) == {user: "crm 2"}
    assert project.outputs()["password"] == password
    assert password not in printed + project.state()
    urn = "urn:pulumi:test::trial::twilio:index:ApiKey::crm"
    printed += project.up("--replace", urn).text
    assert project.outputs()["password"] != password
    assert list(names(vendor)) == [project.outputs()["user"]] != [user]
    password = project.outputs()["password"]
    assert password not in printed + project.state()
    printed += project.destroy().text
    assert password not in printed
    assert names(vendor) == {}
    with pytest.raises(TwilioException):
        signed.incoming_phone_numbers.list()


def test_a_refresh_and_an_update_keep_the_secret(emulator: Emulator) -> None:
    """Twilio returns it once; the state is the only place that has it."""
    key = create(emulator)
    assert isinstance(key.state["secret"], Secret)
    again = run(emulator.plugin().read(key))
    assert again is not None
    assert again.state == key.state
    assert run(emulator.plugin().update(again, {"friendlyName": "x"})).state["secret"] == key.state["secret"]


def test_a_key_that_was_revoked_outside_is_gone(emulator: Emulator, vendor: Client) -> None:
    """A read says so, and a delete has nothing to do."""
    key = create(emulator)
    vendor.keys(key.id).delete()
    assert run(emulator.plugin().read(key)) is None
    run(emulator.plugin().delete(key))


def test_an_imported_key_is_not_revoked(emulator: Emulator, vendor: Client) -> None:
    """Its secret is unknown, which the import says; its name is restored."""
    made = vendor.new_keys.create(friendly_name="theirs")
    client = emulator.plugin()
    key = run(client.import_("ApiKey", "crm", str(made.sid)))
    assert key is not None
    assert "secret" not in key.state
    assert "Twilio shows it only when it creates a key" in client.said
    renamed = run(client.update(key, {"friendlyName": "ours"}))
    assert names(vendor) == {made.sid: "ours"}
    client.next_run()
    run(client.delete(renamed))
    assert names(vendor) == {made.sid: "theirs"}
    assert "is not revoked, because it was not created here" in client.said


def test_the_key_that_the_provider_signs_in_with_is_not_revoked(emulator: Emulator) -> None:
    """A delete would lock the stack out before it is finished."""
    own = emulator.http.post("/_sandbox/api-keys", json={"type": "main"}).json()
    client = emulator.plugin(apiKeySid=own["sid"], apiKeySecret=Secret(own["secret"]))
    key = run(client.create("ApiKey", "crm", {"friendlyName": "crm"}))
    key.id = own["sid"]
    client.next_run()
    with pytest.raises(Refused, match="the provider itself signs in with the API key"):
        run(client.delete(key))


def test_a_standard_key_may_not_manage_keys(emulator: Emulator) -> None:
    """The preview says so already, with what to do."""
    own = emulator.http.post("/_sandbox/api-keys", json={"type": "standard"}).json()
    client = emulator.plugin(apiKeySid=own["sid"], apiKeySecret=Secret(own["secret"]))
    with pytest.raises(Refused, match=r"unless it is a main key.*pulumi config set .*twilio:authToken"):
        run(client.create("ApiKey", "crm", {"friendlyName": "crm"}, preview=True))


def test_a_lost_answer_creates_no_second_key(emulator: Emulator, vendor: Client) -> None:
    """The request is not repeated, and the next create warns about what is there."""
    fault = {"fault": "rest-error", "times": 1, "method": "POST", "path": "Keys.json", "status": 503}
    emulator.http.post("/_sandbox/faults", json=fault).raise_for_status()
    with pytest.raises(Refused, match="may have been created all the same, and nobody knows its secret"):
        create(emulator)
    made = vendor.new_keys.create(friendly_name="crm")
    client = emulator.plugin()
    run(client.create("ApiKey", "crm", {"friendlyName": "crm"}, preview=True))
    assert f"exists already ({made.sid})" in client.said


def test_a_key_of_a_subaccount(emulator: Emulator, vendor: Client) -> None:
    """It opens the subaccount; in another account it is another key."""
    account = vendor.api.v2010.accounts.create(friendly_name="customer")
    key = create(emulator, accountSid=account.sid)
    assert names(vendor) == {}
    below = Client(key.id, key.state["secret"].value, account.sid)
    below.api.base_url = emulator.url
    assert below.incoming_phone_numbers.list() == []
    client = emulator.plugin()
    assert run(client.diff(key, {"friendlyName": "crm"})) == {"accountSid": "DELETE_REPLACE"}
    run(client.delete(key))
    assert signed_in(emulator.url, str(account.sid), str(account.auth_token)).keys.list() == []


@pytest.mark.parametrize("name", ["", "x" * 65])
def test_the_length_of_a_name_is_checked(emulator: Emulator, name: str) -> None:
    """Before any request."""
    with pytest.raises(Exception, match="Twilio takes 1 to 64"):
        run(emulator.plugin().check("ApiKey", "crm", {"friendlyName": name}))


def test_a_lost_answer_to_a_new_name_keeps_the_secret(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could read it again; a refusal keeps nothing, because nothing changed."""
    monkeypatch.setattr("pulumi_provider_kit.rest._FIRST_WAIT", 0.001)
    key = create(emulator)
    fault = {"fault": "rest-error", "method": "POST", "path": "/Keys/", "code": 20001, "message": "no"}
    for status in (500, 400):
        emulator.http.post("/_sandbox/faults", json=[{**fault, "status": status}]).raise_for_status()
        with pytest.raises(Refused, match="Twilio 20001") as refused:
            run(emulator.plugin().update(key, {"friendlyName": "new"}))
        emulator.http.delete("/_sandbox/faults").raise_for_status()
        assert (refused.value.kept is not None) is (status == 500)
        if refused.value.kept is not None:
            assert refused.value.kept[0] == key.id
            assert refused.value.kept[1]["secret"] == key.state["secret"]
            assert refused.value.kept[1]["lastWritten"] == {"friendly_name": "new"}


def test_an_imported_key_that_was_renamed_since_keeps_that_name(emulator: Emulator, vendor: Client) -> None:
    """By somebody else, after this program; the refresh before knew what it was at first."""
    made = vendor.new_keys.create(friendly_name="theirs")
    key = run(emulator.plugin().import_("ApiKey", "crm", str(made.sid)))
    assert key is not None
    assert (key.inputs, key.state["original"]) == ({"friendlyName": "theirs"}, {"friendly_name": "theirs"})
    key = run(emulator.plugin().update(key, {"friendlyName": "ours"}))
    vendor.keys(made.sid).update(friendly_name="new")
    key = run(emulator.plugin().read(key))
    assert key is not None
    assert (key.inputs["friendlyName"], key.state["original"]) == ("new", {"friendly_name": "theirs"})
    client = emulator.plugin()
    run(client.delete(key))
    assert names(vendor) == {made.sid: "new"}
    assert "was renamed outside this stack" in client.said


def test_a_key_of_another_name_is_not_announced(emulator: Emulator, vendor: Client) -> None:
    """A new key has no original, and only the name is written."""
    vendor.new_keys.create(friendly_name="crm 2")
    client = emulator.plugin()
    key = run(client.create("ApiKey", "crm", {"friendlyName": "crm"}))
    assert client.said == ""
    assert (key.state["original"], key.state["lastWritten"]) == ({}, {"friendly_name": "crm"})
    assert key.state["apiKeySid"] == key.id
