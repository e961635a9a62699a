"""Stopping cleanly: the engine's Cancel call ends waits at once and lets writes finish."""

from __future__ import annotations

import asyncio

from .errors import Cancelled

__all__ = ["Cancellation"]


class Cancellation:
    """One for a plugin; every wait of an operation goes through it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def cancel(self) -> None:
        """End every wait, now and from now on."""
        self._event.set()

    def check(self) -> None:
        """Raise Cancelled where the user has asked to stop; call it before starting something new."""
        if self._event.is_set():
            raise Cancelled

    async def sleep(self, seconds: float) -> None:
        """Wait that long, or raise Cancelled as soon as the user asks to stop."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return
        raise Cancelled
