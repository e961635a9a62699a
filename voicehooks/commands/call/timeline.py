"""Twilio's requests, the handler's answers and the database's rows put side by side. Pure.

A request and a row belong together by the parameters in which a leg's requests differ. What kind of request it
is, the handler decides, so it is read from the row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from voicehooks.output.identifiers import shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.commands.call.call_record import CallRows
    from voicehooks.commands.call.twilio_side import WebhookRequest
    from voicehooks.vendors.database import Row

__all__ = ["Exchange", "Timeline"]

_WORTH_A_ROW = frozenset(
    {"voice", "fallback", "status", "recording", "dial-action", "record-action", "other", "quarantined"}
)
# The parameters in which two requests about one leg differ; Twilio repeats a request with the same ones.
_IDENTIFYING = (
    *("sequence_number", "call_status", "dial_call_status"),
    *("recording_sid", "recording_status", "recording_url"),
    *("error_code", "msg", "digits"),
)


# What surrounds verbs, and what they contain.
_NOT_VERBS = frozenset({"Response", "Number", "Sip", "Client", "Conference", "Queue", "Parameter"})


class _Key(NamedTuple):
    """What makes two requests the same fact."""

    call_sid: str
    which: tuple[str, ...]


@dataclass
class Exchange:
    """One request of Twilio's, in three columns.

    Attributes:
        seconds: since the call was made, when it was first seen at Twilio or in the database.
        call_sid: the leg.
        params: what Twilio sent, by its own names in snake case.
        leg: which other leg it is about, as it is shown; empty for the first one.
        request: the request with its answer; None while Twilio's log does not have it.
        stored_at: seconds since the call was made, when its row was first seen; None: not there.
        repeats: the how many-th time Twilio sent it, 0 for the first; then `duplicate` says which kind.
        duplicate: it had been taken before, and is sent again all the same.
        kind: voice, status, recording and so on, from its row; empty while it has none.
    """

    seconds: float
    call_sid: str
    params: dict[str, Any]
    leg: str
    repeats: int
    request: WebhookRequest | None = None
    stored_at: float | None = None
    duplicate: bool = False
    kind: str = ""

    @property
    def what(self) -> str:
        """The left column: what Twilio told or asked."""
        return _what(self.kind, self.params) + self.leg + (", again" if self.repeats else "")

    @property
    def complete(self) -> bool:
        """Whether all three columns are known."""
        return self.request is not None and self.stored_at is not None

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
            "kind": self.kind or None,
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
            sent.setdefault(_key(request.call_sid, request.params or {}), []).append(request)
        stored: dict[_Key, tuple[str, dict[str, Any]]] = {}
        for row in rows.events:
            if row["kind"] in _WORTH_A_ROW:
                params = _snake(row["params"])
                stored[_key(row["call_sid"], params)] = row["kind"], params
        for key in [*sent, *(key for key in stored if key not in sent)]:
            attempts: Sequence[WebhookRequest | None] = sent.get(key) or [None]
            taken = False
            for number, attempt in enumerate(attempts):
                kind, params = stored.get(key) or ("", (attempt and attempt.params) or {})
                self._note((key, number), params, attempt, seconds, kind=kind, taken=taken)
                taken = taken or bool(attempt and attempt.succeeded)

    def _note(
        self,
        name: tuple[_Key, int],
        params: dict[str, Any],
        request: WebhookRequest | None,
        seconds: float,
        *,
        kind: str,
        taken: bool,
    ) -> None:
        key, number = name
        if name not in self._known:
            leg = "" if key.call_sid == self.call_sid else f"  leg {shorten(key.call_sid, head=0)}"
            self._known[name] = Exchange(seconds, key.call_sid, params, leg, repeats=number)
        exchange = self._known[name]
        exchange.request = request or exchange.request
        exchange.duplicate = taken
        exchange.kind = kind or exchange.kind
        if kind and exchange.stored_at is None:
            exchange.stored_at = seconds


def _key(call_sid: str, params: dict[str, Any]) -> _Key:
    return _Key(call_sid, tuple(str(params.get(name) or "") for name in _IDENTIFYING))


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
    }.get(kind, kind or f"request, call {params.get('call_status', 'status unknown')}")


def _verbs(body: str) -> list[str]:
    """The verbs of a TwiML document, each once."""
    if "<Response" not in body:
        return []
    return [name for name in dict.fromkeys(re.findall(r"<([A-Z]\w*)", body)) if name not in _NOT_VERBS]


def _snake(params: Row) -> dict[str, Any]:
    """Parameters as Twilio's Events resource names them: `call_sid` for `CallSid`."""
    return {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): value for name, value in params.items()}
