"""What `voicehooks history` says about an update: the settings that changed for callers, and whose they are."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from voicehooks.commands.history import command
from voicehooks.commands.history.command import Row, show
from voicehooks.commands.history.updates import UNCOMMITTED, read_updates
from voicehooks.commands.history.webhooks import changes
from voicehooks.stack.backend.protocol import Unreadable

NUMBER = "+15551234567"


def state(version: int, settings: Mapping[str, Any], fingerprint: str = "1") -> dict[str, Any]:
    """A state with one number, one function that has these settings, and the options of created calls."""
    functions = {
        "slug": "twilio-webhook",
        "revision": json.dumps(settings),
        "version": version,
        "fileHashes": {"index.ts": "a"},
    }
    return {
        "resources": [
            {
                "urn": "urn:pulumi:dev::p::supabase:index:EdgeFunction::twilio-webhook",
                "type": "supabase:index:EdgeFunction",
                "inputs": {"files": {"settings.json": json.dumps(settings)}},
                "outputs": functions,
            },
            {
                "urn": "urn:pulumi:dev::p::supabase:index:EdgeFunctionSecrets::secrets",
                "type": "supabase:index:EdgeFunctionSecrets",
                "outputs": {"fingerprints": {"VOICEHOOKS_CALL_OPTIONS": fingerprint}},
            },
        ]
    }


def test_a_setting_is_named_with_both_values() -> None:
    """It is not shown as the new version of a function and of a secret that only follow from it."""
    before = state(1, {"defaults": {"ringSeconds": 25}, "numbers": {NUMBER: {}}})
    after = state(2, {"defaults": {"ringSeconds": 40}, "numbers": {NUMBER: {"record": "do-not-record"}}}, "2")
    assert changes(before, after) == [
        "all numbers: ringSeconds 25 -> 40",
        f"{NUMBER} record (not set) -> do-not-record",
    ]


def test_a_function_whose_settings_are_not_known_is_still_named() -> None:
    """Something was deployed; what it changed is not in the state."""
    before, after = state(1, {}), state(2, {"environment": "dev"})
    assert changes(before, after) == ["function twilio-webhook settings v2"]


def resource(kind: str, name: str, **outputs: Any) -> dict[str, Any]:
    """One resource of a state."""
    return {"urn": f"urn:pulumi:dev::p::{kind}::{name}", "type": kind, "outputs": outputs}


def numbers(**urls: str) -> list[dict[str, Any]]:
    """Numbers with a voice URL each."""
    kind = "twilio:index:VoiceConfiguration"
    return [resource(kind, f"+1{name[1:]}", e164=f"+1{name[1:]}", voiceUrl=url) for name, url in urls.items()]


def of(*resources: dict[str, Any]) -> dict[str, Any]:
    """A state."""
    return {"resources": list(resources)}


def test_what_an_update_did() -> None:
    """Numbers, functions, secrets and the schema; before the first update there was nothing."""
    function, secrets = "supabase:index:EdgeFunction", "supabase:index:EdgeFunctionSecrets"
    migrations = "supabase:index:Migrations"
    first = of(
        *numbers(n1="https://a.example/x/one", n2="https://a.example/one"),
        resource(function, "a", slug="a", revision="1", fileHashes={"i": "1"}, version=1),
        resource(function, "b", slug="b", revision="1", fileHashes={"i": "1"}, version=1),
        resource(secrets, "secrets", fingerprints={"A": "1", "B": "1", "C": "1"}),
        resource(migrations, "schema", latest="20260101000000"),
    )
    second = of(
        *numbers(n1="https://b.example/two", n3="https://a.example/x"),
        resource(function, "a", slug="a", revision="2", fileHashes={"i": "2"}, version=2.0),
        resource(function, "c", slug="c", revision="1"),
        resource(secrets, "secrets", fingerprints={"A": "2", "B": "1", "D": "1"}),
        resource(migrations, "schema", latest="20260201000000"),
    )
    assert changes(first, second) == [
        "+13 joined",
        "+12 left",
        "+11 voiceUrl one -> two",
        "function c created",
        "function b deleted",
        "function a code v2",
        "secret A",
        "secret C",
        "secret D",
        "schema 20260201000000",
    ]
    assert changes(second, second) == []
    assert changes(None, of(*numbers(n1="x"))) == ["+11 joined"]
    assert changes(first, of()) == ["+11 left", "+12 left", "function a deleted", "function b deleted"] + [
        f"secret {name}" for name in "ABC"
    ]


def test_many_numbers_are_counted() -> None:
    """From four on; numbers with the same change are one line, and so are those with different ones."""
    names = [f"n{digit}" for digit in range(4)]
    before = of(*numbers(**dict.fromkeys(names, "https://a.example/one")))
    assert changes(None, before) == ["4 numbers joined"]
    assert changes(before, of()) == ["4 numbers left"]
    after = of(*numbers(**dict.fromkeys(names, "https://a.example/two")))
    assert changes(before, after) == ["4 numbers voiceUrl one -> two"]
    mixed = of(*numbers(**{name: f"https://a.example/{name}" for name in names}))
    assert changes(before, mixed) == ["4 numbers voiceUrl changed"]


def test_settings_of_all_numbers_of_one_and_of_the_stack() -> None:
    """Each where it is set, in the words of the settings file; a number that joins has no differences."""
    before = state(1, {"defaults": {"forwardTo": []}, "numbers": {NUMBER: {"a": 1.0}}, "callers": {"b": [1]}})
    after = state(
        2,
        {
            "defaults": {"forwardTo": ["+1", "+2"], "voicemail": True},
            "numbers": {NUMBER: {"a": 2.5}, "+15550000001": {"a": 1}},
            "callers": {},
            "functionsUrl": "x",
        },
    )
    assert changes(before, after) == [
        "all numbers: forwardTo (empty) -> +1++2",
        "all numbers: voicemail (not set) -> on",
        f"{NUMBER} a 1 -> 2.5",
        "callers b 1 -> (empty)",
    ]


class Stack:
    """The engine and the backend of a stack with three updates, the second of which changed nothing."""

    def __init__(self) -> None:
        self.asked: list[tuple[set[int], int]] = []
        self.unreadable = False
        self.lost: set[int] = set()

    def history(self) -> list[dict[str, Any]]:
        rows = [
            {
                "kind": "update",
                "result": "succeeded" if place < 3 else "failed",
                "startTime": f"2026-11-24T0{place}:00:00.000Z",
                "message": f"message {place}\nmore",
                "environment": {"git.head": "a" * 40, "git.author": "Ana", "git.dirty": "false"},
                "config": {"twilio:authToken": {"value": "pr1vate", "secret": True}},
                "resourceChanges": {"same": 3} if place == 2 else {"update": 1},
            }
            for place in (1, 2, 3)
        ]
        return rows[::-1]

    def states(self, wanted: set[int], updates: int) -> dict[int, Any]:
        self.asked.append((wanted, updates))
        if self.unreadable:
            raise Unreadable("the bucket is gone", "make it")
        return {n: of(*numbers(n1=f"https://a.example/{n}")) for n in wanted - self.lost}


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stack:
    """The stack that the command finds."""
    found = Stack()
    monkeypatch.setattr("voicehooks.stack.project.root", lambda: tmp_path)
    monkeypatch.setattr(command, "Engine", lambda folder, name: found)
    monkeypatch.setattr(command, "backend_of", lambda _: found)
    return found


def test_the_document(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """Newest first, without the configuration, which has secrets."""
    assert command.run(stack="dev", limit=20, as_json=True) == 0
    out = capsys.readouterr().out
    document = json.loads(out)
    assert "pr1vate" not in out
    assert (document["stack"], document["unread"]) == ("dev", None)
    row = {"kind": "update", "author": "Ana", "commit": "a" * 40, "dirty": False}
    assert document["updates"] == [
        {
            **row,
            "number": 3,
            "result": "failed",
            "started": "2026-11-24T03:00:00Z",
            "message": "message 3",
            "changed": ["+11 voiceUrl 2 -> 3"],
            "noChange": False,
            "live": False,
        },
        {
            **row,
            "number": 2,
            "result": "succeeded",
            "started": "2026-11-24T02:00:00Z",
            "message": "message 2",
            "changed": [],
            "noChange": True,
            "live": True,
        },
        {
            **row,
            "number": 1,
            "result": "succeeded",
            "started": "2026-11-24T01:00:00Z",
            "message": "message 1",
            "changed": ["+11 joined"],
            "noChange": False,
            "live": False,
        },
    ]
    assert stack.asked == [({1, 2, 3}, 3)]


@pytest.mark.parametrize(("limit", "rows", "asked"), [(1, [3], {2, 3}), (0, [3, 2, 1], {1, 2, 3})])
def test_only_the_states_that_are_shown_are_read(
    stack: Stack, limit: int, rows: list[int], asked: set[int], capsys: pytest.CaptureFixture[str]
) -> None:
    """A state can be many megabytes; an update that changed nothing needs none."""
    command.run(stack="dev", limit=limit, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert [row["number"] for row in document["updates"]] == rows
    assert stack.asked == [(asked, 3)]


def test_what_changed_is_not_known_without_the_states(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    """The rows are shown all the same, with the reason; None is not an empty list."""
    stack.lost = {2}
    command.run(stack="dev", limit=0, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert [row["changed"] for row in document["updates"]] == [None, [], ["+11 joined"]]
    command.run(stack="dev", limit=0, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert "lost the state" in lines[-1]
    assert [line.split()[0] for line in lines if "message" in line] == ["3", "2", "1"]
    assert "FAILED" in lines[0]
    assert [line for line in lines if line.endswith("<- live")] == [lines[1]]
    stack.unreadable = True
    command.run(stack="dev", limit=0, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert (document["updates"][0]["changed"], "the bucket is gone" in document["unread"]) == (None, True)
    command.run(stack="dev", limit=0, as_json=False)
    assert "the bucket is gone" in capsys.readouterr().out.splitlines()[-1]


def test_a_stack_without_updates(stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """The command for the first one."""
    monkeypatch.setattr(stack, "history", list)
    command.run(stack="dev", limit=20, as_json=False)
    assert capsys.readouterr().out.strip().endswith("pulumi up --stack dev")
    assert stack.asked == []


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of Ana's."""
    for arguments in (
        ["init", "-q"],
        [
            "-c",
            "user.name=Ana",
            "-c",
            "user.email=a@example.com",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "Ring for 40 s",
        ],
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    return tmp_path


def update_of(repository: Path, message: str, *, dirty: bool) -> Any:
    """The only update in the history of a stack, as Pulumi stores it."""
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=repository, check=True, capture_output=True, text=True
    )
    environment = {"git.author": "Ana", "git.head": head.stdout.strip(), "git.dirty": str(dirty).lower()}
    row = {
        "kind": "update",
        "result": "succeeded",
        "startTime": "2026-11-24T09:00:00.000Z",
        "message": message,
        "environment": environment,
    }
    engine: Any = SimpleNamespace(folder=repository, history=lambda: [row])
    return read_updates(engine)[0]


