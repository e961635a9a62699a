"""How soon the sandbox's stream of events has what is committed, at 600 changed rows a second.

A sandbox of its own; a writer that commits rows at an even pace; three clients of the stream. The time is from
the commit, as Postgres has it in its log, until a client has read the event.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import httpx

from bench.commit_delays import PATIENCE, Workload, figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

    from bench.figure import Figure

__all__ = ["run"]

_COMMITS_PER_SECOND = 60
_ROWS = 10
_CLIENTS = 3
_TABLE = "create table public.bench_events (id integer primary key, body jsonb not null)"
_INSERT = "insert into public.bench_events select n, %s from generate_series(%s::int, %s::int) n"
_BODY = json.dumps({f"parameter{number}": "a value of some length" for number in range(20)})


def run(*, long: bool) -> list[Figure]:
    """Ten seconds; with `long` a minute."""
    workload = Workload(_TABLE, _COMMITS_PER_SECOND, _ROWS, _commit, _CLIENTS, _read)
    return figures("events", "rows", "client", workload, goal=200, long=long)


async def _commit(connection: psycopg.AsyncConnection, number: int) -> None:
    await connection.execute(_INSERT, [_BODY, number * _ROWS, (number + 1) * _ROWS - 1])


async def _read(values: Mapping[str, str], _follower: int, count: int, listening: asyncio.Event) -> list[float]:
    """Read so many events of changed rows; returns how long after its commit each one came."""
    delays: list[float] = []
    kind = ""
    async with (
        httpx.AsyncClient(timeout=PATIENCE) as client,
        client.stream("GET", f"{values['twilio_base_url']}/_sandbox/events") as answer,
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
