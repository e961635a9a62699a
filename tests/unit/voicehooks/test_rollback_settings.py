"""The settings file that a rollback deploys with: the earlier file's own bytes, the current secrets."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.settings import Settings
from voicehooks.commands.history.updates import Update
from voicehooks.commands.rollback.settings import previous_settings

EARLIER = """\
config:
  # Our account.
  twilio:accountSid: AC1
  twilio:authToken:
    secure: v1:old-token
  voicehooks:adoptFunction: true   # ours since May
  voicehooks:defaults:
    ringSeconds: 25   # as long as the office phones
  voicehooks:numbers:
    "+15551234567": {}   # Sales
encryptionsalt: v1:salt
"""
CONFIG: dict[str, dict[str, Any]] = {
    "twilio:accountSid": {"value": "AC1"},
    "twilio:authToken": {"secret": True},
    "voicehooks:adoptFunction": {"value": "true"},
    "voicehooks:defaults": {"value": '{"ringSeconds":25}', "objectValue": {"ringSeconds": 25}},
    "voicehooks:numbers": {"value": '{"+15551234567":{}}', "objectValue": {"+15551234567": {}}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository whose first commit has the earlier file."""
    (tmp_path / "Pulumi.dev.yaml").write_text(EARLIER, encoding="utf-8")
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=Ana", "-c", "user.email=a@example.com", "commit", "-qm", "Ring for 25 seconds"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def update(folder: Path, **changes: Any) -> Update:
    """The update that was deployed from the first commit."""
    shown = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
    row = {"number": 1, "kind": "update", "result": "succeeded", "message": "", "author": "Ana", "dirty": False}
    row |= {"started": datetime(2026, 11, 24, tzinfo=UTC), "commit": shown.stdout.strip(), "config": CONFIG}
    return Update(**{**row, **changes})


def test_the_earlier_files_own_bytes_come_back(folder: Path) -> None:
    """Comments, order and quotes are those of the commit."""
    current = EARLIER.replace("25   # as long as the office phones", "40").replace("# Sales", "# Main line")
    (folder / "Pulumi.dev.yaml").write_text(current, encoding="utf-8")
    file, missing = previous_settings(update(folder), folder, "dev")
    assert file.text == EARLIER
    assert missing == []


def test_current_secrets_and_diversions_are_kept(folder: Path) -> None:
    """A token that was rotated, and a number that somebody has diverted since."""
    diverted = '  voicehooks:diverted:\n    "+15551234567": {to: "https://a.example"}\n'
    current = EARLIER.replace("old-token", "new-token").replace("encryptionsalt", f"{diverted}encryptionsalt")
    (folder / "Pulumi.dev.yaml").write_text(current, encoding="utf-8")
    file, _ = previous_settings(update(folder), folder, "dev")
    assert file.config["twilio:authToken"] == {"secure": "v1:new-token"}
    assert file.config["voicehooks:diverted"] == {"+15551234567": {"to": "https://a.example"}}
    assert '"+15551234567": {}   # Sales' in file.text


@pytest.mark.parametrize("commit", ["", "0" * 40])
def test_without_the_commit_only_what_differs_is_replaced(folder: Path, commit: str) -> None:
    """The current file's comments stay; a key that the earlier update did not have goes."""
    current = EARLIER.replace("25   # as", "40   # as").replace("config:\n", "config:\n  twilio:edge: dublin\n")
    (folder / "Pulumi.dev.yaml").write_text(current, encoding="utf-8")
    file, _ = previous_settings(update(folder, commit=commit), folder, "dev")
    assert file.config == {**file.config, "voicehooks:defaults": {"ringSeconds": 25}}
    assert "twilio:edge" not in file.text
    assert "# Our account." in file.text
    assert "voicehooks:adoptFunction: true   # ours since May" in file.text


def test_a_file_that_is_encrypted_with_another_key_is_not_taken_from_git(folder: Path) -> None:
    """The current key opens the current secrets."""
    (folder / "Pulumi.dev.yaml").write_text(EARLIER.replace("v1:salt", "v1:other"), encoding="utf-8")
    file, _ = previous_settings(update(folder), folder, "dev")
    assert file.document["encryptionsalt"] == "v1:other"


def test_credentials_keep_their_current_values_although_they_are_in_the_clear(folder: Path) -> None:
    """The sandbox's file has them unencrypted; every credential of the settings counts as one."""
    own = [name for name in Settings.model_fields if re.search(r"token|api_key", name)]
    credentials = [f"voicehooks:{Settings.model_fields[name].alias}" for name in own]
    credentials += ["twilio:authToken", "twilio:apiKeySid", "twilio:apiKeySecret", "supabase:accessToken"]
    lines = "".join(f"  {key}: current\n" for key in credentials)
    current = EARLIER.replace("  twilio:authToken:\n    secure: v1:old-token\n", lines)
    (folder / "Pulumi.dev.yaml").write_text(current, encoding="utf-8")
    previous = {key: {"value": "previous"} for key in credentials}
    file, missing = previous_settings(update(folder, config={**CONFIG, **previous}), folder, "dev")
    assert {key: file.config[key] for key in credentials} == dict.fromkeys(credentials, "current")
    assert len(own) == 5
    assert missing == []


def test_what_is_encrypted_on_either_side_keeps_its_current_value(folder: Path) -> None:
    """A secret of the team's own: neither its value from that update nor a plain one replaces it."""
    lines = "  team:encrypted:\n    secure: v1:current\n  team:plain: current\n"
    (folder / "Pulumi.dev.yaml").write_text(EARLIER.replace("config:\n", f"config:\n{lines}"), encoding="utf-8")
    config = {**CONFIG, "team:encrypted": {"value": "previous"}, "team:plain": {"value": "x", "secret": True}}
    file, missing = previous_settings(update(folder, config=config), folder, "dev")
    assert file.config["team:encrypted"] == {"secure": "v1:current"}
    assert file.config["team:plain"] == "current"
    assert missing == []


def test_a_secret_that_only_the_earlier_update_had_is_reported(folder: Path) -> None:
    """Nobody can set it again without its value."""
    earlier = update(folder, config={**CONFIG, "twilio:apiKeySecret": {"secret": True}})
    settings, missing = previous_settings(earlier, folder, "dev")
    assert missing == ["twilio:apiKeySecret"]
    assert "twilio:apiKeySecret" not in settings.config


def test_a_diversion_of_the_earlier_update_does_not_come_back(folder: Path) -> None:
    """Calls are diverted for a night; a rollback goes to the settings, not to that night."""
    diverted = {"voicehooks:diverted": {"value": "{}", "objectValue": {"+15551234567": {}}}}
    settings, missing = previous_settings(update(folder, config={**CONFIG, **diverted}), folder, "dev")
    assert missing == []
    assert "voicehooks:diverted" not in settings.config
