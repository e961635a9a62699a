"""AccountRecordingDefaults: one object of the account, of which several people have a part."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_twilio.client import TwilioClient

from tests.providers.servicer_client import CheckFailed, Refused, Resource, Secret
from tests.providers.twilio.conftest import ACCOUNT, Emulator, run
from tests.support.interception import intercepted

PATH = "/v2/AccountDefaultConfiguration/Recording"
KIND = "AccountRecordingDefaults"
OURS = "https://ours.example.com/recordings"
THEIRS = "https://theirs.example.com/recordings?key=pr1vate"
GIVEN = {"callRecordingStatusCallback": OURS, "callRecordingStatusCallbackEvents": "completed absent"}
# Twilio docs: Recording account default configuration.
CHOICES = {
    "channels": ("mono", "dual"),
    "trim": ("trim-silence", "do-not-trim"),
    "track": ("inbound", "outbound", "both"),
}


def default(emulator: Emulator) -> dict[str, Any] | None:
    """The account's default as Twilio answers it, None where it has none."""
    answer = emulator.http.get(PATH)
    return None if answer.status_code == 404 else dict(answer.json())


def set_default(emulator: Emulator, **configuration: Any) -> None:
    """Somebody else creates it, or replaces it as a whole."""
    body = {"description": "theirs", "configuration": {"configurationType": "Recording", **configuration}}
    emulator.http.request("PUT" if default(emulator) else "POST", PATH, json=body).raise_for_status()


def create(emulator: Emulator, **given: Any) -> Resource:
    """Create the resource."""
    resource: Resource = run(emulator.plugin().create(KIND, "recordings", {**GIVEN, **given}))
    return resource


def test_account_without_a_default(emulator: Emulator) -> None:
    """It is created, and deleted with the resource."""
    resource = create(emulator, channels="dual")
    found = default(emulator)
    assert found is not None
    assert found["configuration"] == {
        "configurationType": "Recording",
        "callRecordingStatusCallback": {"url": OURS, "method": "POST", "events": ["completed", "absent"]},
        "compositionPolicy": {"channels": "dual"},
    }
    run(emulator.plugin().delete(resource))
    assert default(emulator) is None


def test_preview_writes_nothing(emulator: Emulator) -> None:
    """The preview says what would change."""
    client = emulator.plugin()
    run(client.create(KIND, "recordings", GIVEN, preview=True))
    assert OURS in client.said
    assert default(emulator) is None


def test_other_keys_survive(emulator: Emulator) -> None:
    """What other people set in the object stays, in an update and after the end."""
    features = [{"type": "transcriptionConfiguration", "featureId": "f1"}]
    conference = {"url": THEIRS, "method": "GET", "events": ["completed"]}
    set_default(
        emulator,
        compositionPolicy={"track": "inbound"},
        conferenceRecordingStatusCallback=conference,
        features=features,
    )
    before = default(emulator)
    resource = create(emulator, trim="do-not-trim")
    found = default(emulator)
    assert found is not None
    assert found["description"] == "theirs"
    assert found["configuration"]["features"] == features
    assert found["configuration"]["conferenceRecordingStatusCallback"] == conference
    assert found["configuration"]["compositionPolicy"] == {"track": "inbound", "trim": "do-not-trim"}
    run(emulator.plugin().delete(resource))
    after = default(emulator)
    assert before is not None
    assert after is not None
    assert after["configuration"] == before["configuration"]


@pytest.mark.parametrize("preview", [True, False])
def test_callback_of_somebody_else(emulator: Emulator, preview: bool) -> None:
    """It is refused with its place, without its key; taken over when asked to, and given back."""
    theirs = {"url": THEIRS, "method": "POST", "events": ["completed"]}
    set_default(emulator, callRecordingStatusCallback=theirs)
    with pytest.raises(Refused, match="theirs.example.com") as refused:
        run(emulator.plugin().create(KIND, "recordings", GIVEN, preview=preview))
    assert "pr1vate" not in str(refused.value)
    resource = create(emulator, replaceExisting=True)
    found = default(emulator)
    assert found is not None
    assert found["configuration"]["callRecordingStatusCallback"]["url"] == OURS
    run(emulator.plugin().delete(resource))
    restored = default(emulator)
    assert restored is not None
    assert restored["configuration"]["callRecordingStatusCallback"] == theirs


def test_callback_that_was_changed_since(emulator: Emulator) -> None:
    """Drift is shown; an update refuses to overwrite it, and a delete leaves it with a warning."""
    resource = create(emulator)
    set_default(emulator, callRecordingStatusCallback={"url": THEIRS})
    refreshed = run(emulator.plugin().read(resource))
    assert "callRecordingStatusCallback" in run(emulator.plugin().diff(refreshed, GIVEN))
    with pytest.raises(Refused, match="replaceExisting"):
        run(emulator.plugin().update(refreshed, GIVEN))
    client = emulator.plugin()
    run(client.delete(resource))
    assert "was changed outside this stack" in client.said
    found = default(emulator)
    assert found is not None
    assert found["configuration"]["callRecordingStatusCallback"]["url"] == THEIRS


