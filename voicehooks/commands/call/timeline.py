"""Twilio's requests, the handler's answers and the database's rows put side by side. Pure.

A request and a row belong together by the keys that the ingest function uses: a leg's sequence number, a
recording's status, else the kind of request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from voicehooks.output.identifiers import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.commands.call.rows import CallRows
    from voicehooks.commands.call.twilio_side import WebhookRequest
    from voicehooks.vendors.database import Row

__all__ = ["Exchange", "Timeline"]

_WORTH_A_ROW = frozenset({"voice", "fallback", "status", "recording", "dial-action", "record-action", "other"})


# What stands around and inside of verbs.
_NOT_VERBS = frozenset({"Response", "Number", "Sip", "Client", "Conference", "Queue", "Parameter"})


class _Key(NamedTuple):
    """What makes two requests the same fact."""

    call_sid: str
    kind: str
    which: str


@dataclass
class Exchange:
    """One request of Twilio's, in three columns.

    Attributes:
        seconds: since the call was made, when it was first seen at Twilio or in the database.
        call_sid: the leg.
        kind: voice, status, recording and so on.
        what: what Twilio told or asked.
        request: the request with its answer; None while Twilio's log does not have it.
        stored_at: seconds since the call was made, when its row was first seen; None: not there.
        repeats: the how many-th time Twilio sent it, 0 for the first; then `duplicate` says which kind.
        duplicate: it had been taken before, and is sent again all the same.
    """

    seconds: float
    call_sid: str
    kind: str
    what: str
    request: WebhookRequest | None = None
    stored_at: float | None = None
    repeats: int = 0
    duplicate: bool = False

    @property
    def complete(self) -> bool:
        """Whether all three columns are known."""
        return self.request is not None and (self.stored_at is not None or self.duplicate)

    @property
    def answer(self) -> str:
        """The middle column."""
        if self.request is None:
            return "answer not in Twilio's log yet"
        if self.request.status is None:
            return "no answer"
        took = f" in {self.request.milliseconds} ms" if self.request.milliseconds is not None else ""
        verbs = " ".join(f"<{verb}>" for verb in _verbs(self.request.body))
        return f"{self.request.status}{took}" + (f"  {verbs}" if verbs else "")

    @property
    def stored(self) -> str:
        """The right column."""
        if self.duplicate:
            return "duplicate, stored once"
        if self.stored_at is None:
            return "not stored"
        delay = self.stored_at - self.seconds
        return "stored" + (f" +{delay:.1f} s" if delay >= 0.1 else "")

    def json_fields(self) -> dict[str, Any]:
        """The same for `--json`."""
        request = self.request
        return {
            "seconds": self.seconds,
            "call_sid": self.call_sid,
            "kind": self.kind,
            "twilio": self.what,
            "url": request.url if request else None,
            "answer_status": request.status if request else None,
            "answer_milliseconds": request.milliseconds if request else None,
            "answer_twiml": _verbs(request.body) if request else [],
            "stored": self.stored_at is not None,
            "stored_after_seconds": None if self.stored_at is None else self.stored_at - self.seconds,
            "duplicate": self.duplicate,
        }


@dataclass
class Timeline:
    """All exchanges of one call so far, in the order in which they were first seen.

    Args:
        call_sid: the first leg.
    """

    call_sid: str
    _known: dict[tuple[_Key, int], Exchange] = field(default_factory=dict)

    @property
    def exchanges(self) -> list[Exchange]:
        """Oldest first."""
        return list(self._known.values())

    def observe(self, requests: Sequence[WebhookRequest], rows: CallRows, seconds: float) -> None:
        """Take in what Twilio's log and the database hold `seconds` after the call was made."""
        sent: dict[_Key, list[WebhookRequest]] = {}
        for request in requests:
            sent.setdefault(_key(request.call_sid, request.kind, request.params or {}), []).append(request)
        stored = {}
        for row in rows.events:
            if row["kind"] in _WORTH_A_ROW:
                params = _snake(row["params"])
                stored[_key(row["call_sid"], row["kind"], params)] = params
        for key in [*sent, *(key for key in stored if key not in sent)]:
            attempts: Sequence[WebhookRequest | None] = sent.get(key) or [None]
            taken = False
            for number, attempt in enumerate(attempts):
                params = (attempt.params if attempt else stored[key]) or {}
                self._note((key, number), params, attempt, seconds, stored=key in stored, taken=taken)
                taken = taken or bool(attempt and attempt.succeeded)

    def _note(
        self,
        name: tuple[_Key, int],
        params: dict[str, Any],
        request: WebhookRequest | None,
        seconds: float,
        *,
        stored: bool,
        taken: bool,
    ) -> None:
        key, number = name
        if name not in self._known:
            leg = "" if key.call_sid == self.call_sid else f"  leg {shorten(key.call_sid, head=0)}"
            what = _what(key.kind, params) + leg + (", again" if number else "")
            self._known[name] = Exchange(seconds, key.call_sid, key.kind, what, repeats=number)
        exchange = self._known[name]
        exchange.request = request or exchange.request
        exchange.duplicate = taken
        if stored and exchange.stored_at is None:
            exchange.stored_at = seconds


def _key(call_sid: str, kind: str, params: dict[str, Any]) -> _Key:
    if kind == "recording":
        return _Key(call_sid, kind, f"{params.get('recording_sid')} {params.get('recording_status')}")
    if kind == "status":
        return _Key(call_sid, kind, str(params.get("sequence_number", params.get("call_status"))))
    return _Key(call_sid, kind, str(params.get("msg") or params.get("digits") or ""))


def _what(kind: str, params: dict[str, Any]) -> str:
    if kind == "recording":
        return f"recording {params.get('recording_status')}"
    if kind == "status":
        number = f" #{params['sequence_number']}" if "sequence_number" in params else ""
        return f"status {params.get('call_status')}{number}"
    if kind == "dial-action":
        return f"dial over: {params.get('dial_call_status')}"
    return {
        "voice": "asks what to do",
        "fallback": "asks the fallback",
        "record-action": "message recorded",
    }.get(kind, kind)


def _verbs(body: str) -> list[str]:
    """The verbs of a TwiML document, each once."""
    if "<Response" not in body:
        return []
    return [name for name in dict.fromkeys(re.findall(r"<([A-Z]\w*)", body)) if name not in _NOT_VERBS]


def _snake(params: Row) -> dict[str, Any]:
    """Parameters as Twilio's Events resource names them: `call_sid` for `CallSid`."""
    return {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): value for name, value in params.items()}
