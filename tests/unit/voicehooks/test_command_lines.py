"""What the options of the reading commands mean, and that each reaches its command."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

DOCTOR = {"to": "", "as_json": False, "verbose": False, "fix": False, "yes": False}
RECONCILE = {
    "stack": "dev",
    "since": "24h",
    "until": "",
    "dry_run": False,
    "compare_all": False,
    "as_json": False,
}
LOGS = {"since": "1h", "following": False, "stack": "dev", "as_json": False}
REPLAY = {"source": "dev", "target": "local", "number": "", "as_json": False}
CALLS = {"stack": "dev", "limit": 20, "follow": False, "as_json": False}


@pytest.mark.parametrize(
    ("line", "function", "given", "named"),
    [
        ("doctor", "run", ("dev", []), DOCTOR),
        (
            "doctor --check drift --check urls --to +15551234567 --fix -y --json -v",
            "run",
            ("dev", ["drift", "urls"]),
            {"to": "+15551234567", "as_json": True, "verbose": True, "fix": True, "yes": True},
        ),
        ("doctor --list --fix", "list_all", (), {"as_json": False}),
        (
            "doctor --assumptions --to +15551234567 --yes",
            "show_assumptions",
            ("dev",),
            {"number": "+15551234567", "as_json": False, "yes": True},
        ),
        ("reconcile", "run", (), RECONCILE),
        (
            "reconcile --since 7d --until 1h --dry-run --all --json",
            "run",
            (),
            {
                "stack": "dev",
                "since": "7d",
                "until": "1h",
                "dry_run": True,
                "compare_all": True,
                "as_json": True,
            },
        ),
        ("logs", "run", ("",), LOGS),
        (
            "logs twilio-webhook --since 30s -f --json",
            "run",
            ("twilio-webhook",),
            {"since": "30s", "following": True, "stack": "dev", "as_json": True},
        ),
        ("status --json", "run", (), {"stack": "dev", "as_json": True}),
        ("calls", "run", (), CALLS),
        ("calls --limit 1000 -f", "run", (), {**CALLS, "limit": 1000, "follow": True}),
        ("replay CA1 --to local", "run", ("CA1",), REPLAY),
        (
            "replay CA1 --to local --number +15551234567 --json",
            "run",
            ("CA1",),
            {**REPLAY, "number": "+15551234567", "as_json": True},
        ),
    ],
)
def test_options_reach_the_command(
    monkeypatch: pytest.MonkeyPatch, line: str, function: str, given: tuple[Any, ...], named: dict[str, Any]
) -> None:
    """With their defaults, and the command's exit code is the program's."""
    name, *arguments = line.split()
    module = import_module(f"voicehooks.commands.{name}.cli")
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def called(*found: Any, **options: Any) -> int:
        calls.append((found, options))
        return 7

    monkeypatch.setattr(module, function, called)
    app = typer.Typer()
    app.command()(getattr(module, name))
    result = CliRunner().invoke(app, [*arguments, "--stack", "dev"])
    assert calls == [(given, named)], result.output
    assert result.exit_code == (0 if function == "list_all" else 7)


@pytest.mark.parametrize("limit", ["0", "1001"])
def test_the_number_of_calls_has_limits(limit: str) -> None:
    """At least one, and no more than a project's API answers at once."""
    app = typer.Typer()
    app.command()(import_module("voicehooks.commands.calls.cli").calls)
    assert CliRunner().invoke(app, ["--limit", limit, "--stack", "dev"]).exit_code == 2
