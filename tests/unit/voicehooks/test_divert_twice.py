"""Diverting a number that is diverted already."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from voicehooks.commands.divert import command
from voicehooks.stack.environment import Environment
from voicehooks.stack.settings_file import SettingsFile

NUMBER = "+15551234567"


class Account:
    """One number, whose voice URL is what was written last."""

    account_sid = "AC1"

    def __init__(self) -> None:
        self.url = "https://before.example/voice"

    async def number(self, what: str, e164: str) -> dict[str, Any]:
        return {
            "sid": "PN1",
            "phone_number": e164,
            "voice_url": self.url,
            "voice_method": "POST",
            "voice_application_sid": "",
        }

    async def post(self, what: str, path: str, form: dict[str, Any]) -> None:
        self.url = form["VoiceUrl"]


def test_the_way_back_of_a_second_diversion_is_that_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Diverted twice, undone once: the number has what it had before the first time, and `keep` stays."""
    (tmp_path / "Pulumi.yaml").write_text("name: voicehooks\n")
    path = tmp_path / "Pulumi.local.yaml"
    path.write_text(f'config:\n  voicehooks:numbers:\n    "{NUMBER}": {{}}\n')
    account = Account()

    @asynccontextmanager
    async def open_twilio(_: Environment) -> AsyncIterator[Account]:
        yield account

    monkeypatch.setattr(command, "open_twilio", open_twilio)
    environment = Environment("local", tmp_path)
    environment.config = {"voicehooks:numbers": {NUMBER: {}}}
    for url in ("https://first.example/voice", "https://second.example/voice"):
        asyncio.run(command._divert(environment, NUMBER, url, "POST"))
    entry = SettingsFile.read(tmp_path, "local").config["voicehooks:diverted"][NUMBER]
    assert (entry["to"], entry["before"]["voiceUrl"]) == (
        "https://second.example/voice",
        "https://before.example/voice",
    )
    asyncio.run(command._undo(environment, NUMBER, force=False))
    assert account.url == "https://before.example/voice"
    assert "voicehooks:diverted" not in SettingsFile.read(tmp_path, "local").config
