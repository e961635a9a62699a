"""What the command lines hand over: each option arrives as what it says."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from voicehooks import cli
from voicehooks.commands.init.answers import Flags
from voicehooks.commands.rollback.command import RollbackOptions

NUMBER = "+15551234567"
ALL_FLAGS = Flags(
    account_sid="AC1",
    api_key="SK1",
    project="ref",
    public_url="https://a.example",
    numbers=(NUMBER, "+15551234568"),
    state="here",
    origin="dev",
    purposes="incoming",
    page="https://crm.example.com",
    sandbox=True,
)
NO_FLAGS = Flags(
    account_sid=None,
    api_key=None,
    project=None,
    public_url=None,
    numbers=(),
    state=None,
    origin=None,
    purposes="",
    page="",
    sandbox=False,
)
NO_OPTIONS = {
    "to": "",
    "dry_run": False,
    "yes": False,
    "numbers_only": False,
    "config_only": False,
    "with_secrets": False,
}


def rollback(**given: Any) -> RollbackOptions:
    """The options of a rollback."""
    return RollbackOptions(**{**NO_OPTIONS, **given})


@pytest.mark.parametrize(
    ("line", "arguments", "options"),
    [
        ("rollback", [rollback()], {"as_json": False}),
        ("rollback 3 --dry-run", [rollback(to="3", dry_run=True)], {"as_json": False}),
        ("rollback -y --numbers-only --json", [rollback(yes=True, numbers_only=True)], {"as_json": True}),
        ("rollback --config-only", [rollback(config_only=True)], {"as_json": False}),
        ("rollback --with-secrets --yes", [rollback(with_secrets=True, yes=True)], {"as_json": False}),
        (
            f"divert {NUMBER} --to https://a.example --method GET --json",
            [NUMBER],
            {
                "to": "https://a.example",
                "undo": False,
                "keep": False,
                "method": "GET",
                "force": False,
                "as_json": True,
            },
        ),
        (
            f"divert {NUMBER} --undo --force",
            [NUMBER],
            {"to": "", "undo": True, "keep": False, "method": "POST", "force": True, "as_json": False},
        ),
        (
            f"divert {NUMBER} --keep",
            [NUMBER],
            {"to": "", "undo": False, "keep": True, "method": "POST", "force": False, "as_json": False},
        ),
        (
            f"adopt {NUMBER} --function --json",
            [[NUMBER]],
            {"function": True, "everything": False, "dry_run": False, "yes": False, "as_json": True},
        ),
        (
            "adopt --all --dry-run",
            [[]],
            {"function": False, "everything": True, "dry_run": True, "yes": False, "as_json": False},
        ),
        (
            "adopt -y",
            [[]],
            {"function": False, "everything": False, "dry_run": False, "yes": True, "as_json": False},
        ),
        (
            "plan --markdown --out a --compare b --preview -",
            [],
            {
                "as_json": False,
                "markdown": True,
                "out": Path("a"),
                "compare_with": Path("b"),
                "preview": "-",
            },
        ),
        (
            "plan --json",
            [],
            {"as_json": True, "markdown": False, "out": None, "compare_with": None, "preview": None},
        ),
        ("history", [], {"limit": 20, "as_json": False}),
        ("history --limit 0 --json", [], {"limit": 0, "as_json": True}),
        ("rotate", ["prod"], {"dry_run": False, "yes": False, "as_json": False}),
        ("rotate --dry-run --json", ["prod"], {"dry_run": True, "yes": False, "as_json": True}),
        ("rotate -y", ["prod"], {"dry_run": False, "yes": True, "as_json": False}),
        ("console", [], {"port": 0}),
        ("console --port 8080", [], {"port": 8080}),
        (
            f"call {NUMBER} --from +1 --agent client:a",
            [],
            {"to": NUMBER, "caller": "+1", "agent": "client:a", "yes": False, "as_json": False},
        ),
        (
            f"call {NUMBER} -y --json",
            [],
            {"to": NUMBER, "caller": "", "agent": "", "yes": True, "as_json": True},
        ),
        ("compare dev prod", ["dev", "prod"], {"all_rows": False, "as_json": False}),
        ("compare dev prod --all --json", ["dev", "prod"], {"all_rows": True, "as_json": True}),
        ("init team", ["team", NO_FLAGS], {"as_json": False}),
        (
            (
                "init team --json --from dev --account-sid AC1 --api-key SK1 --project ref --state here "
                f"--public-url https://a.example --number {NUMBER} --number +15551234568 --for incoming "
                "--crm-page https://crm.example.com --sandbox"
            ),
            ["team", ALL_FLAGS],
            {"as_json": True},
        ),
    ],
)
def test_each_option_arrives(
    line: str, arguments: list[Any], options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the exit code of the command comes back."""
    name, *words = line.split()
    arrived: list[Any] = []

    def run(*given: Any, **more: Any) -> int:
        arrived.append((list(given), more))
        return 7

    monkeypatch.setattr(import_module(f"voicehooks.commands.{name}.cli"), "run", run)
    if name not in ("init", "compare"):
        words += ["--stack", "prod"]
        if name != "rotate":
            options = {**options, "stack": "prod"}
    with pytest.raises(SystemExit) as ended:
        get_command(cli.app)(args=[name, *words])
    assert ended.value.code == 7
    assert arrived == [(arguments, options)]


@pytest.mark.parametrize(("stack", "state"), [("local", []), ("dev", ["--state", ".voicehooks/sandbox-dev"])])
def test_the_sandbox_is_that_of_the_stack(
    stack: str, state: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`local` has the sandbox's own folder; the program knows what it is called here."""
    ran: list[Any] = []
    monkeypatch.setattr(os, "execve", lambda *given: ran.append(given))
    monkeypatch.setattr("voicehooks.stack.project.root", Path.cwd)
    with pytest.raises(SystemExit):
        get_command(cli.app)(args=["sandbox", "-s", stack, "up", "--time-factor", "2"])
    [(_, arguments, environment)] = ran
    assert arguments == ["voicehooks-sandbox", *state, "up", "--time-factor", "2"]
    assert environment["VOICEHOOKS_SANDBOX_PROGRAM"] == "voicehooks sandbox"


def test_neither_an_interruption_nor_a_defect_is_a_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """130 and 2; 1 would mean that the command worked and found something. A defect shows where it is."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    def broken() -> None:
        raise ZeroDivisionError

    for fail, code in ((interrupted, 130), (broken, 2)):
        monkeypatch.setattr(cli, "app", fail)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == code
    assert "ZeroDivisionError" in capsys.readouterr().err
