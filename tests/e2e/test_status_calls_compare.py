"""`voicehooks status`, `calls`, `compare` and `replay`, against the real function, database and engine."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.clone import NUMBER, Clone, running_clone, variables
from tests.support.hand_deployed import BIN
from tests.support.terminal import run_in_terminal

pytestmark = pytest.mark.slow

OTHER = "+15551234568"
ELSEWHERE = "https://user:secret@old.example/voice"


def test_status_says_who_answers_each_number(deployed: Clone) -> None:
    """The handler with its version, its fallback, the last call; another number is marked."""
    deployed.click(OTHER, VoiceUrl=ELSEWHERE)
    try:
        deployed.call()
        done = deployed.voicehooks("status", "--json")
    finally:
        deployed.click(OTHER, VoiceUrl="")
    assert done.returncode == 0, done.stderr
    numbers = {number["number"]: number for number in json.loads(done.stdout)["numbers"]}
    ours = numbers[NUMBER]
    assert (ours["managed"], ours["handler"], ours["record"]) == (True, True, "record-from-answer")
    assert ours["answeredBy"].startswith("twilio-webhook v")
    assert ours["fallback"].startswith("twilio-fallback v")
    assert ours["lastStatus"] == "completed"
    assert ours["lastCall"].endswith("Z")
    theirs = numbers[OTHER]
    assert (theirs["managed"], theirs["handler"], theirs["record"], theirs["lastCall"]) == (
        False,
        False,
        None,
        None,
    )
    assert "old.example/voice" in theirs["answeredBy"]
    assert "secret" not in done.stdout


def test_status_is_known_while_the_database_is_not(deployed: Clone) -> None:
    """Who answers is what the person on call needs; the last calls are left out, with the reason."""
    deployed.query("alter table public.twilio_calls rename to away")
    try:
        done = deployed.voicehooks("status")
    finally:
        deployed.query("alter table public.away rename to twilio_calls")
    assert done.returncode == 0, done.stderr
    assert "twilio-webhook v" in done.stdout
    assert "last calls are not shown" in done.stderr


def test_calls_with_the_reason_for_what_went_wrong(deployed: Clone) -> None:
    """A good call, and one whose destination did not answer."""
    deployed.call()
    deployed.call(scenario="no-answer")
    done = deployed.voicehooks("calls", "--json")
    assert done.returncode == 0, done.stderr
    calls = json.loads(done.stdout)["calls"]
    assert [call["status"] for call in calls] == ["completed", "missed"]
    assert calls[0]["reason"] == ""
    assert calls[1]["reason"].startswith("nobody answered: +15557654321")


def test_calls_are_followed_as_they_happen(deployed: Clone) -> None:
    """Each change is a document of its own; the last one of a call has its end."""
    command = [str(BIN / "voicehooks"), "calls", "--follow", "--json"]
    process = subprocess.Popen(
        command, cwd=deployed.folder, env=variables(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        story = deployed.call()
        for line in process.stdout:
            entry = json.loads(line)
            if entry["status"] == "completed":
                break
        assert entry["callSid"] == story["sid"]
        assert entry["seconds"] is not None
    finally:
        process.terminate()
        process.communicate()


def test_compare_shows_settings_and_live_side_by_side(deployed: Clone) -> None:
    """A second stack with another ring time: that row, and not what is equal; secrets are never shown."""
    other, found = _second_stack(deployed, "other", ringSeconds=40)
    try:
        done = deployed.voicehooks("compare", "local", "other", "--json", environment=found)
        shown = deployed.voicehooks("compare", "local", "other", environment=found)
    finally:
        other.unlink()
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row["values"] for row in json.loads(done.stdout)["rows"]}
    assert rows["defaults.ringSeconds"] == [25, 40]
    assert "defaults.record" not in rows
    assert rows["deployed: code of twilio-webhook"][1] is None  # never deployed
    assert "live: latest migration" not in rows  # the same project
    assert "defaults.ringSeconds" in shown.stdout
    token = deployed.values["twilio_auth_token"]
    assert token not in done.stdout + shown.stdout


def _second_stack(clone: Clone, name: str, **defaults: Any) -> tuple[Path, dict[str, str]]:
    path = clone.folder / f"Pulumi.{name}.yaml"
    content = yaml.safe_load(clone.settings_file.read_text(encoding="utf-8"))
    content["config"]["voicehooks:defaults"] |= defaults
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path, _init(clone, name)


def _init(clone: Clone, name: str) -> dict[str, str]:
    """Create a stack next to `local`; returns the variables with which commands find it."""
    state = clone.folder / ".voicehooks" / "other-state"
    state.mkdir(parents=True, exist_ok=True)
    # Its settings begin as those of `local`, salt included.
    variables = {"PULUMI_BACKEND_URL": f"file://{state}", "PULUMI_CONFIG_PASSPHRASE": "local"}
    init = ("stack", "init", name, "--no-select", "--non-interactive")
    done = clone.run("pulumi", *init, environment=variables)
    assert done.returncode == 0 or "already exists" in done.stderr, done.stderr
    return variables


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """Another sandbox with its own database, deployed."""
    with running_clone(tmp_path_factory.mktemp("target")) as clone:
        clone.up()
        yield clone


def test_replay_moves_a_callback_into_another_sandbox(deployed: Clone, target: Clone) -> None:
    """Signed for the target, with its account and number; its handler answers with TwiML and stores it."""
    story = deployed.call()
    path = deployed.folder / "Pulumi.target.yaml"
    shutil.copy(target.settings_file, path)
    try:
        found = _init(deployed, "target")
        replay = ("replay", f"{story['sid']}:voice", "--to", "target", "--stack", "local", "--json")
        done = deployed.voicehooks(*replay, environment=found)
    finally:
        path.unlink()
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert (result["kind"], result["status"], result["stored"]) == ("voice", 200, True)
    assert "<Dial" in result["answer"]
    [row] = target.query(
        f"select to_number, from_number from public.twilio_calls where call_sid = '{story['sid']}'"
    )
    assert row == {"to_number": NUMBER, "from_number": "+15550100001"}


def test_personal_data_leaves_a_sandbox_only_by_the_typed_name(deployed: Clone) -> None:
    """A target that is not a sandbox asks for its name; without it, nothing is sent."""
    story = deployed.call()
    path = deployed.folder / "Pulumi.prod.yaml"
    content = yaml.safe_load(deployed.settings_file.read_text(encoding="utf-8"))
    content["config"].pop("twilio:baseUrl")
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    command = ["replay", f"{story['sid']}:voice", "--to", "prod", "--stack", "local"]
    try:
        found = _init(deployed, "prod")
        unattended = deployed.voicehooks(*command, environment=found)
        shown = run_in_terminal(
            [BIN / "voicehooks", *command],
            deployed.folder,
            answers={"Type prod to continue": "yes"},
            environment=found,
        )
    finally:
        path.unlink()
    assert unattended.returncode == 2
    assert "there is no terminal to confirm in" in unattended.stderr
    assert shown.exit_code == 2
    assert "the name prod was not typed" in shown.text


def test_an_event_that_is_not_one_is_refused(deployed: Clone) -> None:
    """Too little of a key names those that begin like it; an unknown one says where to look."""
    story = deployed.call()
    several = deployed.voicehooks("replay", story["sid"], "--to", "other")
    assert several.returncode == 2
    assert f"{story['sid']}:voice" in several.stderr
    nothing = deployed.voicehooks("replay", "CA" + "0" * 32, "--to", "other")
    assert "voicehooks calls --stack local" in nothing.stderr
