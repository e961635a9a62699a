"""The Management API's rate limit (Supabase docs: 120 requests a minute a user and project)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_WINDOW_SECONDS = 60.0


class RateLimit:
    """Counts requests in fixed windows of a minute.

    Args:
        per_minute: Requests a window; 0 switches the limit off (the headers stay).
        clock: Seconds from any origin.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._window_end = 0.0
        self._used = 0

    def set(self, per_minute: int) -> None:
        """Change the limit and begin a new window."""
        self.per_minute = per_minute
        self._window_end = 0.0

    def take(self) -> bool:
        """Count a request; False where it exceeds the limit."""
        if self._clock() >= self._window_end:
            self._window_end = self._clock() + _WINDOW_SECONDS
            self._used = 0
        self._used += 1
        return self.per_minute == 0 or self._used <= self.per_minute

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers that every answer carries; Reset in seconds."""
        limit = self.per_minute or 1_000_000
        values = {
            "x-ratelimit-limit": limit,
            "x-ratelimit-remaining": max(0, limit - self._used),
            "x-ratelimit-reset": max(0, round(self._window_end - self._clock())),
        }
        return [(name.encode(), str(value).encode()) for name, value in values.items()]
