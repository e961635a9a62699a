"""The calls that wait in queues, and those that dial a queue."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from .interruptions import QueueChanged
from .leg import LegCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..store import Document
    from .instructions import Instructions
    from .leg import Leg


class QueuedCall(LegCall, Protocol):
    """What a queue asks of a call that waits in it or dials it.

    Attributes:
        root: its first leg.
    """

    root: Leg

    async def wait(self, seconds: float) -> None:
        """Let so many seconds of the call pass."""


@dataclass(eq=False)
class Seat:
    """A call that waits in a queue, or that dials one.

    Attributes:
        call: the call.
        since: when it came, seconds since 1970.
        other: the seat that it is connected to; None while it waits.
        greeting: TwiML that the waiting party hears before it is connected; None for none.
        over: whether the conversation has ended.
    """

    call: QueuedCall
    since: float
    other: Seat | None = None
    greeting: Instructions | None = None
    over: bool = False

    def tell(self) -> None:
        """Have the call look at its seat again."""
        self.call.timeline.post(QueueChanged(self.call.root.sid), -1)

    def part(self) -> None:
        """End the conversation."""
        self.over = True
        if self.other is not None and not self.other.over:
            self.other.over = True
            self.other.tell()

    async def until(self, condition: Callable[[], bool], moment: float) -> bool:
        """Wait for a condition on this seat; false if the moment came first."""
        while not condition():
            try:
                await self.call.wait(max(0.0, moment - self.call.now))
            except QueueChanged:
                continue
            return condition()
        return True


@dataclass
class Line:
    """The calls of one queue.

    Attributes:
        waiting: those that wait, the first one in front.
        dialing: those that dial the queue while nobody waits.
    """

    waiting: list[Seat] = field(default_factory=list)
    dialing: list[Seat] = field(default_factory=list)

    def average(self) -> int:
        """How long the calls have waited on average, seconds."""
        waits = [seat.call.timeline.current() - seat.since for seat in self.waiting]
        return round(sum(waits) / len(waits)) if waits else 0

    def connect(self, arrival: Seat) -> None:
        """Connect those who wait with those who dial, the first with the first.

        Args:
            arrival: who has just come, and looks at its seat anyway.
        """
        while self.waiting and self.dialing:
            caller, agent = self.waiting.pop(0), self.dialing.pop(0)
            caller.other, agent.other = agent, caller
            caller.greeting = agent.greeting
            caller.call.timeline.join(agent.call.timeline)
            for seat in (caller, agent):
                if seat is not arrival:
                    seat.tell()


class Lines:
    """The lines of all queues, by the queue's SID."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}

    def of(self, queue: Document) -> Line:
        """A queue's line."""
        return self._lines.setdefault(queue["sid"], Line())
