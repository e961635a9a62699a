"""Corners of a number's life: what it inherits, what its state may lack, and what is not known yet."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_provider_kit.stack_state import Past, StackState
from pulumi_provider_kit.values import secret, wrap
from pulumi_twilio.numbers import NumberDirectory
from pulumi_twilio.voice_configuration import VoiceConfiguration

from tests.providers.servicer_client import UNKNOWN, CheckFailed, Refused, Resource, Secret
from tests.providers.twilio.conftest import NUMBER, OTHER, Emulator, run

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
THEIRS = "https://old.example.com/voice"
KIND = "VoiceConfiguration"
SID = "PN" + "1" * 32
TRUNK = "TK" + "a" * 32


def inputs(**given: Any) -> dict[str, Any]:
    """Return a program's inputs for the first number."""
    return {"phoneNumber": NUMBER, **given}


def create(emulator: Emulator, **given: Any) -> Resource:
    """Create the first number's configuration."""
    resource: Resource = run(emulator.plugin().create(KIND, NUMBER, inputs(**given)))
    return resource


@pytest.mark.parametrize("preview", [True, False])
def test_a_number_that_takes_no_calls_is_refused(emulator: Emulator, preview: bool) -> None:
    """It may be a number for messages only."""
    stock = {"phone_numbers": ["+15551110000"], "capabilities": {"voice": False}}
    emulator.http.post("/_sandbox/numbers", json=stock).raise_for_status()
    given = {"phoneNumber": "+15551110000", "voiceUrl": OURS}
    with pytest.raises(Refused, match=r"^phoneNumber: \+15551110000 has no voice capability"):
        run(emulator.plugin().create(KIND, "x", given, preview=preview))
    assert not emulator.number("+15551110000")["voice_url"]


@pytest.mark.parametrize(
    ("values", "resource_id", "claimed"),
    [
        ({}, "", {}),
        ({"phoneNumber": NUMBER}, "", {NUMBER: NUMBER}),
        ({"phoneNumber": SID}, "", {SID: SID}),
        ({"phoneNumber": NUMBER, "e164": NUMBER}, SID, {SID: NUMBER, NUMBER: NUMBER}),
        ({"phoneNumber": SID, "e164": NUMBER}, SID, {SID: NUMBER, NUMBER: NUMBER}),
        ({"e164": NUMBER}, SID, {SID: NUMBER, NUMBER: NUMBER}),
        ({"phoneNumber": SID}, SID, {SID: SID}),
        ({"phoneNumber": OTHER, "e164": NUMBER}, SID, {OTHER: NUMBER}),
    ],
)
def test_a_number_is_claimed_by_each_of_its_names(
    values: dict[str, str], resource_id: str, claimed: dict[str, str]
) -> None:
    """Two resources may name one number differently."""
    given = {name: wrap(value) for name, value in values.items()}
    objects = VoiceConfiguration().singletons(None, given, resource_id)  # type: ignore[arg-type]
    assert {thing.key: thing.label for thing in objects} == {
        f"twilio:number:{key}": label for key, label in claimed.items()
    }
    assert {thing.property for thing in objects} <= {"phoneNumber"}


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"voiceUrl": "", "trunkSid": TRUNK}, None),
        ({"voiceUrl": None, "trunkSid": TRUNK}, None),
        ({"voiceUrl": OURS, "trunkSid": ""}, None),
        ({"voiceUrl": UNKNOWN, "trunkSid": TRUNK}, ("trunkSid", "voiceUrl")),
        ({"voiceApplicationSid": UNKNOWN, "trunkSid": UNKNOWN}, ("trunkSid", "voiceApplicationSid")),
    ],
)
def test_only_one_route_may_be_set(
    emulator: Emulator, given: dict[str, Any], refused: tuple[str, str] | None
) -> None:
    """An empty one is not set; one that is known later is."""
    checking = emulator.plugin().check(KIND, NUMBER, inputs(**given))
    if refused is None:
        assert "restores" not in run(checking)  # without credentials Twilio is not asked
        return
    with pytest.raises(CheckFailed) as failed:
        run(checking)
    assert list(failed.value.failures) == [refused[0]]
    assert refused[1] in failed.value.failures[refused[0]]


def test_another_number_shows_what_that_one_had(emulator: Emulator) -> None:
    """What a delete would restore belongs to the number, not to the resource."""
    emulator.click(OTHER, VoiceUrl=THEIRS)
    client = emulator.plugin()
    resource = run(client.create(KIND, NUMBER, inputs(voiceUrl=OURS)))
    assert resource.inputs["restores"]["voice_url"] == "(empty)"
    other = {"phoneNumber": OTHER, "voiceUrl": OURS}
    assert run(client.check(KIND, NUMBER, other, resource.inputs))["restores"]["voice_url"] == THEIRS


