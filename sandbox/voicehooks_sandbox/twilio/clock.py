"""Time in the emulator: real or fast, without sleeps that a test would have to sit through.

The *clock* knows the present moment and how many simulated seconds pass in a real one. Every call walks a
*timeline* of its own, which moves only by the seconds of its scenario: at any factor the durations and
timestamps of a call are those of its script, and never those of the machine that runs it.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from typing import Generic, TypeVar

Command = TypeVar("Command")


class Clock:
    """The present moment, and the pace of simulated time.

    Attributes:
        factor: simulated seconds per real second; ``math.inf`` means "as fast as the machine can".
    """

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor
        self._ahead = 0.0
        self._sleepers: set[asyncio.Event] = set()

    def now(self) -> float:
        """The moment that new data is dated with, in seconds since 1970 (UTC)."""
        return time.time() + self._ahead

    def set_factor(self, factor: float) -> None:
        """Change the pace, also for calls that are under way.

        Raises:
            ValueError: the factor is not a positive number.
        """
        if math.isnan(factor) or factor <= 0:
            msg = f'The clock\'s factor must be a number above 0 or "max", not {factor}.'
            raise ValueError(msg)
        self.factor = factor
        for sleeper in self._sleepers:
            sleeper.set()

    def advance(self, seconds: float) -> None:
        """Move the present moment forward by so many seconds (old data grows older)."""
        self._ahead += seconds

    def real_seconds(self, seconds: float) -> float:
        """How long simulated seconds take in reality."""
        return 0.0 if math.isinf(self.factor) else seconds / self.factor

    def listen(self, sleeper: asyncio.Event) -> None:
        """Set this event whenever the pace changes."""
        self._sleepers.add(sleeper)

    def forget(self, sleeper: asyncio.Event) -> None:
        """Stop setting this event."""
        self._sleepers.discard(sleeper)


class Timeline(Generic[Command]):
    """The time of one call: it stands still except while the call waits.

    Commands from outside (hang up, redirect) are posted here and cut a wait short.

    Calls that are connected to each other join their timelines. Real time keeps these together by itself; at
    the fastest pace, time passes in one only as far as none of the others can still act before.

    Attributes:
        now: the call's moment, in seconds since 1970.
        joined: the timelines that keep together, this one included.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._commands: deque[tuple[Command, float]] = deque()
        self.joined: set[Timeline[Command]] = {self}
        self._target: float | None = None
        self._wake = asyncio.Event()
        self._nudged = False
        self._waiting_since: float | None = None
        self.now = clock.now()

    def post(self, command: Command, moment: float = -math.inf) -> None:
        """Hand the call a command; its current or next wait ends with it, at ``moment`` if that is later."""
        self._commands.append((command, moment))
        self._wake.set()

    def join(self, other: Timeline[Command]) -> None:
        """Keep together with another timeline, and with those that it has joined."""
        joined = self.joined | other.joined
        for timeline in joined:
            timeline.joined = joined

    def part(self) -> None:
        """Go on alone."""
        self.joined.discard(self)
        self._wake_others()
        self.joined = {self}

    def wake(self) -> None:
        """Have a wait look again at how far it may pass."""
        self._wake.set()

    def _wake_others(self) -> None:
        for timeline in self.joined:
            if timeline is not self:
                timeline.wake()

    def horizon(self) -> float:
        """The moment before which this call does nothing."""
        return self.now if self._target is None or self._commands else self._target

    def nudge(self) -> None:
        """Have a wait return early, because what it waits for may have changed."""
        self._nudged = True
        self._wake.set()

    def current(self) -> float:
        """The call's moment, counting what has passed of a wait that is under way."""
        if self._waiting_since is None or math.isinf(self._clock.factor):
            return self.now
        return self.now + (time.monotonic() - self._waiting_since) * self._clock.factor

    async def wait_until(self, moment: float) -> Command | None:
        """Let time pass until ``moment`` (``math.inf``: until a command comes).

        Returns:
            The command that cut the wait short, or None when the moment has come (or after a nudge).
        """
        self._clock.listen(self._wake)
        self._nudged = False
        self._target = moment
        self._wake_others()
        try:
            # Even the fastest clock lets others run here: a command may be on its way.
            await asyncio.sleep(0)
            while not self._commands:
                remaining = moment - self.now
                if remaining <= 0 or self._nudged:
                    return None
                self._wake.clear()
                await self._pass(remaining)
            command, at = self._commands.popleft()
            self.now = max(self.now, at)
            return command
        finally:
            self._target = None
            self._clock.forget(self._wake)

    async def _pass(self, seconds: float) -> None:
        factor = self._clock.factor
        if math.isinf(factor) and not math.isinf(seconds):
            if any(timeline.horizon() < self.now + seconds for timeline in self.joined if timeline is not self):
                await self._wake.wait()
                return
            self.now += seconds
            self._wake_others()
            return
        self._waiting_since = time.monotonic()
        try:
            async with asyncio.timeout(None if math.isinf(seconds) else seconds / factor):
                await self._wake.wait()
        except TimeoutError:
            self.now += seconds
        else:
            passed = 0.0 if math.isinf(factor) else (time.monotonic() - self._waiting_since) * factor
            self.now += min(passed, seconds)
        finally:
            self._waiting_since = None
