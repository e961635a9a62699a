"""Where a cluster's folders are, above all when everything runs as root."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from voicehooks_sandbox.state import StateFolder
from voicehooks_sandbox.supabase import cluster

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="about running as root")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Any]:
    """A state folder; its cluster's folders are removed after the test."""
    folder = StateFolder(tmp_path / "state")
    folder.create()
    yield folder
    cluster.remove_folders(folder)


def test_the_folders_are_found_again(state: Any) -> None:
    """The places are recorded: a second start has the same data and sockets, even recreated ones."""
    first = cluster.prepare_folders(state)
    first.sockets.rmdir()

    assert cluster.prepare_folders(state) == first
    assert stat.S_IMODE(first.sockets.stat().st_mode) == 0o700


def test_the_socket_path_fits(state: Any) -> None:
    """The sockets' folder is short enough for every platform's limit on socket paths."""
    assert len(str(cluster.prepare_folders(state).sockets)) <= 80


def test_somebody_elses_folder_is_not_taken_for_ours(state: Any) -> None:
    """A folder that has appeared in our place with other rights is left alone; a new one is made."""
    first = cluster.prepare_folders(state)
    first.sockets.chmod(0o777)

    second = cluster.prepare_folders(state)

    assert second.sockets != first.sockets
    assert stat.S_IMODE(first.sockets.stat().st_mode) == 0o777
    first.sockets.rmdir()


@as_root
def test_data_lies_outside_a_state_that_others_cannot_enter(state: Any) -> None:
    """As root with a private folder above the state, the data goes to /var/lib, under its own user."""
    state.path.parent.chmod(0o700)

    folders = cluster.prepare_folders(state)

    assert folders.data.is_relative_to(cluster.ROOTS_FOLDER)
    assert folders.data.stat().st_uid == folders.user.uid != 0
    assert stat.S_IMODE(state.path.parent.stat().st_mode) == 0o700


@as_root
def test_data_lies_in_a_state_that_others_can_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    """As root with open folders above it, the data stays with the rest of the state."""
    folder = Path("/var/tmp") / f"voicehooks-test-{os.getpid()}"
    state = StateFolder(folder)
    state.create()
    try:
        assert cluster.prepare_folders(state).data == folder / "postgres"
    finally:
        cluster.remove_folders(state)
        shutil.rmtree(folder)


@as_root
def test_data_of_a_deleted_state_is_removed(state: Any) -> None:
    """The next start of any sandbox cleans up after a state folder that somebody has deleted."""
    state.path.parent.chmod(0o700)
    folders = cluster.prepare_folders(state)
    data = folders.data
    folders.sockets.rmdir()
    cluster.remove_abandoned()
    kept = data.exists()
    shutil.rmtree(state.path)

    cluster.remove_abandoned()

    assert (kept, data.parent.exists()) == (True, False)
    state.create()


@as_root
def test_unreadable_programs_are_copied_once(tmp_path: Path) -> None:
    """Programs in a folder that Postgres' user cannot enter are used from a copy."""
    programs = tmp_path / "install" / "bin"
    programs.mkdir(parents=True)
    (programs / "postgres").write_text("x")
    (programs / "postgres").chmod(0o700)
    tmp_path.chmod(0o700)

    first, second = cluster.readable_binaries(programs), cluster.readable_binaries(programs)

    assert first == second != programs
    assert (first / "postgres").read_text() == "x"
    assert stat.S_IMODE((first / "postgres").stat().st_mode) == 0o755
    shutil.rmtree(first.parent)
