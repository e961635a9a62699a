"""Connects incoming calls to what their number is configured for, and knows all calls under way."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from .leg import Leg, Subscription
from .live_call import CallOver, Instructions, LiveCall
from .performer import perform
from .scenario import Scenario, read_scenario

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from typing import Any

    from ..store import Document
    from ..twin import Twin

_log = logging.getLogger(__name__)
_SCRIPTS = "scenarios"


class Switchboard:
    """All calls under way."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._live: dict[str, LiveCall] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

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
        return self._twin.store.value(_SCRIPTS) or {}

    def set_scripts(self, scripts: Mapping[str, Any]) -> None:
        """Replace them.

        Raises:
            ValueError: one of them is no scenario.
        """
        for script in scripts.values():
            read_scenario(script)
        self._twin.store.set_value(_SCRIPTS, dict(scripts))

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

    def call_in(self, wire: Mapping[str, Any], base_url: str) -> Document:
        """Let somebody call one of the account's numbers; the call goes on by itself.

        Args:
            wire: ``from``, ``to`` and the keys of a scenario.
            base_url: under which the twin is reached.

        Raises:
            ValueError: nobody has that number, or the scenario is wrong.
        """
        script = dict(wire)
        to, caller = str(script.pop("to", "")), str(script.pop("from", "+15557654321"))
        forwarded_from, caller_name = script.pop("forwardedFrom", None), script.pop("callerName", None)
        number = self._twin.numbers.by_number(to)
        if number is None:
            msg = f"Nobody in this sandbox has the number {to!r}; stock it with POST /_sandbox/numbers."
            raise ValueError(msg)
        scenario = self.scenario(script)
        document = self._twin.calls.create(
            account_sid=number["account_sid"],
            to=to,
            caller=caller,
            direction="inbound",
            status="ringing",
            moment=self._twin.clock.now(),
            phone_number_sid=number["sid"],
            forwarded_from=forwarded_from,
            caller_name=caller_name if number["voice_caller_id_lookup"] else None,
            trunk_sid=number["trunk_sid"],
            parameters=dict(scenario.parameters),
        )
        document["started"] = document["created"]
        call = LiveCall(self._twin, document, scenario, base_url)
        self.run(call, _incoming(call, number))
        return document

    async def wait(self, sid: str, seconds: float) -> None:
        """Wait (in real seconds) until a call has ended and told everybody."""
        task = self._tasks.get(sid)
        if task is not None:
            await asyncio.wait({task}, timeout=seconds)

    async def close(self) -> None:
        """Stop all calls where they are."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def run(self, call: LiveCall, work: Coroutine[Any, Any, None]) -> None:
        """Let a call go on by itself until it is over and everybody has been told."""
        sid = call.root.sid
        self._live[sid] = call
        task = asyncio.create_task(self._supervise(call, work))
        self._tasks[sid] = task
        task.add_done_callback(lambda _: self._tasks.pop(sid, None))

    async def _supervise(self, call: LiveCall, work: Coroutine[Any, Any, None]) -> None:
        try:
            await self._walk(call, work)
            await call.finish_agenda()
            await call.courier.settle()
        except asyncio.CancelledError:
            await call.courier.abort()
            raise
        call.note(call.root.sid, "end", "the call is over and everybody has been told")

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


async def _incoming(call: LiveCall, number: Document) -> None:
    """An incoming call from its first request to the end of its TwiML.

    What answers: a trunk before a TwiML App before the number's own URLs (Twilio docs, "IncomingPhoneNumber
    resource"). The number's status callback hears of the end only.
    """
    twin, leg = call.twin, call.root
    call.note(leg.sid, "note", f"{leg.document['from']} calls {leg.document['to']}")
    account = twin.accounts.get(number["account_sid"])
    if account is None or account["status"] != "active":
        call.note(leg.sid, "note", "the account is not active: the call is refused, nobody is asked")
        raise CallOver("failed")
    if number["trunk_sid"]:
        call.note(
            leg.sid, "not-emulated", "the number belongs to a SIP trunk, which this sandbox does not emulate"
        )
        raise CallOver("failed")
    source = number
    if number["voice_application_sid"]:
        source = twin.applications.find(number["voice_application_sid"]) or number
        leg.document["application_sid"] = number["voice_application_sid"]
    call.keep(leg.document)
    _subscribe_to_end(leg, source)
    if not source["voice_url"]:
        call.complain(11100, f"The number {leg.document['to']} has no voice URL")
        raise CallOver("failed")
    call.instructions = Instructions(
        source["voice_url"],
        source["voice_method"],
        source["voice_fallback_url"] or "",
        source["voice_fallback_method"],
    )
    token = {"CallToken": f"%7B%22parentCallInfoToken%22%3A%22{leg.sid}%22%7D"}
    await perform(call, await call.fetch(call.instructions, extra=token))


def _subscribe_to_end(leg: Leg, source: Document) -> None:
    if source["status_callback"]:
        events = frozenset({"completed"})
        leg.subscriptions = (
            Subscription(source["status_callback"], source["status_callback_method"], events),
        )