def test_change_at_the_same_time(emulator: Emulator) -> None:
    """Somebody writes between our read and our write: both changes are there in the end."""
    resource = create(emulator)
    with intercepted(emulator.url) as proxy:
        proxy.strike(
            "PUT",
            PATH,
            times=1,
            before=True,
            act=lambda: set_default(
                emulator, callRecordingStatusCallback={"url": OURS}, compositionPolicy={"track": "inbound"}
            ),
        )
        run(emulator.plugin(baseUrl=proxy.url).update(resource, {**GIVEN, "channels": "dual"}))
    found = default(emulator)
    assert found is not None
    assert found["configuration"]["compositionPolicy"] == {"track": "inbound", "channels": "dual"}


def test_default_that_names_a_configuration(emulator: Emulator) -> None:
    """An ID and properties are never mixed."""
    set_default(emulator, configurationId="voice_configuration_1")
    with pytest.raises(Refused, match="either an ID or properties"):
        run(emulator.plugin().create(KIND, "recordings", GIVEN, preview=True))


@pytest.mark.parametrize(
    "given",
    [
        {"callRecordingStatusCallback": "http://crm.example.com/r"},
        {"callRecordingStatusCallback": "https://crm.example.com/r/"},
        {"callRecordingStatusCallbackEvents": "completed finished"},
        {"callRecordingStatusCallbackEvents": "absent completed"},
        {"callRecordingStatusCallbackEvents": "completed completed"},
        {"track": "all"},
        {"channels": "stereo"},
        {"trim": "yes"},
    ],
)
def test_checks(emulator: Emulator, given: dict[str, Any]) -> None:
    """A wrong value is refused at its property."""
    with pytest.raises(CheckFailed) as caught:
        run(emulator.plugin().check(KIND, "r", given))
    assert list(caught.value.failures) == list(given)


def test_import_and_empty_diff(emulator: Emulator) -> None:
    """The account's SID imports it; nothing is different then."""
    create(emulator)
    resource = run(emulator.plugin().import_(KIND, "r", "AC" + "5a4db0c5" * 4))
    assert resource.inputs["callRecordingStatusCallback"] == OURS
    assert run(emulator.plugin().diff(resource, resource.inputs)) == {}


def test_record_of_what_was_there(emulator: Emulator) -> None:
    """AccountOriginals keeps it as a secret, because a URL may contain a password."""
    set_default(emulator, callRecordingStatusCallback={"url": THEIRS})
    record = run(emulator.plugin().create("AccountOriginals", "originals", {"settings": ["recordingDefaults"]}))
    kept = record.state["recordingDefaults"]
    assert isinstance(kept, Secret)
    assert kept.value["call_recording_status_callback"] == THEIRS


def test_all_of_it_is_written_and_read(emulator: Emulator) -> None:
    """Both callbacks with their events in Twilio's form, and how recordings are made."""
    conference = "https://ours.example.com/conferences#rc=3"
    given = {
        "callRecordingStatusCallback": OURS,
        "conferenceRecordingStatusCallback": conference,
        "conferenceRecordingStatusCallbackEvents": "in-progress completed absent failed",
        "channels": "mono",
        "trim": "trim-silence",
        "track": "both",
    }
    resource = run(emulator.plugin().create(KIND, "recordings", given))
    found = default(emulator)
    assert found is not None
    assert found["configuration"] == {
        "configurationType": "Recording",
        "callRecordingStatusCallback": {"url": OURS, "method": "POST"},
        "conferenceRecordingStatusCallback": {
            "url": conference,
            "method": "POST",
            "events": ["in-progress", "completed", "absent", "failed"],
        },
        "compositionPolicy": {"channels": "mono", "trim": "trim-silence", "track": "both"},
    }
    read = run(emulator.plugin().read(resource))
    assert read is not None
    assert read.inputs == given
    assert run(emulator.plugin().diff(read, given)) == {}
    left = run(emulator.plugin().update(read, {"track": "inbound"}))
    found = default(emulator)
    assert found is not None
    assert found["configuration"] == {
        "configurationType": "Recording",
        "compositionPolicy": {"track": "inbound"},
    }
    assert left.state["lastWritten"] == Secret({"track": "inbound"})


