"""The order of the tests: random, and repeatable from what a run prints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_the_seed_is_printed_by_quiet_runs_too(workers: tuple[str, ...]) -> None:
    """With and without workers, `-q` leaves the line from which a failing order can be repeated."""
    test = "tests/unit/tools/test_pulumi_cli.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--collect-only", *workers]
    done = subprocess.run(
        [*command, "--randomly-seed=4711", test], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "--randomly-seed=4711" in done.stdout, done.stdout + done.stderr
