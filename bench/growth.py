"""What a large database costs: the same work beside an empty one and beside a million calls.

Both are databases of one durable cluster. Each measurement alternates between them.
"""

from __future__ import annotations

import json
import threading
import time
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg

from bench.bench_handler_ingest import durable_cluster, schema
from bench.bench_handler_load import STEPS, status_callback
from bench.figure import Figure, Goal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["run"]

_EVENTS = 400
_ROUNDS = 5
# Four callbacks for each call, over the last two years; every tenth call has a reference.
_FILL = """
create temporary table calls as
select n, 'CA' || lpad(to_hex(n), 32, '0') as sid, now() - interval '730 days' * (1 - n::float / {calls}) as at
from generate_series(1, {calls}) n;
insert into public.twilio_calls (call_sid, account_sid, direction, from_number, to_number, status, status_order,
  started_at, answered_at, ended_at, duration_seconds, reference, created_at, updated_at)
select sid, 'AC' || repeat('5a4db0c5', 4), 'inbound',
  '+1555' || lpad((n % 100000)::text, 7, '0'), '+15551234567', 'completed', 64,
  at, at + interval '5 s', at + interval '65 s', 60,
  case when n % 10 = 0 then 'lead-' || n end, at, at + interval '65 s'
from calls;
insert into public.twilio_call_events (event_key, call_sid, kind, sequence_number, params, path, received_at)
select sid || ':status:' || step || ':completed', sid, 'status', step, params, '', at + interval '20 s' * step
from calls, generate_series(0, 3) step, (select '{params}'::jsonb as params) p;
"""
# What a CRM's page asks: the latest calls, a lead's, a reference's, the open ones. Then what
# `voicehooks console` asks every two seconds, and what it lists.
_QUERIES = {
    "latest calls": "from twilio_calls where parent_call_sid is null order by started_at desc limit 50",
    "a lead's calls": "from twilio_calls where lead_number = '+15550000042' order by started_at desc limit 50",
    "a reference's calls": "from twilio_calls where reference = 'lead-420' order by started_at desc",
    "open calls": "from twilio_calls where ended_at is null order by started_at desc",
    "calls that changed": "from twilio_calls where updated_at >= now() - interval '10 s' "
    "and created_at >= now() - interval '2 days' order by updated_at desc limit 1000",
    "callbacks that arrived": "from twilio_call_events where received_at >= now() - interval '10 s' "
    "order by received_at desc limit 1000",
    "steps that happened": "from twilio_call_timeline where received_at >= now() - interval '10 s' "
    "order by received_at desc limit 1000",
    "1,000 callbacks": "from twilio_call_events order by received_at desc limit 1000",
}


def run(*, long: bool) -> list[Figure]:
    """100,000 calls; with `long` 1,000,000."""
    calls = 1_000_000 if long else 100_000
    with durable_cluster() as sockets:
        empty = _database(sockets, "empty")
        grown = _database(sockets, "grown")
        grown.execute(_FILL.format(calls=calls, params=json.dumps(status_callback("0" * 28, 3))))
        for connection in (empty, grown):
            connection.execute("vacuum analyze")
        figures = [_ingest(empty, grown, calls), *_queries(grown, calls), *_retention(sockets, grown)]
        empty.close()
        grown.close()
    return figures


def _database(sockets: Path, name: str) -> psycopg.Connection[Any]:
    with psycopg.connect(host=str(sockets), user="postgres", dbname="postgres", autocommit=True) as first:
        first.execute(f"create database {name}")
    connection = _connect(sockets, name)
    for statement in schema():
        connection.execute(statement)
    return connection


def _connect(sockets: Path, name: str) -> psycopg.Connection[Any]:
    return psycopg.connect(host=str(sockets), user="postgres", dbname=name, autocommit=True)


def _callbacks(start: int) -> Callable[[], str]:
    """Return a function that makes the next event's JSON: the four callbacks of one call after another."""
    number = start * len(STEPS)

    def next_event() -> str:
        nonlocal number
        params = status_callback(f"{number // len(STEPS):028x}", number % len(STEPS))
        number += 1
        return json.dumps({"kind": "status", "params": params})

    return next_event


def _seconds(connection: psycopg.Connection[Any], event: str) -> float:
    started = time.perf_counter()
    connection.execute("select public.ingest_twilio_webhook(%s::jsonb)", [event])
    return time.perf_counter() - started


def _ingest(empty: psycopg.Connection[Any], grown: psycopg.Connection[Any], calls: int) -> Figure:
    next_event = _callbacks(0)
    ratios = []
    for _ in range(_ROUNDS):
        events = [next_event() for _ in range(_EVENTS)]
        of_empty = median(_seconds(empty, event) for event in events)
        ratios.append(median(_seconds(grown, event) for event in events) / of_empty)
    name = f"ingest beside {calls:,} calls / beside none"
    return Figure("growth", name, median(ratios), "x", Goal(1.1, at_most=True), (min(ratios), max(ratios)))


def _queries(grown: psycopg.Connection[Any], calls: int) -> list[Figure]:
    figures = []
    for name, query in _QUERIES.items():
        times = []
        for _ in range(20):
            started = time.perf_counter()
            grown.execute(f"select * {query}").fetchall()
            times.append((time.perf_counter() - started) * 1000)
        figures.append(Figure("growth", f"{name}, of {calls:,}", median(times), "ms"))
    return figures


def _retention(sockets: Path, grown: psycopg.Connection[Any]) -> list[Figure]:
    """Latency of callbacks while 10,000 old calls are deleted, and while nothing else happens."""
    next_event = _callbacks(1 << 40)
    quiet = sorted(_seconds(grown, next_event()) for _ in range(_EVENTS * 2))
    deleted = threading.Event()

    def delete() -> None:
        with _connect(sockets, "grown") as own:
            own.execute("select public.delete_old_twilio_calls('365 days', 10000)")
        deleted.set()

    thread = threading.Thread(target=delete)
    thread.start()
    busy = []
    while not deleted.is_set():
        busy.append(_seconds(grown, next_event()))
    thread.join()
    busy.sort()
    p99_quiet, p99_busy = (times[int(len(times) * 0.99)] for times in (quiet, busy))
    return [
        Figure("growth", "callback p99, nothing else going on", p99_quiet * 1000, "ms"),
        Figure("growth", "callback p99 while 10,000 calls are deleted", p99_busy * 1000, "ms"),
        Figure("growth", "the one / the other", p99_busy / p99_quiet, "x", Goal(2, at_most=True)),
    ]