def test_uncommitted_changes_are_not_shown_as_those_of_the_last_commit(repository: Path) -> None:
    """Neither its title nor its author says anything about them; a message of one's own does."""
    update = update_of(repository, "Ring for 40 s", dirty=True)
    assert (update.message, update.author) == (UNCOMMITTED, "")
    update = update_of(repository, "Try a longer ring", dirty=True)
    assert (update.message, update.author) == ("Try a longer ring", "")
    update = update_of(repository, "rollback to 3", dirty=True)
    assert (update.message, update.rolled_back_to) == ("rollback to 3", 3)
    update = update_of(repository, "Ring for 40 s", dirty=False)
    assert (update.message, update.author) == ("Ring for 40 s", "Ana")


@pytest.mark.parametrize("width", [80, 120])
def test_a_row_fits_the_terminal_and_nothing_is_cut(repository: Path, width: int) -> None:
    """A long message and a long list of what changed go on below themselves."""
    message = "Let the support line ring for forty seconds, and its two mobile phones after the office"
    said = f"{NUMBER} forwardTo +15557654321+sip:support-desk@customer-service.example.com -> +15557654321"
    update = update_of(repository, message, dirty=False)
    out = io.StringIO()
    show("dev", [Row(update, (said,), is_live=True)], out, now=datetime.now(UTC), width=width)
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert " ".join(out.getvalue().split()).endswith(f"{message} <- live {said}")
