"""Follow one call in the database until nothing more is expected, or something stays out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicehooks.call.progress import CallProgress, Expectation, Step
    from voicehooks.call.rows import CallRows

POLL_SECONDS = 0.2


def follow(
    progress: CallProgress,
    read: Callable[[], CallRows],
    show: Callable[[Step], None],
    *,
    started: float,
    clock: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> tuple[CallRows, Expectation | None]:
    """Read again and again, and hand each new step to `show` at once.

    Args:
        progress: the call, already started.
        read: its rows as of now.
        show: called once a step, in order.
        started: when the call was made, by `clock`.
        clock: seconds that only ever grow.
        wait: pause for so many seconds.

    Returns:
        The rows as they were last, and the expectation that stayed out, if one did.
    """
    while True:
        rows = read()
        seconds = clock() - started
        for step in progress.observe(rows, seconds):
            show(step)
        missing = progress.overdue(seconds)
        if missing or progress.is_finished():
            return rows, missing
        wait(POLL_SECONDS)
