"""How much does the webhook's own work cost? Side by side, in one run on one machine.

- `handler`: twilio-webhook with validation and commit; callbacks that arrive together share a request.
- `single`: the same with `combineCallbacks: false`: one request for each callback.
- `bare`: a Deno function that makes the same single request for each callback and nothing else.
- `python`: Starlette, the `twilio` validator, the `supabase` async client.
- cold start of twilio-webhook against an empty function.
- the ingest functions against a plain INSERT by pgbench.

Each server is measured with 1, 16 and 64 connections, Python with 16 only. Beside requests per second and
latencies there is the processor time that Postgres spends on a callback.

All servers are one process each and use the same PostgREST, which they ask directly: a gateway in between would
cost each of them the same and so bring the ratios closer to 1. Postgres is the sandbox's. Rounds
alternate between the servers and ratios are taken within a round, because the machine's own pace drifts.
Prints a table on standard error and one JSON object on standard output.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import psycopg
from voicehooks_sandbox.supabase.keys import SERVICE_ROLE_KEY
from voicehooks_sandbox.testing import running_sandbox

from bench.bench_handler_ingest import compare
from bench.bench_handler_load import STEPS, Run, load, signed_requests, status_callback
from bench.bench_handler_servers import BARE, DIRECT, EMPTY, ROOT, deno, postgrest, running

# Requests per round by the number of connections.
REQUESTS = {1: 400, 16: 2000, 64: 4000}
SERVERS = ("handler", "single", "bare", "python")
ONLY_PYTHON = 16
ROUNDS = 7
COLD_STARTS = 15
PUBLIC_URL = "http://127.0.0.1:4721/functions/v1/twilio-webhook"
INGEST_ROUNDS = 3
GOALS = {
    "handler_to_bare_1": (0.85, "at least"),
    "handler_to_bare_16": (1.5, "at least"),
    "handler_to_bare_64": (2.6, "at least"),
    "handler_to_python_16": (12.0, "at least"),
    "p50_to_bare_16": (0.6, "at most"),
    "database_time_to_single_64": (0.5, "at most"),
    "cold_start_to_empty": (1.1, "at most"),
    "ingest_to_insert": (0.6, "at least"),
    "batch_to_insert": (0.8, "at least"),
}


def main() -> int:
    """Run everything and print it."""
    with tempfile.TemporaryDirectory() as folder:
        requests = measure_requests(Path(folder))
        cold = measure_cold_starts(Path(folder))
    ingest = compare(INGEST_ROUNDS)
    ratios = {
        **requests.pop("ratios"),
        **cold.pop("ratios"),
        "ingest_to_insert": ingest["ratio"],
        "batch_to_insert": ingest["batch_ratio"],
    }
    report: dict[str, Any] = {
        "bench": "handler",
        "ratios": ratios,
        "requests": requests,
        "cold_start_ms": cold,
        "ingest": ingest,
    }
    show(report)
    print(json.dumps(report))
    return 0


def measure_requests(folder: Path) -> dict[str, Any]:
    """Figures of each server by the number of connections, and the medians of the rounds' ratios."""
    runs: dict[str, list[Run]] = {}
    with ExitStack() as stack:
        environment = stack.enter_context(running_sandbox(folder / "sandbox"))
        with psycopg.connect(environment["database_url"]) as connection:
            for migration in sorted((ROOT / "migrations").glob("*.sql")):
                connection.execute(migration.read_text(encoding="utf-8"))
            row = connection.execute("show data_directory").fetchone()
        postmaster = postmaster_of(row)
        rest_url = stack.enter_context(postgrest(environment["database_url"]))
        ports = {
            name: stack.enter_context(running(command, variables))
            for name, (command, variables) in servers(
                folder, rest_url, environment["twilio_auth_token"]
            ).items()
        }
        token = environment["twilio_auth_token"]
        calls = 0
        for measured in [False] + [True] * ROUNDS:  # the first round warms up
            for connections, count in REQUESTS.items():
                for name in SERVERS if connections == ONLY_PYTHON else SERVERS[:-1]:
                    requests = signed_requests(calls, count, PUBLIC_URL, token)
                    calls += count
                    run = asyncio.run(load(ports[name], requests, connections, postmaster))
                    if measured:
                        runs.setdefault(f"{name} {connections}", []).append(run)
    return {
        "ratios": {
            **{f"handler_to_bare_{n}": ratio(runs[f"handler {n}"], runs[f"bare {n}"]) for n in REQUESTS},
            "handler_to_python_16": ratio(runs["handler 16"], runs["python 16"]),
            "p50_to_bare_16": ratio(runs["handler 16"], runs["bare 16"], "p50_ms"),
            "database_time_to_single_64": ratio(runs["handler 64"], runs["single 64"], "database_us"),
        },
        **{name: summary(of_one) for name, of_one in runs.items()},
    }


