"""Delivers events to webhook sinks: at least once, in no promised order, with retries for four hours.

Sources: Twilio docs, "Event Streams": "Event delivery and duplication", "Webhook quickstart" (429 and 5xx are
tried again, any other 4xx discards the events, 5 s to answer); twilio.com/blog, "Validate Twilio Event Streams
webhooks" (the requested URL has ``bodySHA256``, the SHA-256 of the body, and that URL is signed).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import httpx

from ..dates import iso8601
from ..store import Where
from ..webhooks.overrides import Overrides
from ..webhooks.signature import requested_url
from ..webhooks.wire import ExchangeFailed, exchange
from .events import COMPLETE, ERROR_LOGGED, PARTIAL, TEST, call_summary, cloud_event, logged_error, sink_test
from .models import SINK, SUBSCRIPTION

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ..clock import Clock
    from ..faults import Faults
    from ..store import Document, Store
    from ..webhooks.signature import Signer

EVENT_JOURNAL = "event-request"
_FAULTS = ("drop", "duplicate", "delay", "reorder", "wrong-signature", "no-signature")
_LIMITS = Overrides(connect=5_000, read=5_000, total=5_000, retries=0)
_MOST_BYTES = 64 * 1024
_RETRY_SECONDS = 4 * 3600.0
# Twilio takes up to half an hour for it.
_COMPLETE_AFTER = 60.0
_KEPT_BODY = 64 * 1024


class EventDelivery:
    """Sends events to the sinks that subscribe to them.

    Args:
        store: the sinks, subscriptions and the journal of requests.
        clock: the pace of retries.
        faults: what goes wrong on order; an event request has the kind ``event``.
        signer_of: what signs a request of an account to a URL.
        transport: sends the requests.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        faults: Faults,
        signer_of: Callable[[str, str], Signer],
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self._signer_of = signer_of
        self._transport = transport or httpx.AsyncHTTPTransport()
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: dict[str, list[Document]] = {}
        # Batches held back on order, each with what its wait listens to.
        self._held: dict[str, list[tuple[list[Document], asyncio.Event]]] = {}

    @property
    def under_way(self) -> int:
        """How many requests, and summaries that Twilio still works on, there are."""
        return len(self._tasks)

    def report_end(self, call: Document) -> None:
        """Send the summaries of a call leg that is over: a part of it now, the whole later."""
        moment = float(call["ended"])
        self.emit(call["account_sid"], PARTIAL, call_summary(call, complete=False), moment)
        whole = call_summary(call, complete=True)
        if self._subscribed(call["account_sid"], COMPLETE):
            self._start(self._emit_later(call["account_sid"], COMPLETE, whole, moment + _COMPLETE_AFTER))

    def report_alert(self, alert: Document) -> None:
        """Send an error or a warning of the Debugger."""
        self.emit(alert["account_sid"], ERROR_LOGGED, logged_error(alert), alert["generated"])

    def test(self, sink: Document) -> str:
        """Send a test event to a sink, subscribed or not, and return its ID."""
        data = sink_test()
        self._queue(sink, cloud_event(TEST, sink["account_sid"], data, self._clock.now()))
        return str(data["test_id"])

    def emit(self, account_sid: str, kind: str, data: Document, moment: float) -> None:
        """Send an event to all sinks of the account that subscribe to its type."""
        sids = self._subscribed(account_sid, kind)
        if not sids:
            return
        event = cloud_event(kind, account_sid, data, moment)
        for sid in sids:
            sink = self._store.get(SINK, sid)
            if sink is not None and sink["status"] == "active" and sink["sink_type"] == "webhook":
                self._queue(sink, event)

    async def settle(self, seconds: float) -> None:
        """Wait (in real seconds) until everything is delivered or discarded."""
        try:
            async with asyncio.timeout(seconds):
                while self._tasks:
                    await asyncio.wait(set(self._tasks))
        except TimeoutError:
            return

    async def abort(self) -> None:
        """Give up what is under way."""
        self._waiting.clear()
        self._held.clear()
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """Stop, and close all connections."""
        await self.abort()
        await self._transport.aclose()

    def _subscribed(self, account_sid: str, kind: str) -> list[str]:
        where = [Where.equals("account_sid", account_sid)]
        found = self._store.page(SUBSCRIPTION, None, where, limit=1000)
        return sorted({item["sink_sid"] for item in found if any(e["type"] == kind for e in item["events"])})

    async def _emit_later(self, account_sid: str, kind: str, data: Document, moment: float) -> None:
        await self._pass(_COMPLETE_AFTER)
        self.emit(account_sid, kind, data, moment)

    def _queue(self, sink: Document, event: Document) -> None:
        """Send it with what else is there for this sink at the same moment."""
        waiting = self._waiting.setdefault(sink["sid"], [])
        waiting.append(event)
        if len(waiting) == 1:
            self._start(self._flush(sink))

    async def _flush(self, sink: Document) -> None:
        await asyncio.sleep(0)
        events = self._waiting.pop(sink["sid"], [])
        while events:
            count, size = 0, 0
            for event in events:
                size += len(json.dumps(event))
                if count and size > _MOST_BYTES:
                    break
                count += 1
            batch, events = events[:count], events[count:]
            await self._send(sink, batch)

    async def _send(self, sink: Document, batch: list[Document]) -> None:
        facts = {"kind": "event", "url": str(sink["sink_configuration"].get("destination", ""))}
        struck = {name for name in _FAULTS if self._faults.strike([name], **facts) is not None}
        if "drop" in struck:
            return
        held = self._held.setdefault(sink["sid"], [])
        if "reorder" in struck:
            wake = asyncio.Event()
            held.append((batch, wake))
            self._start(self._release(sink, batch, wake))
            return
        sign = "wrong" if "wrong-signature" in struck else "none" if "no-signature" in struck else "right"
        for _ in range(2 if "duplicate" in struck else 1):
            await self._deliver(sink, batch, sign)
        while held:
            late, wake = held.pop(0)
            wake.set()
            await self._deliver(sink, late, "right")

    async def _release(self, sink: Document, batch: list[Document], wake: asyncio.Event) -> None:
        """Send a batch that was held back, if nothing came after it for a while."""
        held = self._held[sink["sid"]]
        await self._pass(2 * _COMPLETE_AFTER, wake, lambda: (batch, wake) in held)
        if (batch, wake) in held:
            held.remove((batch, wake))
            await self._deliver(sink, batch, "right")

    async def _deliver(self, sink: Document, batch: list[Document], sign: str) -> None:
        """Send a batch until it is taken, refused, or four hours old."""
        body = json.dumps(batch, separators=(",", ":")).encode()
        pause, waited, attempt = 1.0, 0.0, 0
        while True:
            attempt += 1
            status = await self._attempt(sink, batch, body, sign, attempt)
            if status is not None and status != 429 and status < 500:
                return
            if waited + pause > _RETRY_SECONDS:
                return
            await self._pass(pause)
            waited, pause = waited + pause, pause * 2

    async def _attempt(
        self, sink: Document, batch: list[Document], body: bytes, sign: str, attempt: int
    ) -> int | None:
        configuration = sink["sink_configuration"]
        destination = str(configuration.get("destination") or "")
        mark = "&" if urlsplit(destination).query else "?"
        url = f"{requested_url(destination)}{mark}bodySHA256={hashlib.sha256(body).hexdigest()}"
        headers = self._headers(sink["account_sid"], destination, url, sign)
        entry: Document = {
            "time": time.time(),
            "moment": iso8601(self._clock.now()),
            "account_sid": sink["account_sid"],
            "sink_sid": sink["sid"],
            "url": url,
            "event_ids": [event["id"] for event in batch],
            "types": sorted({event["type"] for event in batch}),
            "body": body.decode()[:_KEPT_BODY],
            "headers": headers,
            "attempt": attempt,
            "status": None,
            "error": "",
        }
        try:
            request = httpx.Request("POST", url, headers=headers, content=body)
            response = await exchange(self._transport, request, _LIMITS, time.monotonic() + 5)
            entry["status"] = response.status_code
        except ExchangeFailed as failed:
            entry["error"] = failed.text
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            entry["error"] = str(error)
        self._store.log(EVENT_JOURNAL, sink["sid"], entry)
        status = entry["status"]
        return None if status is None else int(status)

    def _headers(self, account_sid: str, destination: str, url: str, sign: str) -> dict[str, str]:
        headers = {"User-Agent": "TwilioProxy/1.1", "Content-Type": "application/json", "Accept": "*/*"}
        if sign != "none":
            headers |= self._signer_of(account_sid, destination).headers(url, {}, wrong=sign == "wrong")
        credentials, at, _ = urlsplit(destination).netloc.rpartition("@")
        if at:
            headers["Authorization"] = "Basic " + base64.b64encode(unquote(credentials).encode()).decode()
        return headers

    async def _pass(
        self, seconds: float, wake: asyncio.Event | None = None, waits: Callable[[], bool] = lambda: True
    ) -> None:
        """Let simulated seconds pass, also when the pace changes; ends early if ``waits`` no longer holds."""
        wake = wake or asyncio.Event()
        self._clock.listen(wake)
        try:
            await asyncio.sleep(0)
            while waits() and (real := self._clock.real_seconds(seconds)) > 0:
                factor, began = self._clock.factor, time.monotonic()
                wake.clear()
                try:
                    async with asyncio.timeout(real):
                        await wake.wait()
                except TimeoutError:
                    return
                seconds = max(seconds - (time.monotonic() - began) * factor, 0.0)
        finally:
            self._clock.forget(wake)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
