"""`voicehooks divert` as a whole: real settings files, and a stand-in for the account that notes each write."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from voicehooks.commands.divert import command
from voicehooks.output.errors import CommandError
from voicehooks.stack.environment import Environment
from voicehooks.stack.settings_file import SettingsFile

NUMBER, OTHER, SID = "+15551234567", "+15550000001", "PN" + "1" * 32
APP = "AP" + "2" * 32
BEFORE, ELSEWHERE = "https://before.example/voice", "https://elsewhere.example/closed"
ROUTE_BEFORE = {"voiceUrl": BEFORE, "voiceMethod": "POST", "voiceApplicationSid": ""}


class Account:
    """One number; `written` are the forms that were posted, each with its path."""

    account_sid = "AC" + "3" * 32

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number_: dict[str, Any] | None = {
            "sid": SID,
            "phone_number": NUMBER,
            "voice_url": BEFORE,
            "voice_method": "POST",
            "voice_application_sid": "",
        }
        self.written: list[tuple[str, dict[str, str]]] = []
        self.noted: list[Any] = []
        self.refuses = False

    async def number(self, what: str, e164: str) -> dict[str, Any] | None:
        return self.number_

    async def post(self, what: str, path: str, form: dict[str, str]) -> None:
        self.noted.append(SettingsFile.read(self.folder, "prod").config.get("voicehooks:diverted"))
        if self.refuses:
            raise CommandError(what, "Twilio refused it")
        self.written.append((path, form))
        names = {"voice_url": "VoiceUrl", "voice_method": "VoiceMethod"}
        assert self.number_ is not None
        self.number_ |= {ours: form[name] for ours, name in names.items()}
        self.number_["voice_application_sid"] = form["VoiceApplicationSid"]


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The account of the stack prod, whose settings file names one number."""
    (tmp_path / "Pulumi.yaml").write_text("name: voicehooks\n")
    text = f'config:\n  voicehooks:numbers:\n    "{NUMBER}": {{}}   # Sales\n'
    (tmp_path / "Pulumi.prod.yaml").write_text(text)
    account = Account(tmp_path)

    @asynccontextmanager
    async def open_twilio(_: Environment) -> AsyncIterator[Account]:
        yield account

    def config(environment: Environment) -> dict[str, Any]:
        return SettingsFile.read(tmp_path, environment.name).config

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "open_twilio", open_twilio)
    monkeypatch.setattr(Environment, "config", property(config))
    monkeypatch.setattr("getpass.getuser", lambda: "ana")
    return account


def divert(number: str = NUMBER, **changes: Any) -> int:
    """Run it; without changes it diverts the number."""
    asked = {"to": "", "undo": False, "keep": False, "method": "post", "force": False, "as_json": True}
    return command.run(number, stack="prod", **{**asked, **(changes or {"to": ELSEWHERE})})


def entries(account: Account) -> dict[str, Any]:
    """The diverted numbers of the settings file."""
    found: dict[str, Any] = SettingsFile.read(account.folder, "prod").config.get("voicehooks:diverted", {})
    return found


def refusal(account: Account, number: str = NUMBER, **changes: Any) -> CommandError:
    """The error of a command that changes neither Twilio nor the settings file."""
    path = account.folder / "Pulumi.prod.yaml"
    before, written = path.read_text(), list(account.written)
    with pytest.raises(CommandError) as refused:
        divert(number, **changes)
    assert path.read_text() == before
    assert account.written == written
    return refused.value


