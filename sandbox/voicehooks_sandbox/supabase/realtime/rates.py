"""How often something has happened lately, and whether the project's limits allow it once more."""

from __future__ import annotations

import time
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicehooks_sandbox.supabase.realtime.limits import RealtimeLimits

_WINDOW_SECONDS = 60


class Rate(Enum):
    """What is counted for the whole project: the name of its limit, and what a client that exceeds it reads."""

    JOINS = ("max_joins_per_second", "Too many joins per second")
    MESSAGES = ("max_events_per_second", "Too many messages per second")
    CHANGES = ("max_events_per_second", "")  # skipped without a word, and counted apart from messages
    PRESENCE = ("max_presence_events_per_second", "Too many presence messages per second")

    def __init__(self, limit: str, message: str) -> None:
        self.limit = limit
        self.message = message


class Rates:
    """The counts of one project, second by second over the last 60.

    Args:
        limits: Returns the limits in force.
        clock: Returns seconds that only go on.
    """

    def __init__(
        self, limits: Callable[[], RealtimeLimits], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self.clock = clock
        self._counts: dict[Rate, dict[int, int]] = {rate: {} for rate in Rate}

    @property
    def limits(self) -> RealtimeLimits:
        """The limits in force."""
        return self._limits()

    def allows(self, rate: Rate, count: int = 1) -> bool:
        """Whether so many more are within the limit."""
        per_second: int = getattr(self.limits, rate.limit)
        if not per_second:
            return True
        counts = self._counts[rate]
        oldest = int(self.clock()) - _WINDOW_SECONDS
        for second in [second for second in counts if second <= oldest]:
            del counts[second]
        return sum(counts.values()) + count <= per_second * _WINDOW_SECONDS

    def add(self, rate: Rate, count: int = 1) -> None:
        """Count what cannot be refused."""
        if getattr(self.limits, rate.limit):
            second = int(self.clock())
            self._counts[rate][second] = self._counts[rate].get(second, 0) + count

    def take(self, rate: Rate, count: int = 1) -> bool:
        """Count it if it is within the limit; returns whether it is."""
        allowed = self.allows(rate, count)
        if allowed:
            self.add(rate, count)
        return allowed

    def clear(self) -> None:
        """Count from 0."""
        for counts in self._counts.values():
            counts.clear()


class PresenceCalls:
    """The presence calls of one channel, in a window that begins with the first of them.

    Args:
        rates: Has the limits and the clock.
    """

    MESSAGE = "Client presence rate limit exceeded"

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._count = 0
        self._ends_at = 0.0

    def take(self) -> bool:
        """Count a call if it is within the limit; returns whether it is."""
        limits = self._rates.limits
        now = self._rates.clock()
        if now >= self._ends_at:
            self._count, self._ends_at = 0, now + limits.client_presence_window_ms / 1000
        most = limits.max_client_presence_events_per_window
        if most and self._count >= most:
            return False
        self._count += 1
        return True
