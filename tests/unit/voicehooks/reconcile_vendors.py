"""As many calls as one likes, made up when they are asked for: a mock, for their number alone.

Run as a program it reconciles so many in a process of its own and prints how much memory that took.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import resource
import sys
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx

from tests.support.prepared_twilio import prepared_twilio
from voicehooks.commands.reconcile.ownership import REMEMBERED
from voicehooks.commands.reconcile.reconcile import reconcile
from voicehooks.commands.reconcile.result import Reconciliation
from voicehooks.commands.reconcile.twilio_side import TwilioLists
from voicehooks.commands.reconcile.window import Window
from voicehooks.vendors.database import Database
from voicehooks.vendors.twilio import Twilio

ACCOUNT = "AC" + "1" * 32
NUMBER, AGENT = "+15551234567", "+15557654321"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAGE = 1000
_BOUND = r"started_at\.(gte|lt)\.([0-9T:.-]+Z)"


class Vendors:
    """Twilio and PostgREST with so many calls, made up when they are asked for.

    Every second one is a leg that the call listed after it dialed; every second leg was not answered.

    Args:
        amount: how many calls Twilio has.
        missing_every: of so many calls one has no row until it is brought in.

    Attributes:
        ingested: the SIDs that were brought in.
        memory: bytes in use when a page is asked for, by its number, where Python traces them.
        peaks: the most memory that the process has had when a page is asked for, in bytes, by its number.
    """

    def __init__(self, amount: int, *, missing_every: int = 0) -> None:
        self.amount = amount
        self.missing_every = missing_every
        self.ingested: set[str] = set()
        self.memory: dict[int, int] = {}
        self.peaks: dict[int, int] = {}

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of either side."""
        path, query = request.url.path, request.url.params
        if path.endswith("/Calls.json"):
            return httpx.Response(200, json=self._page(int(query.get("Page", "0"))))
        if path.endswith("/Recordings.json"):
            return httpx.Response(200, json={"recordings": [], "next_page_uri": None})
        if path.endswith("/rpc/ingest_twilio_webhooks"):
            events = json.loads(request.content)["events"]
            self.ingested.update(event["params"]["CallSid"] for event in events)
            return httpx.Response(200, json=[{"result": "stored"}] * len(events))
        if path.endswith("/twilio_calls") and "parent_call_sid" in query:
            return httpx.Response(200, json=[])
        if path.endswith("/twilio_calls") and "and" not in query:
            sids = query["call_sid"].removeprefix("in.(").removesuffix(")").split(",")
            return httpx.Response(200, json=[self._row(int(sid[2:])) for sid in sids if self._has_row(sid)])
        if path.endswith("/twilio_calls"):
            return httpx.Response(200, json=self._range(query["and"]))
        return httpx.Response(200, json=[])

    def _page(self, number: int) -> dict[str, Any]:
        if tracemalloc.is_tracing():
            gc.collect()
            self.memory[number] = tracemalloc.get_traced_memory()[0]
        self.peaks[number] = peak()
        last = min((number + 1) * PAGE, self.amount)
        more = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json?Page={number + 1}" if last < self.amount else None
        return {"calls": [self._call(i) for i in range(number * PAGE, last)], "next_page_uri": more}

    def _call(self, index: int) -> dict[str, Any]:
        began = format_datetime(NOW - timedelta(seconds=index))
        return {
            "sid": f"CA{index:032}",
            "account_sid": ACCOUNT,
            "parent_call_sid": self._parent(index),
            "status": self._status(index),
            "direction": "outbound-dial" if self._parent(index) else "inbound",
            "from": "+15550100001",
            "to": AGENT if self._parent(index) else NUMBER,
            "duration": "5",
            "start_time": began,
            "end_time": began,
            "date_created": began,
            "date_updated": began,
        }

    def _has_row(self, sid: str) -> bool:
        return not self.missing_every or int(sid[2:]) % self.missing_every != 0 or sid in self.ingested

    def _row(self, index: int) -> dict[str, Any]:
        began = (NOW - timedelta(seconds=index)).isoformat()
        return {
            "call_sid": f"CA{index:032}",
            "status": self._status(index),
            "duration_seconds": 5,
            "started_at": began,
            "ended_at": began,
            "direction": "outbound-dial" if self._parent(index) else "inbound",
            "from_number": "+15550100001",
            "to_number": AGENT if self._parent(index) else NUMBER,
            "parent_call_sid": self._parent(index),
            "left_voicemail": False,
        }

    def _status(self, index: int) -> str:
        return "completed" if index % 4 else "no-answer"

    def _parent(self, index: int) -> str | None:
        return None if index % 2 or index + 1 == self.amount else f"CA{index + 1:032}"

    def _range(self, condition: str) -> list[dict[str, Any]]:
        """The rows of a keyset page: from `gte` until before `lt`, at most a thousand."""
        bounds = {name: datetime.fromisoformat(at) for name, at in re.findall(_BOUND, condition)[::-1]}
        oldest, below = bounds["gte"], bounds.get("lt")
        newest = 0 if below is None else int((NOW - below).total_seconds()) + 1
        last = min(int((NOW - oldest).total_seconds()), self.amount - 1, newest + PAGE - 1)
        return [self._row(index) for index in range(newest, last + 1)]


def run(
    vendors: Vendors, *, remember: int = REMEMBERED, dry_run: bool = False, by_stream: bool = False
) -> Reconciliation:
    """Reconcile them; the arguments are those of reconcile."""

    async def go() -> Reconciliation:
        transport = httpx.MockTransport(vendors.answer)
        twilio = prepared_twilio(vendors.answer, ACCOUNT)
        database = Database("http://project", "sb_secret_x", name="test", transport=transport)
        try:
            return await reconcile(
                TwilioLists(Twilio(twilio), "https://api.twilio.com"),
                database,
                Window(NOW - timedelta(days=30)),
                {NUMBER: True},
                stack="test",
                account_sid=ACCOUNT,
                dry_run=dry_run,
                by_stream=by_stream,
                progress=lambda _: None,
                remember=remember,
            )
        finally:
            await twilio.close()
            await database.close()

    return asyncio.run(go())


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


if __name__ == "__main__":
    made_up = Vendors(int(sys.argv[1]), missing_every=1000)
    done = run(made_up)
    print(
        json.dumps({"calls": done.calls.at_twilio, "equal": done.equal, "peak": peak(), "peaks": made_up.peaks})
    )
