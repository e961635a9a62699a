"""How much does the webhook's own work cost? Side by side, in one run on one machine.

- `handler`: twilio-webhook with validation and commit.
- `bare`: a Deno function that makes the same single RPC and nothing else: the limit. Goal: 0.85 of it.
- `python`: Starlette, the `twilio` validator, the `supabase` async client. Goal: 4 times it.
- cold start of twilio-webhook against an empty function. Goal: at most 1.3 times it.
- the ingest function against a plain INSERT by pgbench. Goal: 0.6 of it.

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

import psycopg
from voicehooks_sandbox.supabase.keys import SERVICE_ROLE_KEY
from voicehooks_sandbox.testing import running_sandbox

from bench.bench_handler_ingest import compare
from bench.bench_handler_load import STEPS, Run, load, signed_requests, status_callback
from bench.bench_handler_servers import BARE, DIRECT, EMPTY, ROOT, deno, postgrest, running

CONNECTIONS = 16
REQUESTS = 1500
ROUNDS = 7
COLD_STARTS = 15
INGEST_ROUNDS = 3
GOALS = {
    "handler_to_bare": (0.85, "at least"),
    "handler_to_python": (4.0, "at least"),
    "cold_start_to_empty": (1.3, "at most"),
    "ingest_to_insert": (0.6, "at least"),
}


def main() -> int:
    """Run everything and print it."""
    with tempfile.TemporaryDirectory() as folder:
        requests = measure_requests(Path(folder))
        cold = measure_cold_starts(Path(folder))
    ingest = compare(INGEST_ROUNDS)
    ratios = {**requests.pop("ratios"), **cold.pop("ratios"), "ingest_to_insert": ingest["ratio"]}
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
    """Requests a second and latencies of the three servers, and the medians of the rounds' ratios."""
    runs: dict[str, list[Run]] = {"handler": [], "bare": [], "python": []}
    with ExitStack() as stack:
        environment = stack.enter_context(running_sandbox(folder / "sandbox"))
        with psycopg.connect(environment["database_url"]) as connection:
            for migration in sorted((ROOT / "migrations").glob("*.sql")):
                connection.execute(migration.read_text(encoding="utf-8"))
        rest_url = stack.enter_context(postgrest(environment["database_url"]))
        ports = {
            name: stack.enter_context(running(command, variables))
            for name, (command, variables) in servers(
                folder, rest_url, environment["twilio_auth_token"]
            ).items()
        }
        public_url, token = (
            "http://127.0.0.1:4721/functions/v1/twilio-webhook",
            environment["twilio_auth_token"],
        )
        calls = 0
        for measured in [False] + [True] * ROUNDS:  # the first round warms up
            for name, port in ports.items():
                requests = signed_requests(calls, REQUESTS, public_url, token)
                calls += REQUESTS
                run = asyncio.run(load(port, requests, CONNECTIONS))
                if measured:
                    runs[name].append(run)
    pairs = list(zip(*runs.values(), strict=True))
    return {
        "ratios": {
            "handler_to_bare": ratio([(handler, bare) for handler, bare, _ in pairs]),
            "handler_to_python": ratio([(handler, python) for handler, _, python in pairs]),
        },
        **{name: summary(of_one) for name, of_one in runs.items()},
    }


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
        "PUBLIC_URL": "http://127.0.0.1:4721/functions/v1/twilio-webhook",
        "BARE_EVENTS": json.dumps(events),
    }
    bare, direct = folder / "bare.ts", folder / "direct.ts"
    bare.write_text(BARE, encoding="utf-8")
    direct.write_text(DIRECT, encoding="utf-8")
    return {
        "handler": (deno(deployed_handler(folder), preload=direct), variables),
        "bare": (deno(bare, preload=direct), variables),
        "python": ([sys.executable, str(ROOT / "bench" / "bench_handler_servers.py")], variables),
    }


def deployed_handler(folder: Path) -> Path:
    """Copy the functions and give them a revision: with the placeholder in the repository they answer 503."""
    functions = folder / "functions"
    shutil.copytree(ROOT / "functions", functions, dirs_exist_ok=True)
    webhook = functions / "twilio-webhook"
    (webhook / "revision.json").write_text('{"revision": "bench"}', encoding="utf-8")
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


def ratio(pairs: list[tuple[Run, Run]]) -> float:
    """The median of the ratios within the rounds."""
    return round(median(one.requests_per_second / other.requests_per_second for one, other in pairs), 2)


def summary(runs: list[Run]) -> dict[str, float]:
    """The medians over the rounds."""
    return {
        "requests_per_second": round(median(run.requests_per_second for run in runs)),
        "p50_ms": round(median(run.p50_ms for run in runs), 1),
        "p99_ms": round(median(run.p99_ms for run in runs), 1),
    }


def show(report: dict[str, Any]) -> None:
    """Print the table."""
    lines = [f"{'':<22}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}"]
    requests = report["requests"]
    lines += [
        f"{name:<22}{run['requests_per_second']:>8}{run['p50_ms']:>9}{run['p99_ms']:>9}"
        for name, run in requests.items()
    ]
    ratios = report["ratios"]
    for name, (goal, way) in GOALS.items():
        met = ratios[name] >= goal if way == "at least" else ratios[name] <= goal
        lines.append(f"{name:<22}{ratios[name]:>8}   goal: {way} {goal}: {'met' if met else 'missed'}")
    print("\n".join(lines), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
