"""`voicehooks adopt` as a whole: real settings files, and stand-ins for the engine and the account."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from pulumi_supabase.edge_function import live
from pulumi_twilio.client import TwilioError
from pulumi_twilio.webhook_api import RULES

from infra.settings import Settings
from infra.settings_parser import parse
from voicehooks.commands.adopt import account, command
from voicehooks.commands.adopt.account import AccountProposal, propose_account
from voicehooks.commands.adopt.function_source import FoundFunction, find_functions
from voicehooks.output.errors import CommandError
from voicehooks.stack.deployed_state import State
from voicehooks.stack.settings_file import SettingsFile

REF = "abcdefghijklmnopqrst"
HOOK = f"https://{REF}.supabase.co/functions/v1/twilio-webhook"
ONE, TWO, SILENT = "+15551234567", "+15551234568", "+15551234569"
ACCOUNT = "AC" + "1" * 32
COMPONENT = "urn:pulumi:prod::voicehooks::voicehooks:index:VoiceWebhooks::voice-webhooks"
ARGUMENTS = {"function": False, "everything": False, "dry_run": False, "yes": True, "as_json": True}
NOTHING_CHANGES: dict[str, Any] = {"steps": [], "diagnostics": []}


def number(e164: str, **fields: Any) -> dict[str, Any]:
    """A number as Twilio answers it."""
    return {
        "phone_number": e164,
        "sid": f"PN{e164}",
        "friendly_name": "",
        "capabilities": {"voice": True},
        **fields,
    }


def step(
    name: str, operation: str, package: str = "twilio", kind: str = "VoiceConfiguration"
) -> dict[str, Any]:
    """A step of a preview."""
    token = f"{package}:index:{kind}"
    state = {"urn": f"urn:pulumi:prod::voicehooks::{token}::{name}", "type": token, "inputs": {}, "outputs": {}}
    return {"op": operation, "urn": state["urn"], "oldState": state, "newState": state, "detailedDiff": {}}


@dataclass
class World:
    """The project, the account and the engine; what was done comes in order."""

    folder: Path
    live: list[dict[str, Any]] = field(
        default_factory=lambda: [
            number(ONE, friendly_name="Sales", voice_url="https://a.example/v"),
            number(TWO, friendly_name="(555) 123-4568", voice_application_sid="AP1"),
            number(SILENT, capabilities={"voice": False}),
        ]
    )
    resources: list[dict[str, Any]] = field(default_factory=list)
    functions: list[FoundFunction] = field(default_factory=list)
    account: AccountProposal = field(default_factory=AccountProposal)
    preview: Any = field(default_factory=lambda: NOTHING_CHANGES)
    preview_code: int = 0
    done: list[str] = field(default_factory=list)
    imported: dict[str, Any] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        return self.folder / "Pulumi.prod.yaml"

    @property
    def numbers(self) -> dict[str, Any]:
        found: dict[str, Any] = SettingsFile.read(self.folder, "prod").config["voicehooks:numbers"]
        return found

    def manage(self, e164: str, **inputs: Any) -> None:
        """The stack's state has this number."""
        kind = "twilio:index:VoiceConfiguration"
        urn = f"urn:pulumi:prod::voicehooks::{kind}::{e164}"
        outputs = {"e164": e164}
        self.resources.append({"urn": urn, "type": kind, "id": "x", "inputs": inputs, "outputs": outputs})

    def try_run(self, *arguments: str) -> CompletedProcess[str]:
        self.done.append(" ".join(arguments))
        text = self.preview if isinstance(self.preview, str) else json.dumps(self.preview)
        return CompletedProcess(arguments, self.preview_code, text, "error: no such file\n")

    def run(self, *arguments: str, what: str, do: str) -> str:
        position = arguments.index("--file") + 1
        self.imported = json.loads(Path(arguments[position]).read_text())
        self.done.append(" ".join((*arguments[:position], *arguments[position + 1 :])))
        return ""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A stack whose file names no number yet."""
    world = World(tmp_path)
    keys = f"twilio:accountSid: {ACCOUNT}\n  voicehooks:supabaseProject: {REF}"
    world.file.write_text(f"config:\n  {keys}\n  voicehooks:numbers: {{}}\n")

    class Environment:
        def __init__(self, name: str) -> None:
            self.name, self.folder, self.account_sid = name, tmp_path, ACCOUNT
            resources = lambda show_secrets: world.resources  # noqa: E731
            self.engine = SimpleNamespace(stack=name, try_run=world.try_run, run=world.run, resources=resources)

        @property
        def settings(self) -> Settings:
            credentials = {"twilio:authToken": "x", "supabase:accessToken": "x"}
            config = SettingsFile.read(tmp_path, "prod").config
            return parse({**config, **credentials}, {}, stack=self.name)

        @property
        def written_numbers(self) -> dict[str, Any]:
            return world.numbers

    async def numbers(what: str) -> list[dict[str, Any]]:
        return world.live

    async def applications(what: str) -> list[dict[str, Any]]:
        return [{"sid": "AP1", "friendly_name": "ivr"}]

    @asynccontextmanager
    async def open_twilio(_: Environment) -> AsyncIterator[Any]:
        yield SimpleNamespace(numbers=numbers, applications=applications)

    @asynccontextmanager
    async def open_supabase(_: Environment) -> AsyncIterator[Any]:
        yield None

    async def functions(api: None, settings: Settings, saved: Path, ours: set[str]) -> list[FoundFunction]:
        assert saved == tmp_path / "adopted" / "prod"
        return [found for found in world.functions if found.slug not in ours]

    async def whole_account(*_: Any) -> AccountProposal:
        return world.account

    monkeypatch.setattr(command, "Environment", Environment)
    monkeypatch.setattr(command, "open_twilio", open_twilio)
    monkeypatch.setattr(command, "open_supabase", open_supabase)
    monkeypatch.setattr(command, "find_functions", functions)
    monkeypatch.setattr(command, "propose_account", whole_account)
    return world


def adopt(*numbers: str, **changes: Any) -> int:
    """Run it with `--yes --json`, unless the test says otherwise."""
    return command.run(numbers, stack="prod", **{**ARGUMENTS, **changes})


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What was printed with `--json`."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def imported_numbers(*e164: str) -> list[dict[str, str]]:
    """The rows of an import."""
    kind, parent = "twilio:index:VoiceConfiguration", "voice-webhooks"
    return [{"type": kind, "name": each, "id": f"PN{each}", "parent": parent} for each in e164]


def test_settings_then_state_then_a_preview(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Every number becomes a line that changes nothing about it, and is imported under its component."""
    assert adopt() == 0
    assert world.numbers == {ONE: {"voiceUrl": "https://a.example/v"}, TWO: {}}
    text = world.file.read_text()
    assert "# Sales" in text
    assert "# TwiML App ivr, left as it is" in text  # its own number is no name
    assert world.imported == {
        "nameTable": {},
        "resources": [
            {"type": "voicehooks:index:VoiceWebhooks", "name": "voice-webhooks", "component": True},
            *imported_numbers(ONE, TWO),
        ],
    }
    assert world.done == [
        "import --file --yes --skip-preview --generate-code=false --protect=false",
        "preview --json",
    ]
    found = document(capsys)
    assert found.pop("numbers")[0] == {
        "number": ONE,
        "sid": f"PN{ONE}",
        "name": "Sales",
        "route": "https://a.example/v",
        "settings": {"voiceUrl": "https://a.example/v"},
        "notes": [],
    }
    assert found == {
        "stack": "prod",
        "written": True,
        "imported": [ONE, TWO],
        "skipped": {SILENT: "has no voice capability"},
        "account": {},
        "notes": [],
        "functions": [],
        "preview": {"failed": "", "changedNumbers": {}, "unchangedNumbers": 0, "others": []},
    }


