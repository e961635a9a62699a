"""Each resource remembers its account and Region; other credentials are refused."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2
from pulumi_provider_kit.values import wrap
from pulumi_provider_kit.wire import marshal

from tests.providers.servicer_client import Refused
from tests.providers.twilio.conftest import ACCOUNT, NUMBER, Emulator, run

OURS = "https://crm.example.com/voice"
ELSEWHERE = "AC" + "0" * 32
GIVEN: dict[str, dict[str, Any]] = {
    "VoiceConfiguration": {"phoneNumber": NUMBER, "voiceUrl": OURS},
    "Application": {"friendlyName": "crm"},
    "DialingPermissions": {"countries": {"GB": {"lowRisk": True}}},
    "VoiceSettings": {"dialingPermissionsInheritance": True},
    "VoiceInsightsSettings": {"advancedFeatures": True},
}


@pytest.mark.parametrize("kind", GIVEN)
def test_every_resource_keeps_account_and_region(emulator: Emulator, kind: str) -> None:
    """A state of an earlier version has neither; its next read adds them."""
    resource = run(emulator.plugin().create(kind, "it", GIVEN[kind]))
    home = {"accountSid": ACCOUNT, "region": "us1"}
    assert {name: resource.state[name] for name in home} == home
    for name in home:
        del resource.state[name]
    read = run(emulator.plugin().read(resource))
    assert read is not None
    assert {name: read.state[name] for name in home} == home


@pytest.mark.parametrize("kind", [kind for kind in GIVEN if kind != "VoiceConfiguration"])
@pytest.mark.parametrize("operation", ["read", "delete", "diff", "update"])
def test_another_account_is_refused_before_any_request(emulator: Emulator, kind: str, operation: str) -> None:
    """Not found in another account does not mean gone; the way out is in the message."""
    resource = run(emulator.plugin().create(kind, "it", GIVEN[kind]))
    resource.state["accountSid"] = ELSEWHERE
    client = emulator.plugin()
    act = getattr(client, operation)
    emulator.forget_requests()
    with pytest.raises(
        Refused, match=f"pulumi config set --stack test twilio:accountSid {ELSEWHERE}.*pulumi state delete"
    ):
        run(act(resource, GIVEN[kind]) if operation in {"diff", "update"} else act(resource))
    assert emulator.requests() == []


@pytest.mark.parametrize("region", ["us1", None])
def test_a_number_that_was_moved_is_accepted(emulator: Emulator, region: str | None) -> None:
    """A number keeps its SID when it is moved to another account; a state need not name the Region."""
    resource = run(emulator.plugin().create("VoiceConfiguration", NUMBER, GIVEN["VoiceConfiguration"]))
    resource.state |= {"accountSid": ELSEWHERE, "region": region}
    client = emulator.plugin()
    moved = run(client.read(resource))
    assert moved is not None
    assert moved.state["accountSid"] == ACCOUNT
    assert f"was moved and is managed there from now on: accountSid {ELSEWHERE} -> {ACCOUNT}" in client.said


def test_a_number_of_another_account_is_refused(emulator: Emulator) -> None:
    """It is not "gone": nothing may be forgotten."""
    resource = run(emulator.plugin().create("VoiceConfiguration", NUMBER, GIVEN["VoiceConfiguration"]))
    resource.state["accountSid"] = ELSEWHERE
    resource.id = "PN" + "0" * 32
    for act in (emulator.plugin().read, emulator.plugin().delete):
        with pytest.raises(Refused, match="this resource is in accountSid"):
            run(act(resource))


def test_a_released_number_is_gone(emulator: Emulator) -> None:
    """In its own account, not found means released."""
    resource = run(emulator.plugin().create("VoiceConfiguration", NUMBER, GIVEN["VoiceConfiguration"]))
    resource.id = "PN" + "0" * 32
    client = emulator.plugin()
    assert run(client.read(resource)) is None
    run(client.delete(resource))
    assert f"{NUMBER} is not in the account {ACCOUNT} any more; nothing is restored" in client.said


def test_a_number_bought_again_is_noticed(emulator: Emulator) -> None:
    """Its state is of the released one; an update would write to the new one under the old ID."""
    resource = run(emulator.plugin().create("VoiceConfiguration", NUMBER, GIVEN["VoiceConfiguration"]))
    resource.id = "PN" + "0" * 32
    with pytest.raises(Refused, match="was released and bought again: .* run pulumi up --refresh"):
        run(emulator.plugin().update(resource, {"phoneNumber": NUMBER, "voiceUrl": f"{OURS}/2"}))


def test_another_region_is_refused(emulator: Emulator) -> None:
    """Each Region keeps a configuration of its own for a number."""
    resource = run(emulator.plugin().create("VoiceConfiguration", NUMBER, GIVEN["VoiceConfiguration"]))
    with pytest.raises(Refused, match="is in region us1, but the credentials are for ie1"):
        run(emulator.plugin(region="ie1").read(resource))


def test_another_account_replaces_the_provider(emulator: Emulator) -> None:
    """The engine then deletes with the previous credentials; a new token of one account replaces nothing."""

    def replaces(**news: str) -> list[str]:
        olds = {"accountSid": ACCOUNT, "authToken": "a"}
        request = provider_pb2.DiffRequest(
            olds=marshal({k: wrap(v) for k, v in olds.items()}),
            news=marshal({k: wrap(v) for k, v in {**olds, **news}.items()}),
        )
        return list(run(emulator.plugin().servicer.DiffConfig(request, None)).replaces)

    assert replaces(accountSid=ELSEWHERE) == ["accountSid"]
    assert replaces(authToken="b", region="ie1") == []


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("accountSid", "PN123", "is not the SID of an account"),
        ("apiKeySid", ACCOUNT, "is not the SID of an API key"),
        ("region", "us-east-1", "is not a Twilio Region"),
        ("edge", "Dublin!", "is not a Twilio edge location"),
    ],
)
def test_the_form_of_a_setting_is_checked(emulator: Emulator, setting: str, value: str, reason: str) -> None:
    """Before the first request, also where the setting comes from the environment."""
    emulator.forget_requests()
    with pytest.raises(Refused, match=f"twilio:{setting}: .*{reason}"):
        run(emulator.plugin(**{setting: value}).create("Application", "it", {"friendlyName": "crm"}))
    assert emulator.requests() == []