def test_events_are_equal_in_any_order(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that this version does not know, which stays at the end."""
    events = ["new", "absent", "completed", "absent"]

    async def answer(_: object, path: str, *, host: str) -> tuple[dict[str, Any], str]:
        return {"configuration": {"callRecordingStatusCallback": {"url": OURS, "events": events}}}, ""

    monkeypatch.setattr(TwilioClient, "get_tagged", answer)
    resource = run(emulator.plugin().import_(KIND, "r", ACCOUNT))
    assert resource is not None
    assert resource.inputs["callRecordingStatusCallbackEvents"] == "completed absent new"
    assert resource.state["original"].value["call_recording_status_callback_events"] == "completed absent new"


@pytest.mark.parametrize("preview", [True, False])
def test_other_connection_overrides_need_no_permission(emulator: Emulator, preview: bool) -> None:
    """The URL is what counts. A preview writes nothing."""
    set_default(emulator, callRecordingStatusCallback={"url": f"{OURS}#rc=1"})
    run(emulator.plugin().create(KIND, "recordings", GIVEN, preview=preview))
    assert (default(emulator) or {})["configuration"]["callRecordingStatusCallback"]["url"] == (
        f"{OURS}#rc=1" if preview else OURS
    )


@pytest.mark.parametrize("preview", [True, False])
def test_an_update_replaces_our_own_callback(emulator: Emulator, preview: bool) -> None:
    """What this resource wrote last may be replaced, and the other callback may not."""
    resource = create(emulator)
    run(
        emulator.plugin().update(
            resource, {**GIVEN, "callRecordingStatusCallback": f"{OURS}/2"}, preview=preview
        )
    )
    set_default(
        emulator, callRecordingStatusCallback={"url": OURS}, conferenceRecordingStatusCallback={"url": THEIRS}
    )
    both = {**GIVEN, "conferenceRecordingStatusCallback": OURS}
    with pytest.raises(Refused, match="^conferenceRecordingStatusCallback: "):
        run(emulator.plugin().update(resource, both, preview=preview))
    run(emulator.plugin().update(resource, {**both, "replaceExisting": True}, preview=preview))


@pytest.mark.parametrize("place", ["configuration", "top"])
@pytest.mark.parametrize("name", ["configurationId", "configuration_id"])
def test_a_reference_is_recognized(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, place: str, name: str
) -> None:
    """Twilio's pages write it in either way; nothing is written then."""

    async def answer(_: object, path: str, *, host: str) -> tuple[dict[str, Any], str]:
        inside, outside = ({name: "1"}, {}) if place == "configuration" else ({}, {name: "1"})
        return {"configuration": {"configurationType": "Recording", **inside}, **outside}, ""

    monkeypatch.setattr(TwilioClient, "get_tagged", answer)
    with pytest.raises(Refused, match="either an ID or properties"):
        run(emulator.plugin().create(KIND, "recordings", {**GIVEN, "replaceExisting": True}))
    assert default(emulator) is None


@pytest.mark.parametrize(
    ("status", "times", "written"),
    [(404, 1, True), (409, 1, True), (412, 4, True), (412, 5, False), (403, 1, False)],
)
def test_a_write_that_meets_another_is_tried_again(
    emulator: Emulator, status: int, times: int, written: bool
) -> None:
    """Five times in all; any other refusal is an error at once."""
    fault = {"fault": "rest-error", "method": "POST", "path": PATH, "status": status, "times": times}
    emulator.http.post("/_sandbox/faults", json=fault).raise_for_status()
    if written:
        create(emulator)
    else:
        with pytest.raises(Refused, match="run pulumi up again" if status == 412 else "403"):
            create(emulator)
    assert (default(emulator) is not None) is written


def test_a_write_names_the_version_that_it_changes(emulator: Emulator) -> None:
    """Twilio refuses it if somebody changed the object since; a new object has none."""
    emulator.forget_requests()
    resource = create(emulator)
    run(emulator.plugin().update(resource, {**GIVEN, "channels": "dual"}))
    run(emulator.plugin().update(resource, {**GIVEN, "channels": "dual"}))
    writes = [r["method"] for r in emulator.requests() if r["path"] == PATH and r["method"] != "GET"]
    assert writes == ["POST", "PUT"]  # the third has nothing to change


def test_a_description_keeps_the_object(emulator: Emulator) -> None:
    """Another program wrote it; without one, an object that is empty again is deleted."""
    set_default(emulator)
    resource = create(emulator)
    run(emulator.plugin().delete(resource))
    kept = default(emulator)
    assert kept is not None
    assert (kept["description"], kept["configuration"]) == ("theirs", {"configurationType": "Recording"})


def test_a_default_that_is_gone_already(emulator: Emulator) -> None:
    """A delete has nothing to do, and says nothing to worry about."""
    resource = create(emulator)
    emulator.http.delete(PATH).raise_for_status()
    emulator.forget_requests()
    run(emulator.plugin().delete(resource))
    assert {r["method"] for r in emulator.requests()} == {"GET"}
    assert default(emulator) is None


@pytest.mark.parametrize(
    "given",
    [
        {"callRecordingStatusCallback": f"{OURS}#rc=3"},
        {"callRecordingStatusCallback": ""},
        {"conferenceRecordingStatusCallbackEvents": ""},
        {"callRecordingStatusCallbackEvents": "in-progress completed absent failed"},
        *({name: value} for name, values in CHOICES.items() for value in ("", *values)),
    ],
)
def test_what_twilio_takes(emulator: Emulator, given: dict[str, Any]) -> None:
    """Every documented value, and empty for Twilio's default."""
    run(emulator.plugin().check(KIND, "r", given))
