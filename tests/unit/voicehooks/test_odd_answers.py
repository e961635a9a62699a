"""Every command against APIs that answer oddly: exit code 2 and one sentence that names the API, no traceback.

The commands run in this process against local stubs; the Pulumi engine is replaced by what it would print.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi_supabase.client
import pytest
import yaml
from pulumi_twilio.voice_configuration.table import TABLE as NUMBER_TABLE

import voicehooks.commands.call.twilio_side
import voicehooks.commands.rollback.numbers
import voicehooks.stack.environment
import voicehooks.vendors.database
import voicehooks.vendors.supabase
import voicehooks.vendors.twilio
from tests.unit.voicehooks.vendor_stub import (
    ACCOUNT,
    NUMBER,
    NUMBER_SID,
    ODD,
    REF,
    SLOW,
    Vendors,
    plain,
    running,
    variants,
)
from voicehooks import cli

ROOT = Path(__file__).resolve().parents[3]
HOOK = "/functions/v1/twilio-webhook"


class Engine:
    """What the Pulumi CLI would say of a deployed stack."""

    def __init__(self, folder: Path, stack: str, environment: Any = None) -> None:
        self.folder = folder
        self.stack = stack

    def config(self, *, show_secrets: bool = True) -> dict[str, Any]:
        text = (self.folder / f"Pulumi.{self.stack}.yaml").read_text()
        config: dict[str, Any] = yaml.safe_load(text)["config"]
        return config

    def outputs(self, *, show_secrets: bool = False) -> dict[str, Any]:
        url = self.config()["voicehooks:publicUrl"] + HOOK
        return {
            "numbers": {NUMBER: {"voiceUrl": url, "forwardTo": ["+15557654321"]}},
            "callOptions": {"StatusCallback": url, "StatusCallbackEvent": ["completed"], "Record": True},
        }

    def resources(self, *, show_secrets: bool = False) -> list[dict[str, Any]]:
        url = self.config()["voicehooks:publicUrl"] + HOOK
        voice = {"phoneNumber": NUMBER, "voiceUrl": url}
        empty = {p.name: "" for p in NUMBER_TABLE.properties if p.wire}
        return [
            {
                "urn": f"urn:pulumi:local::voicehooks::twilio:index:VoiceConfiguration::{NUMBER}",
                "type": "twilio:index:VoiceConfiguration",
                "id": NUMBER_SID,
                "inputs": voice,
                "outputs": {**empty, **voice, "e164": NUMBER},
            },
            {
                "urn": "urn:pulumi:local::voicehooks::supabase:index:EdgeFunction::twilio-webhook",
                "type": "supabase:index:EdgeFunction",
                "id": f"{REF}/twilio-webhook",
                "inputs": {},
                "outputs": {
                    "slug": "twilio-webhook",
                    "verifyJwt": False,
                    "lastDeployed": {"bundleSha256": "x"},
                },
            },
            {
                "urn": "urn:pulumi:local::voicehooks::supabase:index:EdgeFunctionSecrets::secrets",
                "type": "supabase:index:EdgeFunctionSecrets",
                "id": REF,
                "inputs": {},
                "outputs": {"values": {"VOICEHOOKS_AUTH_TOKEN": "x"}},
            },
        ]

    def export(self, *, show_secrets: bool = False, version: int | None = None) -> dict[str, Any]:
        return {"deployment": {"resources": self.resources()}}

    def history(self, *, show_secrets: bool = False) -> list[dict[str, Any]]:
        rows = [
            {
                "version": number,
                "kind": "update",
                "result": "succeeded",
                "startTime": f"2026-11-2{number}T10:00:00Z",
                "resourceChanges": {"update": 1},
                "config": {},
            }
            for number in (1, 2)
        ]
        return rows[::-1]


class Backend:
    """One state for every update."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def states(self, numbers: Any, updates: int) -> dict[int, Any]:
        return {number: {"resources": self._engine.resources()} for number in numbers}


@pytest.fixture(scope="module")
def vendors() -> Iterator[Vendors]:
    """The three stubs."""
    with running() as found:
        yield found


@pytest.fixture
def project(vendors: Vendors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_retries: None) -> Path:
    """A project folder whose stack points at the stubs, and clients that do not wait between attempts."""
    for stub in (vendors.twilio, vendors.supabase, vendors.database):
        stub.odd = None
        stub.asked.clear()
    (tmp_path / "Pulumi.yaml").write_text("name: voicehooks\nruntime: python\n")
    content = yaml.safe_load((ROOT / "Pulumi.local.yaml").read_text())
    del content["config"]["voicehooks:sandbox"]  # the vendors are stand-ins
    content["config"] |= {
        "twilio:accountSid": ACCOUNT,
        "twilio:baseUrl": vendors.twilio.url,
        "supabase:apiUrl": vendors.supabase.url,
        "voicehooks:publicUrl": vendors.database.url,
        "voicehooks:dialingPermissions": {"US": {"lowRisk": True}},
    }
    (tmp_path / "Pulumi.local.yaml").write_text(yaml.safe_dump(content))
    (tmp_path / "migrations").symlink_to(ROOT / "migrations")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)
    # Else each command asks the Pulumi CLI which stack is selected.
    monkeypatch.setenv("PULUMI_STACK", "local")
    monkeypatch.setattr(voicehooks.stack.environment, "Engine", Engine)
    monkeypatch.setattr(voicehooks.commands.rollback.numbers, "backend_of", Backend)
    monkeypatch.setattr(pulumi_supabase.client, "_DATABASE_WAIT_SECONDS", 0.001)
    return tmp_path


