"""The memory of a reconciliation does not grow with the number of calls."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from tests.support.waiting import PATIENCE
from tests.unit.voicehooks.reconcile_vendors import PAGE, Vendors, run

ROOT = Path(__file__).resolve().parents[3]
# What a list of the calls' SIDs alone would need for each of them.
SID_BYTES = sys.getsizeof("CA" + "0" * 32)


def test_every_row_is_walked_and_the_missing_ones_brought_in() -> None:
    """Several pages: each call is compared once, each row is looked up once, what lacks is brought in."""
    vendors = Vendors(3500, missing_every=7)
    result = run(vendors)
    assert result.equal
    assert result.calls.at_twilio == result.calls.rows == 3500
    assert result.calls.brought_in == len(vendors.ingested) == 500
    assert result.missed_count == 125


@pytest.mark.slow
def test_memory_is_flat() -> None:
    """Eight thousand calls more leave less behind than a list of their SIDs alone would need."""
    vendors = Vendors(29_000)
    tracemalloc.start()
    try:
        result = run(vendors, remember=1000)
    finally:
        tracemalloc.stop()
    assert result.calls.at_twilio == 29_000
    # By page 20 the standard library's caches of addresses are full.
    assert vendors.memory[28] - vendors.memory[20] < 8_000 * SID_BYTES / 4


@pytest.mark.slow
def test_a_million_calls() -> None:
    """A process that goes through a million calls needs no more memory than after half of them."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.voicehooks.reconcile_vendors", "1000000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    result = json.loads(done.stdout)
    assert (result["calls"], result["equal"]) == (1_000_000, True)
    grown = result["peak"] - result["peaks"][str(500_000 // PAGE)]
    assert grown < 500_000 * SID_BYTES / 4
