"""Processes are distinguished by more than their pid."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from voicehooks_sandbox.processes import ChildRegister, ProcessIdentity, identify, identify_self, read_children

from tests.support.waiting import PATIENCE

SLEEPER = ["/bin/sleep", "600"]


def test_a_process_is_itself_as_long_as_it_runs() -> None:
    """The same pid and start time are the same process; after its end there is none, not even as a zombie."""
    with subprocess.Popen(SLEEPER) as process:
        identity = identify(process.pid)
        before = identity.is_running()
        process.kill()
        identity.wait(PATIENCE)  # it is a zombie until the block ends

        assert (before, identity.is_running()) == (True, False)


def test_a_reused_pid_is_another_process() -> None:
    """With another start time nothing is running, and no signal is sent."""
    stranger = replace(identify_self(), started="1")

    stranger.send(signal.SIGKILL)

    assert not stranger.is_running()


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere the start time does not depend on the clock")
def test_a_process_stays_itself_when_the_clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux counts the boot's time from the clock, so that it moves when the clock is set."""
    before, boot = identify_self(), psutil.boot_time()
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: boot + 3600)

    assert identify_self() == before


def test_a_process_that_ignores_the_request_is_killed() -> None:
    """`stop` asks, waits, and then kills."""
    ignore = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    stubborn = f"{ignore}; print('ready', flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        identity = identify(process.pid)

        identity.stop(seconds=0.05)

        assert process.wait(PATIENCE) == -signal.SIGKILL


def test_children_left_behind_are_ended_and_strangers_are_not(tmp_path: Path) -> None:
    """The register ends what it has written down, as far as it is still that process."""
    file = tmp_path / "children.json"
    with subprocess.Popen(SLEEPER) as child, subprocess.Popen(SLEEPER) as stranger:
        ChildRegister(file).add(child.pid)
        entries = json.loads(file.read_text())
        file.write_text(json.dumps([*entries, {"pid": stranger.pid, "started": "1"}]))

        left = ChildRegister(file).stop_left_behind()

        assert [identity.pid for identity in left] == [child.pid]
        assert child.wait(PATIENCE) is not None
        assert stranger.poll() is None
        stranger.kill()
    assert read_children(file) == []


def test_a_damaged_register_is_an_empty_one(tmp_path: Path) -> None:
    """Half a file (it cannot happen by our own writing) does not hinder a start."""
    file = tmp_path / "children.json"
    file.write_text('[{"pid": 1')

    assert read_children(file) == []
    assert ProcessIdentity(2**22 + 1, "0").is_running() is False