@pytest.fixture
def real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stubs count as accounts, not as a sandbox on this machine."""
    monkeypatch.setattr(voicehooks.stack.environment.Environment, "is_sandbox", False)


# The stub breaks connections in the middle. What asyncio has not closed by then is closed when the program
# ends, and here when the garbage is collected.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module", autouse=True)
def collected_garbage() -> Iterator[None]:
    """Leave no broken connection to the tests of other modules."""
    yield
    gc.collect()


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a command as the installed program does; returns its exit code."""
    monkeypatch.setattr(sys, "argv", ["voicehooks", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    code = ended.value.code
    assert isinstance(code, int)
    return code


TWILIO_CHECKS = (
    "twilio-credentials",
    "account",
    "signing-token",
    "balance",
    "numbers",
    "precedence",
    "dialing",
)
SUPABASE_CHECKS = ("supabase-token", "project", "api-keys", "function", "secrets", "schema")


def _checks(codes: tuple[str, ...]) -> list[str]:
    return ["doctor", *(word for code in codes for word in ("--check", code))]


COMMANDS: dict[str, tuple[str, list[str]]] = {
    "doctor": ("twilio", [*_checks((*TWILIO_CHECKS, "alerts")), "--to", "+15557654321"]),
    "doctor of Supabase": ("supabase", _checks(SUPABASE_CHECKS)),
    "doctor of the database": ("database", _checks(("callbacks", "recordings"))),
    "reconcile": ("twilio", ["reconcile"]),
    "reconcile by Supabase": ("supabase", ["reconcile"]),
    "reconcile with the database": ("database", ["reconcile"]),
    "call": ("twilio", ["call", NUMBER]),
    "call from an account": ("twilio", ["call", "+15557654321", "--yes"]),
    "call by Supabase": ("supabase", ["call", NUMBER]),
    "call with the database": ("database", ["call", NUMBER]),
    "adopt": ("twilio", ["adopt", "--dry-run"]),
    "adopt of functions": ("supabase", ["adopt", "--function", "--dry-run"]),
    "divert": ("twilio", ["divert", NUMBER, "--to", "https://example.com/x"]),
    "rollback": ("twilio", ["rollback", "--numbers-only", "--dry-run"]),
    "logs": ("supabase", ["logs"]),
    "init": ("twilio", ["init", "dev", "--from", "local", "--state", "here"]),
    "init by Supabase": ("supabase", ["init", "dev", "--from", "local", "--state", "here"]),
}
"""Each command with the API that answers oddly."""

_REAL = ("logs", "call from an account")
_NAMES = {"twilio": "Twilio", "supabase": "Supabase", "database": "database"}


def _prepare(
    command: str, monkeypatch: pytest.MonkeyPatch, vendors: Vendors, project: Path
) -> tuple[str, list[str]]:
    vendor, arguments = COMMANDS[command]
    if command in _REAL:
        monkeypatch.setattr(voicehooks.stack.environment.Environment, "is_sandbox", False)
    if command.startswith("init"):
        for name, value in {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": "a" * 32,
            "SUPABASE_PROJECT_REF": REF,
            "SUPABASE_ACCESS_TOKEN": "sbp_x",
            "PULUMI_CONFIG_PASSPHRASE": "x",
        }.items():
            monkeypatch.setenv(name, value)
    return vendor, arguments


def _expect_one_sentence(vendors: Vendors, vendor: str, code: int, out: str, err: str) -> None:
    said = out + err
    assert "Traceback" not in said, said
    assert code == 2, said
    stub = vendors.stub(vendor)
    assert _NAMES[vendor] in said or stub.url.removeprefix("http://") in said, said
    assert all(len(line) < 700 for line in said.splitlines()), said


_EMPTY_IS_FINE = {
    "doctor of Supabase": ("list",),
    "doctor of the database": ("list",),
    "reconcile with the database": ("list",),
    "call with the database": ("list",),
    "logs": ("list",),
}
"""Where an empty list is an answer of the documented shape."""


@pytest.mark.parametrize(
    ("command", "odd"),
    [(command, odd) for command in COMMANDS for odd in ODD if odd not in _EMPTY_IS_FINE.get(command, ())],
)
def test_an_odd_answer_is_one_sentence(
    command: str,
    odd: str,
    vendors: Vendors,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever comes in an answer's place: exit code 2, the API is named, nothing is written."""
    vendor, arguments = _prepare(command, monkeypatch, vendors, project)
    before = (project / "Pulumi.local.yaml").read_text()
    stub = vendors.stub(vendor)
    stub.odd = ODD[odd]
    code = run(arguments, monkeypatch)
    out, err = capsys.readouterr()
    assert stub.asked, "the API was never asked"
    assert not (project / "Pulumi.dev.yaml").exists()
    assert (project / "Pulumi.local.yaml").read_text() == before
    if command in ("doctor", "doctor of Supabase") and odd.startswith("401"):
        # A refused credential is what the doctor looks for: a finding.
        assert (code, "Traceback" in out + err) == (1, False)
        return
    _expect_one_sentence(vendors, vendor, code, out, err)
    if not command.startswith("doctor"):
        assert [line.startswith("voicehooks: ") for line in err.splitlines()].count(True) == 1, err


@pytest.mark.parametrize("odd", SLOW)
@pytest.mark.parametrize("command", COMMANDS)
def test_an_answer_that_never_ends_is_one_sentence(
    command: str,
    odd: str,
    vendors: Vendors,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A connection that hangs and one that drips bytes: given up within the time-out of a whole attempt."""
    vendor, arguments = _prepare(command, monkeypatch, vendors, project)
    for module in (voicehooks.vendors.twilio, voicehooks.vendors.supabase, voicehooks.vendors.database):
        monkeypatch.setattr(module, "_TIMEOUT_SECONDS", 0.15)
        monkeypatch.setattr(module, "_ATTEMPTS", 1)
    monkeypatch.setattr(voicehooks.commands.call.twilio_side, "_CONTROL_SECONDS", 0.15)
    vendors.stub(vendor).odd = SLOW[odd]
    code = run(arguments, monkeypatch)
    out, err = capsys.readouterr()
    _expect_one_sentence(vendors, vendor, code, out, err)


@pytest.mark.parametrize("command", [name for name in COMMANDS if not name.startswith(("call", "init"))])
@pytest.mark.slow
def test_no_single_wrong_field_is_a_traceback(
    command: str,
    vendors: Vendors,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Good answers with one field of another type, or without it: read, or refused in a sentence.

    Not for `call`, which would wait for what such an answer withholds, and `init`, which would make a stack.
    """
    vendor, arguments = _prepare(command, monkeypatch, vendors, project)
    stub = vendors.stub(vendor)
    good = dict(stub.good)
    run(arguments, monkeypatch)
    capsys.readouterr()
    asked = list(dict.fromkeys(request for request in stub.asked if request in good))
    assert asked
    settings = (project / "Pulumi.local.yaml").read_text()
    try:
        for request in asked:
            for name, body in variants(good[request]):
                stub.good = {**good, request: body}
                code = run(arguments, monkeypatch)
                out, err = capsys.readouterr()
                assert "Traceback" not in out + err, f"{request} {name}\n{err}"
                assert code in (0, 1, 2)
                (project / "Pulumi.local.yaml").write_text(settings)
                (project / "Pulumi.dev.yaml").unlink(missing_ok=True)
    finally:
        stub.good = good


def test_credentials_stay_with_twilio(
    vendors: Vendors, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page that names another host as the next one: the request goes to Twilio all the same."""
    request = f"GET /2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    first = {**vendors.twilio.good[request], "next_page_uri": f"{vendors.database.url}/steal?Page=1"}
    vendors.twilio.odd = None
    good = dict(vendors.twilio.good)
    vendors.twilio.good[request] = first
    try:
        code = run(["reconcile"], monkeypatch)
    finally:
        vendors.twilio.good = good
    assert code == 2
    assert "GET /steal" in vendors.twilio.asked
    assert "GET /steal" not in vendors.database.asked


def test_a_list_without_end_is_given_up(
    vendors: Vendors, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page that names itself as the next one is not read for ever."""
    path = f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json"
    good = dict(vendors.twilio.good)
    vendors.twilio.good[f"GET {path}"] = {**good[f"GET {path}"], "next_page_uri": f"{path}?Page=1"}
    try:
        code = run(["adopt", "--dry-run"], monkeypatch)
    finally:
        vendors.twilio.good = good
    assert code == 2
    assert "has no end" in capsys.readouterr().err


def test_a_defect_of_ours_is_not_a_finding(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1 means "found something": a command that broke could not tell, which is 2."""

    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("x")

    monkeypatch.setattr(Engine, "outputs", broken)
    assert run(["reconcile"], monkeypatch) == 2
    assert "KeyError" in capsys.readouterr().err


def test_with_json_the_sentence_is_a_document(
    vendors: Vendors, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What failed and why, and no secret of the answer."""
    vendors.supabase.odd = plain(200, json.dumps([{"name": 7, "api_key": "sb_secret_very"}]).encode())
    assert run(["reconcile", "--json"], monkeypatch) == 2
    out = capsys.readouterr().out
    error = json.loads(out)["error"]
    assert "0.name: input should be a valid string" in error["why"]
    assert "sb_secret_very" not in out
