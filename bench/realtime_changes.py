"""How soon Realtime's subscribers have what is committed: 50 subscribers, 200 changes a second.

A sandbox of its own, and a table with row-level security. Each subscriber is another user on another socket,
and each change is its own transaction. The time is from the commit, as Postgres has it in its log, until a
subscriber has read the change. The subscribers are one process on the same machine.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

import httpx
import psycopg
from voicehooks_sandbox.testing import running_sandbox
from websockets.asyncio.client import connect

from bench.figure import Figure, Goal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["run"]

_SUBSCRIBERS = 50
_PER_SECOND = 200
_PATIENCE = 120.0
_TABLE = """
    create table public.bench_changes (id integer primary key, body text not null);
    alter table public.bench_changes enable row level security;
    create policy everyone on public.bench_changes for select to authenticated using (true);
    alter publication supabase_realtime add table public.bench_changes;
"""
_INSERT = "insert into public.bench_changes values (%s, 'a value of some length')"
_TOPIC = "realtime:bench"
_CHANGES = {"event": "*", "schema": "public", "table": "bench_changes"}
_COMMITTED = '"commit_timestamp":"'


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
        Figure("realtime", "changes committed", rate, "1/s"),
        Figure("realtime", "commit to subscriber, p50", cuts[49] * 1000, "ms"),
        Figure("realtime", "commit to subscriber, p99", cuts[98] * 1000, "ms", Goal(500, at_most=True)),
    ]


async def _measure(values: Mapping[str, str], seconds: int) -> tuple[list[float], float]:
    async with await psycopg.AsyncConnection.connect(values["database_url"], autocommit=True) as connection:
        await connection.execute(_TABLE)
        subscribed = [asyncio.Event() for _ in range(_SUBSCRIBERS)]
        readers = [
            asyncio.create_task(_read(values, _token(values, number), seconds * _PER_SECOND, event))
            for number, event in enumerate(subscribed)
        ]
        async with asyncio.timeout(_PATIENCE):
            await asyncio.gather(*(event.wait() for event in subscribed))
        rate = await _write(connection, seconds)
        async with asyncio.timeout(_PATIENCE):
            delays = await asyncio.gather(*readers)
    return [delay for found in delays for delay in found], rate


def _token(values: Mapping[str, str], number: int) -> str:
    """The token of a user."""
    claims = {"sub": f"00000000-0000-4000-8000-{number:012d}"}
    answer = httpx.post(f"{values['supabase_api_url']}/_sandbox/tokens", json=claims, timeout=_PATIENCE)
    token: str = answer.json()["token"]
    return token


async def _write(connection: psycopg.AsyncConnection, seconds: int) -> float:
    """Commit at an even pace; returns the changes a second that it came to."""
    started = time.monotonic()
    for number in range(seconds * _PER_SECOND):
        await asyncio.sleep(max(0.0, started + number / _PER_SECOND - time.monotonic()))
        await connection.execute(_INSERT, [number])
    return seconds * _PER_SECOND / (time.monotonic() - started)


async def _read(values: Mapping[str, str], token: str, count: int, subscribed: asyncio.Event) -> list[float]:
    """Read so many changes; returns how long after its commit each one came."""
    address = values["supabase_url"].replace("http", "ws", 1)
    url = f"{address}/realtime/v1/websocket?apikey={values['supabase_publishable_key']}&vsn=2.0.0"
    join = {"config": {"postgres_changes": [_CHANGES]}, "access_token": token}
    delays: list[float] = []
    async with connect(url) as socket:
        await socket.send(json.dumps(["1", "1", _TOPIC, "phx_join", join]))
        async for frame in socket:
            text = frame if isinstance(frame, str) else frame.decode()
            if "Subscribed to PostgreSQL" in text:
                subscribed.set()
            elif (found := text.find(_COMMITTED)) >= 0:
                begin = found + len(_COMMITTED)
                committed = datetime.fromisoformat(text[begin : text.index('"', begin)])
                delays.append(time.time() - committed.timestamp())
                if len(delays) == count:
                    break
    return delays
