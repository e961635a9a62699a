"""docs/sandbox.md: its snippets are run against a sandbox, its tables compared with what is there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import httpx
import pytest
from voicehooks_sandbox.credentials import TWILIO_PHONE_NUMBERS
from voicehooks_sandbox.supabase.management.control import ControlPlane
from voicehooks_sandbox.testing import running_sandbox
from voicehooks_sandbox.twilio import faults as twilio_faults
from voicehooks_sandbox.twilio.simulation import scenario
from voicehooks_sandbox.twilio.twiml.vocabulary import ELEMENTS, OTHERS

from tests.support.documents_blocks import Block, blocks, document, table
from tests.support.documents_project import DocumentedProject
from tests.support.hand_deployed import BIN
from tests.support.waiting import PATIENCE

PAGE = document("sandbox.md")
TWILIO_NODE = "twilio@6.2.0"
TWILIO_HALF = PAGE.split("## Controlling Twilio")[1].split("\n## ")[0]
SUPABASE_HALF = PAGE.split("## Controlling Supabase")[1].split("\n## ")[0]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocumentedProject]:
    """The sandbox after `make up`, as far as the snippets need it."""
    folder = tmp_path_factory.mktemp("page")
    with running_sandbox(folder / "sandbox", time_factor=20) as values:
        project = DocumentedProject(folder, values)
        project.deploy()
        yield project


def snippet(name: str) -> Block:
    """The block that gives itself this name in its first line."""
    (found,) = [block for block in blocks(PAGE) if re.match(rf"(#|//) {re.escape(name)}\n", block.text)]
    return found


def run_python(project: DocumentedProject, folder: Path, name: str) -> str:
    """Run a Python snippet with the environment of `voicehooks sandbox env`; returns what it printed."""
    file = folder / name
    file.write_text(snippet(name).text, encoding="utf-8")
    return run([sys.executable, str(file)], folder, project.values)


def run(command: list[str], folder: Path, values: dict[str, str] | None = None) -> str:
    """Run a command that must succeed."""
    variables = {key.upper(): value for key, value in (values or {}).items()}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_snippet_is_tested() -> None:
    """No code on the page escapes these tests."""
    names = {
        block.text.splitlines()[0].split(" ", 1)[1]
        for block in blocks(PAGE)
        if block.language in ("python", "js")
    }

    assert names == {
        "signed_in_user.py",
        "supabase_client.py",
        "own_function.py",
        "twilio_client.py",
        "test_my_crm.py",
        "conftest.py",
        "test_busy_agent.py",
        "test_menu.py",
        "test_transfer.py",
        "twilio.mjs",
    }
    assert {block.language for block in blocks(PAGE)} == {"python", "js", "sh", "yaml", "json"}


def test_the_call_through_a_menu_is_accepted(project: DocumentedProject) -> None:
    """The scenario that the page shows starts a call, which ends by itself."""
    (block,) = blocks(PAGE, "json")
    calls = f"{project.values['twilio_base_url']}/_sandbox/calls"
    call = httpx.post(calls, json=json.loads(block.text), timeout=60).raise_for_status().json()
    ended = httpx.get(f"{calls}/{call['sid']}", params={"wait": 60}, timeout=90).json()
    assert ended["finished"]


def test_variables_are_those_of_env(project: DocumentedProject, tmp_path: Path) -> None:
    """The shell line exports each variable of the table, and there are no others."""
    documented = {
        name for row in table(PAGE, "variable (in --json in small letters)") for name in row[0].split(", ")
    }
    assert documented == {name.upper() for name in project.values}
    (line,) = [block.text for block in blocks(PAGE, "sh")]
    line = line.replace(
        "voicehooks sandbox env", f"{BIN}/voicehooks-sandbox --state {project.folder / 'sandbox'} env"
    )

    printed = run(["sh", "-c", f"{line}\nenv"], tmp_path)

    assert {f"{key.upper()}={value}" for key, value in project.values.items()} <= set(printed.splitlines())


def test_numbers_of_the_account() -> None:
    """The numbers named are those that the account starts with."""
    assert "The account owns {}, {} and {};".format(*TWILIO_PHONE_NUMBERS) in PAGE


def test_a_user_signs_in(project: DocumentedProject, tmp_path: Path) -> None:
    """The Python client places a call as a signed-in user."""
    printed = run_python(project, tmp_path, "signed_in_user.py")

    assert "'status': 'connecting'" in printed


def test_supabase_client_reads(project: DocumentedProject, tmp_path: Path) -> None:
    """The Python client reads rows with the secret key."""
    assert run_python(project, tmp_path, "supabase_client.py").startswith("[")


def test_own_function_answers_a_call(project: DocumentedProject, tmp_path: Path) -> None:
    """A function deployed as shown is asked by the emulator, and the emulator shows request and answer."""
    printed = run_python(project, tmp_path, "own_function.py")

    address = f"{project.values['supabase_url']}/functions/v1/hello"
    assert printed.splitlines()[0] == f"voice {address} 200 <Response><Say>Hello</Say></Response>"


def test_twilio_client_in_python(project: DocumentedProject, tmp_path: Path) -> None:
    """The official client creates a call and reads from three products."""
    printed = run_python(project, tmp_path, "twilio_client.py").splitlines()

    assert re.fullmatch("CA[0-9a-f]{32} queued", printed[0])
    assert set(TWILIO_PHONE_NUMBERS) == set(re.findall(r"\+\d+", printed[1]))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="twilio-node comes from npm, and node is not on PATH")
def test_twilio_client_in_node(project: DocumentedProject, tmp_path: Path) -> None:
    """The official client for Node does the same."""
    run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", TWILIO_NODE], tmp_path)
    (tmp_path / "twilio.mjs").write_text(snippet("twilio.mjs").text, encoding="utf-8")

    printed = run(["node", "twilio.mjs"], tmp_path, project.values).splitlines()

    assert re.fullmatch("CA[0-9a-f]{32} queued", printed[0])
    assert set(TWILIO_PHONE_NUMBERS) == set(re.findall(r"\+\d+", " ".join(printed[1:])))


@pytest.mark.slow
def test_test_of_the_page_passes(tmp_path: Path) -> None:
    """The example of a test runs under pytest."""
    (tmp_path / "test_my_crm.py").write_text(snippet("test_my_crm.py").text, encoding="utf-8")

    assert "1 passed" in run([sys.executable, "-m", "pytest", "-q", "test_my_crm.py"], tmp_path)


def test_test_suite_of_the_page_passes(tmp_path: Path) -> None:
    """The three examples of a CRM's own tests run under pytest with their fixtures."""
    for name in ("conftest.py", "test_busy_agent.py", "test_menu.py", "test_transfer.py"):
        (tmp_path / name).write_text(snippet(name).text, encoding="utf-8")

    assert "3 passed" in run([sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "."], tmp_path)


