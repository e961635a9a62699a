"""`voicehooks adopt` on an environment that is deployed, and on a function from elsewhere."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.support.clone import Clone
from tests.support.hand_deployed import BIN, NUMBER
from tests.support.terminal import run_in_terminal
from tests.support.waiting import PATIENCE

# Of the document of --json.
KEYS = {
    "stack",
    "written",
    "numbers",
    "imported",
    "skipped",
    "account",
    "notes",
    "functions",
    "preview",
}
SECOND, THIRD = "+15551234568", "+15551234569"


@pytest.fixture
def clone(deployed: Clone) -> Clone:
    """A deployed environment whose defaults send calls to the handler."""
    return deployed


def _adopt(clone: Clone, *arguments: str) -> dict[str, Any]:
    done = clone.voicehooks("adopt", "--json", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert document.keys() == KEYS
    assert document["stack"] == "local"
    return document


def test_a_dry_run_shows_the_difference_and_writes_nothing(clone: Clone) -> None:
    """The settings file's new lines are shown; file and state stay."""
    before = (clone.folder / "Pulumi.local.yaml").read_text(encoding="utf-8")
    done = clone.voicehooks("adopt", THIRD, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f'+    "{THIRD}":' in done.stdout
    assert "nothing written" in done.stdout
    assert (clone.folder / "Pulumi.local.yaml").read_text(encoding="utf-8") == before
    assert clone.values["twilio_auth_token"] not in done.stdout


def test_recording_default_of_the_account_is_named(clone: Clone) -> None:
    """What the whole account has is shown without its secrets, and stays."""
    account = clone.values["twilio_account_sid"], clone.values["twilio_auth_token"]
    url = clone.values["twilio_base_url"] + "/v2/AccountDefaultConfiguration/Recording"
    callback = {"url": "https://crm.example.com/recordings?key=pr1vate"}
    body = {"configuration": {"configurationType": "Recording", "callRecordingStatusCallback": callback}}
    httpx.post(url, auth=account, json=body, timeout=PATIENCE).raise_for_status()
    try:
        done = clone.voicehooks("adopt", THIRD, "--dry-run")
    finally:
        httpx.delete(url, auth=account, timeout=PATIENCE).raise_for_status()
    assert "reports recordings to https://crm.example.com/recordings" in done.stdout
    assert "pr1vate" not in done.stdout


def test_recording_default_and_rule_of_the_account(clone: Clone) -> None:
    """What the settings can describe is written to them and imported; an update would change none of it."""
    account = clone.values["twilio_account_sid"], clone.values["twilio_auth_token"]
    base, settings_text = clone.values["twilio_base_url"], clone.settings_file.read_text(encoding="utf-8")
    callback = {"url": clone.values["webhook_url"], "method": "POST", "events": ["in-progress", "completed"]}
    policy = {"channels": "dual", "track": "inbound"}
    configuration = {
        "configurationType": "Recording",
        "callRecordingStatusCallback": callback,
        "compositionPolicy": policy,
    }
    with httpx.Client(base_url=base, auth=account, timeout=PATIENCE) as twilio:

        def make(path: str, **body: Any) -> dict[str, Any]:
            answer = twilio.post(path, json=body)
            assert answer.is_success, answer.text
            made: dict[str, Any] = answer.json()
            return made

        make("/v2/AccountDefaultConfiguration/Recording", configuration=configuration)
        setting = make("/v1/Webhooks/Settings", auth={"source": "INLINE", "value": {"scheme": "NONE"}})["id"]
        shares = [{"settingId": setting, "percentage": 100}]
        rule = make("/v1/Webhooks/Rules", friendlyName="theirs", matchType="DEFAULT", settings=shares)["rule"]
        try:
            done = clone.voicehooks("adopt", THIRD, "--yes", "--json")
            document = json.loads(done.stdout)
            assert document["account"] == {"recordingCallback": True, "channels": "dual"}
            assert rule["id"] in document["notes"][0]
            assert clone.settings()["voicehooks:account"] == document["account"]
            state = json.loads(clone.pulumi("stack", "export"))["deployment"]["resources"]
            (taken,) = [r for r in state if r["type"] == "twilio:index:AccountRecordingDefaults"]
            assert taken["inputs"]["channels"] == "dual"
            live = twilio.get("/v2/AccountDefaultConfiguration/Recording").json()["configuration"]
            assert live == configuration
            again = json.loads(clone.voicehooks("adopt", THIRD, "--dry-run", "--json").stdout)
            assert again["account"] == {}
        finally:
            clone.pulumi("state", "delete", "--yes", taken["urn"])
            clone.settings_file.write_text(settings_text, encoding="utf-8")
            twilio.delete("/v2/AccountDefaultConfiguration/Recording").raise_for_status()
            twilio.delete(f"/v1/Webhooks/Rules/{rule['id']}").raise_for_status()
            twilio.delete(f"/v1/Webhooks/Settings/{setting}").raise_for_status()


def test_without_a_terminal_it_needs_yes(clone: Clone) -> None:
    """Nobody could be asked, so nothing is written, and the option is named."""
    before = (clone.folder / "Pulumi.local.yaml").read_text(encoding="utf-8")
    done = clone.voicehooks("adopt", THIRD)
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert (clone.folder / "Pulumi.local.yaml").read_text(encoding="utf-8") == before


def test_a_number_that_is_not_owned_is_reported(clone: Clone) -> None:
    """The account's own numbers are named."""
    done = clone.voicehooks("adopt", "+15550000001", "--yes")
    assert done.returncode == 2
    assert NUMBER in done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_drift_can_be_kept(clone: Clone) -> None:
    """What somebody clicked in the console becomes the number's settings; no update undoes it."""
    clone.click(NUMBER, VoiceUrl="https://other.example/voice", StatusCallback="", VoiceFallbackUrl="")
    document = _adopt(clone, NUMBER, "--yes")
    assert document["imported"] == []
    assert clone.settings()["voicehooks:numbers"][NUMBER] == {
        "voiceUrl": "https://other.example/voice",
        "statusCallback": "",
        "fallbackUrl": "",
        "delivery": {},
    }
    clone.up()
    assert clone.number(NUMBER)["voice_url"] == "https://other.example/voice"
    clone.click(NUMBER, VoiceUrl=f"{clone.values['supabase_url']}/functions/v1/twilio-webhook")
    _adopt(clone, NUMBER, "--yes")
    assert clone.settings()["voicehooks:numbers"][NUMBER]["statusCallback"] == ""


def test_in_a_terminal_it_asks_first(clone: Clone) -> None:
    """The difference is shown, and no means no."""
    before = (clone.folder / "Pulumi.local.yaml").read_text(encoding="utf-8")
    shown = run_in_terminal(
        [BIN / "voicehooks", "adopt", THIRD], clone.folder, answers={"Write the settings": "n"}
    )
    assert shown.exit_code == 0, shown.text
    assert f'"{THIRD}":' in shown.text
    assert "nothing written" in shown.text
    assert (clone.folder / "Pulumi.local.yaml").read_text(encoding="utf-8") == before


@pytest.mark.slow
def test_an_untouched_number_stays_untouched_under_answering_defaults(clone: Clone) -> None:
    """A number without URLs gets settings that say so, is imported, and up and destroy leave it alone."""
    live = clone.number(SECOND)
    document = _adopt(clone, SECOND, "--yes")
    assert document["imported"] == [SECOND]
    clone.up()
    assert clone.number(SECOND) == live
    assert _adopt(clone, "--yes", SECOND)["written"] is False


@pytest.mark.slow
def test_a_function_from_elsewhere_is_saved_then_taken_over(clone: Clone) -> None:
    """Its sources lie on the disk first; a changed file there is shown and not lost silently."""
    clone.configure(allowedOrigins=None)
    clone.up()
    metadata = {"entrypoint_path": "index.ts", "name": "recording", "verify_jwt": True}
    source = 'Deno.serve(() => new Response("mine"));\n'
    clone.supabase(
        "POST",
        "functions/deploy",
        params={"slug": "recording"},
        files=[("metadata", (None, json.dumps(metadata))), ("file", ("index.ts", source.encode()))],
    )
    refused = clone.voicehooks("adopt", "--function")
    assert refused.returncode == 2

    document = _adopt(clone, "--function", "--yes")
    assert [f["slug"] for f in document["functions"]] == ["recording"]
    assert document["numbers"] == []
    saved = clone.folder / "adopted" / "local" / "recording"
    assert [p.read_text(encoding="utf-8") for p in saved.rglob("index.ts")] == [source]
    assert clone.settings()["voicehooks:adoptFunction"] == "true"

    (file,) = saved.rglob("index.ts")
    file.write_text("// mine, edited\n", encoding="utf-8")
    shown = clone.voicehooks("adopt", "--function", "--dry-run")
    assert "-// mine, edited" in shown.stdout
    assert file.read_text(encoding="utf-8") == "// mine, edited\n"
