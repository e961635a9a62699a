"""The figures of `bench.bench_handler` as lines of the common table."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from bench.bench_handler import GOALS
from bench.figure import Figure, Goal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["run"]

_NAMES = {
    "handler_to_bare_1": "handler / bare function, 1 connection",
    "handler_to_bare_16": "handler / bare function, 16 connections",
    "handler_to_bare_64": "handler / bare function, 64 connections",
    "handler_to_python_16": "handler / Python (Starlette, twilio, supabase), 16 connections",
    "p50_to_bare_16": "p50 of handler / bare function, 16 connections",
    "database_time_to_single_64": "database time, together / one by one, 64 connections",
    "cold_start_to_empty": "cold start / empty function",
    "ingest_to_insert": "ingest / plain INSERT",
    "batch_to_insert": "ingest of 16 together / 16 plain INSERTs",
}
_UNITS = {
    "requests_per_second": ("requests", "1/s"),
    "p50_ms": ("p50", "ms"),
    "p99_ms": ("p99", "ms"),
    "database_us": ("database time per request", "us"),
}


def run(*, long: bool) -> list[Figure]:  # noqa: ARG001 - it has one size
    """Run it as the program that it is and read its JSON."""
    command = [sys.executable, "-m", "bench.bench_handler"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0 or not done.stdout.strip():
        raise RuntimeError(done.stderr[-2000:])
    return list(_figures(json.loads(done.stdout.splitlines()[-1])))


def _figures(report: dict[str, Any]) -> Iterator[Figure]:
    for key, value in report["ratios"].items():
        bound, how = GOALS[key]
        yield Figure("handler", _NAMES[key], value, "x", Goal(bound, at_most=how == "at most"))
    for server, measured in report["requests"].items():
        for key, value in measured.items():
            what, unit = _UNITS[key]
            yield Figure("handler", f"{server}: {what}", value, unit)
    for name, value in report["cold_start_ms"].items():
        yield Figure("handler", f"cold start, {name}", value, "ms")
    yield Figure("handler", "ingest / the two writes alone", report["ingest"]["of_two_writes"], "x")
    for name in ("ingest", "batch", "insert"):
        yield Figure(
            "handler",
            f"{name}, pgbench, {report['ingest']['clients']} clients",
            report["ingest"][f"{name}_tps"],
            "1/s",
        )