def test_there_and_back(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """The way back is in the file before Twilio is asked; undone, number and file are as before."""
    text = (account.folder / "Pulumi.prod.yaml").read_text()
    assert divert(to=ELSEWHERE, method="get") == 0
    entry = entries(account)[NUMBER]
    assert account.noted == [{NUMBER: entry}]
    assert entry.pop("since").endswith("Z")
    assert entry == {"to": ELSEWHERE, "method": "GET", "by": "ana", "before": ROUTE_BEFORE}
    form = {"VoiceUrl": ELSEWHERE, "VoiceMethod": "GET", "VoiceApplicationSid": ""}
    assert account.written == [(f"IncomingPhoneNumbers/{SID}.json", form)]
    diverted = {"voiceUrl": ELSEWHERE, "voiceMethod": "GET", "voiceApplicationSid": ""}
    document = json.loads(capsys.readouterr().out)
    assert document.pop("next")
    assert document == {
        "stack": "prod",
        "number": NUMBER,
        "action": "diverted",
        "was": ROUTE_BEFORE,
        "now": diverted,
        "command": f"voicehooks divert {NUMBER} --undo --stack prod",
    }

    assert divert(undo=True) == 0
    back = {"VoiceUrl": BEFORE, "VoiceMethod": "POST", "VoiceApplicationSid": ""}
    assert account.written[1:] == [(f"IncomingPhoneNumbers/{SID}.json", back)]
    assert (account.folder / "Pulumi.prod.yaml").read_text() == text
    document = json.loads(capsys.readouterr().out)
    assert (document["action"], document["was"], document["now"]) == ("undone", diverted, ROUTE_BEFORE)
    assert document["command"] == "pulumi up --stack prod"


def test_a_number_in_an_app_leaves_it_and_returns(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """The app would answer in place of the URL; a number without a URL or method is read as Twilio means it."""
    found: dict[str, Any] = account.number_ or {}
    found |= {"voice_application_sid": APP, "voice_url": None, "voice_method": None}
    divert(to=ELSEWHERE, as_json=False)
    assert account.written[0][1]["VoiceApplicationSid"] == ""
    assert [line.split() for line in capsys.readouterr().out.splitlines()[:3]] == [
        ["prod", NUMBER, "diverted"],
        ["was", "the", "TwiML", "App", APP],
        ["now", ELSEWHERE],
    ]
    divert(undo=True)
    assert account.written[1][1] == {"VoiceUrl": "", "VoiceMethod": "POST", "VoiceApplicationSid": APP}


def test_a_second_diversion_and_keep_leave_the_way_back(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """The way back is that of the first time; `keep` is noted, survives a diversion, and changes no number."""
    divert()
    capsys.readouterr()
    written = list(account.written)
    assert divert(keep=True) == 0
    assert account.written == written
    document = json.loads(capsys.readouterr().out)
    assert (document["action"], document["was"], document["now"]) == (
        "kept",
        document["now"],
        {"voiceUrl": ELSEWHERE, "voiceMethod": "POST", "voiceApplicationSid": ""},
    )
    assert document["command"] == "pulumi up --stack prod"
    assert entries(account)[NUMBER]["keep"] is True
    divert(to=ELSEWHERE + "?2")
    entry = entries(account)[NUMBER]
    assert (entry["to"], entry["keep"], entry["before"]) == (ELSEWHERE + "?2", True, ROUTE_BEFORE)


def test_a_refused_write_leaves_no_note(account: Account) -> None:
    """The file is as before: nothing was diverted. A refused undo keeps the note, and with it the way back."""
    account.refuses = True
    refusal(account)
    account.refuses = False
    divert()
    account.refuses = True
    refusal(account, undo=True)


def test_what_somebody_else_set_is_overwritten_only_with_force(account: Account) -> None:
    """Another URL, or an app, is no longer the diversion; our URL with its connection overrides is."""
    divert()
    found: dict[str, Any] = account.number_ or {}
    found["voice_url"] = "https://somebody.example/else"
    assert "--undo --force --stack prod" in refusal(account, undo=True).do
    found |= {"voice_url": ELSEWHERE, "voice_application_sid": APP}
    assert APP in refusal(account, undo=True).why
    divert(undo=True, force=True)
    assert account.written[-1][1] == {"VoiceUrl": BEFORE, "VoiceMethod": "POST", "VoiceApplicationSid": ""}
    divert()
    found["voice_url"] = f"{ELSEWHERE}#rc=2"
    divert(undo=True)
    assert (found["voice_url"], entries(account)) == (BEFORE, {})


def test_what_was_put_back_elsewhere_needs_no_write(account: Account) -> None:
    """Somebody restored it in the console: only the note goes."""
    divert()
    written = list(account.written)
    assert account.number_ is not None
    account.number_["voice_url"] = BEFORE
    divert(undo=True)
    assert (account.written, entries(account)) == (written, {})


@pytest.mark.parametrize(
    "url", ["https://a.example", "http://127.0.0.1:80/x", "http://localhost/x", "http://[::1]:80/x"]
)
def test_a_url_that_twilio_or_the_sandbox_can_reach(account: Account, url: str) -> None:
    """Over https, or on this machine."""
    divert(to=url)
    assert account.written[0][1]["VoiceUrl"] == url


@pytest.mark.parametrize(
    ("to", "method"),
    [
        ("http://a.example", "POST"),
        ("http://localhost.example/x", "POST"),
        ("ftp://a.example", "POST"),
        ("https://", "POST"),
        ("x https://a.example", "POST"),
        ("https://a.example/#rc=1", "POST"),
        ("https://a.example/a b", "POST"),
        (ELSEWHERE, "PUT"),
    ],
)
def test_a_url_or_method_that_is_not_valid(account: Account, to: str, method: str) -> None:
    """Refused before anything is read."""
    assert refusal(account, to=to, method=method).what == f"{NUMBER} cannot be diverted to {to}"


@pytest.mark.parametrize(
    "asked", [{"force": True}, {"to": ELSEWHERE, "undo": True}, {"undo": True, "keep": True}]
)
def test_exactly_one_thing_is_done(account: Account, asked: dict[str, Any]) -> None:
    """--to, --undo or --keep."""
    assert refusal(account, **asked).do == "voicehooks divert --help"


def test_a_number_of_another_stack_is_not_diverted(account: Account) -> None:
    """Its way back would be in a file that its own stack does not read; "*" covers every number."""
    error = refusal(account, OTHER, to=ELSEWHERE)
    assert (error.what, NUMBER in error.why) == (f"{OTHER} cannot be diverted", True)
    (account.folder / "Pulumi.prod.yaml").write_text('config:\n  voicehooks:numbers: {"*": {}}\n')
    divert()
    assert entries(account).keys() == {NUMBER}


@pytest.mark.parametrize("asked", ["undo", "keep"])
def test_a_number_that_is_not_diverted(account: Account, asked: str) -> None:
    """Those that are diverted are named."""
    undo, keep = asked == "undo", asked == "keep"
    assert refusal(account, undo=undo, keep=keep).what == f"{NUMBER} is not diverted"
    divert()
    error = refusal(account, OTHER, undo=undo, keep=keep)
    assert (error.what, NUMBER in error.why) == (f"{OTHER} is not diverted", True)


@pytest.mark.parametrize(
    ("found", "why"), [(None, "does not own it"), ({"trunk_sid": "TK1", "sid": SID}, "SIP trunk TK1")]
)
def test_a_number_whose_voice_url_decides_nothing(
    account: Account, found: dict[str, Any] | None, why: str
) -> None:
    """Not on the account, or answered by a SIP trunk: nothing is written or noted."""
    account.number_ = found
    error = refusal(account)
    assert (error.what, why in error.why) == (f"{NUMBER} cannot be diverted", True)


def test_works_without_the_stacks_state(
    account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The settings file without its secrets takes its place, and standard error says so."""
    path = account.folder / "Pulumi.prod.yaml"
    path.write_text(f"{path.read_text()}  twilio:authToken:\n    secure: v1:x\n")

    class WithoutState(Environment):
        @property
        def config(self) -> dict[str, Any]:
            if "known" in self.__dict__:
                found: dict[str, Any] = self.__dict__["known"]
                return found
            raise CommandError("no state", "a broken disk")

        @config.setter
        def config(self, value: dict[str, Any]) -> None:
            self.__dict__["known"] = value

    monkeypatch.setattr(command, "Environment", WithoutState)
    assert "twilio:authToken" not in command._environment("prod").config
    assert divert() == 0
    assert "a broken disk" in capsys.readouterr().err
    assert account.written


def test_a_machine_without_user_names(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container may have none: the note says nobody."""

    def getuser() -> str:
        raise KeyError(0)

    monkeypatch.setattr("getpass.getuser", getuser)
    divert()
    assert entries(account)[NUMBER]["by"] == ""
