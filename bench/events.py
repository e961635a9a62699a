"""How soon the sandbox's stream of events has what is committed, at 600 changed rows a second.

A sandbox of its own; a writer that commits rows at an even pace; three clients of the stream. The time is from
the commit, as Postgres has it in its log, until a client has read the event.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

import httpx
import psycopg
from voicehooks_sandbox.testing import running_sandbox

from bench.figure import Figure, Goal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["run"]

_PER_SECOND = 600
_COMMITS_PER_SECOND = 60
_CLIENTS = 3
_PATIENCE = 120.0
_TABLE = "create table public.bench_events (id integer primary key, body jsonb not null)"
_INSERT = "insert into public.bench_events select n, %s from generate_series(%s::int, %s::int) n"
_BODY = json.dumps({f"parameter{number}": "a value of some length" for number in range(20)})


def run(*, long: bool) -> list[Figure]:
    """Ten seconds; with `long` a minute."""
    seconds = 60 if long else 10
    with (
        tempfile.TemporaryDirectory(prefix="vh-bench-") as folder,
        running_sandbox(Path(folder) / "sandbox") as values,
    ):
        delays, rate = asyncio.run(_measure(values, seconds))
    cuts = quantiles(delays, n=100)
    return [
        Figure("events", "rows committed", rate, "1/s"),
        Figure("events", "commit to client, p50", cuts[49] * 1000, "ms"),
        Figure("events", "commit to client, p99", cuts[98] * 1000, "ms", Goal(200, at_most=True)),
    ]


async def _measure(values: Mapping[str, str], seconds: int) -> tuple[list[float], float]:
    async with await psycopg.AsyncConnection.connect(values["database_url"], autocommit=True) as connection:
        await connection.execute(_TABLE)
        listening = [asyncio.Event() for _ in range(_CLIENTS)]
        readers = [
            asyncio.create_task(_read(values["twilio_base_url"], seconds * _PER_SECOND, event))
            for event in listening
        ]
        await asyncio.gather(*(event.wait() for event in listening))
        rate = await _write(connection, seconds)
        async with asyncio.timeout(_PATIENCE):
            delays = await asyncio.gather(*readers)
    return [delay for found in delays for delay in found], rate


async def _write(connection: psycopg.AsyncConnection, seconds: int) -> float:
    """Commit at an even pace; returns the rows a second that it came to."""
    rows, started = _PER_SECOND // _COMMITS_PER_SECOND, time.monotonic()
    for number in range(seconds * _COMMITS_PER_SECOND):
        await asyncio.sleep(max(0.0, started + number / _COMMITS_PER_SECOND - time.monotonic()))
        await connection.execute(_INSERT, [_BODY, number * rows, (number + 1) * rows - 1])
    return seconds * _PER_SECOND / (time.monotonic() - started)


async def _read(base_url: str, count: int, listening: asyncio.Event) -> list[float]:
    """Read so many events of changed rows; returns how long after its commit each one came."""
    delays: list[float] = []
    kind = ""
    async with (
        httpx.AsyncClient(timeout=_PATIENCE) as client,
        client.stream("GET", f"{base_url}/_sandbox/events") as answer,
    ):
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "" and value == "connected":
                listening.set()
            elif name == "event":
                kind = value
            elif name == "data" and kind == "row":
                delays.append(time.time() - json.loads(value)["committed_at"])
                if len(delays) == count:
                    break
    return delays
