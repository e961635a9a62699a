"""`voicehooks call` against a running sandbox: the real handler, Postgres, PostgREST and engine."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

import pytest
from voicehooks_sandbox.testing import running_sandbox

from tests.e2e.hand_deployed import AGENT, BIN, NUMBER, RECORDED, UNRECORDED, Environment
from tests.terminal import run_in_terminal

STEPS = ["connecting", "ringing", "connected", "ended", "recording"]
TITLES = ["Connecting...", "Ringing...", "Connected", "Call ended", "Recording"]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """One environment for all tests here; calls in it run at twice the speed."""
    folder = tmp_path_factory.mktemp("clone")
    with running_sandbox(folder / ".voicehooks" / "sandbox", time_factor=2) as values:
        environment = Environment(folder, values)
        environment.deploy(RECORDED)
        environment.export(RECORDED)
        yield environment


@pytest.fixture
def environment(deployed: Environment) -> Environment:
    """The environment, healthy whatever the test before did to it."""
    deployed.configure_number(VoiceUrl=deployed.webhook_url, StatusCallback=deployed.webhook_url)
    return deployed


def call(environment: Environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command without a terminal."""
    return subprocess.run(
        [BIN / "voicehooks", "call", *arguments],
        cwd=environment.folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_plain_output_tells_the_guides_timeline(environment: Environment) -> None:
    """In a pipe: one line a step in order, the rows, and PASS as the last line; no control codes."""
    answer = call(environment, NUMBER)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    timeline, _, rows = answer.stdout.partition("\n\n")
    assert [line[11:].split("  ")[0] for line in timeline.splitlines()] == TITLES
    seconds = [float(line.split()[0]) for line in timeline.splitlines()]
    assert seconds == sorted(seconds)
    assert f"with {AGENT}" in timeline
    assert "/Recordings/RE" in timeline.splitlines()[-1]
    assert "twilio_calls  2 rows" in rows
    assert "twilio_recordings  1 row" in rows
    assert rows.splitlines()[-1].startswith("PASS  ")
    assert "\x1b" not in answer.stdout
    assert answer.stderr == ""


def test_json_is_one_document(environment: Environment) -> None:
    """--json puts one document on stdout, the timeline on stderr; the rows are those of this call alone."""
    answer = call(environment, NUMBER, "--json", "--from", "+15550100002")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    document = json.loads(answer.stdout)
    assert [step["step"] for step in document["steps"]] == STEPS
    assert (document["verdict"], document["finding"]) == ("pass", None)
    first, second = document["calls"]
    assert (first["call_sid"], first["from_number"]) == (document["call_sid"], "+15550100002")
    assert second["parent_call_sid"] == document["call_sid"]
    assert {event["call_sid"] for event in document["events"]} == {first["call_sid"], second["call_sid"]}
    assert [recording["status"] for recording in document["recordings"]] == ["completed"]
    assert "Connecting..." in answer.stderr


def test_terminal_shows_a_running_timer(environment: Environment) -> None:
    """In a terminal: the steps, a spinner with what is waited for, a timer while connected, then PASS."""
    shown = run_in_terminal([BIN / "voicehooks", "call", NUMBER], environment.folder)
    assert shown.exit_code == 0, shown.text
    # What it waits for first may be there before the first frame is drawn.
    assert "waiting for an answer" in shown.text
    timers = re.findall(r"Connected (\d\d:\d\d)", shown.text)
    assert timers[0] == "00:00"
    assert timers[-1] > "00:00"
    assert "waiting for the recording" in shown.text
    positions = [shown.text.index(f" s  {title}") for title in TITLES]
    assert positions == sorted(positions)
    assert shown.text.rstrip().splitlines()[-1].startswith("PASS  ")


def test_unrecorded_number_needs_no_recording(environment: Environment) -> None:
    """Where the settings ask for no recording, the call passes with its end."""
    environment.deploy_function(UNRECORDED)
    environment.export(UNRECORDED)
    try:
        answer = call(environment, NUMBER, "--json")
    finally:
        environment.deploy_function(RECORDED)
        environment.export(RECORDED)
    document = json.loads(answer.stdout)
    assert document["verdict"] == "pass"
    assert [step["step"] for step in document["steps"]] == STEPS[:-1]


def test_lost_end_of_a_call_is_found_by_comparing(environment: Environment) -> None:
    """Without a status callback on the number its last status never comes, and Twilio says otherwise."""
    environment.configure_number(StatusCallback="")
    answer = call(environment, NUMBER, "--json")
    document = json.loads(answer.stdout)
    assert answer.returncode == 1
    assert document["verdict"] == "fail"
    assert "Twilio says completed" in document["finding"]["what"]


@pytest.mark.slow
def test_call_that_never_arrives_names_the_cause(environment: Environment) -> None:
    """A number without a voice URL: FAIL after the deadline, the cause and the command, exit code 1."""
    environment.configure_number(VoiceUrl="", StatusCallback="")
    answer = call(environment, NUMBER)
    assert answer.returncode == 1
    assert "FAIL  the database never heard of the call" in answer.stdout
    assert "likely cause: Twilio sent no voice request: the number has no voice URL" in answer.stdout
    assert "do: pulumi preview --diff --stack local" in answer.stdout


@pytest.mark.slow
def test_refused_signature_names_the_cause(environment: Environment) -> None:
    """Another token than Twilio's in the function: the answer 403 is named with what it means."""
    environment.set_auth_token("another")
    try:
        answer = call(environment, NUMBER)
    finally:
        environment.set_auth_token(environment.values["twilio_auth_token"])
    assert answer.returncode == 1
    assert "refused Twilio's signature (403)" in answer.stdout
    assert "do: pulumi up --stack local sets both again" in answer.stdout


def test_unknown_number_is_refused_before_any_call(environment: Environment) -> None:
    """A number that the stack does not manage: one sentence with those that it does."""
    answer = call(environment, "+15559999999")
    assert answer.returncode == 2
    assert answer.stderr == (
        "voicehooks: no call to +15559999999: it is not a number of the stack local (those are: "
        f"{NUMBER}); call one of them, or add it under voicehooks:numbers in Pulumi.local.yaml\n"
    )
    assert answer.stdout == ""
