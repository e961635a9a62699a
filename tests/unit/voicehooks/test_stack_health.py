"""What is in the way of the next update, as far as the stack's backend shows it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from voicehooks.stack.backend.protocol import Unreadable
from voicehooks.stack.engine import Engine
from voicehooks.stack.stack_health import stack_health

PENDING = [{"type": "creating", "resource": {"urn": "urn:pulumi:prod::shop::t::twilio-webhook"}}]
REFRESH = "pulumi refresh --yes --clear-pending-creates --stack prod"


class Told(Engine):
    """A stack of which the CLI would tell this.

    Args:
        folder: the project's folder.
        backend: the address of its backend.
        pending: operations of its state.
    """

    def __init__(self, folder: Path, backend: str, pending: list[dict[str, Any]] | None = None) -> None:
        super().__init__(folder, "prod")
        (folder / "Pulumi.yaml").write_text("name: shop\n", encoding="utf-8")
        self._backend = backend
        self._state = {"deployment": {"pending_operations": pending or []}}

    def backend_url(self) -> str:
        return self._backend

    def export(self, *, show_secrets: bool = False, version: int | None = None) -> dict[str, Any]:
        return self._state


def lock(folder: Path, **content: Any) -> None:
    """Lock the stack in a folder's backend."""
    place = folder / ".pulumi" / "locks" / "organization" / "shop" / "prod"
    place.mkdir(parents=True)
    content = {
        "username": "ana",
        "hostname": socket.gethostname(),
        "timestamp": "2026-11-24T17:08:00Z",
    } | content
    (place / "1.json").write_text(json.dumps(content), encoding="utf-8")


def ended() -> int:
    """The number of a process that is not running any more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize(
    ("content", "what", "commands", "first"),
    [
        (
            {"pid": ended()},
            "prod is locked by an update that is not running any more",
            ["pulumi cancel --yes --stack prod", REFRESH, "pulumi up --stack prod"],
            ["", ""],
        ),
        (
            {"pid": os.getpid()},
            "an update of prod is running",
            [],
            [
                f"wait for it, or stop it with Ctrl-C where it runs (process {os.getpid()})",
                "wait for the update that does them",
            ],
        ),
        (
            {"pid": 1, "hostname": "elsewhere"},
            "an update of prod is running on another machine, or was killed there",
            ["pulumi cancel --yes --stack prod"],
            ["wait for it; run this only if it is gone there", "wait for the update that does them"],
        ),
    ],
    ids=["dead", "alive", "elsewhere"],
)
def test_a_lock_and_what_clears_it(
    tmp_path: Path, content: dict[str, Any], what: str, commands: list[str], first: list[str]
) -> None:
    """Whether the lock's process lives is known on its own machine alone."""
    lock(tmp_path, **content)
    state = stack_health(Told(tmp_path, f"file://{tmp_path}", PENDING))
    assert state.locks == "seen"
    assert state.problems[0].what == what
    assert [command for problem in state.problems for command in problem.commands] == commands
    assert [problem.do for problem in state.problems] == first


@pytest.mark.parametrize(
    ("types", "clear"),
    [
        (["updating"], "pulumi refresh --yes --stack prod"),
        (["updating", "creating"], REFRESH),
        (["deleting"], "pulumi refresh --yes --stack prod"),
    ],
)
def test_pending_creates_are_cleared_only_where_there_are_some(
    tmp_path: Path, types: list[str], clear: str
) -> None:
    """Each operation is named with its resource."""
    pending = [
        {"type": kind, "resource": {"urn": f"urn:pulumi:prod::shop::t::n{n}"}} for n, kind in enumerate(types)
    ]
    [problem] = stack_health(Told(tmp_path, f"file://{tmp_path}", pending)).problems
    assert problem.commands == (clear, "pulumi up --stack prod")
    assert problem.why == ", ".join(f"{kind} n{n}" for n, kind in enumerate(types))


@pytest.mark.parametrize(
    ("error", "runs"), [(PermissionError, True), (ProcessLookupError, False), (ValueError, False)]
)
def test_whether_another_users_update_runs(
    tmp_path: Path, error: type[Exception], runs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that may not be signaled lives."""

    def kill(_: int, signal: int) -> None:
        assert signal == 0
        raise error

    monkeypatch.setattr(os, "kill", kill)
    lock(tmp_path, pid=4711)
    [problem] = stack_health(Told(tmp_path, f"file://{tmp_path}")).problems
    assert (problem.commands == ()) is runs
    assert "ana on" in problem.why
    assert "4711" in problem.why
    assert "2026-11-24 17:08:00" in problem.why


def test_a_lock_without_a_process_is_left_over(tmp_path: Path) -> None:
    """It can be cancelled."""
    lock(tmp_path)
    [problem] = stack_health(Told(tmp_path, f"file://{tmp_path}")).problems
    assert problem.commands == ("pulumi cancel --yes --stack prod",)


@pytest.mark.parametrize("backend", ["https://app.pulumi.com/acme", "s3://state?fips=true"])
def test_locks_that_are_not_seen(tmp_path: Path, backend: str) -> None:
    """At Pulumi Cloud, and where a bucket cannot be read, pending operations may be a living update's."""
    assert stack_health(Told(tmp_path, backend)).problems == ()
    state = stack_health(Told(tmp_path, backend, PENDING))
    assert state.locks == "not shown" or isinstance(state.locks, Unreadable)
    assert [(problem.what, problem.commands, problem.do) for problem in state.problems] == [
        (
            "operations of prod are under way, or their update was killed in the middle",
            (
                "pulumi cancel --yes --stack prod",
                REFRESH,
                "pulumi up --stack prod",
            ),
            "wait for it; run this only if it is gone",
        )
    ]
