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

from voicehooks.commands.history.command import Row, show
from voicehooks.commands.history.updates import UNCOMMITTED, read_updates
from voicehooks.commands.history.webhooks import changes

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


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit of Ana's."""
    for command in (
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
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
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