def test_each_control_request_of_twilio_is_documented(project: DocumentedProject) -> None:
    """The table has each request that the control plane describes, the description itself, and no other."""
    url = f"{project.values['twilio_base_url']}/_sandbox/openapi.json"
    paths = httpx.get(url, timeout=PATIENCE).json()["paths"]
    served = {f"{method.upper()} {path.removeprefix('/_sandbox')}" for path in paths for method in paths[path]}

    # The project's own are in the other table.
    own = {request for request in served if "/supabase/" not in request}
    assert requests_of(TWILIO_HALF) == {*own, "GET /openapi.json"}


def test_each_control_request_of_supabase_is_documented() -> None:
    """The table has each request of the control plane, and no other."""
    served = {
        f"{operation.method} {operation.path}"
        for operation in ControlPlane(Mock(), Mock(per_minute=0), Mock()).operations()
    }

    assert requests_of(SUPABASE_HALF) == served


def test_each_fault_is_documented(project: DocumentedProject) -> None:
    """Each fault of both halves is named, and no other."""
    rows = table(TWILIO_HALF, "fault")
    documented = {re.sub(r" \(.*", "", name) for row in rows for name in re.split(r", (?![^(]*\))", row[0])}
    assert documented == set(twilio_faults.WEBHOOK_FAULTS) | set(twilio_faults.REST_FAULTS)

    url = f"{project.values['supabase_api_url']}/_sandbox/faults"
    refused = httpx.post(url, json={"nonsense": 1}, timeout=PATIENCE).json()["message"]
    there = set(re.findall(r"\w+", refused.split("there are:")[1])) - {"clear"}
    assert {row[0] for row in table(SUPABASE_HALF, "fault")} == there


def test_each_scenario_key_is_documented() -> None:
    """Each key of a scenario is in the table, and no other."""
    documented = {name for row in table(TWILIO_HALF, "key", "default") for name in row[0].split(", ")}

    assert documented == {*scenario._WIRE, "parameters", "legs"}


def test_each_twiml_element_is_documented() -> None:
    """Each verb and noun is in the table that applies to it: executed, or skipped with the reason."""
    rows = dict(row[:2] for row in table(PAGE, "TwiML"))
    acted = set(re.findall(r"\b[A-Z]\w*", rows["executed"]))  # attributes begin with a small letter
    skipped = dict(row[:2] for row in table(PAGE, "TwiML", "skipped because"))

    assert acted == {name for name, element in ELEMENTS.items() if element.emulated} - {"Response"}
    reasons = {name: element.skipped_because for name, element in ELEMENTS.items() if not element.emulated}
    assert skipped == {**OTHERS, **reasons}


@pytest.mark.parametrize(
    ("half", "path"),
    [
        ("supabase_url", "/storage/v1/bucket"),
        ("supabase_url", "/graphql/v1"),
        ("supabase_api_url", "/v1/snippets"),
        ("twilio_base_url", "/2010-04-01/Accounts/{sid}/Messages.json"),
        ("twilio_base_url", "/2010-04-01/Accounts/{sid}/Usage/Records.json"),
    ],
)
def test_what_is_not_there_says_so(project: DocumentedProject, half: str, path: str) -> None:
    """A part that is not emulated answers 501 and names itself."""
    credentials = (project.values["twilio_account_sid"], project.values["twilio_auth_token"])
    token = f"Bearer {project.values['supabase_access_token']}"
    path = path.format(sid=credentials[0])
    options = {"auth": credentials} if half.startswith("twilio") else {"headers": {"Authorization": token}}

    answer = httpx.get(project.values[half] + path, **options, timeout=PATIENCE)

    assert answer.status_code == 501
    assert path in json.dumps(answer.json())


def requests_of(part: str) -> set[str]:
    """The requests of a control plane's table, query strings left out."""
    return {name for row in table(part, "request", "effect") for name in row[0].split(", ")}