def postmaster_of(row: Any) -> psutil.Process:
    """The process of the database whose data folder this is."""
    lines = (Path(row[0]) / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    return psutil.Process(int(lines[0]))


def servers(folder: Path, rest_url: str, auth_token: str) -> dict[str, tuple[list[str | Path], dict[str, str]]]:
    """The commands of the three servers and the variables they read."""
    events = [
        json.dumps({"kind": "status", "path": "", "params": status_callback("CALL", step)}).replace(
            "CAbeac", "CAba4e"
        )
        for step in range(len(STEPS))
    ]
    variables = {
        "SUPABASE_URL": rest_url,
        # A legacy key is a JWT that PostgREST itself accepts; the gateway translates the others.
        "SUPABASE_SECRET_KEYS": json.dumps({"default": SERVICE_ROLE_KEY}),
        "VOICEHOOKS_AUTH_TOKEN": auth_token,
        "PUBLIC_URL": PUBLIC_URL,
        "BARE_EVENTS": json.dumps(events),
    }
    bare, direct = folder / "bare.ts", folder / "direct.ts"
    bare.write_text(BARE, encoding="utf-8")
    direct.write_text(DIRECT, encoding="utf-8")
    return {
        "handler": (deno(deployed_handler(folder / "combining"), preload=direct), variables),
        "single": (deno(deployed_handler(folder / "single", combine=False), preload=direct), variables),
        "bare": (deno(bare, preload=direct), variables),
        "python": ([sys.executable, str(ROOT / "bench" / "bench_handler_servers.py")], variables),
    }


def deployed_handler(folder: Path, *, combine: bool = True) -> Path:
    """Copy the functions and give them a revision: with the placeholder in the repository they answer 503."""
    functions = folder / "functions"
    shutil.copytree(ROOT / "functions", functions, dirs_exist_ok=True)
    webhook = functions / "twilio-webhook"
    (webhook / "revision.json").write_text('{"revision": "bench"}', encoding="utf-8")
    settings = json.loads((webhook / "settings.json").read_text(encoding="utf-8"))
    settings["combineCallbacks"] = combine
    (webhook / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    return webhook / "index.ts"


def measure_cold_starts(folder: Path) -> dict[str, Any]:
    """Milliseconds from starting a process to its first answer, alternating."""
    (folder / "empty.ts").write_text(EMPTY, encoding="utf-8")
    scripts = {"handler": deployed_handler(folder), "empty": folder / "empty.ts"}
    bundles = {name: bundled(script, folder / f"{name}.bundle.js") for name, script in scripts.items()}
    times: dict[str, list[float]] = {name: [] for name in bundles}
    for number in range(COLD_STARTS + 1):
        for name, bundle in bundles.items():
            started = time.perf_counter()
            with running(deno(bundle), {}):
                if number > 0:  # the first one fills the caches
                    times[name].append((time.perf_counter() - started) * 1000)
    return {
        "ratios": {"cold_start_to_empty": round(median(times["handler"]) / median(times["empty"]), 2)},
        **{name: round(median(of_one), 1) for name, of_one in times.items()},
    }


def bundled(script: Path, target: Path) -> Path:
    """One file with everything that a function imports, as a deploy makes it."""
    command = [deno(script)[0], "bundle", "--no-config", "--quiet", "--output", target, script]
    subprocess.run(command, check=True, capture_output=True)
    return target


def ratio(ones: list[Run], others: list[Run], what: str = "requests_per_second") -> float:
    """The median of the ratios within the rounds."""
    pairs = zip(ones, others, strict=True)
    ratios: list[float] = [getattr(one, what) / getattr(other, what) for one, other in pairs]
    return round(median(ratios), 2)


def summary(runs: list[Run]) -> dict[str, float]:
    """The medians over the rounds."""
    return {
        "requests_per_second": round(median(run.requests_per_second for run in runs)),
        "p50_ms": round(median(run.p50_ms for run in runs), 1),
        "p99_ms": round(median(run.p99_ms for run in runs), 1),
        "database_us": round(median(run.database_us for run in runs)),
    }


def show(report: dict[str, Any]) -> None:
    """Print the table."""
    lines = [f"{'':<28}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'db us':>8}"]
    requests = report["requests"]
    lines += [
        f"{name:<28}{run['requests_per_second']:>8}{run['p50_ms']:>9}{run['p99_ms']:>9}{run['database_us']:>8}"
        for name, run in requests.items()
    ]
    ratios = report["ratios"]
    for name, (goal, way) in GOALS.items():
        met = ratios[name] >= goal if way == "at least" else ratios[name] <= goal
        lines.append(f"{name:<28}{ratios[name]:>8}   goal: {way} {goal}: {'met' if met else 'missed'}")
    print("\n".join(lines), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
