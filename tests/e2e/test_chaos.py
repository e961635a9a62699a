"""The chaos run in its short form: every kind of mishap once, then the documented repair."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_repair_makes_everything_right() -> None:
    """After outages, disturbed callbacks and killed updates the repair is enough; no call went unanswered."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--short", "--seed", "7"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout
    (calls,) = re.findall(r"(\d+) calls came in", done.stdout)
    assert int(calls) >= 20
    for mishap in (
        "postgres killed",
        "postgrest stopped",
        "disk",
        "retention done",
        "callbacks disturbed",
        "up killed",
        "up interrupted",
    ):
        assert mishap in done.stdout
