"""Sends the webhooks of one call: in firing order, each a request of its own, with the ordered faults."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httpx

from voicehooks_sandbox.tasks import end_all

from ..webhooks.reading import Finding, read_acknowledgement, read_twiml

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ..faults import Faults
    from ..monitor.models import Alerts
    from ..store import Document
    from ..twiml.document import TwimlDocument
    from ..webhooks.delivery import Delivery
    from ..webhooks.exchange import Outcome, Webhook

_CALLBACK_FAULTS = ("drop", "duplicate", "delay", "reorder", "wrong-signature", "no-signature")
_REQUEST_FAULTS = ("delay", "wrong-signature", "no-signature")


class Courier:
    """The webhook traffic of one call.

    A callback starts when the one before has been answered, or when as much real time has passed as lies
    between the two in the data: a fast clock never lets two overtake each other that real time would have
    kept apart, and a slow receiver holds nothing up that real Twilio would not.
    """

    def __init__(
        self, delivery: Delivery, faults: Faults, alerts: Alerts, note: Callable[[Webhook, str], None]
    ) -> None:
        self._delivery = delivery
        self._faults = faults
        self._alerts = alerts
        self._note = note
        self._tasks: set[asyncio.Task[None]] = set()
        self._last: tuple[asyncio.Task[None], float, float] | None = None
        self._held: list[Coroutine[None, None, None]] = []
        self.cookies = httpx.Cookies()

    def fire(self, webhook: Webhook) -> None:
        """Send a callback whose answer the call does not wait for."""
        faults = self._strike(_CALLBACK_FAULTS, webhook)
        sign = _sign(faults)
        if "drop" in faults:
            self._note(webhook, "dropped on order, never sent")
            return
        delay = float(faults["delay"].get("seconds", 1)) if "delay" in faults else 0.0
        work = self._deliver(webhook, sign, delay, times=2 if "duplicate" in faults else 1)
        if "reorder" in faults:
            self._note(webhook, "held back on order until the next one is answered")
            self._held.append(work)
            return
        held, self._held = self._held, []
        self._start(_one_by_one([work, *held]), webhook.moment, chained=delay == 0)

    async def fetch(self, webhook: Webhook) -> tuple[TwimlDocument | None, Outcome, list[Finding]]:
        """Make a request whose answer says how the call continues."""
        faults = self._strike(_REQUEST_FAULTS, webhook)
        if "delay" in faults:
            await asyncio.sleep(float(faults["delay"].get("seconds", 1)))
        outcome = await self._delivery.send(webhook, sign=_sign(faults))
        document, findings = read_twiml(outcome)
        self._file(webhook, outcome, findings)
        return document, outcome, findings

    async def fetch_media(self, webhook: Webhook, read: Callable[[Outcome], list[Finding]]) -> Outcome:
        """Get a file that a call plays."""
        outcome = await self._delivery.send(webhook)
        self._file(webhook, outcome, read(outcome))
        return outcome

    async def settle(self) -> None:
        """Wait until every callback has been delivered or given up."""
        while self._tasks or self._held:
            if self._held:  # nothing came after them
                held, self._held = self._held, []
                self._start(_one_by_one(held), 0.0, chained=False)
            await asyncio.wait(set(self._tasks))

    async def abort(self) -> None:
        """Give up what is under way."""
        for work in self._held:
            work.close()
        await end_all(self._tasks)

    def warn(self, webhook: Webhook, finding: Finding) -> None:
        """Record something wrong that showed only when the TwiML was executed."""
        self._alerts.add(finding.level, finding.code, finding.text, webhook)
        self._note(webhook, f"{finding.level} {finding.code}: {finding.text}")

    def _strike(self, names: tuple[str, ...], webhook: Webhook) -> dict[str, Document]:
        """The faults that strike a webhook, one of each name at most."""
        facts = {
            "kind": webhook.kind,
            "url": webhook.url,
            "callStatus": webhook.params.get("CallStatus", ""),
            "recordingStatus": webhook.params.get("RecordingStatus", ""),
        }
        struck = {name: self._faults.strike([name], **facts) for name in names}
        return {name: fault for name, fault in struck.items() if fault is not None}

    def _start(self, work: Coroutine[None, None, None], moment: float, *, chained: bool = True) -> None:
        before = self._last if chained else None
        task = asyncio.create_task(_in_turn(before, work, moment))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if chained:
            self._last = (task, moment, time.monotonic())

    async def _deliver(self, webhook: Webhook, sign: str, delay: float, times: int) -> None:
        if delay:
            await asyncio.sleep(delay)
        for _ in range(times):
            outcome = await self._delivery.send(webhook, sign=sign)
            self._file(webhook, outcome, read_acknowledgement(outcome))

    def _file(self, webhook: Webhook, outcome: Outcome, findings: list[Finding]) -> None:
        answer = f"HTTP {outcome.status}" if outcome.status is not None else outcome.error_text
        self._note(webhook, f"{webhook.method} {webhook.url.partition('#')[0]} -> {answer}")
        for finding in findings:
            self._alerts.add(finding.level, finding.code, finding.text, webhook, outcome)
            self._note(webhook, f"{finding.level} {finding.code}: {finding.text}")


async def _one_by_one(works: list[Coroutine[None, None, None]]) -> None:
    for work in works:
        await work


async def _in_turn(
    before: tuple[asyncio.Task[None], float, float] | None, work: Coroutine[None, None, None], moment: float
) -> None:
    if before is not None:
        task, its_moment, started = before
        patience = (moment - its_moment) - (time.monotonic() - started)
        if patience > 0 and not task.done():
            await asyncio.wait({task}, timeout=patience)
    await work


def _sign(faults: dict[str, Document]) -> str:
    if "wrong-signature" in faults:
        return "wrong"
    return "none" if "no-signature" in faults else "right"
