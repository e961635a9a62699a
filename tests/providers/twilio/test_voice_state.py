"""What the state keeps of a number: the engine writes all of it for each number of an update."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.providers.servicer_client import UNKNOWN, Refused, Secret
from tests.providers.twilio.conftest import ACCOUNT, NUMBER, TOKEN, Emulator, run
from tests.support.engine import Project
from tests.support.interception import intercepted

KIND = "VoiceConfiguration"
OURS = "https://crm.example.com/functions/v1/twilio-webhook"
THEIRS = "https://user:hunter2@old.example.com/voice"
GIVEN = {"phoneNumber": NUMBER, "voiceUrl": OURS, "replaceExisting": True, "ownUrls": [OURS]}


def test_a_record_is_kept_once(emulator: Emulator) -> None:
    """The state has the record as the output `original`, and not as an input too."""
    record = {"sid": emulator.number()["sid"], "voice_url": THEIRS, "voice_method": "GET"}
    resource = run(emulator.plugin().create(KIND, NUMBER, {**GIVEN, "original": Secret(record)}))
    assert "original" not in resource.inputs
    assert resource.state["original"] == Secret({"voice_url": THEIRS, "voice_method": "GET"})


def test_a_preview_of_a_create_uses_the_record(emulator: Emulator) -> None:
    """What a delete would restore is the recorded configuration, and not the live one."""
    record = {"sid": emulator.number()["sid"], "voice_url": THEIRS}
    given = {**GIVEN, "original": Secret(record)}
    resource = run(emulator.plugin().create(KIND, NUMBER, given, preview=True))
    assert resource.inputs["restores"] == {"voice_url": "https://***@old.example.com/voice"}
    assert "original" not in resource.inputs


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize(
    ("record", "warned"),
    [({}, True), ({"sid": "PN" + "0" * 32, "voice_url": ""}, False), (UNKNOWN, False), (None, False)],
    ids=["empty", "recorded", "not known yet", "none"],
)
def test_a_number_that_the_record_does_not_contain(
    emulator: Emulator, record: object, warned: bool, preview: bool
) -> None:
    """A targeted update leaves the record out; the warning names the command that includes it."""
    client = emulator.plugin()
    run(client.create(KIND, NUMBER, {**GIVEN, "original": record}, preview=preview))
    assert ("--target '**VoiceOriginals**'" in client.said) is warned


def test_own_urls_are_kept_among_the_inputs_alone(emulator: Emulator) -> None:
    """A delete reads them there."""
    resource = run(emulator.plugin().create(KIND, NUMBER, GIVEN))
    assert resource.inputs["ownUrls"] == [OURS]
    assert "ownUrls" not in resource.state
    refreshed = run(emulator.plugin().read(resource))
    assert refreshed is not None
    assert refreshed.inputs["ownUrls"] == [OURS]
    assert "ownUrls" not in refreshed.state


@pytest.mark.parametrize(
    ("given", "is_secret"),
    [
        ({"voiceUrl": OURS}, False),
        ({"voiceUrl": OURS, "delivery": {"retries": 3}, "statusCallback": ""}, False),
        ({"voiceUrl": Secret(f"{OURS}?key=hunter2")}, True),
        ({"voiceUrl": OURS, "statusCallback": Secret(f"{OURS}?key=hunter2")}, True),
    ],
    ids=["plain", "overrides and an empty value", "secret", "one of two secret"],
)
def test_what_was_written_is_as_secret_as_in_the_program(
    emulator: Emulator, given: dict[str, Any], is_secret: bool
) -> None:
    """A secret takes more space than its text, so only what the program hides is hidden."""
    resource = run(emulator.plugin().create(KIND, NUMBER, {**GIVEN, **given}))
    assert isinstance(resource.state["lastWritten"], Secret) is is_secret


@pytest.mark.usefixtures("quick_retries")
def test_a_value_on_its_way_back_is_secret(emulator: Emulator) -> None:
    """The answer to an update that restores a field is lost: its earlier value is in no plain text."""
    emulator.click(VoiceFallbackUrl=THEIRS)
    client = emulator.plugin()
    created = run(client.create(KIND, NUMBER, {**GIVEN, "voiceFallbackUrl": OURS}))
    client.next_run()
    with intercepted(emulator.url) as proxy:
        proxy.strike("POST", "/IncomingPhoneNumbers/", times=8)
        with pytest.raises(Refused) as lost:
            run(emulator.plugin(baseUrl=proxy.url).update(created, GIVEN))
    assert lost.value.kept is not None
    state = lost.value.kept[1]
    assert isinstance(state["lastWritten"], Secret)
    assert "ownUrls" not in state


@pytest.mark.slow
def test_the_next_update_keeps_the_inputs_as_they_are(emulator: Emulator, tmp_path: Path) -> None:
    """The engine writes the whole state for each resource whose inputs differ, though nothing is updated."""
    project = Project(tmp_path, {"twilio:accountSid": ACCOUNT, "twilio:baseUrl": emulator.url})
    project.set_secret("twilio:authToken", TOKEN)
    project.program(f"""\
import pulumi_twilio as twilio

originals = twilio.VoiceOriginals("originals", phone_numbers=[{NUMBER!r}], own_urls=[{OURS!r}])
twilio.VoiceConfiguration(
    {NUMBER!r},
    phone_number={NUMBER!r},
    voice_url={OURS!r},
    own_urls=[{OURS!r}],
    original=originals.configurations.apply(lambda found: found.get({NUMBER!r})),
)
""")
    project.up()
    [first] = [r for r in project.resources() if r["type"].endswith(f":{KIND}")]
    project.up()
    [second] = [r for r in project.resources() if r["type"].endswith(f":{KIND}")]
    assert second["inputs"] == first["inputs"]
    assert second["outputs"].keys() == first["outputs"].keys()
