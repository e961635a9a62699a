"""The stack's state, read with the engine's own command."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
from pulumi_provider_kit.stack_state import StackState
from pulumi_provider_kit.values import plain

URN = "urn:pulumi:dev::crm::twilio:index:VoiceConfiguration::+1"
SECRET = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "plaintext": json.dumps({"voice_url": "https://old.example.com"}),
}
EXPORT = {
    "deployment": {
        "resources": [
            {"urn": "urn:pulumi:dev::crm::pulumi:pulumi:Stack::crm-dev"},
            {"urn": URN, "custom": True, "id": "PN1", "outputs": {"original": SECRET, "e164": "+1", "n": [1]}},
            {"urn": URN, "custom": True, "id": "PN2", "delete": True},
        ],
        "pending_operations": [
            {
                "type": "creating",
                "resource": {"urn": f"{URN}1", "inputs": {"voiceUrl": "https://a.example.com"}},
            },
            {"type": "updating", "resource": {"urn": URN, "inputs": {"voiceUrl": SECRET}}},
        ],
    }
}


class Engine(psutil.Process):
    """This process, as if it ran another executable."""

    executable = ""

    def exe(self) -> str:
        return self.executable


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Return an engine whose command notes its arguments and prints an export."""
    script = tmp_path / "pulumi"
    (tmp_path / "export.json").write_text(json.dumps(EXPORT), encoding="utf-8")
    script.write_text(
        f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\ncat {tmp_path}/export.json\n', encoding="utf-8"
    )
    script.chmod(0o700)
    engine = Engine(os.getpid())
    engine.executable = str(script)
    return engine


def test_secrets_are_opened_and_stay_secret(engine: Engine, tmp_path: Path) -> None:
    """Copies that wait for their deletion are left out; it is asked once."""
    state = StackState(engine)

    async def twice() -> None:
        found = await state.resources(URN)
        assert found == await state.resources(URN)
        [past] = found
        assert (past.urn, past.id) == (URN, "PN1")
        original = past.state["original"]
        assert original.is_secret
        assert plain(original) == {"voice_url": "https://old.example.com"}
        assert past.state["e164"].value == "+1"
        assert not state.unreadable

    asyncio.run(twice())
    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    assert asked == "stack export --stack dev --show-secrets --non-interactive\n"


@pytest.mark.parametrize("content", ["", "error: passphrase must be set", "[]"])
def test_a_state_that_cannot_be_read_is_known_as_such(engine: Engine, tmp_path: Path, content: str) -> None:
    """Then the resources are not known, which is not the same as none."""
    (tmp_path / "export.json").write_text(content, encoding="utf-8")
    state = StackState(engine)
    assert asyncio.run(state.resources(URN)) == []
    assert state.unreadable


def test_a_stack_without_a_deployment_has_no_resources(engine: Engine, tmp_path: Path) -> None:
    """So it is before the first update."""
    (tmp_path / "export.json").write_text('{"version": 3, "deployment": null}', encoding="utf-8")
    state = StackState(engine)
    assert asyncio.run(state.resources(URN)) == []
    assert not state.unreadable


def test_without_an_engine_nothing_is_known() -> None:
    """As where a plugin is started for its schema."""
    state = StackState(None)
    assert asyncio.run(state.resources(URN)) == []
    assert not state.unreadable


def test_an_update_that_was_killed_is_known_by_its_inputs(engine: Engine) -> None:
    """A creation that was killed is none: nothing is known of what it found."""
    state = StackState(engine)

    async def ask() -> None:
        assert plain((await state.attempted(URN))["voiceUrl"]) == {"voice_url": "https://old.example.com"}
        assert await state.attempted(f"{URN}1") == {}
        assert await state.attempted(f"{URN}2") == {}

    asyncio.run(ask())


def test_a_command_that_cannot_be_run_is_an_unreadable_state(engine: Engine) -> None:
    """The engine's file was replaced, for example, or the engine has ended."""
    engine.executable = "/nonexistent/pulumi"
    state = StackState(engine)
    assert asyncio.run(state.resources(URN)) == []
    assert state.unreadable


def test_the_export_is_asked_for_quietly_and_as_the_engine_runs(engine: Engine, tmp_path: Path) -> None:
    """In its folder, which has the project, and without looking for a newer version."""
    script = Path(engine.executable)
    script.write_text(
        f'#!/bin/sh\necho "$PULUMI_SKIP_UPDATE_CHECK $PWD" >{tmp_path}/ran\ncat {tmp_path}/export.json\n',
        encoding="utf-8",
    )
    asyncio.run(StackState(engine).resources(URN))
    assert (tmp_path / "ran").read_text(encoding="utf-8").split() == ["true", engine.cwd()]


def test_an_export_that_does_not_end_is_given_up(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command is ended; it could be waiting for a passphrase, for example."""
    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def noted(*arguments: Any, **options: Any) -> asyncio.subprocess.Process:
        started.append(await start(*arguments, **options))
        return started[-1]

    Path(engine.executable).write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    monkeypatch.setattr("pulumi_provider_kit.stack_state._SECONDS", 0)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", noted)
    state = StackState(engine)
    assert asyncio.run(state.resources(URN)) == []
    assert state.unreadable
    assert [process.returncode for process in started] == [-signal.SIGKILL]
