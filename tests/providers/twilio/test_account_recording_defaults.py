"""AccountRecordingDefaults: one object of the account, of which several people have a part."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.servicer_client import CheckFailed, Refused, Resource, Secret
from tests.providers.twilio.conftest import Emulator, run
from tests.support.interception import intercepted

PATH = "/v2/AccountDefaultConfiguration/Recording"
KIND = "AccountRecordingDefaults"
OURS = "https://ours.example.com/recordings"
THEIRS = "https://theirs.example.com/recordings?key=pr1vate"
GIVEN = {"callRecordingStatusCallback": OURS, "callRecordingStatusCallbackEvents": "completed absent"}


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
