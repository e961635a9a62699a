"""Which repairs `doctor --fix` makes, in which order, and that it asks."""

from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from voicehooks.commands.doctor.model import Check, Finding, Outcome, Report
from voicehooks.commands.doctor.repairs import Repair, repair, repairs_of
from voicehooks.output.errors import CommandError


async def never(_: Any) -> Any:
    """A check that is not run here."""
    raise AssertionError


def report(*findings: Finding, unknown: bool = False) -> Report:
    """A report with these findings, and perhaps a check that could not tell."""
    check = Check("callbacks", "Calls are stored.", never)
    outcomes = [Outcome(check, "problem", "", findings)] if findings else []
    return Report("local", "", (*outcomes, *([Outcome(check, "unknown", "no answer")] if unknown else [])))


def environment(folder: Path, port: int, *, is_sandbox: bool = True) -> Any:
    """A stack whose Twilio is at this port."""
    url = f"http://127.0.0.1:{port}"
    return SimpleNamespace(name="local", folder=folder, is_sandbox=is_sandbox, twilio_api_url=url)


def without_addresses(folder: Path) -> Any:
    """The stack `local` as it is while its sandbox does not run."""

    class Down:
        name = "local"

        @property
        def is_sandbox(self) -> bool:
            raise CommandError("local cannot be reached", "its sandbox is not running", "voicehooks sandbox up")

    found: Any = Down()
    found.folder = folder
    return found


@pytest.fixture
def closed_port() -> int:
    """A port at which nothing answers."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


LOST = Finding("calls are missing", "voicehooks reconcile --stack local")


def test_a_sandbox_that_is_down_comes_first_and_alone(tmp_path: Path, closed_port: int) -> None:
    """Nothing else can be done until it runs."""
    repairs = repairs_of(report(LOST, unknown=True), environment(tmp_path, closed_port))
    assert [repair.shown for repair in repairs] == ["voicehooks sandbox up"]
    assert [repair.shown for repair in repairs_of(report(unknown=True), without_addresses(tmp_path))] == [
        "voicehooks sandbox up"
    ]
    real = repairs_of(report(unknown=True), environment(tmp_path, closed_port, is_sandbox=False))
    assert real == []


def test_a_sandbox_is_started_only_where_something_could_not_be_seen(tmp_path: Path, closed_port: int) -> None:
    """A stack without a finding is left alone, and so is one whose error has another cause."""
    assert repairs_of(report(), environment(tmp_path, closed_port)) == []

    class Broken:
        name = "local"

        @property
        def is_sandbox(self) -> bool:
            raise CommandError("local cannot be reached", "there is no such stack", "pulumi stack select")

    assert repairs_of(report(unknown=True), Broken()) == []  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as running:
        port = running.getsockname()[1]
        assert repairs_of(report(unknown=True), environment(tmp_path, port)) == []


def test_only_what_is_safe_is_repaired(tmp_path: Path, closed_port: int) -> None:
    """A missing secret and lost callbacks, each once; never an update, a diversion or a setting."""
    findings = (
        Finding("deleted", "pulumi up --stack local --refresh", subject="twilio-webhook"),
        Finding("diverted", "voicehooks divert +15551234567 --undo --stack local"),
        LOST,
        LOST,
        Finding("is missing", "pulumi up --stack local", subject="VOICEHOOKS_AUTH_TOKEN", repair="secret"),
    )
    repairs = repairs_of(report(*findings), environment(tmp_path, closed_port, is_sandbox=False))
    assert [repair.shown for repair in repairs] == [
        "set the secret VOICEHOOKS_AUTH_TOKEN to its value of the last update",
        "voicehooks reconcile --stack local",
    ]


def test_nothing_is_done_without_consent(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal and without --yes the repairs are shown, and the command to run is named."""
    done: list[str] = []
    repairs = [Repair("voicehooks reconcile --stack dev", lambda: done.append("reconcile"))]
    with pytest.raises(CommandError) as refused:
        repair(repairs, "dev", yes=False)
    assert refused.value.do == "voicehooks doctor --fix --yes --stack dev"
    assert capsys.readouterr().err.splitlines()[1:] == ["    voicehooks reconcile --stack dev"]
    assert done == []
    assert repair(repairs, "dev", yes=True)
    assert done == ["reconcile"]
    assert not repair([], "dev", yes=True)