def test_a_renamed_resource_inherits_what_to_restore(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the old one found at first is the original, and what left the program in that update goes back."""
    emulator.click(VoiceUrl=THEIRS, StatusCallback=THEIRS)
    old = create(emulator, voiceUrl=OURS, statusCallback=OURS, replaceExisting=True)
    state = {n: secret(wrap(v.value)) if isinstance(v, Secret) else wrap(v) for n, v in old.state.items()}

    async def resources(_: StackState, __: str) -> list[Past]:
        return [Past(old.urn, old.id, state)]

    monkeypatch.setattr(StackState, "resources", resources)
    for preview in (True, False):
        client = emulator.plugin()
        new = run(client.create(KIND, "renamed", inputs(voiceUrl=OURS), preview=preview))
        assert f"is managed by the resource {NUMBER} so far" in client.said
        assert f"gets back what left the program: status_callback {OURS} -> {THEIRS}" in client.said
    assert emulator.number()["status_callback"] == THEIRS
    assert new.state["original"] == old.state["original"]
    assert new.state["lastWritten"] == {"voice_url": OURS}


@pytest.mark.parametrize(
    ("given", "warned"),
    [
        ({"voiceUrl": OURS}, True),
        ({"voiceUrl": OURS, "statusCallback": OURS}, False),
        ({"voiceUrl": OURS, "statusCallback": UNKNOWN}, False),
        ({"onDelete": "restore"}, False),
        ({"voiceUrl": OURS, "original": {"voice_url": THEIRS}}, False),
        ({"voiceUrl": OURS, "original": {"voice_url": OURS}}, True),
        ({"voiceUrl": OURS, "original": {"status_callback": THEIRS}}, True),
    ],
)
def test_a_number_that_is_configured_so_already_may_belong_to_another_stack(
    emulator: Emulator, given: dict[str, Any], warned: bool
) -> None:
    """Unless something changes, or a record says that this stack's own update was killed."""
    emulator.click(VoiceUrl=OURS)
    client = emulator.plugin()
    run(client.create(KIND, NUMBER, inputs(**given), preview=True))
    assert (f"{NUMBER} already has exactly this configuration" in client.said) is warned


def test_an_update_records_what_an_earlier_version_did_not(emulator: Emulator) -> None:
    """A state without a record: what is live counts, except for the program's own URLs."""
    emulator.click(StatusCallback=THEIRS, VoiceFallbackUrl=THEIRS)
    resource = create(emulator, voiceUrl=OURS, ownUrls=[OURS])
    resource.state.pop("original")
    given = inputs(
        voiceUrl=OURS, voiceMethod="GET", voiceFallbackUrl=OURS, ownUrls=[OURS], replaceExisting=True
    )
    updated = run(emulator.plugin().update(resource, given))
    original = updated.state["original"].value
    assert (original["status_callback"], original["voice_fallback_url"]) == (THEIRS, THEIRS)
    assert not {"voice_url", "voice_method"} & original.keys()


def test_the_state_describes_the_number(emulator: Emulator) -> None:
    """By SID, number and name, and with the live value of all that the program does not set."""
    emulator.click(FriendlyName="Main line", VoiceFallbackUrl=THEIRS)
    resource = create(emulator, voiceUrl=OURS)
    for state in (resource.state, run(emulator.plugin().read(resource)).state):
        assert {
            name: state[name] for name in ("phoneNumberSid", "e164", "friendlyName", "voiceFallbackUrl")
        } == {
            "phoneNumberSid": resource.id,
            "e164": NUMBER,
            "friendlyName": "Main line",
            "voiceFallbackUrl": THEIRS,
        }
        assert (state["voiceUrl"], state["voiceCallerIdLookup"]) == (OURS, False)


def test_a_preview_shows_what_the_number_has(emulator: Emulator) -> None:
    """What the program does not set is known before the update; what is written then is not."""
    emulator.click(VoiceFallbackUrl=THEIRS)
    preview = run(emulator.plugin().create(KIND, NUMBER, inputs(voiceUrl=OURS), preview=True)).state
    assert (preview["voiceFallbackUrl"], preview["e164"]) == (THEIRS, NUMBER)
    assert (preview["lastWritten"], preview["original"]) == (UNKNOWN, Secret(UNKNOWN))


def test_a_number_that_is_known_later_fails_no_preview(emulator: Emulator) -> None:
    """Another resource may name it."""
    preview = run(emulator.plugin().create(KIND, "x", {"phoneNumber": UNKNOWN, "voiceUrl": OURS}, preview=True))
    assert preview.state["phoneNumber"] is UNKNOWN


def test_only_what_differs_is_sent(emulator: Emulator) -> None:
    """A field that somebody changed at the same time, and that has the wanted value, is not written again."""
    emulator.click(VoiceUrl=OURS, StatusCallbackMethod="GET")
    emulator.forget_requests()
    resource = create(emulator, voiceUrl=OURS, statusCallback=OURS, statusCallbackMethod="GET")
    run(emulator.plugin().update(resource, inputs(voiceUrl=OURS, statusCallback=f"{OURS}?2")))
    sent = [dict(request["params"]) for request in emulator.requests() if request["method"] == "POST"]
    assert sent == [{"StatusCallback": OURS}, {"StatusCallback": f"{OURS}?2"}]


def test_the_property_that_twilio_refuses_is_named(emulator: Emulator) -> None:
    """In a create and in an update; nothing is kept, because nothing was written."""
    resource = create(emulator, voiceUrl=OURS)
    fault = {"fault": "rest-error", "method": "POST", "status": 400, "code": 21402, "message": "Url is invalid"}
    emulator.http.post("/_sandbox/faults", json=fault).raise_for_status()
    given = inputs(voiceUrl=OURS, statusCallback=f"{OURS}?2", replaceExisting=True)
    with pytest.raises(Refused, match="^statusCallback: Twilio 21402") as refused:
        run(emulator.plugin().update(resource, inputs(voiceUrl="", statusCallback=OURS)))
    assert refused.value.kept is None
    with pytest.raises(Refused, match="^Twilio 21402"):  # two URLs: Twilio does not say which
        run(emulator.plugin().update(resource, given))


@pytest.mark.parametrize(
    ("in_inputs", "in_state", "kept"), [("keep", None, True), (None, "keep", True), ("force", "keep", False)]
)
def test_the_policy_of_a_delete(
    emulator: Emulator, in_inputs: str | None, in_state: str | None, kept: bool
) -> None:
    """The last inputs say it, else the state."""
    resource = create(emulator, voiceUrl=OURS)
    resource.inputs["onDelete"], resource.state["onDelete"] = in_inputs, in_state
    client = emulator.plugin()
    run(client.delete(resource))
    assert emulator.number()["voice_url"] == (OURS if kept else "")
    assert (f"{NUMBER} keeps its configuration" in client.said) is kept


@pytest.mark.parametrize("arrived", [True, False])
def test_what_a_killed_update_wrote_is_known_by_what_it_was_about_to_write(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    """What arrived counts as written, and goes back in a delete; what somebody else wrote stays."""
    app = emulator.post("Applications.json", FriendlyName="theirs")["sid"]
    emulator.click(VoiceApplicationSid=app, StatusCallback=THEIRS)
    resource = create(emulator, voiceMethod="GET", replaceExisting=True)
    update = {"voiceUrl": OURS, "statusCallback": f"{OURS}?key=hunter2", "voiceFallbackUrl": OURS}
    live = OURS if arrived else "https://new.example.com/v"
    emulator.click(VoiceApplicationSid="", VoiceUrl=live, StatusCallback=f"{OURS}?key=hunter2")

    async def attempted(_: StackState, urn: str) -> dict[str, Any]:
        return {name: wrap(value) for name, value in update.items()}

    monkeypatch.setattr(StackState, "attempted", attempted)
    read = run(emulator.plugin().read(resource))
    written = {"voice_method": "GET", "voice_application_sid": "", "status_callback": f"{OURS}?key=hunter2"}
    assert read.state["lastWritten"] == Secret({**written, "voice_url": OURS} if arrived else written)
    assert read.state["original"] == resource.state["original"]
    assert set(read.inputs) == set(resource.inputs)
    run(emulator.plugin().delete(read))
    after = emulator.number()
    assert (after["status_callback"], after["voice_application_sid"]) == (THEIRS, app)
    assert after["voice_url"] == ("" if arrived else live)


def test_an_update_that_did_not_take_keeps_the_state(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twilio accepts it and answers with the value from before: the failure comes with what to restore."""
    emulator.click(VoiceUrl=THEIRS)
    resource = create(emulator, voiceUrl=OURS, replaceExisting=True)
    number = emulator.number()

    async def update(_: NumberDirectory, sid: str, form: dict[str, str]) -> dict[str, Any]:
        return number

    monkeypatch.setattr(NumberDirectory, "update", update)
    changed = inputs(voiceUrl=f"{OURS}?2", replaceExisting=True)
    with pytest.raises(Refused, match=r"answers with other values: voice_url \S+\?\*\*\* -> ") as failed:
        run(emulator.plugin().update(resource, changed))
    assert failed.value.kept is not None
    kept_id, state = failed.value.kept
    assert kept_id == resource.id
    assert state["original"] == resource.state["original"]
