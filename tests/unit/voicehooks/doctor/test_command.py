"""`voicehooks doctor` as a command: what it prints, its exit codes, and the repairs of `--fix`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from tests.unit.voicehooks.doctor.report import SCENES
from tests.unit.voicehooks.doctor.world import HANDLER, PROJECT, TOKEN, World
from voicehooks.commands.doctor import command, repairs
from voicehooks.commands.doctor.table import CHECKS
from voicehooks.output.errors import CommandError


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A healthy environment, in the place of all vendors."""
    found = World(tmp_path)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", found.answer)
    monkeypatch.setattr(command, "Environment", lambda _: found.environment)
    return found


def run(*codes: str, **options: Any) -> int:
    """Run the command; returns its exit code."""
    given: dict[str, Any] = {"to": "", "as_json": False, "verbose": False, "fix": False, "yes": False}
    return command.run("dev", codes, **given | options)


def test_a_finding_has_its_evidence_below_it_and_the_report_says_where_to_begin(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """The worst first; a command is on a line of its own."""
    for name in ("api-keys: none", "signing-token: not shown", "recording: not decided", "balance: low"):
        SCENES[name](world)
    codes = ["balance", "api-keys", "recording", "probe", "deployed"]
    assert run(*codes) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("dev  account AC..b0c5  project abcd..qrst  5 checks, ")
    marks = [line.split()[:2] for line in lines if line.startswith("[")]
    assert marks == [
        ["[x]", "api-keys"],
        ["[!]", "recording"],
        ["[!]", "balance"],
        ["[-]", "probe"],
        ["[ok]", "deployed"],
    ]
    recording = lines.index(next(line for line in lines if line.startswith("[!]  recording")))
    assert [line.split()[0] for line in lines[recording + 1 : recording + 5]] == ["is", "want", "do", "fix"]
    set_it = "pulumi config set --stack dev --path voicehooks:defaults.record record-from-answer"
    fix = f"{set_it} && pulumi up --stack dev"
    assert lines[recording + 4].strip() == f"fix    {fix}"
    explained = [line for line in lines if line.startswith("This explains")]
    assert [line.rpartition("(")[2] for line in explained] == ["api-keys)", "api-keys, recording)", "api-keys)"]
    assert "Begin with api-keys:" in lines
    assert lines[-1].startswith("dev: 1 problem, 2 warnings")
    assert lines[-1].endswith("Exit 1.")


def test_what_could_not_be_told_says_what_makes_it_able_to(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, without a place to begin."""
    del world.config["twilio:authToken"]
    assert run("twilio-credentials", "balance") == 2
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines if line.startswith("[")] == [
        ["[?]", "twilio-credentials"],
        ["[-]", "balance"],
    ]
    assert any(line.split()[0] == "do" and "twilio:authToken" in line for line in lines if line.strip())
    assert not any(line.startswith("Begin with") for line in lines)
    assert lines[-1].endswith("Exit 2.")


def test_the_first_step_is_the_first_findings_command(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Below the line that names the check."""
    SCENES["precedence: a trunk"](world)
    assert run("precedence") == 1
    lines = capsys.readouterr().out.splitlines()
    begin = lines.index("Begin with precedence:")
    assert lines[begin + 2].strip() == "pulumi up --stack dev --refresh"


@pytest.mark.parametrize(("verbose", "shown"), [(True, True), (False, False)])
def test_details_are_shown_on_request(
    world: World, capsys: pytest.CaptureFixture[str], verbose: bool, shown: bool
) -> None:
    """Where each number's calls go."""
    assert run("precedence", verbose=verbose) == 0
    out = capsys.readouterr().out
    assert any(line.split()[:1] == ["."] and HANDLER in line for line in out.splitlines()) is shown
    assert out.splitlines()[-1] == "dev: no finding. Exit 0."


def test_the_document_is_the_whole_report(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Every check with its findings, and the symptoms with their checks."""
    SCENES["balance: low"](world)
    assert run("balance", "account", as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document.pop("seconds") >= 0
    assert [check["check"] for check in document.pop("checks")] == ["balance", "account"]
    assert document == {
        "stack": "dev",
        "place": "account AC..b0c5  project abcd..qrst",
        "verdict": "1 warning",
        "exitCode": 0,
        "problems": 0,
        "warnings": 1,
        "unknown": 0,
        "symptoms": [],
    }


def test_a_person_who_watches_sees_the_same(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In color, with progress on standard error."""
    monkeypatch.setattr(command, "is_watched", lambda _: True)
    SCENES["recording: not decided"](world)
    assert run("recording", "balance") == 0
    shown = capsys.readouterr()
    assert run("recording", "balance", as_json=True) == 0
    assert "[!]" in shown.out
    assert "record-from-answer && pulumi up --stack dev" in shown.out
    assert shown.out.splitlines()[-1].endswith("Exit 0.")


def test_wrong_arguments_are_refused_before_anything_is_asked(world: World) -> None:
    """A check that does not exist, and a number that is not one."""
    with pytest.raises(CommandError) as unknown:
        run("balance", "balanse")
    assert "balanse" in unknown.value.what
    assert unknown.value.do.startswith("voicehooks doctor --list")
    with pytest.raises(CommandError) as odd:
        run(to="5551234567")
    assert "5551234567" in odd.value.what
    assert world.asked == []


def test_the_list_names_every_check(capsys: pytest.CaptureFixture[str]) -> None:
    """With what each depends on, as data."""
    command.list_all(as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert [each["check"] for each in document] == [check.code for check in CHECKS]
    balance = next(each for each in document if each["check"] == "balance")
    assert balance["dependsOn"] == ["twilio-credentials", "account"]
    assert balance["what"]
    command.list_all(as_json=False)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        check.code for check in CHECKS
    ]


class Programs:
    """In the place of programs that repairs run.

    Attributes:
        ran: their arguments.
        code: how they end.
    """

    def __init__(self) -> None:
        self.ran: list[list[str]] = []
        self.code = 0

    def run(self, arguments: list[str], **options: Any) -> Any:
        """Note it."""
        self.ran.append([Path(arguments[0]).name, *arguments[1:]])
        # Standard output is for the report.
        assert (options["check"], options["stdout"]) == (False, sys.stderr)
        return SimpleNamespace(returncode=self.code)


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> Programs:
    """No program is run."""
    found = Programs()
    monkeypatch.setattr(repairs, "subprocess", SimpleNamespace(run=found.run))
    monkeypatch.setattr(repairs.project, "program", Path)
    return found


def missing_secrets(world: World) -> list[dict[str, str]]:
    """Let the secrets be missing until they are set; returns what was set."""
    before = world.answers[f"GET {PROJECT}/secrets"]
    world.answers[f"GET {PROJECT}/secrets"] = []
    given: list[dict[str, str]] = []

    def send(request: httpx.Request) -> httpx.Response:
        (secret,) = json.loads(request.content)
        given.append(secret)
        now = {each["name"] for each in given}
        world.answers[f"GET {PROJECT}/secrets"] = [each for each in before if each["name"] in now]
        return httpx.Response(201)

    world.answers[f"POST {PROJECT}/secrets"] = send
    return given


def test_missing_secrets_are_set_to_the_values_of_the_last_update(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """The auth token to the configured one; then the report is made again."""
    given = missing_secrets(world)
    assert run("secrets", fix=True, yes=True) == 0
    assert given == [
        {"name": "VOICEHOOKS_AUTH_TOKEN", "value": TOKEN},
        {"name": "VOICEHOOKS_CALL_OPTIONS", "value": "{}"},
    ]
    shown = capsys.readouterr()
    assert [line.split()[0] for line in shown.out.splitlines() if line.startswith("[")] == ["[x]", "[ok]"]
    assert TOKEN not in shown.out + shown.err
    given = missing_secrets(world)
    assert run("secrets", fix=True, yes=True, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["exitCode"] == 0
    assert len(given) == 2


def test_a_secret_that_cannot_be_set_is_an_error(world: World) -> None:
    """Which names it."""
    missing_secrets(world)
    world.answers[f"POST {PROJECT}/secrets"] = (403, {"message": "no"})
    with pytest.raises(CommandError, match="VOICEHOOKS_AUTH_TOKEN was not set"):
        run("secrets", fix=True, yes=True)


@pytest.mark.parametrize(("code", "fails"), [(0, False), (1, False), (2, True)])
def test_lost_callbacks_are_fetched_once(world: World, programs: Programs, code: int, fails: bool) -> None:
    """Reconcile ends with 1 where something is left, which the report then says."""
    SCENES["callbacks: five lack"](world)
    SCENES["quarantine: one"](world)
    programs.code = code
    if fails:
        with pytest.raises(CommandError):
            run("callbacks", "quarantine", fix=True, yes=True)
    else:
        assert run("callbacks", "quarantine", fix=True, yes=True) == 1
    assert programs.ran == [["voicehooks", "reconcile", "--stack", "dev"]]


def test_nothing_is_repaired_without_consent(
    world: World, programs: Programs, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report is printed once, as text or as data, with its exit code."""
    SCENES["quarantine: one"](world)
    with pytest.raises(CommandError) as nobody:
        run("quarantine", fix=True)
    assert nobody.value.do == "voicehooks doctor --fix --yes --stack dev"
    monkeypatch.setattr(repairs, "confirm", lambda *_, **__: False)
    capsys.readouterr()
    assert run("quarantine", fix=True) == 1
    assert capsys.readouterr().out.count("[x]") == 1
    assert run("quarantine", fix=True, as_json=True) == 1
    assert json.loads(capsys.readouterr().out)["exitCode"] == 1
    assert programs.ran == []


def test_where_nothing_can_be_repaired_the_report_is_printed_once(
    world: World, programs: Programs, capsys: pytest.CaptureFixture[str]
) -> None:
    """An update is never run."""
    SCENES["drift: voice URL"](world)
    assert run("drift", fix=True, yes=True) == 1
    shown = capsys.readouterr()
    assert shown.out.count("[x]") == 1
    assert shown.err.startswith("dev: ")
    assert programs.ran == []


def test_the_first_line_names_the_accounts_as_far_as_they_are_known(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account may come from the environment; without a configuration there is none to name."""
    del world.config["twilio:accountSid"]
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "9" * 32)
    assert run("deployed") == 0
    assert capsys.readouterr().out.startswith("dev  account AC..9999  project abcd..qrst  1 check, ")
    monkeypatch.delenv("TWILIO_ACCOUNT_SID")
    assert run("deployed") == 0
    assert capsys.readouterr().out.startswith("dev  project abcd..qrst  1 check, ")
    del world.config["voicehooks:supabaseProject"]
    assert run("deployed") == 0
    assert capsys.readouterr().out.startswith("dev  1 check, ")


def test_a_stack_without_its_sandbox_still_gets_a_report(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What needs its addresses names the command that starts it, and what does not is examined."""

    def config() -> None:
        raise CommandError("dev cannot be reached", "its sandbox is not running", "voicehooks sandbox up")

    environment = world.environment
    del environment.__dict__["config"]
    environment.engine.config = config  # type: ignore[method-assign,assignment]
    monkeypatch.setattr(command, "Environment", lambda _: environment)
    assert run("settings", "deployed", "twilio-credentials", as_json=True) == 1
    document = json.loads(capsys.readouterr().out)
    checks = {check["check"]: check for check in document["checks"]}
    assert document["place"] == ""
    assert checks["deployed"]["status"] == "ok"
    assert checks["settings"]["findings"][0]["fix"] == "voicehooks sandbox up"
    assert (checks["twilio-credentials"]["status"], checks["twilio-credentials"]["do"]) == (
        "unknown",
        "voicehooks sandbox up",
    )


def test_progress_counts_the_checks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """And names those that it waits for."""
    shown: list[str] = []

    class Console:
        def __init__(self, **_: Any) -> None:
            pass

        @contextmanager
        def status(self, text: str) -> Iterator[Any]:
            shown.append(text)
            yield SimpleNamespace(update=shown.append)

    report = command._with_progress(world.environment, ["account", "balance"], "", Console())  # type: ignore[arg-type]
    assert report.exit_code == 0
    assert shown[0].startswith("dev: 2 checks")
    assert shown[1].startswith("dev: 1 of 2 checks")
    assert shown[1].endswith("balance")
    assert shown[2].startswith("dev: 2 of 2 checks")
