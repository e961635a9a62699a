"""One leg of a call: its document, its subscriptions, and the events that it fires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ..calls.models import FINAL, price
from .call_parameters import ending_parameters, event_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..clock import Timeline
    from ..store import Document
    from ..webhooks.exchange import Kind
    from .subscription import Subscription

SIP_CODES = {"completed": 200, "busy": 486, "no-answer": 487, "canceled": 487, "failed": 404}


class LegCall(Protocol):
    """What a leg asks of the call that it belongs to."""

    @property
    def now(self) -> float:
        """The call's time, seconds since 1970."""

    def keep(self, document: Document) -> None:
        """Save a leg's changes."""

    def report_end(self, document: Document) -> None:
        """Report to Event Streams that a leg is over."""

    @property
    def timeline(self) -> Timeline[Any]:
        """The call's time."""

    def note(self, call_sid: str, kind: str, text: str, moment: float | None = None) -> None:
        """Add a step to the call's story."""

    def tell(self, kind: Kind, url: str, method: str, params: Mapping[str, str], leg: Document) -> None:
        """Send a callback."""


class Leg:
    """A leg that is under way.

    Attributes:
        call: that it belongs to.
        document: its resource.
        ended: called when it ends; None where nobody asks.
    """

    def __init__(self, call: LegCall, document: Document, subscriptions: Sequence[Subscription] = ()) -> None:
        self.call = call
        self._sequence = 0
        self.document = document
        self.ended: Callable[[], None] | None = None
        self.subscriptions = tuple(subscriptions)

    @property
    def sid(self) -> str:
        """The leg's SID."""
        return str(self.document["sid"])

    def move(self, call: LegCall) -> None:
        """Belong to another call from now on; events go on being numbered."""
        self.call = call

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.document["status"] in FINAL

    @property
    def answered(self) -> bool:
        """Whether somebody took the call (it may be over by now)."""
        return self.document["answered"] is not None

    def initiate(self) -> None:
        """It is being dialed."""
        self.document["started"] = self.call.now
        # The resource has no "initiated"; legs of a <Dial> are never queued.
        self._change("ringing" if self.document["parent_call_sid"] else "queued")
        self._fire("initiated", "initiated")

    def ring(self) -> None:
        """It rings."""
        self._change("ringing")
        self._fire("ringing", "ringing", {"StirStatus": "B"})

    def answer(self, extra: Mapping[str, str] | None = None) -> None:
        """It is answered; the event is ``answered``, its status ``in-progress``."""
        self.document["answered"] = self.call.now
        self._change("in-progress")
        self._fire("answered", "in-progress", {"StirStatus": "B", **(extra or {})})

    def end(self, status: str, extra: Mapping[str, str] | None = None, *, sip_code: int | None = None) -> None:
        """It is over; the event is ``completed`` whatever the end."""
        if self.over:
            return
        document, now = self.document, self.call.now
        document["ended"] = now
        document["duration"] = round(now - document["answered"]) if self.answered else 0
        if self.answered:
            document["price"] = price(document["direction"], document["duration"])
        self._change(status)
        code = SIP_CODES[status] if sip_code is None else sip_code
        self._fire("completed", status, ending_parameters(document, code) | dict(extra or {}))
        self.call.report_end(document)
        if self.ended is not None:
            self.ended()

    def _change(self, status: str) -> None:
        self.document["status"] = status
        self.document["updated"] = self.call.now
        self.call.keep(self.document)
        self.call.note(
            self.sid, "status", f"{self.document['direction']} leg to {self.document['to']}: {status}"
        )

    def _fire(self, event: str, status: str, extra: Mapping[str, str] | None = None) -> None:
        heard = [subscription for subscription in self.subscriptions if event in subscription.events]
        if not heard:
            return
        params = event_parameters(
            self.document, status=status, sequence=self._sequence, moment=self.call.now
        ) | dict(extra or {})
        self._sequence += 1
        for subscription in heard:
            self.call.tell("status", subscription.url, subscription.method, params, self.document)
