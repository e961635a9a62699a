"""AccountRecordingDefaults: one object of the account, of which several people have a part."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.servicer_client import CheckFailed, Refused, Resource, Secret
from tests.providers.twilio.conftest import Twin, run
from tests.support.interception import intercepted

PATH = "/v2/AccountDefaultConfiguration/Recording"
KIND = "AccountRecordingDefaults"
OURS = "https://ours.example.com/recordings"
THEIRS = "https://theirs.example.com/recordings?key=pr1vate"
GIVEN = {"callRecordingStatusCallback": OURS, "callRecordingStatusCallbackEvents": "completed absent"}


def default(twin: Twin) -> dict[str, Any] | None:
    """The account's default as Twilio answers it, None where it has none."""
    answer = twin.http.get(PATH)
    return None if answer.status_code == 404 else dict(answer.json())


def set_default(twin: Twin, **configuration: Any) -> None:
    """Somebody else creates it, or replaces it as a whole."""
    body = {"description": "theirs", "configuration": {"configurationType": "Recording", **configuration}}
    twin.http.request("PUT" if default(twin) else "POST", PATH, json=body).raise_for_status()


def create(twin: Twin, **given: Any) -> Resource:
    """Create the resource."""
    resource: Resource = run(twin.plugin().create(KIND, "recordings", {**GIVEN, **given}))
    return resource


def test_account_without_a_default(twin: Twin) -> None:
    """It is created, and deleted with the resource."""
    resource = create(twin, channels="dual")
    found = default(twin)
    assert found is not None
    assert found["configuration"] == {
        "configurationType": "Recording",
        "callRecordingStatusCallback": {"url": OURS, "method": "POST", "events": ["completed", "absent"]},
        "compositionPolicy": {"channels": "dual"},
    }
    run(twin.plugin().delete(resource))
    assert default(twin) is None


def test_preview_writes_nothing(twin: Twin) -> None:
    """The preview says what would change."""
    client = twin.plugin()
    run(client.create(KIND, "recordings", GIVEN, preview=True))
    assert OURS in client.said
    assert default(twin) is None


def test_other_keys_survive(twin: Twin) -> None:
    """What other people set in the object stays, in an update and after the end."""
    features = [{"type": "transcriptionConfiguration", "featureId": "f1"}]
    conference = {"url": THEIRS, "method": "GET", "events": ["completed"]}
    set_default(
        twin,
        compositionPolicy={"track": "inbound"},
        conferenceRecordingStatusCallback=conference,
        features=features,
    )
    before = default(twin)
    resource = create(twin, trim="do-not-trim")
    found = default(twin)
    assert found is not None
    assert found["description"] == "theirs"
    assert found["configuration"]["features"] == features
    assert found["configuration"]["conferenceRecordingStatusCallback"] == conference
    assert found["configuration"]["compositionPolicy"] == {"track": "inbound", "trim": "do-not-trim"}
    run(twin.plugin().delete(resource))
    after = default(twin)
    assert before is not None
    assert after is not None
    assert after["configuration"] == before["configuration"]


@pytest.mark.parametrize("preview", [True, False])
def test_callback_of_somebody_else(twin: Twin, preview: bool) -> None:
    """It is refused with its place, without its key; taken over when asked to, and given back."""
    theirs = {"url": THEIRS, "method": "POST", "events": ["completed"]}
    set_default(twin, callRecordingStatusCallback=theirs)
    with pytest.raises(Refused, match="theirs.example.com") as refused:
        run(twin.plugin().create(KIND, "recordings", GIVEN, preview=preview))
    assert "pr1vate" not in str(refused.value)
    resource = create(twin, replaceExisting=True)
    found = default(twin)
    assert found is not None
    assert found["configuration"]["callRecordingStatusCallback"]["url"] == OURS
    run(twin.plugin().delete(resource))
    restored = default(twin)
    assert restored is not None
    assert restored["configuration"]["callRecordingStatusCallback"] == theirs


def test_callback_that_was_changed_since(twin: Twin) -> None:
    """Drift is shown; an update refuses to overwrite it, and a delete leaves it with a warning."""
    resource = create(twin)
    set_default(twin, callRecordingStatusCallback={"url": THEIRS})
    refreshed = run(twin.plugin().read(resource))
    assert "callRecordingStatusCallback" in run(twin.plugin().diff(refreshed, GIVEN))
    with pytest.raises(Refused, match="replaceExisting"):
        run(twin.plugin().update(refreshed, GIVEN))
    client = twin.plugin()
    run(client.delete(resource))
    assert "was changed outside this stack" in client.said
    found = default(twin)
    assert found is not None
    assert found["configuration"]["callRecordingStatusCallback"]["url"] == THEIRS


def test_change_at_the_same_time(twin: Twin) -> None:
    """Somebody writes between our read and our write: both changes are there in the end."""
    resource = create(twin)
    with intercepted(twin.url) as proxy:
        proxy.strike(
            "PUT",
            PATH,
            times=1,
            before=True,
            act=lambda: set_default(
                twin, callRecordingStatusCallback={"url": OURS}, compositionPolicy={"track": "inbound"}
            ),
        )
        run(twin.plugin(baseUrl=proxy.url).update(resource, {**GIVEN, "channels": "dual"}))
    found = default(twin)
    assert found is not None
    assert found["configuration"]["compositionPolicy"] == {"track": "inbound", "channels": "dual"}


def test_default_that_names_a_configuration(twin: Twin) -> None:
    """An ID and properties are never mixed."""
    set_default(twin, configurationId="voice_configuration_1")
    with pytest.raises(Refused, match="either an ID or properties"):
        run(twin.plugin().create(KIND, "recordings", GIVEN, preview=True))


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
def test_checks(twin: Twin, given: dict[str, Any]) -> None:
    """A wrong value is refused at its property."""
    with pytest.raises(CheckFailed) as caught:
        run(twin.plugin().check(KIND, "r", given))
    assert list(caught.value.failures) == list(given)


def test_import_and_empty_diff(twin: Twin) -> None:
    """The account's SID imports it; nothing is different then."""
    create(twin)
    resource = run(twin.plugin().import_(KIND, "r", "AC" + "5a4db0c5" * 4))
    assert resource.inputs["callRecordingStatusCallback"] == OURS
    assert run(twin.plugin().diff(resource, resource.inputs)) == {}


def test_record_of_what_was_there(twin: Twin) -> None:
    """AccountOriginals keeps it as a secret, because a URL may contain a password."""
    set_default(twin, callRecordingStatusCallback={"url": THEIRS})
    record = run(twin.plugin().create("AccountOriginals", "originals", {"settings": ["recordingDefaults"]}))
    kept = record.state["recordingDefaults"]
    assert isinstance(kept, Secret)
    assert kept.value["call_recording_status_callback"] == THEIRS
