"""`make up`, run again, `make down`: what a newcomer types, in a copy of the repository."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.waiting import PATIENCE
from tools.recording import FILE, copy_repository, plain, record, shape, shown_in, use_free_ports

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """A copy that links this environment and uses free ports, as a git worktree would beside the clone."""
    folder = tmp_path / "copy"
    copy_repository(folder)
    use_free_ports(folder)
    yield folder
    make(folder, "down")


def make(folder: Path, target: str) -> str:
    """Run a make target without a terminal; what it printed."""
    answer = subprocess.run(
        ["make", target],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_up_deploys_calls_and_repeats_without_a_change(copy: Path) -> None:
    """The first run looks like the README's picture; the second changes nothing; after down it starts again."""
    settings = (copy / "Pulumi.local.yaml").read_text()

    first = plain(record(copy))
    assert re.search(r"Resources:\n\s+\+ \d+ created", first)
    for step in ("Connecting...", "Ringing...", "Connected", "Call ended", "Recording"):
        assert f" s  {step}" in first
    assert "twilio_recordings  1 row" in first
    assert re.search(r"^PASS ", first, re.MULTILINE)
    assert "Where to look next" in first
    picture = shown_in((ROOT / FILE).read_text(encoding="utf-8"))
    differing = set(shape(first)) ^ set(shape(picture))
    assert differing == set(), "the picture is of another make up: make recording"

    second = make(copy, "up")
    assert re.search(r"Resources:\n\s+\d+ unchanged\n", second)
    assert re.search(r"^PASS ", second, re.MULTILINE)

    assert (copy / "Pulumi.local.yaml").read_text() == settings
    make(copy, "down")
    assert make(copy, "down") == make(copy, "down")

    third = make(copy, "up")
    assert re.search(r"Resources:\n\s+\d+ unchanged\n", third)
    assert re.search(r"^PASS ", third, re.MULTILINE)
