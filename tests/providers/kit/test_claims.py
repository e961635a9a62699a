"""The registry of claims: shared by the plugin processes of one run of the engine, and by nobody else."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pulumi_provider_kit.claims import Claims, Holder, Singleton, Standing, run_file

NUMBER = Singleton("number:1", "+15551234567", "phoneNumber")
OTHER = Singleton("number:2", "+15551234568", "phoneNumber")
CLAIM = """\
import sys
from pathlib import Path
from typing import Any
from pulumi_provider_kit.claims import Claims, Singleton, Standing

claims = Claims(Path(sys.argv[1]))
print(claims.want("two", [Singleton("number:1", "+15551234567")]))
claims.mark("two", [Singleton("number:2", "+15551234568")], Standing.MANAGED)
"""


def test_processes_of_one_engine_share_their_claims(tmp_path: Path) -> None:
    """What one process claims, the other one is refused; and the other way round."""
    path = run_file("127.0.0.1:1", tmp_path / "claims")
    assert path is not None
    claims = Claims(path)
    assert claims.want("one", [NUMBER]) is None
    process = subprocess.run(
        [sys.executable, "-c", CLAIM, str(path)], capture_output=True, text=True, check=True
    )
    assert "'one'" in process.stdout
    assert claims.holder(OTHER.key, "one") == Holder("two", Standing.MANAGED)
    claims.close()


def test_each_run_has_its_own_file_in_a_private_folder(tmp_path: Path) -> None:
    """Another address is another run of the engine; nobody else may read or write the folder."""
    folder = tmp_path / "claims"
    first, second = run_file("127.0.0.1:1", folder), run_file("127.0.0.1:2", folder)
    assert first != second
    assert first == run_file("127.0.0.1:1", folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    assert run_file("127.0.0.1:1", folder) is None


def test_files_of_ended_engines_are_removed(tmp_path: Path) -> None:
    """Also where another process has the engine's number by now."""
    folder = tmp_path / "claims"
    mine = run_file("127.0.0.1:1", folder)
    assert mine is not None
    Claims(mine).close()
    pid, _, rest = mine.name.partition("-")
    ended, reused, odd = folder / f"4194305-1.00-{rest}", folder / f"{pid}-1.00-x.sqlite3", folder / "x"
    for path in (ended, reused, odd):
        path.touch()
    run_file("127.0.0.1:2", folder)
    assert sorted(folder.iterdir()) == [mine]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a link's target names the process")
def test_the_engine_is_found_above_what_stands_between(tmp_path: Path) -> None:
    """The nearest process named pulumi above counts, also where a language host starts the plugin."""
    engine = tmp_path / "pulumi"
    engine.symlink_to(Path(sys.executable).resolve())
    path = tmp_path / "claims"
    imports = "from pathlib import Path; from pulumi_provider_kit.claims import run_file"
    plugin = f"{imports}; print(run_file('x', Path('{path}')))"
    start = "import subprocess, sys; subprocess.run(sys.argv[1:], check=True)"
    report = (
        "import os, subprocess, sys; print(os.getpid(), flush=True); subprocess.run(sys.argv[1:], check=True)"
    )
    host = [sys.executable, "-c", start]
    done = subprocess.run(
        [engine, "-c", report, *host, *host, sys.executable, "-c", plugin],
        capture_output=True,
        text=True,
        check=True,
    )
    pid, file = done.stdout.split()

    assert Path(file).name.startswith(f"{pid}-")


def test_a_claim_is_refused_whole() -> None:
    """Of several objects none is claimed where one is taken."""
    claims = Claims()
    assert claims.want("one", [NUMBER]) is None
    assert claims.want("two", [OTHER, NUMBER]) == (NUMBER, "one")
    assert claims.holder(OTHER.key, "two") is None
    assert claims.want("one", [NUMBER, OTHER]) is None


def test_another_resource_comes_before_the_asking_one() -> None:
    """A deletion asks who else manages the object; its own claim counts where nobody else does."""
    claims = Claims()
    claims.mark("one", [NUMBER], Standing.MANAGED)
    claims.mark("two", [NUMBER], Standing.FAILED)
    assert claims.holder(NUMBER.key, "one") == Holder("two", Standing.FAILED)
    assert claims.holder(NUMBER.key, "two") == Holder("one", Standing.MANAGED)
    assert claims.holder(OTHER.key, "one") is None


def test_an_object_that_is_managed_stays_so() -> None:
    """The same resource is checked or compared again later in the run."""
    claims = Claims()
    claims.mark("one", [NUMBER], Standing.MANAGED)
    assert claims.want("one", [NUMBER]) is None
    assert claims.holder(NUMBER.key, "two") == Holder("one", Standing.MANAGED)


def test_the_resource_that_manages_an_object_counts() -> None:
    """Another one failed to be created for it in the same run."""
    claims = Claims()
    claims.mark("one", [NUMBER], Standing.FAILED)
    claims.mark("two", [NUMBER], Standing.MANAGED)
    assert claims.holder(NUMBER.key, "three") == Holder("two", Standing.MANAGED)


def test_without_a_private_folder_there_is_no_file(tmp_path: Path) -> None:
    """A link or a file in its place belongs to somebody else, perhaps."""
    target = tmp_path / "target"
    target.mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "file").touch(mode=0o600)
    for name in ("link", "file", "missing/claims"):
        assert run_file("127.0.0.1:1", tmp_path / name) is None


def test_a_claim_of_nothing_is_no_claim() -> None:
    """A resource whose objects are not known yet."""
    claims = Claims()
    assert claims.want("one", []) is None
    claims.mark("one", [], Standing.MANAGED)
    assert claims.want("two", [NUMBER]) is None


def test_a_resource_is_in_the_program_once_it_was_checked() -> None:
    """Others are being deleted."""
    claims = Claims()
    claims.register("one")
    assert (claims.is_registered("one"), claims.is_registered("two")) == (True, False)


def test_a_failure_amid_a_claim_ends_its_transaction(tmp_path: Path) -> None:
    """Another process of the run could not claim anything otherwise."""
    claims, other = Claims(tmp_path / "x"), Claims(tmp_path / "x")
    odd: Any = Singleton({}, "x")  # type: ignore[arg-type]
    with pytest.raises(sqlite3.Error):
        claims.want("one", [odd])
    assert other.want("two", [NUMBER]) is None
    claims.close()
    other.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        claims.want("one", [NUMBER])
