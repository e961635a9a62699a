"""`python -m chaos [--minutes N] [--short] [--seed S]`. Exit code 0: all is right again; 1: it is not."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.chaos.journal import Journal
from tests.chaos.run import run

_SHORT_SECONDS = 30.0


def main() -> int:
    """Parse the options, run, and print the verdict."""
    parser = argparse.ArgumentParser(
        prog="chaos", description="Calls go on while everything around them breaks."
    )
    parser.add_argument("--minutes", type=float, default=5.0, help="for how long things go wrong (default: 5)")
    parser.add_argument("--short", action="store_true", help="each kind of mishap once, about a minute")
    parser.add_argument(
        "--seed", type=int, help="repeats a run's choices (default: a new one, which is printed)"
    )
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randint(1, 999_999)
    seconds = _SHORT_SECONDS if options.short else options.minutes * 60
    journal = Journal()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        fine = run(Path(folder), journal, seconds=seconds, seed=seed)
    counts = ", ".join(f"{amount} {kind}" for kind, amount in journal.counts.items() if kind)
    print(f"\n{'PASS' if fine else 'FAIL'}  seed {seed}, {journal.seconds:.0f} s: {counts}")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
