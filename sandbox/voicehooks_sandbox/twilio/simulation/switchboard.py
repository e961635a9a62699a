"""Knows all calls under way, and what parties do in calls that bring no script along."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from voicehooks_sandbox.tasks import end_all

from .conference_room import Rooms
from .interruptions import CallOver
from .scenario import Scenario, read_scenario
from .waiting_line import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Any

    from ..state import TwilioState
    from ..store import Document
    from .leg import Leg
    from .live_call import LiveCall

_log = logging.getLogger(__name__)
_SCRIPTS = "scenarios"
# A call acts on a command when it runs next, and on what follows from that a few turns later.
_SETTLE_ROUNDS = 5


class Switchboard:
    """All calls under way.

    Args:
        state: the account's objects.
        ring: lets a leg of a call ring a number of the account, see `incoming.ring`.
    """

    def __init__(
        self, state: TwilioState, ring: Callable[[Switchboard, LiveCall, Leg, Document], None]
    ) -> None:
        self.state = state
        self._ring = ring
        self.rooms = Rooms(state.conferences)
        self.lines = Lines()
        self._live: dict[str, LiveCall] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._free_at: dict[str, float] = {}

    def live(self, sid: str) -> LiveCall | None:
        """The call under way whose first leg this is, or None."""
        return self._live.get(sid)

    def busy(self, sid: str) -> bool:
        """Whether a call is going on or still has callbacks to send."""
        return sid in self._tasks

    @property
    def under_way(self) -> int:
        """How many calls are going on or still have callbacks to send."""
        return len(self._tasks)

    def scripts(self) -> dict[str, Any]:
        """The scripts of parties by destination (``*``: everybody) for calls that bring none along."""
        return self.state.store.value(_SCRIPTS) or {}

    def set_scripts(self, scripts: Mapping[str, Any]) -> None:
        """Replace them.

        Raises:
            ValueError: one of them is no scenario.
        """
        for script in scripts.values():
            read_scenario(script)
        self.state.store.set_value(_SCRIPTS, dict(scripts))

    def scenario(self, wire: Mapping[str, Any]) -> Scenario:
        """The scenario of a call: its own keys, over the scripts that hold for all calls.

        Raises:
            ValueError: an unknown key or value.
        """
        scripts = self.scripts()
        base = read_scenario(scripts.get("*", {}))
        legs = {to: script for to, script in scripts.items() if to != "*"}
        own = read_scenario(wire, base)
        return replace(
            own, legs={**{to: read_scenario(script, base) for to, script in legs.items()}, **own.legs}
        )

    def queue_seconds(self, account: Document) -> float:
        """How long a call that is ordered now waits until the account may dial it, seconds.

        Source: Twilio docs, "Make outbound phone calls": one call per second, and further ones are queued.
        """
        limit = account.get("calls_per_second", 1)
        if limit is None:
            return 0.0
        now = self.state.clock.now()
        start = max(now, self._free_at.get(account["sid"], now))
        self._free_at[account["sid"]] = start + 1 / limit
        return start - now

    async def settle(self) -> None:
        """Let the calls act on what was posted to them, so that the next request sees it."""
        for _ in range(_SETTLE_ROUNDS):
            await asyncio.sleep(0)

    async def wait(self, sid: str, seconds: float) -> None:
        """Wait (in real seconds) until a call has ended and all its callbacks have been sent."""
        task = self._tasks.get(sid)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    async def close(self) -> None:
        """Stop all calls where they are."""
        self._free_at.clear()
        await end_all(self._tasks.values())
        self.rooms = Rooms(self.state.conferences)
        self.lines = Lines()

    def run(self, call: LiveCall, work: Coroutine[Any, Any, None]) -> None:
        """Let a call go on by itself until it is over and all its callbacks have been sent."""
        sid = call.root.sid
        call.run_beside = self.run
        call.rooms = self.rooms
        call.lines = self.lines
        call.ring_number = partial(self._ring, self)
        self._live[sid] = call
        task = asyncio.create_task(self._supervise(call, work))
        self._tasks[sid] = task
        task.add_done_callback(lambda _: self._tasks.pop(sid, None))

    async def _supervise(self, call: LiveCall, work: Coroutine[Any, Any, None]) -> None:
        try:
            await self._walk(call, work)
            await call.finish_agenda()
            for stream in call.streams:
                await stream.settle()
            await call.courier.settle()
        except asyncio.CancelledError:
            for stream in call.streams:
                await stream.abort()
            await call.courier.abort()
            raise
        if call.story_sid == call.root.sid:
            call.note(call.root.sid, "end", "the call is over, and all callbacks have been sent")

    async def _walk(self, call: LiveCall, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except CallOver as over:
            call.hang_up(over.status)
        except Exception:  # noqa: BLE001 - a fault in one call must not silence its end, nor the others
            _log.exception("The simulation of call %s broke", call.root.sid)
            call.note(call.root.sid, "note", "the simulation broke, see the sandbox's log")
            call.hang_up("failed")
        else:
            call.hang_up("no-answer")
        finally:
            self._live.pop(call.root.sid, None)
            call.timeline.part()
