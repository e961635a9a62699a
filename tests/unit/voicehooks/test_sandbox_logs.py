"""`voicehooks logs` of a sandbox: all lines that are kept, and never another sandbox's silence."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from voicehooks_sandbox.state import StateFolder
from voicehooks_sandbox.supabase.functions import log

from voicehooks.commands.logs import sources
from voicehooks.output.errors import CommandError
from voicehooks.stack.environment import Environment


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """A project whose stack is deployed to a sandbox on this machine."""
    (tmp_path / "Pulumi.yaml").write_text("name: voicehooks\n")
    environment = Environment("local", tmp_path)
    environment.config = {
        "twilio:baseUrl": "http://127.0.0.1:4710",
        "supabase:apiUrl": "http://127.0.0.1:4720",
    }
    return environment


def read(environment: Environment, name: str = "") -> list[str]:
    """The messages of the last hour."""
    since = datetime.now(UTC) - timedelta(hours=1)
    return [line.message for line in asyncio.run(sources.read(environment, name, since))]


@pytest.mark.parametrize("name", ["", "twilio-webhook"])
def test_what_was_set_aside_is_read_too(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """After heavy traffic a log is set aside and begun again: its lines are still part of it, oldest first."""
    monkeypatch.setattr(log, "_LARGEST_FILE", 2000)
    folder = StateFolder(environment.folder / ".voicehooks" / "sandbox")
    folder.logs.mkdir(parents=True)
    logs = log.FunctionLogs(folder.logs)
    count = 20
    for number in range(count):
        logs.write("twilio-webhook", 1, "log", f"line {number} with a \u2028 in it")
    logs.close()
    assert (folder.logs / "function-twilio-webhook.jsonl.1").exists()
    assert read(environment, name) == [f"line {number} with a \u2028 in it" for number in range(count)]


def test_no_log_at_all_is_not_silence(environment: Environment) -> None:
    """A sandbox that keeps its state elsewhere has its logs there: nothing was read, exit code 2."""
    with pytest.raises(CommandError, match="No function has written a log in") as error:
        read(environment)
    assert error.value.exit_code == 2


def test_another_sandbox_in_the_folder_is_not_asked(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stack's sandbox is told by its address, not by the folder that the command runs in."""

    async def answer(_: Environment, *arguments: str) -> tuple[int, str, str]:
        return 0, '{"supabase_api_url": "http://127.0.0.1:9"}' if arguments[0] == "env" else "", ""

    monkeypatch.setattr(sources, "_ask_sandbox", answer)
    with pytest.raises(CommandError, match="local is deployed to the sandbox at http://127.0.0.1:4720"):
        read(environment)
