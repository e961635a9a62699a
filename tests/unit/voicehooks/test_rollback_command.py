"""`voicehooks rollback` as a whole: with real git, and stand-ins for the engine and for Twilio."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi_twilio.voice_configuration.table import TABLE

from voicehooks.commands.doctor.model import Check, Finding, Outcome, Report
from voicehooks.commands.plan.model import Change, Failure, Plan
from voicehooks.commands.rollback import command, deploy, numbers
from voicehooks.commands.rollback.command import RollbackOptions, run
from voicehooks.output.errors import CommandError
from voicehooks.stack.backend.protocol import Unreadable

NUMBER, SID, APP = "+15551234567", "PN" + "1" * 32, "AP" + "2" * 32
OLD, NEW = "https://old.example/voice", "https://new.example/voice"
SETTINGS = """\
config:
  twilio:accountSid: AC1
  twilio:authToken:
    secure: v1:{token}
  voicehooks:defaults:
    ringSeconds: {seconds}
"""
NOTHING = RollbackOptions(
    to="", dry_run=False, yes=True, numbers_only=False, config_only=False, with_secrets=False
)


def options(**changes: Any) -> RollbackOptions:
    """A command line: `--yes`, and what the test is about."""
    return RollbackOptions(**{**vars(NOTHING), **changes})


def row(commit: str, seconds: int, **changes: Any) -> dict[str, Any]:
    """A row of the history: an update from a commit."""
    config = {
        "twilio:accountSid": {"value": "AC1"},
        "twilio:authToken": {"secret": True},
        "voicehooks:defaults": {"value": "{}", "objectValue": {"ringSeconds": seconds}},
    }
    environment = {"git.head": commit, "git.dirty": "false"} if commit else {}
    return {
        "kind": "update",
        "result": "succeeded",
        "startTime": f"2026-11-24T0{seconds % 10}:00:00Z",
        "message": f"Ring for {seconds} seconds",
        "environment": environment,
        "config": config,
        "resourceChanges": {"update": 1},
        **changes,
    }


def git(folder: Path, *arguments: str) -> str:
    """Run git; returns what it printed."""
    author = ("-c", "user.name=Ana", "-c", "user.email=a@example.com")
    done = subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@dataclass
class World:
    """What the command meets, and what it did."""

    folder: Path
    rows: list[dict[str, Any]]
    plan: Plan = field(
        default_factory=lambda: Plan("prod", "", "", changes=[Change("environment", "", "ringSeconds", 2, 1)])
    )
    update_code: int = 0
    severity: str = ""
    resources: list[dict[str, Any]] | None = field(default_factory=list)
    lost: Unreadable | None = None
    live: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: str = ""
    checked: list[tuple[str, ...]] = field(default_factory=list)
    deployed: list[dict[str, str]] = field(default_factory=list)
    written: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    restored: list[int] = field(default_factory=list)

    @property
    def settings(self) -> Path:
        return self.folder / "Pulumi.prod.yaml"

    def git(self, *arguments: str) -> str:
        return git(self.folder, *arguments)


class Engine:
    """The engine in a folder: notes what it would deploy from there."""

    def __init__(self, world: World, folder: Path, stack: str) -> None:
        self.world, self.folder, self.stack = world, folder, stack

    def history(self) -> list[dict[str, Any]]:
        return self.world.rows[::-1]

    def try_run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        self.world.deployed.append(
            {
                "arguments": " ".join(arguments),
                "program": (self.folder / "infra" / "program.txt").read_text(),
                "settings": (self.folder / "Pulumi.prod.yaml").read_text(),
                "python": str((self.folder / ".venv").resolve()),
                "state": (self.folder / ".voicehooks" / "state" / "stack.json").read_text(),
                "changed": subprocess.run(
                    ["git", "status", "--porcelain", "--", "infra"],
                    cwd=self.folder,
                    check=False,
                    capture_output=True,
                    text=True,
                ).stdout,
            }
        )
        return subprocess.CompletedProcess(arguments, self.world.update_code, "", "error: no quota")


class Twilio:
    """The account."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def find(self, what: str, path: str) -> dict[str, Any] | None:
        return self.world.live.get(path)

    async def post(self, what: str, path: str, form: dict[str, str]) -> None:
        if path == self.world.refused:
            raise CommandError(what, "Twilio refused it", "correct it")
        self.world.written.append((path, form))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A repository with two commits, the second with a rotated token; returns it with the commits."""
    folder = tmp_path_factory.mktemp("repository")
    for name in ("infra", "functions", "migrations", ".venv", ".voicehooks/state"):
        (folder / name).mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text("name: voicehooks\n")
    (folder / ".gitignore").write_text(".venv\n.voicehooks/\n")
    (folder / ".voicehooks" / "state" / "stack.json").write_text("the state")
    git(folder, "init", "--quiet", "--template=")
    commits = []
    for program, seconds, token in (("first", 1, "old"), ("second", 2, "new")):
        (folder / "infra" / "program.txt").write_text(program)
        (folder / "Pulumi.prod.yaml").write_text(SETTINGS.format(seconds=seconds, token=token))
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "--message", program)
        commits.append(git(folder, "rev-parse", "HEAD"))
    return folder, commits


@pytest.fixture
def world(repository: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A repository whose two commits were deployed."""
    original, [first, second] = repository
    folder = tmp_path / "project"
    shutil.copytree(original, folder)
    world = World(folder, [row(first, 1), row(second, 2)])

    class Environment:
        def __init__(self, name: str) -> None:
            self.name, self.folder, self.engine = name, folder, Engine(world, folder, name)

    async def examine(environment: Environment, codes: tuple[str, ...]) -> Report:
        world.checked.append(codes)
        check = Check("drift", "", None, severity="problem")  # type: ignore[arg-type] # never run
        found = (Finding("it differs", severity=world.severity),) if world.severity else ()  # type: ignore[arg-type]
        return Report(environment.name, "", (Outcome(check, "problem" if found else "ok", "", found),))

    async def bring_back(environment: Environment, update: Any, engine: Engine) -> None:
        path = engine.folder / "Pulumi.prod.yaml"
        path.write_text(path.read_text().replace("v1:new", "v1:restored"))
        world.restored.append(update.number)

    @asynccontextmanager
    async def open_twilio(_: Environment) -> AsyncIterator[Twilio]:
        yield Twilio(world)

    def states(wanted: set[int], updates: int) -> dict[int, Any]:
        assert updates == len(world.rows)
        if world.lost:
            raise world.lost
        return {} if world.resources is None else {n: {"resources": world.resources} for n in wanted}

    monkeypatch.setattr(command, "Environment", Environment)
    monkeypatch.setattr(command, "examine", examine)
    monkeypatch.setattr(command, "bring_back", bring_back)
    monkeypatch.setattr(command, "open_twilio", open_twilio)
    monkeypatch.setattr(deploy, "Engine", lambda folder, stack: Engine(world, folder, stack))
    monkeypatch.setattr(deploy, "make", lambda _: world.plan)
    monkeypatch.setattr(numbers, "backend_of", lambda _: SimpleNamespace(states=states))
    return world


