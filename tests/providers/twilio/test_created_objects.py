"""What all objects have in common that Twilio names: they may be gone, and have one resource in a program."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.providers.servicer_client import Refused, Resource
from tests.providers.twilio.conftest import Emulator, run
from tests.providers.twilio.sip_account import DOMAIN, TRUNK, create, credential_list, send

URL = "https://crm.example.com/twilio/events"
GIVEN: dict[str, dict[str, Any]] = {
    "SipDomain": DOMAIN,
    "SipTrunk": TRUNK,
    "SipCredentialList": {"friendlyName": "phones"},
    "SipIpAccessControlList": {"friendlyName": "office"},
    "ApiKey": {"friendlyName": "crm"},
    "EventSink": {"description": "crm", "destination": URL},
    "WebhookSharedKey": {"friendlyName": "crm"},
}


def gone(emulator: Emulator, method: str, path: str = "") -> None:
    """Let Twilio answer 404 to every request of a method from now on."""
    fault = {"fault": "rest-error", "status": 404, "code": 20404, "message": "no", "method": method}
    emulator.http.post("/_sandbox/faults", json=[{**fault, "path": path}]).raise_for_status()


def of_others(emulator: Emulator) -> dict[str, str]:
    """Return objects that somebody else made, by their kinds."""
    sink = {"destination": URL, "method": "POST"}
    form = {"Description": "theirs", "SinkType": "webhook", "SinkConfiguration": json.dumps(sink)}
    sink_sid = send(emulator, "/v1/Sinks", **form)["sid"]
    types = json.dumps({"type": "com.twilio.error-logs.error.logged", "schema_version": 1})
    form = {"Description": "theirs", "SinkSid": sink_sid, "Types": types}
    return {
        "EventSubscription": send(emulator, "/v1/Subscriptions", **form)["sid"],
        "EventSink": sink_sid,
        "ApiKey": emulator.post("Keys.json", FriendlyName="theirs")["sid"],
    }


@pytest.mark.parametrize("kind", GIVEN)
def test_a_delete_of_what_is_gone_by_then(emulator: Emulator, kind: str) -> None:
    """It does not fail."""
    resource = create(emulator, kind, GIVEN[kind])
    gone(emulator, "DELETE")
    run(emulator.plugin().delete(resource))


@pytest.mark.parametrize("kind", [*GIVEN, "Subaccount"])
def test_a_preview_of_an_update_shows_what_the_state_has(emulator: Emulator, kind: str) -> None:
    """Also of what the program does not give, on which other resources may depend; nothing is written."""
    given = GIVEN.get(kind, {"friendlyName": "customer"})
    resource = create(emulator, kind, given)
    emulator.forget_requests()
    preview = run(emulator.plugin().update(resource, given, preview=True))
    assert preview.state == resource.state
    assert [r["path"] for r in emulator.requests() if r["method"] != "GET"] == []


def test_lists_and_origins_that_are_gone_by_then(emulator: Emulator) -> None:
    """Neither an unmapped list nor a deleted origin fails the update."""
    domain = create(emulator, "SipDomain", {**DOMAIN, "credentialLists": [credential_list(emulator)]})
    trunk = create(emulator, "SipTrunk", TRUNK)
    gone(emulator, "DELETE")
    run(emulator.plugin().update(domain, DOMAIN))
    run(emulator.plugin().update(trunk, {"friendlyName": "pbx"}))


def test_an_imported_object_that_is_gone(emulator: Emulator) -> None:
    """An imported object that is gone has nothing to restore."""
    imported: list[Resource] = []
    for kind, sid in of_others(emulator).items():
        resource = run(emulator.plugin().import_(kind, "it", sid))
        assert resource is not None
        imported.append(resource)
    gone(emulator, "GET")
    gone(emulator, "POST", "/v1/S")
    for resource in imported:
        run(emulator.plugin().delete(resource))


def test_two_resources_do_not_manage_one(emulator: Emulator) -> None:
    """Each would restore what the other wrote, and the end of one would be the end of both."""
    account = emulator.http.post("/2010-04-01/Accounts.json", data={"FriendlyName": "theirs"}).json()
    for kind, sid in {**of_others(emulator), "Subaccount": account["sid"]}.items():
        client = emulator.plugin()
        one, two = (run(client.import_(kind, name, sid)) for name in ("one", "two"))
        assert one is not None
        assert two is not None
        assert run(client.diff(one, one.inputs)) == {}
        with pytest.raises(Refused, match=f"{sid} is managed twice"):
            run(client.diff(two, two.inputs))
        two.id = sid[:2] + "0" * 32
        assert run(client.diff(two, two.inputs)) == {}
        for name in ("three", "four"):  # the same description is no claim on an object that is not there yet
            assert run(client.check(kind, name, one.inputs)) == one.inputs