def test_what_is_there_is_not_imported_twice(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The component is named by its URN; a number in settings and state is passed over unless it is named."""
    world.resources.append({"urn": COMPONENT, "type": "voicehooks:index:VoiceWebhooks"})
    world.manage(ONE, voiceUrl="x")
    world.file.write_text(world.file.read_text().replace("{}", f'{{"{ONE}": {{}}}}'))
    assert adopt() == 0
    assert world.imported == {"nameTable": {"voice-webhooks": COMPONENT}, "resources": imported_numbers(TWO)}
    assert world.numbers == {ONE: {}, TWO: {}}
    found = document(capsys)
    assert ([row["number"] for row in found["numbers"]], found["imported"]) == ([TWO], [TWO])

    world.manage(TWO)
    world.done = []
    assert adopt(ONE, ONE) == 0
    assert world.numbers[ONE]["voiceUrl"] == "https://a.example/v"
    assert world.done == ["preview --json"]
    found = document(capsys)
    assert ([row["number"] for row in found["numbers"]], found["imported"]) == ([ONE], [])


def test_all_names_every_number_again(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of the stack too; what the state holds and Twilio has no longer is written as empty."""
    world.manage(ONE, voiceUrl="x", statusCallback="x")
    world.file.write_text(world.file.read_text().replace("{}", f'{{"{ONE}": {{}}}}'))
    adopt(everything=True)
    assert [row["number"] for row in document(capsys)["numbers"]] == [ONE, TWO]
    assert world.numbers[ONE] == {"voiceUrl": "https://a.example/v", "statusCallback": ""}


def test_when_all_is_there_nothing_is_written(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is asked either, and no preview is made."""
    adopt()
    for e164 in (ONE, TWO):
        world.manage(e164)
    text, world.done = world.file.read_text(), []
    capsys.readouterr()
    assert adopt(yes=False) == 0
    assert (world.file.read_text(), world.done) == (text, [])
    found = document(capsys)
    assert (found["written"], found["preview"], found["imported"]) == (False, None, [])


def test_a_dry_run_writes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The new lines are shown, each number with its SID shortened and what is to be done with it."""
    world.manage(TWO)
    text = world.file.read_text()
    assert adopt(dry_run=True, yes=False, as_json=False) == 0
    assert (world.file.read_text(), world.done) == (text, [])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split()[0] == ONE and "to import" in line for line in lines)
    assert any(line.split()[0] == TWO and "in the state" in line for line in lines)
    assert f'    +    "{ONE}": {{voiceUrl: "https://a.example/v"}}   # Sales' in lines
    assert any(SILENT in line for line in lines)
    adopt(dry_run=True)
    found = document(capsys)
    assert (found["written"], found["imported"], found["preview"]) == (False, [], None)


def test_without_a_terminal_only_yes_is_an_answer(world: World) -> None:
    """Nobody can be asked: nothing is written."""
    text = world.file.read_text()
    with pytest.raises(CommandError, match="--yes"):
        adopt(yes=False)
    assert (world.file.read_text(), world.done) == (text, [])


def test_no_means_no(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It was shown and not wanted: exit code 0."""
    text = world.file.read_text()
    monkeypatch.setattr(command, "confirm", lambda question, *, yes, otherwise: yes)
    with pytest.raises(typer.Exit) as ended:
        adopt(yes=False, as_json=False)
    assert ended.value.exit_code == 0
    assert (world.file.read_text(), world.done) == (text, [])
    assert capsys.readouterr().out.splitlines()[-1] == "nothing written"


def test_a_number_of_another_account(world: World) -> None:
    """It is refused with those that the account owns."""
    with pytest.raises(CommandError) as refused:
        adopt(ONE, "+15550000001")
    assert (refused.value.what, ONE in refused.value.do) == ("+15550000001 cannot be adopted", True)
    assert "..." not in refused.value.do
    world.live = [number(f"+1555000010{digit}") for digit in range(6)]
    with pytest.raises(CommandError) as refused:
        adopt(ONE)
    assert ("+15550000104 ..." in refused.value.do, "+15550000105" in refused.value.do) == (True, False)


def function(world: World, **files: bytes) -> FoundFunction:
    """A function with one of our names."""
    sources = files or {"index.ts": b"theirs"}
    folder = world.folder / "adopted" / "prod" / "twilio-webhook"
    return FoundFunction("twilio-webhook", 7, verify_jwt=True, files=sources, folder=folder)


def test_a_function_is_saved_before_the_settings_allow_its_replacement(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --function alone no number is read; an edited copy is shown before it is replaced."""
    world.functions = [function(world)]
    world.live = []
    assert adopt(function=True) == 0
    saved = world.folder / "adopted" / "prod" / "twilio-webhook" / "index.ts"
    assert saved.read_bytes() == b"theirs"
    assert SettingsFile.read(world.folder, "prod").config["voicehooks:adoptFunction"] == "true"
    assert world.done == ["preview --json"]
    found = document(capsys)
    assert found["functions"] == [
        {
            "slug": "twilio-webhook",
            "version": 7,
            "verifyJwt": True,
            "files": ["index.ts"],
            "savedTo": str(saved.parent),
        }
    ]
    assert found["numbers"] == []

    assert adopt(function=True) == 0
    assert document(capsys)["written"] is False  # saved already, and settled
    saved.write_bytes(b"edited")
    adopt(function=True, dry_run=True, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert ("    -edited" in lines, "    +theirs" in lines, saved.read_bytes()) == (True, True, b"edited")
    assert adopt(function=True) == 0
    assert document(capsys)["written"] is True
    saved.unlink()
    adopt(function=True)
    assert (document(capsys)["written"], saved.read_bytes()) == (True, b"theirs")


def test_a_function_of_the_stack_is_left_alone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing of it is saved, and no setting allows its replacement."""
    world.functions = [function(world)]
    kind = "supabase:index:EdgeFunction"
    outputs = {"slug": "twilio-webhook"}
    world.resources.append({"urn": f"urn:pulumi:p::v::{kind}::f", "type": kind, "outputs": outputs})
    adopt(function=True)
    assert (document(capsys)["functions"], "adoptFunction" in world.file.read_text()) == ([], False)


def test_with_all_functions_and_numbers_are_taken(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --function or --all no function is."""
    world.functions = [function(world)]
    adopt(dry_run=True)
    assert document(capsys)["functions"] == []
    adopt(dry_run=True, everything=True)
    found = document(capsys)
    assert (len(found["functions"]), len(found["numbers"])) == (1, 2)
    adopt(ONE, dry_run=True, function=True)
    found = document(capsys)
    assert (len(found["functions"]), len(found["numbers"])) == (1, 1)


def test_the_accounts_settings_join_those_that_are_there(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """The default recording configuration is imported under the account's own SID."""
    world.file.write_text(f"{world.file.read_text()}  voicehooks:account: {{eventStreams: true}}\n")
    world.live = []
    world.account = AccountProposal({"channels": "dual"}, to_import=True, notes=("a rule stays",))
    assert adopt() == 0
    account = SettingsFile.read(world.folder, "prod").config["voicehooks:account"]
    assert account == {"eventStreams": True, "channels": "dual"}
    row = {"type": "twilio:index:AccountRecordingDefaults", "name": "recording-defaults", "id": ACCOUNT}
    assert world.imported == {"nameTable": {}, "resources": [row]}
    found = document(capsys)
    assert (found["account"], found["notes"]) == ({"channels": "dual"}, ["a rule stays"])


def test_a_number_that_an_update_would_still_change_is_exit_code_1(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named with what would change; other resources are, and the engine's own are not."""
    update = step(ONE, "update")
    update["detailedDiff"] = {"voiceUrl": {"kind": "update"}, "delivery": {"kind": "add"}}
    others = [
        step("schema", "create", "supabase", "Migrations"),
        step("p", "create", "pulumi", "providers"),
        step("code", "same", "supabase", "EdgeFunction"),
    ]
    world.preview = {"steps": [update, step(TWO, "same"), step("new", "create"), *others], "diagnostics": []}
    assert adopt() == 1
    assert document(capsys)["preview"] == {
        "failed": "",
        "changedNumbers": {ONE: ["delivery", "voiceUrl"], "new": ["create"]},
        "unchangedNumbers": 1,
        "others": ["create supabase:index:Migrations schema"],
    }
    world.file.write_text(world.file.read_text().replace(ONE, "+15550000009"))
    assert adopt(as_json=False) == 1
    lines = capsys.readouterr().out.splitlines()
    assert f"an update would change {ONE}: delivery, voiceUrl" in lines
    assert "    create supabase:index:Migrations schema" in lines
    assert lines[-2:] == ["    pulumi preview -s prod --diff", "    pulumi up -s prod"]
    assert not any("would change no number" in line for line in lines)


@pytest.mark.parametrize(
    ("preview", "code", "failed"),
    [
        ("not JSON", 255, "no such file"),
        ("not JSON", 0, ""),
        (
            {"steps": [], "diagnostics": [{"severity": "error", "message": "error: Preview failed: it\n is"}]},
            1,
            "it is",
        ),
        ({"steps": [], "diagnostics": []}, 1, "no such file"),
    ],
)
def test_a_preview_that_fails_is_exit_code_1(
    world: World, preview: Any, code: int, failed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settings and state are written; the reason is the engine's own."""
    world.preview, world.preview_code = preview, code
    assert adopt() == 1
    found = document(capsys)
    assert found["written"] is True
    said = found["preview"].pop("failed")
    assert said
    assert failed in said
    assert not said.startswith(("error", "Preview"))
    assert found["preview"] == {"changedNumbers": {}, "unchangedNumbers": 0, "others": []}


@pytest.mark.parametrize(
    ("message", "remedy"),
    [("adopt=True is missing", "voicehooks adopt -s prod --function"), ("x", "pulumi preview -s prod")],
)
def test_the_next_command_after_a_failed_preview(
    world: World, message: str, remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A function that this stack does not manage can be taken over; else the preview says more."""
    world.preview_code = 1
    world.preview = {"steps": [], "diagnostics": [{"severity": "error", "message": message}]}
    adopt(as_json=False)
    assert capsys.readouterr().out.splitlines()[-1] == f"    {remedy}"


# The whole account.


def settings(**own: Any) -> Settings:
    """The stack's settings."""
    keys = {"supabaseProject": REF, "numbers": {}, **own}
    credentials = {"twilio:accountSid": ACCOUNT, "twilio:authToken": "x", "supabase:accessToken": "x"}
    return parse({**credentials, **{f"voicehooks:{k}": v for k, v in keys.items()}}, {}, stack="prod")


def proposal(
    monkeypatch: pytest.MonkeyPatch,
    *,
    recording: Any = None,
    rule: Any = None,
    sinks: Any = (),
    state: State | None = None,
    **own: Any,
) -> AccountProposal:
    """What adopt says of an account that answers so."""

    async def get(path: str, *, host: str) -> dict[str, Any]:
        answer = {"sinks": sinks} if host == "events" else {"configuration": recording}
        if isinstance(sinks if host == "events" else recording, TwilioError):
            raise sinks if host == "events" else recording
        return answer

    async def list_all(asked: Any, kind: Any) -> list[Any]:
        assert (asked, kind) == (twilio.client, RULES)
        if isinstance(rule, TwilioError):
            raise rule
        return []

    async def sip_notes(asked: Any, own: Settings) -> list[str]:
        return ["a SIP domain stays"] if asked is twilio and own.webhook_url == HOOK else []

    monkeypatch.setattr(account, "list_all", list_all)
    monkeypatch.setattr(account, "rule_for", lambda url, rules: rule if url == HOOK else None)
    monkeypatch.setattr(account, "sip_notes", sip_notes)
    twilio: Any = SimpleNamespace(client=SimpleNamespace(get=get))
    return asyncio.run(propose_account(twilio, settings(**own), state or State([]), "it could not be read"))


def recording(**callbacks: str) -> dict[str, Any]:
    """A default recording configuration with these callbacks."""
    return {f"{name}RecordingStatusCallback": {"url": url} for name, url in callbacks.items()}


NO = TwilioError(20003, "no", 404)


def test_a_recording_default_that_settings_can_describe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our callback, with its connection overrides or not, and the keys that have a setting."""
    policy = {"compositionPolicy": {"channels": "dual", "trim": "", "track": "inbound"}}
    found = proposal(monkeypatch, recording={**recording(call=f"{HOOK}#rc=2"), **policy})
    assert found.settings == {"recordingCallback": True, "channels": "dual"}
    assert (found.to_import, found.notes) == (True, ("a SIP domain stays",))
    found = proposal(monkeypatch, recording={"compositionPolicy": {"trim": "trim-silence"}})
    assert (found.settings, found.to_import) == ({"trim": "trim-silence"}, True)
    found = proposal(monkeypatch, recording=recording(conference=HOOK))
    assert found.settings == {"recordingCallback": True}


def test_a_recording_default_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another callback is named without its password, and nothing of an empty one is imported."""
    found = proposal(monkeypatch, recording=recording(call="https://u:p@crm.example.com/r"))
    assert (found.settings, found.to_import, len(found.notes)) == ({}, False, 2)
    assert "https://***@crm.example.com/r" in found.notes[0]
    found = proposal(monkeypatch, recording={"callRecordingStatusCallback": None})
    assert (found.to_import, len(found.notes)) == (False, 2)
    # Both: ours is a setting, the other one is named.
    found = proposal(monkeypatch, recording=recording(call=HOOK, conference="https://crm.example.com/r"))
    assert (found.settings, len(found.notes)) == ({"recordingCallback": True}, 2)


@pytest.mark.parametrize("managed", ["setting", "state"])
def test_a_recording_default_that_the_stack_manages_is_not_looked_at(
    monkeypatch: pytest.MonkeyPatch, managed: str
) -> None:
    """By its settings or its state."""
    kind = "twilio:index:AccountRecordingDefaults"
    state = State([{"urn": f"urn:pulumi:p::v::{kind}::d", "type": kind}]) if managed == "state" else None
    own = {"account": {"channels": "mono"}} if managed == "setting" else {}
    found = proposal(monkeypatch, recording=recording(call=HOOK), state=state, **own)
    assert found == AccountProposal(notes=("a SIP domain stays",))


def test_a_rule_and_sinks_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule that signs the functions' requests, unless it is the stack's own; each sink with its type."""
    sinks = [{"sid": "DG1", "sink_type": "webhook"}, {"sid": "DG2", "sink_type": "segment"}]
    named = {"id": "wr1", "friendlyName": "theirs"}
    found = proposal(monkeypatch, recording=NO, rule=named, sinks=sinks)
    assert "theirs (wr1)" in found.notes[0]
    assert "2 sinks of Event Streams (DG1 (webhook), DG2 (segment))" in found.notes[1]
    assert len(found.notes) == 3
    assert "rule wr2 " in proposal(monkeypatch, recording=NO, rule={"id": "wr2"}).notes[0]
    kind = "twilio:index:WebhookRule"
    ours = State([{"urn": f"urn:pulumi:p::v::{kind}::r", "type": kind, "id": "wr1"}])
    streams = {"account": {"eventStreams": True}}
    found = proposal(monkeypatch, recording=NO, rule=named, sinks=sinks, state=ours, **streams)
    assert found.notes == ("a SIP domain stays",)


@pytest.mark.parametrize("status", [403, 404])
def test_what_an_account_or_key_does_not_have_says_nothing(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """Adopting numbers needs no right to any of it."""
    lacking = TwilioError(20003, "no", status)
    found = proposal(monkeypatch, recording=lacking, rule=lacking, sinks=lacking)
    assert found == AccountProposal(notes=("a SIP domain stays",))


@pytest.mark.parametrize("part", ["recording", "rule", "sinks"])
def test_an_outage_is_not_an_empty_account(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """Else what is there would be overwritten by the next update."""
    answers: dict[str, Any] = {"recording": NO, part: TwilioError(None, "down", 503)}
    with pytest.raises(CommandError, match="it could not be read"):
        proposal(monkeypatch, **answers)


def test_which_functions_are_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each of our names that the stack does not have; a project that does not exist is an error."""
    asked: list[str] = []
    required: list[str] = []

    async def find(api: Any, project: str, slug: str) -> Any:
        asked.append(slug)
        return SimpleNamespace(version=3, verify_jwt=False) if slug == "place-call" else None

    async def require_project(api: Any, project: str) -> None:
        required.append(project)

    async def download(api: Any, project: str, there: Any) -> Any:
        return SimpleNamespace(files={"index.ts": b"x"})

    for name, fake in (("find", find), ("require_project", require_project), ("download", download)):
        monkeypatch.setattr(live, name, fake)
    none: Any = None
    own = settings(account={"eventStreams": True}, functionName="hook")
    found = asyncio.run(find_functions(none, own, tmp_path, {"recording"}))
    assert found == [
        FoundFunction(
            "place-call", 3, verify_jwt=False, files={"index.ts": b"x"}, folder=tmp_path / "place-call"
        )
    ]
    assert sorted(asked) == [
        "control-call",
        "hook",
        "place-call",
        "twilio-events",
        "twilio-fallback",
        "voice-token",
    ]
    assert required == [REF]
    asked.clear()
    asyncio.run(find_functions(none, settings(), tmp_path, set()))
    assert ("twilio-events" in asked, "recording" in asked, "twilio-webhook" in asked) == (False, True, True)
