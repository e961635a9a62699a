"""`voicehooks call` against a running sandbox: the real handler, Postgres, PostgREST and engine."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.clone import Clone, variables
from tests.support.hand_deployed import AGENT, BIN, NUMBER
from tests.support.terminal import run_in_terminal
from tests.support.waiting import PATIENCE

STEPS = ["connecting", "ringing", "connected", "ended", "recording"]
TITLES = ["Connecting...", "Ringing...", "Connected", "Call ended", "Recording"]
LEAD = "+15559876543"
STEP = re.compile(r" +(\d+\.\d) s  (\S.{15})")


@pytest.fixture
def clone(deployed: Clone) -> Clone:
    """A deployed environment; calls in it run at four times the speed."""
    deployed.control("POST", "clock", json={"factor": 4})
    return deployed


def call(clone: Clone, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command without a terminal."""
    return clone.voicehooks("call", *arguments)


def test_plain_output_tells_the_guides_timeline(clone: Clone) -> None:
    """In a pipe: one line a step and a request in order, the rows, PASS as the last line; no control codes."""
    answer = call(clone, NUMBER)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    timeline, _, rows = answer.stdout.partition("\n\n")
    first, titles, *lines = timeline.splitlines()
    assert first == f"local (the sandbox)  +15550100001 -> {NUMBER}"
    assert titles.split() == ["moment", "a", "CRM", "shows", "Twilio", "handler", "Postgres"]
    steps = [found[2].strip() for line in lines if (found := STEP.match(line))]
    assert steps == TITLES
    assert f"with {AGENT}" in timeline
    assert "/Recordings/RE" in timeline
    assert re.search(r"asks what to do +200 in \d+ ms  <Dial> +stored", timeline)
    assert re.search(r"status completed #0 +204 in \d+ ms +stored", timeline)
    assert "twilio_calls  2 rows" in rows
    assert "twilio_recordings  1 row" in rows
    assert rows.splitlines()[-1].startswith("PASS  local  ")
    assert "\x1b" not in answer.stdout
    assert answer.stderr == ""


def test_json_is_one_document(clone: Clone) -> None:
    """--json puts one document on stdout, the timeline on stderr; the rows are those of this call alone."""
    answer = call(clone, NUMBER, "--json", "--from", "+15550100002")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    document = json.loads(answer.stdout)
    assert [step["step"] for step in document["steps"]] == STEPS
    assert (document["verdict"], document["finding"], document["billed"]) == ("pass", None, False)
    first, second = document["calls"]
    assert (first["call_sid"], first["from_number"]) == (document["callSid"], "+15550100002")
    assert second["parent_call_sid"] == document["callSid"]
    assert {event["call_sid"] for event in document["events"]} == {first["call_sid"], second["call_sid"]}
    assert [recording["status"] for recording in document["recordings"]] == ["completed"]
    assert len(document["exchanges"]) == len(document["events"])
    assert all(exchange["stored"] and not exchange["duplicate"] for exchange in document["exchanges"])
    assert "Connecting..." in answer.stderr


def test_terminal_shows_a_running_timer(clone: Clone) -> None:
    """In a terminal: the steps, a spinner with what is waited for, a timer while connected, then PASS."""
    clone.control("PUT", "scenarios", json={"*": {"talkSeconds": 20}})
    try:
        shown = run_in_terminal([BIN / "voicehooks", "call", NUMBER, "--stack", "local"], clone.folder)
    finally:
        clone.control("PUT", "scenarios", json={})
    assert shown.exit_code == 0, shown.text
    assert "q hangs up" in shown.text
    timers = re.findall(r"Connected (\d\d:\d\d)", shown.text)
    assert timers[0] == "00:00"
    assert timers[-1] > "00:00"
    positions = [shown.text.index(f" s  {title}") for title in TITLES]
    assert positions == sorted(positions)
    assert shown.text.rstrip().splitlines()[-1].startswith("PASS  ")


def test_q_hangs_up(clone: Clone) -> None:
    """The key ends the call at Twilio; the timeline goes on to its end and says so."""
    clone.control("PUT", "scenarios", json={"*": {"talkSeconds": 100}})
    try:
        shown = run_in_terminal(
            [BIN / "voicehooks", "call", NUMBER, "--stack", "local"],
            clone.folder,
            answers={"Connected 00:0": "q"},
        )
    finally:
        clone.control("PUT", "scenarios", json={})
    assert "You hung up." in shown.text
    assert " s  Call ended" in shown.text
    sid = re.findall(r"CA[0-9a-f]{32}", shown.text)[0]
    assert clone.twilio("GET", f"Calls/{sid}.json")["status"] == "completed"


