"""`voicehooks init` once the credentials are there: what it writes, in which order, and what it refuses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import typer
import yaml

from infra.settings import Settings
from voicehooks.commands.init import command, example, stack
from voicehooks.commands.init.answers import Flags
from voicehooks.commands.init.credential_checks import CredentialCheck, TwilioKeys
from voicehooks.commands.init.credentials import Found
from voicehooks.commands.init.settings_file import UNFINISHED, inherited
from voicehooks.output.errors import CommandError
from voicehooks.stack.settings_file import SettingsFile

ACCOUNT, KEY, REF, NUMBER = "AC" + "1" * 32, "SK" + "2" * 32, "a" * 20, "+15551234567"
TOKEN, SECRET, ACCESS = "3" * 32, "4" * 32, "sbp_" + "5" * 40
FOUND = Found(
    TwilioKeys(ACCOUNT, TOKEN, KEY, SECRET),
    REF,
    ACCESS,
    (NUMBER,),
    [CredentialCheck("Twilio", found="1 number")],
)
NO_FLAGS: dict[str, Any] = {
    "account_sid": None,
    "api_key": None,
    "project": None,
    "public_url": None,
    "numbers": (),
    "state": "/states",
    "origin": None,
    "purposes": "",
    "page": "",
    "sandbox": False,
}


class Pulumi:
    """The CLI: which backend it is logged in to, which stacks exist, and what it was asked to do.

    Attributes:
        done: commands, a secret as its key, in order.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.backend = ""
        self.exists = False
        self.refuses = ""
        self.done: list[str] = []
        self.secrets: dict[str, str] = {}
        self.variables: dict[str, str] = {}
        self.known: dict[str, str] = {}
        self.found = FOUND

    def engine(self, folder: Path, name: str, variables: dict[str, str]) -> Pulumi:
        self.variables = variables
        return self

    def backend_url(self) -> str:
        if not self.backend:
            raise CommandError("nobody is logged in", "x")
        return self.backend

    def try_without_stack(self, *arguments: str) -> CompletedProcess[str]:
        self.done.append(" ".join(arguments))
        return CompletedProcess(arguments, int(self.refuses == arguments[0]), "", "error: no such bucket")

    def try_run(self, *arguments: str) -> CompletedProcess[str]:
        assert arguments == ("stack", "export")
        return CompletedProcess(arguments, 0 if self.exists else 255, "", "")

    def run(self, *arguments: str, what: str, do: str = "") -> str:
        if self.refuses == arguments[1]:
            raise CommandError(what, "the engine refused", do)
        assert UNFINISHED in self.file.read_text() or arguments[1] == "select"
        self.done.append(" ".join(arguments))
        return ""

    def set_secret(self, key: str, value: str, *, what: str, do: str) -> None:
        assert UNFINISHED in self.file.read_text()
        self.done.append(key)
        self.secrets[key] = value

    @property
    def file(self) -> Path:
        return self.folder / "Pulumi.team.yaml"

    @property
    def config(self) -> dict[str, Any]:
        text = self.file.read_text()
        assert UNFINISHED not in text
        found: dict[str, Any] = yaml.safe_load(text)["config"]
        return found


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pulumi:
    """A project, and nobody at the terminal."""
    for name in list(os.environ):
        if name.startswith(("PULUMI_", "TWILIO_", "SUPABASE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a long one")
    found = Pulumi(tmp_path)

    def ask(asker: Any, flags: Flags, known: dict[str, str], addresses: Any) -> Found:
        found.known = known
        return found.found

    monkeypatch.setattr("voicehooks.stack.project.root", lambda: tmp_path)
    monkeypatch.setattr(command, "ask", ask)
    monkeypatch.setattr(stack, "Engine", found.engine)
    return found


@pytest.fixture
def answers(pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A person at the terminal: answers by the beginning of a question, else its default."""
    given: dict[str, str] = {}

    def prompt(text: str, *, default: str | None, hide_input: bool, **_: Any) -> str:
        assert hide_input == ("assphrase" in text)
        return next((answer for start, answer in given.items() if text.startswith(start)), default or "")

    monkeypatch.setattr("voicehooks.commands.init.answers.can_ask", lambda: True)
    monkeypatch.setattr(typer, "prompt", prompt)
    return given


def init(name: str = "team", *, as_json: bool = False, **flags: Any) -> int:
    """Run it."""
    return command.run(name, Flags(**{**NO_FLAGS, **flags}), as_json=as_json)


def test_file_stack_secrets_and_only_then_it_is_finished(
    pulumi: Pulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    """Logged in, made without selecting it, each secret encrypted, selected last; no secret is printed."""
    assert init(as_json=True, public_url="https://api.example.com") == 0
    assert pulumi.done == [
        "login file:///states",
        "stack init --no-select",
        "twilio:authToken",
        "twilio:apiKeySecret",
        "supabase:accessToken",
        "stack select",
    ]
    assert pulumi.secrets == {
        "twilio:authToken": TOKEN,
        "twilio:apiKeySecret": SECRET,
        "supabase:accessToken": ACCESS,
    }
    assert pulumi.config == {
        "twilio:accountSid": ACCOUNT,
        "twilio:apiKeySid": KEY,
        "voicehooks:supabaseProject": REF,
        "voicehooks:publicUrl": "https://api.example.com",
        "voicehooks:numbers": {NUMBER: {}},
    }
    out, err = capsys.readouterr()
    assert json.loads(out) == {
        "stack": "team",
        "file": "Pulumi.team.yaml",
        "state": "file:///states",
        "checks": [{"what": "Twilio", "refused": "", "found": "1 number", "ok": True}],
        "numbers": [NUMBER],
        "next": f"voicehooks adopt --stack team {NUMBER}",
    }
    assert not any(secret in out + err for secret in (TOKEN, SECRET, ACCESS, "a long one"))


def test_without_an_api_key_there_is_no_secret_of_one(
    pulumi: Pulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor a key of the settings."""
    pulumi.found = Found(TwilioKeys(ACCOUNT, TOKEN), REF, ACCESS, (), [])
    init()
    assert pulumi.secrets.keys() == {"twilio:authToken", "supabase:accessToken"}
    assert pulumi.config.keys() == {"twilio:accountSid", "voicehooks:supabaseProject", "voicehooks:numbers"}
    assert capsys.readouterr().out.splitlines()[-1] == "next: voicehooks adopt --stack team"


@pytest.mark.parametrize(
    ("logged_in", "variable", "login"),
    [
        ("file:///states", "", False),
        ("file:///others", "", True),
        ("", "", True),
        ("", "file:///states", False),
    ],
)
def test_it_logs_in_where_the_state_is_to_be(
    pulumi: Pulumi,
    logged_in: str,
    variable: str,
    login: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Unless the user is logged in there, or a variable says it."""
    pulumi.backend = logged_in
    if variable:
        monkeypatch.setenv("PULUMI_BACKEND_URL", variable)
    init()
    assert ("login file:///states" in pulumi.done) == login
    assert pulumi.variables["PULUMI_BACKEND_URL"] == "file:///states"
    assert "export" not in capsys.readouterr().err


def test_another_backend_of_this_terminal_is_named(
    pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The next command would look for the stack in the variable's one."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://others")
    init()
    assert "export PULUMI_BACKEND_URL='file:///states'" in capsys.readouterr().err


def test_without_a_choice_the_state_is_where_the_user_is_logged_in(
    pulumi: Pulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody can be asked; an address that init itself would not know is fine then."""
    pulumi.backend = "mysql://company"
    init(state=None, as_json=True)
    assert json.loads(capsys.readouterr().out)["state"] == "mysql://company"
    assert pulumi.done[0] == "stack init --no-select"


def test_without_a_choice_and_a_login_the_option_is_named(pulumi: Pulumi) -> None:
    """Where its state is stored is for the user to say."""
    with pytest.raises(CommandError, match="--state or PULUMI_BACKEND_URL"):
        init(state=None)
    assert not pulumi.file.exists()


@pytest.mark.parametrize(("state", "login"), [("cloud", "login"), ("s3://b", "login s3://b")])
def test_a_refused_login_writes_nothing(pulumi: Pulumi, state: str, login: str) -> None:
    """The error names the place; Pulumi Cloud wants a token, a bucket its own credentials."""
    pulumi.refuses = "login"
    with pytest.raises(CommandError) as refused:
        init(state=state)
    assert pulumi.done == [login]
    assert refused.value.why == "no such bucket"
    assert ("PULUMI_ACCESS_TOKEN" in refused.value.do) == (state == "cloud")
    assert not pulumi.file.exists()


def test_a_stack_of_that_name_is_not_taken_over(pulumi: Pulumi) -> None:
    """It is somebody's: neither its file is written nor its secrets are set."""
    pulumi.exists = True
    with pytest.raises(CommandError, match="file:///states already has a stack team"):
        init()
    assert not pulumi.file.exists()
    assert pulumi.secrets == {}


@pytest.mark.parametrize("exists", [False, True])
def test_half_a_run_is_resumed(pulumi: Pulumi, exists: bool) -> None:
    """The file of the first run stays as it is, the stack is made once, and what it says is known."""
    pulumi.refuses = "init"
    with pytest.raises(CommandError, match="run voicehooks init team again"):
        init()
    begun = pulumi.file.read_text()
    assert begun.startswith(UNFINISHED)
    assert pulumi.secrets == {}
    pulumi.refuses, pulumi.exists, pulumi.done = "", exists, []
    pulumi.found = Found(FOUND.keys, REF, ACCESS, (), [])
    init(purposes="incoming")
    assert ("stack init --no-select" in pulumi.done) == (not exists)
    assert pulumi.file.read_text() == begun.removeprefix(UNFINISHED + "\n")
    assert len(pulumi.secrets) == 3
    assert pulumi.known == {
        "": "begun",
        "twilio:accountSid": ACCOUNT,
        "twilio:apiKeySid": KEY,
        "voicehooks:supabaseProject": REF,
    }


@pytest.mark.parametrize(
    ("keys", "project"),
    [
        (TwilioKeys("AC" + "9" * 32, TOKEN, KEY, SECRET), REF),
        (TwilioKeys(ACCOUNT, TOKEN, "SK" + "9" * 32, SECRET), REF),
        (FOUND.keys, "b" * 20),
    ],
)
def test_half_a_run_about_another_account_is_not_resumed(
    pulumi: Pulumi, keys: TwilioKeys, project: str
) -> None:
    """Its secrets would not be those of the account, key or project in the file."""
    pulumi.refuses = "init"
    with pytest.raises(CommandError):
        init()
    begun, pulumi.refuses = pulumi.file.read_text(), ""
    pulumi.found = Found(keys, project, ACCESS, (), [])
    with pytest.raises(CommandError, match=r"rm Pulumi\.team\.yaml"):
        init()
    assert pulumi.file.read_text() == begun
    assert pulumi.secrets == {}


@pytest.mark.parametrize("name", ["Team", "7team", "a_b", "a" * 41, "local", ""])
def test_a_name_that_is_not_valid(pulumi: Pulumi, name: str) -> None:
    """Refused before anything is asked; `local` is the sandbox of this machine."""
    with pytest.raises(CommandError):
        init(name)
    assert pulumi.done == []


def test_a_file_that_is_there_stays(pulumi: Pulumi) -> None:
    """Refused before anything is asked."""
    pulumi.file.write_text("config: {}  # mine\n")
    with pytest.raises(CommandError, match=r"mv Pulumi\.team\.yaml"):
        init()
    assert pulumi.file.read_text() == "config: {}  # mine\n"
    assert pulumi.done == []


def test_purposes_become_settings_and_the_numbers_wait_for_adopt(
    pulumi: Pulumi, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under defaults a bare line would change the number: the next step names it instead."""
    init(purposes="incoming, recording", page="https://crm.example.com/leads")
    assert pulumi.config["voicehooks:defaults"] == {
        "answer": True,
        "fallbackUrl": "default",
        "statusEvents": ["initiated", "ringing", "answered", "completed"],
        "record": "record-from-answer",
    }
    assert pulumi.config["voicehooks:allowedOrigins"] == ["https://crm.example.com"]
    assert pulumi.config["voicehooks:numbers"] == {}
    assert capsys.readouterr().out.splitlines()[-1] == f"next: voicehooks adopt --stack team {NUMBER}"


@pytest.mark.parametrize(
    ("purposes", "keys"),
    [
        ("recording", {"voicehooks:defaults": {"record": "record-from-answer"}}),
        (
            "outgoing",
            {
                "voicehooks:defaults": {"statusEvents": ["initiated", "ringing", "answered", "completed"]},
                "voicehooks:allowedOrigins": ["http://localhost:8080"],
            },
        ),
    ],
)
def test_each_purpose_has_its_settings(pulumi: Pulumi, purposes: str, keys: dict[str, Any]) -> None:
    """Recording alone reports nothing; without a page outgoing calls come from this machine's."""
    init(purposes=purposes)
    assert {key: value for key, value in pulumi.config.items() if key in keys} == keys
    assert ("voicehooks:allowedOrigins" in pulumi.config) == (purposes == "outgoing")


@pytest.mark.parametrize(
    "flags",
    [
        {"purposes": "incoming,fax"},
        {"page": "http://crm.example.com"},
        {"page": "https://u:p@crm.example.com"},
        {"state": "ftp://a"},
        {"state": "s3"},
    ],
)
def test_an_answer_that_is_not_valid_writes_nothing(pulumi: Pulumi, flags: dict[str, Any]) -> None:
    """Nobody can be asked again."""
    with pytest.raises(CommandError):
        init(**flags)
    assert not pulumi.file.exists()


def test_settings_of_another_stack_are_taken_over(pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its addresses count more than a variable; purposes are not asked for where it has defaults."""
    (pulumi.folder / "Pulumi.dev.yaml").write_text(
        "config:\n  twilio:region: ie1\n  voicehooks:defaults: {answer: true}\n  voicehooks:rules: {a: 1}\n"
    )
    monkeypatch.setenv("TWILIO_REGION", "us1")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("SUPABASE_API_URL", "https://supabase.example.com")
    monkeypatch.setenv("TWILIO_BASE_URL", "https://twilio.example.com")
    init(origin="dev", purposes="recording")
    config = pulumi.config
    assert config["voicehooks:defaults"] == {"answer": True}
    assert config["voicehooks:rules"] == {"a": 1}
    assert config["voicehooks:numbers"] == {}
    assert {key: config[key] for key in command._VENDORS} == {
        "twilio:region": "ie1",
        "twilio:edge": "dublin",
        "twilio:baseUrl": "https://twilio.example.com",
        "supabase:apiUrl": "https://supabase.example.com",
    }


def test_a_shared_app_of_another_stack_takes_no_bare_number(pulumi: Pulumi) -> None:
    """A line without keys would put the number into the app."""
    (pulumi.folder / "Pulumi.dev.yaml").write_text("config:\n  voicehooks:sharedApplication: true\n")
    init(origin="dev")
    assert (pulumi.config["voicehooks:sharedApplication"], pulumi.config["voicehooks:numbers"]) == (True, {})


def test_a_stack_to_copy_that_does_not_exist(pulumi: Pulumi) -> None:
    """Those that do are named."""
    for name in ("dev", "prod"):
        (pulumi.folder / f"Pulumi.{name}.yaml").write_text("config: {}\n")
    with pytest.raises(CommandError) as refused:
        init(origin="other")
    assert (refused.value.what, refused.value.do.endswith("dev, prod")) == (
        "nothing can be copied from other",
        True,
    )


def test_no_credential_of_another_stack_is_taken_over(tmp_path: Path) -> None:
    """Not even one in the clear, nor an address, number or diversion of its own."""
    credentials = [f.alias for name, f in Settings.model_fields.items() if "token" in name or "api_key" in name]
    own = [
        "supabaseProject",
        "publicUrl",
        "numbers",
        "diverted",
        "sandbox",
        "adoptFunction",
        "dialingPermissions",
    ]
    lines = "".join(f"  voicehooks:{key}: x\n" for key in [*credentials, *own, "ringSeconds"])
    (tmp_path / "Pulumi.dev.yaml").write_text(f"config:\n  twilio:authToken: x\n{lines}")
    assert len(credentials) == 5
    assert inherited(SettingsFile.read(tmp_path, "dev")) == {"voicehooks:ringSeconds": "x"}


def test_a_rehearsal_uses_a_sandbox_of_its_own(pulumi: Pulumi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its addresses change at every start, so that the file has none of them."""
    sandbox = {"twilio:accountSid": ACCOUNT, "twilio:baseUrl": "http://127.0.0.1:1"}
    monkeypatch.setattr(command, "sandbox_answers", lambda folder, name: {**sandbox, "name": name})
    (pulumi.folder / "Pulumi.dev.yaml").write_text(
        "config:\n  twilio:region: ie1\n  voicehooks:rules: {a: 1}\n"
    )
    init(sandbox=True, origin="dev")
    assert pulumi.known == {**sandbox, "name": "team"}
    assert pulumi.config["voicehooks:sandbox"] == "true"
    assert pulumi.config["voicehooks:rules"] == {"a": 1}
    assert not pulumi.config.keys() & command._VENDORS.keys()


def test_a_passphrase_that_was_typed_is_not_repeated(
    pulumi: Pulumi,
    answers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The line that sets the variable asks for it."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    answers["Passphrase"] = "correct horse"
    init()
    assert pulumi.variables["PULUMI_CONFIG_PASSPHRASE"] == "correct horse"
    err = capsys.readouterr().err
    assert "correct horse" not in err
    assert "read -rs PULUMI_CONFIG_PASSPHRASE" in err


def test_a_passphrase_that_was_made_up_is_shown_once(
    pulumi: Pulumi,
    answers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Long enough, and with the line that sets the variable."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    init()
    passphrase = pulumi.variables["PULUMI_CONFIG_PASSPHRASE"]
    assert len(passphrase) == 32
    assert f"export PULUMI_CONFIG_PASSPHRASE='{passphrase}'" in capsys.readouterr().err


def test_the_passphrase_of_a_stack_that_exists_is_asked_for(
    pulumi: Pulumi, answers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one would not open it; so none is made up."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    pulumi.file.write_text(f"{UNFINISHED}\nconfig:\n  a: {ACCOUNT} {REF} {KEY}\n")
    pulumi.exists = True
    answers["The passphrase of the first time"] = "correct horse"
    init()
    assert pulumi.variables["PULUMI_CONFIG_PASSPHRASE"] == "correct horse"
    assert "correct horse" not in repr(command.Passphrase("correct horse"))


@pytest.mark.parametrize(
    ("state", "variable"), [("cloud", ""), ("here", "PULUMI_CONFIG_PASSPHRASE_FILE"), ("here", "")]
)
def test_without_a_terminal_a_passphrase_is_needed_where_pulumi_uses_one(
    pulumi: Pulumi, state: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulumi Cloud has its own key; a file of it will do."""
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")
    if variable:
        monkeypatch.setenv(variable, "/file")
    if state == "cloud" or variable:
        assert init(state=state) == 0
        assert "PULUMI_CONFIG_PASSPHRASE" not in pulumi.variables
    else:
        with pytest.raises(CommandError, match="PULUMI_CONFIG_PASSPHRASE"):
            init(state=state)
        assert not pulumi.file.exists()


def test_in_a_terminal_the_places_and_purposes_are_explained(
    pulumi: Pulumi, answers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each word that can be typed is on the screen; Enter means this machine, and answering calls."""
    init(state=None)
    err = capsys.readouterr().err
    assert all(f"  {word} " in err for word in ("here", "s3://BUCKET", "cloud", "incoming", "outgoing"))
    assert pulumi.variables["PULUMI_BACKEND_URL"] == "file://~"
    assert pulumi.config["voicehooks:defaults"]["answer"] is True


@pytest.mark.parametrize(
    ("choice", "url"),
    [
        ("here", "file://~"),
        ("cloud", "https://api.pulumi.com"),
        ("/states", "file:///states"),
        ("~/states", "file://~/states"),
        ("s3://b", "s3://b"),
        ("gs://b", "gs://b"),
        ("azblob://b", "azblob://b"),
        ("file:///x", "file:///x"),
        ("https://pulumi.example.com", "https://pulumi.example.com"),
    ],
)
def test_where_state_can_be_stored(choice: str, url: str) -> None:
    """A word, a folder, or an address that Pulumi knows."""
    assert stack.backend_url(choice) == url
    assert stack.needs_passphrase(url) == (not url.startswith("https"))


@pytest.mark.parametrize(
    "line",
    [
        "encryptionsalt: v1:x",
        "encryptedkey: x",
        "secretsprovider: awskms://x",
        "  twilio:accountSid: AC1",
        "  twilio:authToken: x",
        "  supabase:accessToken: x",
        f"  voicehooks:supabaseProject: {REF}",
        "",
    ],
)
def test_only_a_file_of_no_environment_is_an_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """Although the last commit has it as it is: one that says where or what a stack is belongs to a stack."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(f"config:\n  voicehooks:numbers: {{}}\n{line}\n")
    committed = path.read_text()

    def try_git(folder: Path, *arguments: str) -> CompletedProcess[str]:
        assert (folder, arguments) == (tmp_path, ("show", "HEAD:./Pulumi.dev.yaml"))
        return CompletedProcess(arguments, 0, committed, "")

    monkeypatch.setattr(example, "try_git", try_git)
    assert example.is_untouched_example(path) == (line == "")
    committed += "# changed"
    assert not example.is_untouched_example(path)


@pytest.mark.parametrize("text", ["- a list\n", "config: {}\n", "a: {\n", "encryptionsalt: x\n"])
def test_a_file_without_settings_is_no_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Nor is one that cannot be read: it is somebody's."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(text)
    monkeypatch.setattr(example, "try_git", lambda *_: CompletedProcess((), 0, text, ""))
    assert not example.is_untouched_example(path)
