"""`voicehooks logs` of a sandbox: all lines that are kept, and never another sandbox's silence."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from voicehooks_sandbox.state import StateFolder
from voicehooks_sandbox.supabase.functions import log

from voicehooks.commands.logs import lines, sources
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

    async def answer(_: Environment, __: Path, *arguments: str) -> tuple[int, str, str]:
        return 0, '{"supabase_api_url": "http://127.0.0.1:9"}' if arguments[0] == "env" else "", ""

    monkeypatch.setattr(sources, "_ask_sandbox", answer)
    with pytest.raises(CommandError, match="local is deployed to the sandbox at http://127.0.0.1:4720"):
        read(environment)


def test_a_request_is_shown_in_columns() -> None:
    """Within 80 columns, with a short revision; other lines as they are, and of another day with the date."""
    written = {"function": "twilio-webhook", "revision": "aebd6b16" + "9" * 56, "status": 204, "ms": 9}
    written |= {"kind": "dial-action", "call_sid": "CA" + "a1" * 16, "result": "stored"}
    today = datetime.now(UTC).replace(hour=18, minute=7, second=57, microsecond=253000)
    shown = str(lines.Line(today, "twilio-webhook", "log", json.dumps(written)))
    assert len(shown) < 80
    assert shown.split() == [
        *("18:07:57.253", "twilio-webhook", "204", "dial-action", "CAa1..a1a1", "9ms", "stored", "aebd6b1"),
    ]
    refused = {"function": "twilio-webhook", "revision": "", "status": 403, "ms": 1, "reason": "unsigned"}
    assert str(lines.Line(today, "f", "log", json.dumps(refused))).endswith("unsigned")
    assert str(lines.Line(today - timedelta(days=400), "f", "boot", "{}")).endswith(
        "18:07:57  f                boot      {}"
    )


def test_a_stack_that_names_the_sandboxs_addresses_reads_that_sandbox(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two sandboxes in the folder, the one at the stack's address is asked, whatever the stack's name is."""
    asked = []

    async def answer(_: Environment, state: Path, *arguments: str) -> tuple[int, str, str]:
        asked.append((state.name, arguments[0]))
        port = 4720 if state.name == "sandbox" else 5000
        return (
            0,
            json.dumps({"supabase_api_url": f"http://127.0.0.1:{port}"}) if arguments[0] == "env" else "",
            "",
        )

    monkeypatch.setattr(sources, "_ask_sandbox", answer)
    environment.name = "dev"
    assert read(environment) == []
    assert asked[-1] == ("sandbox", "logs")
