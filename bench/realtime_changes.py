"""How soon Realtime's subscribers have what is committed: 50 subscribers, 200 changes a second.

A sandbox of its own, and a table with row-level security. Each subscriber is another user on another socket,
and each change is its own transaction. The time is from the commit, as Postgres has it in its log, until a
subscriber has read the change. The subscribers are one process on the same machine.
"""

from __future__ import annotations

import asyncio
import json
import time
from datetime import datetime
from typing import TYPE_CHECKING

import httpx
from websockets.asyncio.client import connect

from bench.commit_delays import PATIENCE, Workload, figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

    from bench.figure import Figure

__all__ = ["run"]

_SUBSCRIBERS = 50
_PER_SECOND = 200
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
    workload = Workload(_TABLE, _PER_SECOND, 1, _commit, _SUBSCRIBERS, _read)
    return figures("realtime", "changes", "subscriber", workload, goal=500, long=long)


async def _commit(connection: psycopg.AsyncConnection, number: int) -> None:
    await connection.execute(_INSERT, [number])


def _token(values: Mapping[str, str], number: int) -> str:
    """The token of a user."""
    claims = {"sub": f"00000000-0000-4000-8000-{number:012d}"}
    answer = httpx.post(f"{values['supabase_api_url']}/_sandbox/tokens", json=claims, timeout=PATIENCE)
    token: str = answer.json()["token"]
    return token


async def _read(values: Mapping[str, str], user: int, count: int, subscribed: asyncio.Event) -> list[float]:
    """Read so many changes; returns how long after its commit each one came."""
    address = values["supabase_url"].replace("http", "ws", 1)
    url = f"{address}/realtime/v1/websocket?apikey={values['supabase_publishable_key']}&vsn=2.0.0"
    join = {"config": {"postgres_changes": [_CHANGES]}, "access_token": _token(values, user)}
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