def test_call_that_fails_is_no_pass(clone: Clone) -> None:
    """Without a voice URL Twilio ends the call as failed and reports it: known, and FAIL all the same."""
    clone.click(VoiceUrl="")
    answer = call(clone, NUMBER)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "the call failed before anyone was reached" in answer.stdout
    assert "PASS" not in answer.stdout


def test_somebody_else_is_called_with_the_stacks_options(clone: Clone) -> None:
    """TO is not ours: Twilio calls it from our number; events and recording arrive as for a CRM's own calls."""
    answer = call(clone, LEAD, "--json")
    document = json.loads(answer.stdout)
    assert (answer.returncode, document["verdict"]) == (0, "pass"), document["finding"]
    (row,) = document["calls"]
    assert (row["direction"], row["from_number"], row["to_number"]) == ("outbound-api", NUMBER, LEAD)
    assert [step["step"] for step in document["steps"]] == STEPS
    assert {exchange["kind"] for exchange in document["exchanges"]} == {"status", "recording"}


def test_agent_is_rung_and_then_connected(clone: Clone) -> None:
    """--agent: the agent's leg first, the lead's below it, both followed."""
    answer = call(clone, LEAD, "--agent", AGENT, "--json")
    document = json.loads(answer.stdout)
    assert (answer.returncode, document["verdict"]) == (0, "pass"), document["finding"]
    agent, lead = document["calls"]
    assert (agent["to_number"], lead["to_number"]) == (AGENT, LEAD)
    assert lead["parent_call_sid"] == agent["call_sid"]


def test_duplicates_are_shown(clone: Clone) -> None:
    """Twilio sends a request twice: both lines are there, one row is, and the call passes."""
    clone.control("POST", "faults", json={"fault": "duplicate", "kind": "status", "callStatus": "ringing"})
    answer = call(clone, NUMBER)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert re.search(r"status ringing #1  leg ..\w{4}, again +204 .* duplicate, stored once", answer.stdout)


@pytest.mark.slow
def test_unrecorded_number_needs_no_recording(clone: Clone) -> None:
    """Where the settings ask for no recording, the call passes with its end."""
    defaults = clone.settings()["voicehooks:defaults"]
    clone.configure(defaults={**defaults, "record": "do-not-record"})
    clone.up()
    try:
        document = json.loads(call(clone, NUMBER, "--json").stdout)
    finally:
        clone.configure(defaults=defaults)
        clone.up()
    assert document["verdict"] == "pass", document["finding"]
    assert [step["step"] for step in document["steps"]] == STEPS[:-1]


def test_lost_end_of_a_call_is_found_by_comparing(clone: Clone) -> None:
    """Without a status callback on the number its last status never comes, and Twilio says otherwise."""
    clone.click(StatusCallback="")
    answer = call(clone, NUMBER, "--json")
    document = json.loads(answer.stdout)
    assert answer.returncode == 1
    assert document["verdict"] == "fail"
    assert "Twilio says completed" in document["finding"]["what"]


@pytest.mark.slow
def test_call_that_never_arrives_names_the_cause(clone: Clone) -> None:
    """A number without a voice URL: FAIL after the deadline, the cause and the command, exit code 1."""
    clone.click(VoiceUrl="", StatusCallback="")
    answer = call(clone, NUMBER)
    assert answer.returncode == 1
    assert "FAIL  the database never heard of the call" in answer.stdout
    assert "likely cause: Twilio sent no voice request: the number has no voice URL" in answer.stdout
    assert "\n      pulumi preview --diff --stack local\n" in answer.stdout


@pytest.mark.slow
def test_refused_signature_names_the_cause(clone: Clone) -> None:
    """Another token than Twilio's in the function: the answer 403 is named with what it means."""
    secret = [{"name": "VOICEHOOKS_AUTH_TOKEN", "value": "another"}]
    clone.supabase("POST", "secrets", json=secret)
    try:
        answer = call(clone, NUMBER)
    finally:
        secret[0]["value"] = clone.values["twilio_auth_token"]
        clone.supabase("POST", "secrets", json=secret)
    assert answer.returncode == 1
    assert re.search(r"request, call ringing +403 in \d+ ms +not stored", answer.stdout)
    assert "refused Twilio's signature (403)" in answer.stdout
    assert "\n      pulumi up --stack local\n" in answer.stdout