def refusal(world: World, **changes: Any) -> CommandError:
    """The error of a rollback that deploys nothing and leaves the settings file alone."""
    before = world.settings.read_text()
    deployed = len(world.deployed)
    with pytest.raises(CommandError) as refused:
        run(options(**changes), stack="prod", as_json=False)
    assert world.settings.read_text() == before
    assert (len(world.deployed), world.written, world.checked) == (deployed, [], [])
    return refused.value


def test_the_earlier_commit_is_deployed_with_its_settings_and_the_current_secrets(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Program, settings and state in one folder, which is gone afterwards; the repository agrees again."""
    assert run(options(), stack="prod", as_json=True) == 0
    assert world.deployed == [
        {
            "arguments": "up --yes --skip-preview --message rollback to 1",
            "program": "first",
            "settings": SETTINGS.format(seconds=1, token="new"),
            "python": str(world.folder / ".venv"),
            "state": "the state",
            "changed": "",
        }
    ]
    assert world.settings.read_text() == SETTINGS.format(seconds=1, token="new")
    assert (world.folder / "infra" / "program.txt").read_text() == "second"
    assert len(world.git("worktree", "list").splitlines()) == 1
    document = json.loads(capsys.readouterr().out)
    commit = world.rows[0]["environment"]["git.head"]
    assert document.pop("plan")["stack"] == "prod"
    assert document.pop("verified")["stack"] == "prod"
    assert len(document.pop("stays")) == 3
    assert document == {
        "stack": "prod",
        "from": 2,
        "to": 1,
        "skipped": [],
        "unchanged": [],
        "done": True,
        "commands": [
            f"git restore --source {commit[:12]} -- infra functions",
            "git commit --all --file .voicehooks/rollback-message",
        ],
    }
    message = (world.folder / ".voicehooks" / "rollback-message").read_text()
    assert message.startswith("Roll prod back to update 1\n\nRing for 1 seconds (2026-11-24 01:00 UTC, ")
    assert commit[:7] in message
    assert world.checked == [("drift", "function", "verify-jwt", "revision", "secrets", "schema", "probe")]


def test_a_finding_of_the_checks_is_exit_code_1(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """It is back, and a check found something; a warning alone is fine."""
    world.severity = "problem"
    assert run(options(), stack="prod", as_json=False) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "it differs" in "\n".join(lines)
    assert "  git commit --all --file .voicehooks/rollback-message" in lines
    assert lines[-1] == "prod: rollback to 1 done, look at what the checks found"
    world.severity = "warning"
    world.settings.write_text(SETTINGS.format(seconds=2, token="new"))
    assert run(options(to="1"), stack="prod", as_json=False) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "prod: rollback to 1 done, verified"


@pytest.mark.parametrize("numbers_only", [False, True])
def test_a_dry_run_changes_nothing(
    world: World, numbers_only: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan is shown, and that is all."""
    numbers_state(world, OLD, live=NEW)
    before = world.settings.read_text()
    asked = options(dry_run=True, yes=False, numbers_only=numbers_only)
    assert run(asked, stack="prod", as_json=False) == 0
    out, err = capsys.readouterr()
    assert out == "prod: dry run: nothing was changed\n"
    assert OLD in err if numbers_only else "ringSeconds" in err
    assert "pulumi up" not in err  # the next step is the rollback's own
    assert (world.deployed, world.written, world.checked) == ([], [], [])
    assert world.settings.read_text() == before
    run(asked, stack="prod", as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert (document["done"], document["commands"], document["verified"]) == (False, [], None)


@pytest.mark.parametrize("numbers_only", [False, True])
def test_without_a_terminal_only_yes_is_an_answer(world: World, numbers_only: bool) -> None:
    """Neither the engine nor Twilio changes anything unasked."""
    numbers_state(world, OLD, live=NEW)
    assert "--yes" in refusal(world, yes=False, numbers_only=numbers_only).do


@pytest.mark.parametrize(("answer", "done"), [("prod", 1), ("local", 0)])
def test_the_answer_is_the_stacks_name(
    world: World, answer: str, done: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any other one changes nothing."""
    monkeypatch.setattr("voicehooks.output.consent.can_ask", lambda: True)
    monkeypatch.setattr("builtins.input", lambda: answer)
    if done:
        run(options(yes=False), stack="prod", as_json=False)
    else:
        assert refusal(world, yes=False).what == "prod was not changed"
    assert len(world.deployed) == done


def test_a_plan_that_fails_is_not_deployed(world: World) -> None:
    """The error is the preview's own."""
    world.plan = Plan(
        "prod", "", "", failures=[Failure("x", "the number is gone", "buy it"), Failure("y", "z", "")]
    )
    error = refusal(world)
    assert (error.what, error.why, error.do) == ("prod was not changed", "the number is gone", "buy it")


def test_an_update_that_fails_leaves_the_repository_alone(world: World) -> None:
    """What is live may be between the two: the checks, and the way back for Twilio alone, are named."""
    world.update_code = 255
    before = world.settings.read_text()
    with pytest.raises(CommandError) as refused:
        run(options(), stack="prod", as_json=False)
    assert refused.value.why == "no quota"
    assert "voicehooks doctor --stack prod" in refused.value.do
    assert "voicehooks rollback 1 --numbers-only --stack prod" in refused.value.do
    assert world.settings.read_text() == before
    assert not (world.folder / ".voicehooks" / "rollback-message").exists()
    assert len(world.git("worktree", "list").splitlines()) == 1


def test_config_only_deploys_todays_program_as_it_is(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Uncommitted changes included; then there is no program to restore, and no commit is needed."""
    world.rows[0] = row("", 1)
    (world.folder / "infra" / "program.txt").write_text("third")
    assert run(options(config_only=True), stack="prod", as_json=True) == 0
    [deployed] = world.deployed
    assert (deployed["program"], deployed["state"]) == ("third", "the state")
    assert "ringSeconds: 1" in deployed["settings"]
    assert deployed["python"] == str(world.folder / ".venv")
    document = json.loads(capsys.readouterr().out)
    assert document["commands"] == ["git commit --all --file .voicehooks/rollback-message"]
    assert len(document["stays"]) == 4
    assert "UTC) is deployed again" in (world.folder / ".voicehooks" / "rollback-message").read_text()


def test_todays_program_is_all_that_the_engine_needs_and_a_copy(world: World) -> None:
    """A deploy writes into its folder: what lies in the project is not touched by it."""
    with deploy._todays(world.folder) as there:
        assert sorted(path.name for path in there.iterdir()) == [
            ".venv",
            ".voicehooks",
            "Pulumi.prod.yaml",
            "Pulumi.yaml",
            "functions",
            "infra",
            "migrations",
        ]
        assert [path.name for path in there.iterdir() if path.is_symlink()] in (
            [".venv", ".voicehooks"],
            [".voicehooks", ".venv"],
        )
    assert not there.exists()


def test_secrets_come_back_only_when_asked_for(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """With them the settings file gets them too."""
    assert run(options(with_secrets=True), stack="prod", as_json=True) == 0
    assert world.restored == [1]
    assert world.deployed[0]["settings"] == SETTINGS.format(seconds=1, token="restored")
    assert world.settings.read_text() == SETTINGS.format(seconds=1, token="restored")
    assert len(json.loads(capsys.readouterr().out)["stays"]) == 2
    assert run(options(to="1"), stack="prod", as_json=False) == 0
    assert world.restored == [1]


def test_a_secret_that_nobody_has_any_more_is_named(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the earlier update had it: it is not set."""
    world.rows[0]["config"]["twilio:apiKeySecret"] = {"secret": True}
    run(options(dry_run=True), stack="prod", as_json=True)
    stays = json.loads(capsys.readouterr().out)["stays"]
    assert any("twilio:apiKeySecret" in thing for thing in stays)


def test_uncommitted_settings_are_not_overwritten(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The file that was deployed goes next to it."""
    text = SETTINGS.format(seconds=9, token="new")
    world.settings.write_text(text)
    run(options(), stack="prod", as_json=True)
    assert world.settings.read_text() == text
    beside = world.folder / "Pulumi.prod.yaml.rollback"
    assert beside.read_text() == SETTINGS.format(seconds=1, token="new")
    commands = json.loads(capsys.readouterr().out)["commands"]
    assert commands[0].startswith("mv Pulumi.prod.yaml.rollback Pulumi.prod.yaml ")


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({}, "outside a git repository"),
        ({"git.dirty": "true"}, "changes that were not committed"),
        ({"git.head": "0" * 40}, "no commit 0000000"),
    ],
)
def test_a_program_that_no_commit_has_is_not_deployed(
    world: World, environment: dict[str, str], why: str
) -> None:
    """Its settings alone can be, and the command for that is named."""
    head = world.rows[0]["environment"]
    world.rows[0]["environment"] = {**head, **environment} if environment else {}
    error = refusal(world, to="1")
    assert why in error.why
    assert "voicehooks rollback 1 --config-only" in error.do


def test_a_rollback_is_gone_back_to_although_its_tree_was_changed(world: World) -> None:
    """Its settings file alone differed from its commit."""
    world.rows.insert(0, row("", 1))
    world.rows[1]["environment"]["git.dirty"] = "true"
    world.rows[1]["message"] = "rollback to 1"
    run(options(to="2"), stack="prod", as_json=False)
    assert [deployed["program"] for deployed in world.deployed] == ["first"]


def test_a_commit_without_the_project_is_refused(world: World) -> None:
    """The project came into this folder later; no worktree is left behind."""
    world.git("checkout", "--quiet", "--orphan", "other")
    world.git("rm", "--quiet", "--cached", "Pulumi.yaml")
    world.git("commit", "--quiet", "--message", "without it")
    world.rows[0]["environment"]["git.head"] = world.git("rev-parse", "HEAD")
    assert "--config-only" in refusal(world, to="1").do
    assert len(world.git("worktree", "list").splitlines()) == 1


def number_resource(url: str, **more: Any) -> dict[str, Any]:
    """The state of the number."""
    empty = {p.name: "" for p in TABLE.properties if p.wire}
    return {
        "urn": f"urn:pulumi:prod::voicehooks::twilio:index:VoiceConfiguration::{NUMBER}",
        "type": "twilio:index:VoiceConfiguration",
        "id": SID,
        "inputs": {"voiceUrl": url},
        "outputs": {**empty, "e164": NUMBER, "voiceUrl": url},
        **more,
    }


def numbers_state(world: World, url: str, *, live: str) -> None:
    """The earlier update had this URL; now it is another one."""
    world.resources = [number_resource(url)]
    world.live = {f"IncomingPhoneNumbers/{SID}.json": {"sid": SID, "phone_number": NUMBER, "voice_url": live}}


def test_numbers_only_writes_what_differs_at_twilio(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """One request with what differs; nothing is deployed, and what has to follow is named."""
    numbers_state(world, OLD, live=NEW)
    before = world.settings.read_text()
    assert run(options(numbers_only=True), stack="prod", as_json=True) == 0
    assert world.written == [(f"IncomingPhoneNumbers/{SID}.json", {"VoiceUrl": OLD})]
    assert world.deployed == []
    assert world.settings.read_text() == before
    assert world.checked == [("numbers", "precedence", "urls")]
    document = json.loads(capsys.readouterr().out)
    assert document["done"] is True
    assert [line.split() for line in document["plan"]] == [[NUMBER, "VoiceUrl", NEW, "->", OLD]]
    assert document["commands"] == ["voicehooks rollback 1 --stack prod"]
    assert len(document["stays"]) == 2


def test_numbers_that_have_it_already_are_not_written(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is asked for it either."""
    numbers_state(world, OLD, live=OLD)
    assert run(options(numbers_only=True, yes=False), stack="prod", as_json=False) == 0
    assert (world.written, world.checked) == ([], [])
    assert capsys.readouterr().out == "prod: nothing was to be changed\n"


def two(world: World) -> None:
    """A number and the TwiML App that it shares, both of them changed since."""
    numbers_state(world, "", live=NEW)
    app = {
        "urn": "urn:pulumi:prod::voicehooks::twilio:index:Application::app",
        "type": "twilio:index:Application",
        "id": APP,
        "inputs": {},
        "outputs": {"voiceUrl": OLD, "voiceMethod": "GET"},
    }
    assert world.resources is not None
    world.resources.append(app)
    world.live[f"Applications/{APP}.json"] = {"sid": APP, "voice_url": NEW, "voice_method": "POST"}


def test_the_app_goes_back_before_its_numbers(world: World) -> None:
    """A number that goes back into it finds it as it was; a field that was empty is emptied."""
    two(world)
    run(options(numbers_only=True), stack="prod", as_json=False)
    assert world.written == [
        (f"Applications/{APP}.json", {"VoiceUrl": OLD, "VoiceMethod": "GET"}),
        (f"IncomingPhoneNumbers/{SID}.json", {"VoiceUrl": ""}),
    ]


@pytest.mark.parametrize(
    ("refused", "before"),
    [(f"IncomingPhoneNumbers/{SID}.json", "back already: app"), (f"Applications/{APP}.json", "nothing was")],
)
def test_a_refused_write_says_what_was_done_before(world: World, refused: str, before: str) -> None:
    """The rest is not sent."""
    two(world)
    world.refused = refused
    with pytest.raises(CommandError) as error:
        run(options(numbers_only=True), stack="prod", as_json=False)
    assert (NUMBER if refused.startswith("Inc") else "app") in error.value.what
    assert before in error.value.why
    assert error.value.do == "correct it"
    assert world.checked == []


def _lost(world: World) -> None:
    world.resources = None


def _unreadable(world: World) -> None:
    world.lost = Unreadable("the bucket is gone", "make it")


def _sold(world: World) -> None:
    numbers_state(world, OLD, live=NEW)
    world.live.clear()


@pytest.mark.parametrize(
    ("break_it", "why"),
    [(_lost, "lost the state"), (_unreadable, "the bucket is gone"), (_sold, "no longer owns it")],
)
def test_numbers_only_without_what_it_needs(world: World, break_it: Callable[[World], None], why: str) -> None:
    """Nothing is written to any number."""
    break_it(world)
    assert why in refusal(world, numbers_only=True).why


@pytest.mark.parametrize("other", ["config_only", "with_secrets"])
def test_numbers_only_excludes_the_other_options(world: World, other: str) -> None:
    """It changes Twilio alone."""
    refusal(world, numbers_only=True, **{other: True})


def test_what_is_skipped_is_in_the_headline(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A failed update, one that changed nothing and one that deployed the same again, each by its number."""
    first, second = world.rows
    failed = {**second, "result": "failed", "message": "bad", "resourceChanges": {"update": 1}}
    world.rows = [first, failed, second, second, {**second, "resourceChanges": {"same": 3}}]
    run(options(dry_run=True), stack="prod", as_json=True)
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (document["to"], document["skipped"], document["unchanged"]) == (1, [2], [5, 4])
    assert "4 deployed the same again, 5 changed nothing; going back to 1" in err
    assert 'Roll back prod from 5 to 1 "Ring for 1 seconds" (skipping 2, failed)' in err
