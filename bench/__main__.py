"""`python -m bench [NAME ...] [--long] [--json FILE]`."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

from bench.charts import write_charts
from bench.figure import Figure
from bench.report import show, write_json

# Name on the command line to module; each has `run(*, long: bool) -> list[Figure]`.
BENCHMARKS = {
    "preview": "bench.preview",
    "accounts": "bench.accounts",
    "subaccounts": "bench.subaccounts",
    "calls": "bench.calls",
    "events": "bench.events",
    # Not `realtime`: a file of that name would hide the package for scripts in this folder.
    "realtime": "bench.realtime_changes",
    "share": "bench.share",
    "handler": "bench.handler",
    "growth": "bench.growth",
    "page": "bench.page",
}


def main() -> int:
    """Run the benchmarks one after the other; the exit code is 1 where one could not be run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Run the benchmarks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(BENCHMARKS)}")
    parser.add_argument("--long", action="store_true", help="full size and more repeats")
    parser.add_argument("--charts", type=Path, metavar="FOLDER", help="also draw the handler's figures")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures as JSON")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    figures: list[Figure] = []
    failed: list[str] = []
    for name in options.names or BENCHMARKS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        started = time.monotonic()
        try:
            figures += importlib.import_module(BENCHMARKS[name]).run(long=options.long)
        except Exception as error:  # noqa: BLE001 - the figures of the others are worth having
            failed.append(name)
            print(f"{name} failed: {error}", file=sys.stderr)
        else:
            print(f"{name} took {time.monotonic() - started:.0f} s", file=sys.stderr)
    show(figures)
    if options.json is not None:
        write_json(figures, options.json)
    if options.charts is not None:
        write_charts(figures, options.charts)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