@pytest.mark.slow
def test_unreachable_handler_names_twilios_error(clone: Clone) -> None:
    """Nobody answers at the number's URL: no answer, with the code that Twilio noted."""
    clone.click(VoiceUrl="http://127.0.0.1:9/nobody", StatusCallback="")
    answer = call(clone, NUMBER)
    assert answer.returncode == 1
    assert re.search(r"request, call ringing +no answer +not stored", answer.stdout)
    assert "no answer (Twilio error 11" in answer.stdout


@pytest.fixture
def real(clone: Clone) -> Iterator[Clone]:
    """The same stack, as if on a real account: another name of the loopback address is none of a sandbox."""
    path = clone.folder / "Pulumi.local.yaml"
    text = path.read_text()
    path.write_text(text.replace(clone.values["twilio_base_url"], _elsewhere(clone)))
    yield clone
    path.write_text(text)


def _elsewhere(clone: Clone) -> str:
    return clone.values["twilio_base_url"].replace("127.0.0.1", "127.1")


def calls_made(clone: Clone) -> int:
    """How many calls the account has."""
    return len(clone.twilio("GET", "Calls.json", params={"PageSize": 1000})["calls"])


def test_billed_call_needs_a_yes(real: Clone) -> None:
    """Nobody can be asked in a pipe: no call is made, and --yes is named."""
    before = calls_made(real)
    answer = call(real, LEAD)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert f"local: a real call {NUMBER} -> {LEAD} on AC..b0c5; the call is billed." in answer.stderr
    assert answer.stderr.endswith("it is billed, and there is no terminal to confirm in; give --yes\n")
    assert calls_made(real) == before


def test_billed_call_asks_in_a_terminal(real: Clone) -> None:
    """No is no call; yes is one, and it is followed as in the sandbox."""
    command = [BIN / "voicehooks", "call", LEAD, "--stack", "local"]
    before = calls_made(real)
    shown = run_in_terminal(command, real.folder, answers={"Call? [y/N]": "n"})
    assert (shown.exit_code, calls_made(real)) == (2, before)
    shown = run_in_terminal(command, real.folder, answers={"Call? [y/N]": "y"})
    assert shown.exit_code == 0, shown.text
    assert f"local (a real account)  {NUMBER} -> {LEAD}" in shown.text
    assert calls_made(real) == before + 1


def test_trial_is_named_before_the_call(real: Clone) -> None:
    """What a trial account may do is said first."""
    real.control("POST", "account", json={"type": "Trial"})
    try:
        answer = call(real, LEAD)
    finally:
        real.control("POST", "account", json={"type": "Full"})
    assert answer.returncode == 2
    assert answer.stderr.startswith("local: a trial account calls verified numbers only")
    assert (
        f"no call to {LEAD}: a trial account calls verified numbers only, and this one is not" in answer.stderr
    )


def test_interrupt_hangs_up(real: Clone) -> None:
    """Ctrl-C ends a billed call before the command leaves."""
    real.control("PUT", "scenarios", json={"*": {"talkSeconds": None}})  # until somebody hangs up
    try:
        process = subprocess.Popen(
            [BIN / "voicehooks", "call", LEAD, "--yes", "--stack", "local"],
            cwd=real.folder,
            env=variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        shown = ""
        while " s  Connected" not in shown:
            line = process.stdout.readline()
            assert line, shown
            shown += line
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
    finally:
        real.control("PUT", "scenarios", json={})
    assert process.returncode == 130
    sid = re.findall(r"CA[0-9a-f]{32}", shown)[0]
    assert real.twilio("GET", f"Calls/{sid}.json")["status"] == "completed"


def test_sandbox_that_does_not_run_is_named(clone: Clone) -> None:
    """A call without a sandbox says how to start it."""
    path = clone.folder / "Pulumi.local.yaml"
    text = path.read_text()
    path.write_text(text.replace(clone.values["twilio_base_url"], "http://127.0.0.1:9"))
    try:
        answer = call(clone, NUMBER)
    finally:
        path.write_text(text)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == (
        "voicehooks: the sandbox cannot be reached: nothing answers at http://127.0.0.1:9; "
        "voicehooks sandbox up\n"
    )


def test_unknown_caller_is_refused_before_any_call(clone: Clone) -> None:
    """A number that the stack does not manage: one sentence with those that it does."""
    answer = call(clone, LEAD, "--from", "+15559999999")
    assert answer.returncode == 2
    assert answer.stderr == (
        f"voicehooks: no call to {LEAD}: --from +15559999999 is not a number of the stack local (those are: "
        f"{NUMBER}); give one of them, or add it under voicehooks:numbers in Pulumi.local.yaml\n"
    )
    assert answer.stdout == ""
