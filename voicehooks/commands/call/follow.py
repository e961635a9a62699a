"""Follow one call at Twilio and in the database until nothing more is expected, or a step is missing."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from voicehooks.commands.call.call_record import CallRows
    from voicehooks.commands.call.progress import CallProgress, Expectation, Step
    from voicehooks.commands.call.timeline import Exchange, Timeline
    from voicehooks.commands.call.twilio_side import WebhookRequest

__all__ = ["Pace", "follow"]


@dataclass(frozen=True)
class Pace:
    """How often both sides are asked, in seconds.

    Attributes:
        poll: between two looks.
        patience: how long a line may wait for its other columns, and how long the last ones, and the first
            leg's own end, are waited for.
    """

    poll: float
    patience: float


async def follow(
    progress: CallProgress,
    timeline: Timeline,
    *,
    read_rows: Callable[[], Awaitable[CallRows]],
    read_requests: Callable[[], Awaitable[Sequence[WebhookRequest]]],
    show: Callable[[Step | Exchange], None],
    started: float,
    pace: Pace,
    clock: Callable[[], float] = time.monotonic,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> tuple[CallRows, Expectation | None]:
    """Read again and again, and hand what is new to `show`.

    Args:
        progress: the call's steps, already started.
        timeline: its exchanges.
        read_rows: reads its current rows.
        read_requests: reads Twilio's current log of it.
        show: called once a step and once an exchange, in order.
        started: when the call was made, by `clock`.
        pace: how often.
        clock: seconds that only ever grow.
        wait: pause for so many seconds.

    Returns:
        The last rows, and the unmet expectation, if there is one.
    """
    shown: set[int] = set()
    over_since: float | None = None
    while True:
        # Rows first: what is in the database then was answered, and is in Twilio's log a moment later.
        rows = await read_rows()
        requests = await read_requests()
        seconds = clock() - started
        timeline.observe(requests, rows, seconds)
        steps = progress.observe(rows, seconds)
        missing = progress.overdue(seconds)
        over = missing is not None or progress.is_finished()
        over_since = (seconds if over_since is None else over_since) if over else None
        waiting = any(not exchange.complete for exchange in timeline.exchanges) or not rows.has_ended(
            progress.call_sid
        )
        last = over_since is not None and (
            missing is not None or not waiting or seconds - over_since >= pace.patience
        )
        for exchange in timeline.exchanges:
            ripe = exchange.complete or last or seconds - exchange.seconds >= pace.patience
            if ripe and id(exchange) not in shown:
                shown.add(id(exchange))
                show(exchange)
        for step in steps:
            show(step)
        if last:
            return rows, missing
        await wait(pace.poll)
