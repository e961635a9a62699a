"""How late those who follow a sandbox's database have what is committed at an even pace.

The time is from the commit, as Postgres has it in its log, until a follower has read the row.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING

import psycopg
from voicehooks_sandbox.testing import running_sandbox

from bench.figure import Figure, Goal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

__all__ = ["PATIENCE", "Workload", "figures"]

PATIENCE = 120.0
"""Seconds after which a run that does not continue fails."""


@dataclass(frozen=True)
class Workload:
    """What is committed, and who follows it.

    Attributes:
        setup: SQL that makes the table.
        commits_per_second: how many transactions.
        rows_per_commit: how many rows each of them inserts.
        commit: carries out the transaction of a number.
        followers: how many follow at once.
        follow: reads so many rows as the follower of a number, sets the event once it misses nothing, and
            returns the delays in seconds. Its arguments are the sandbox's values, the follower's number, the
            number of rows and the event.
    """

    setup: str
    commits_per_second: int
    rows_per_commit: int
    commit: Callable[[psycopg.AsyncConnection, int], Awaitable[object]]
    followers: int
    follow: Callable[[Mapping[str, str], int, int, asyncio.Event], Awaitable[list[float]]]


def figures(
    benchmark: str, what: str, who: str, workload: Workload, *, goal: float, long: bool
) -> list[Figure]:
    """Measure ten seconds, with `long` a minute, in a sandbox of its own.

    Args:
        benchmark: its name.
        what: what is committed, in the plural.
        who: a follower.
        workload: what is measured.
        goal: the most milliseconds at p99.
        long: whether a minute is measured.
    """
    seconds = 60 if long else 10
    with (
        tempfile.TemporaryDirectory(prefix="vh-bench-") as folder,
        running_sandbox(Path(folder) / "sandbox") as values,
    ):
        delays, rate = asyncio.run(_measure(values, workload, seconds))
    cuts = quantiles(delays, n=100)
    return [
        Figure(benchmark, f"{what} committed", rate, "1/s"),
        Figure(benchmark, f"commit to {who}, p50", cuts[49] * 1000, "ms"),
        Figure(benchmark, f"commit to {who}, p99", cuts[98] * 1000, "ms", Goal(goal, at_most=True)),
    ]


async def _measure(values: Mapping[str, str], workload: Workload, seconds: int) -> tuple[list[float], float]:
    rows = seconds * workload.commits_per_second * workload.rows_per_commit
    async with await psycopg.AsyncConnection.connect(values["database_url"], autocommit=True) as connection:
        await connection.execute(workload.setup)
        following = [asyncio.Event() for _ in range(workload.followers)]
        readers = [
            asyncio.ensure_future(workload.follow(values, number, rows, event))
            for number, event in enumerate(following)
        ]
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(event.wait() for event in following))
        started = time.monotonic()
        for number in range(seconds * workload.commits_per_second):
            await asyncio.sleep(max(0.0, started + number / workload.commits_per_second - time.monotonic()))
            await workload.commit(connection, number)
        rate = rows / (time.monotonic() - started)
        async with asyncio.timeout(PATIENCE):
            delays = await asyncio.gather(*readers)
    return [delay for found in delays for delay in found], rate
