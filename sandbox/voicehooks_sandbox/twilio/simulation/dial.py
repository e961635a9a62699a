"""``<Dial>``: rings parties, connects the one that answers, and asks ``action`` how to go on.

Source: Twilio docs, "TwiML <Dial>", "<Number>", "<Client>", "<Sip>".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..calls.models import FINAL
from .conference import confer
from .destination import Destination, destinations
from .enqueue import dial_queue
from .instructions import Instructions, resolve
from .interruptions import CallOver, LegOver, LegRedirected, PartyChanged, Pressed, Redirected
from .keys import listening_for
from .leg import Leg
from .machine_detection import detect
from .recorder import RecordingInProgress, recording_plan
from .whisper import whisper

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from ..twiml.document import Verb
    from .instructions import Page
    from .live_call import LiveCall

    NextPage = Callable[[LiveCall, str, str, Mapping[str, str]], Awaitable[Page | None]]
    Follow = Callable[[LiveCall, Instructions], Coroutine[Any, Any, None]]

# "Twilio always adds a buffer": a party that answers at the 34th second of a 30 s dial is still heard.
_TIMEOUT_BUFFER = 5.0
_RECORD_VALUES = {"true": "record-from-answer", "false": "do-not-record"}


@dataclass
class _Result:
    """How a dial went."""

    status: str
    leg: Leg | None = None
    bridged: bool = False
    caller_hung_up: bool = False
    recording: RecordingInProgress | None = None
    seconds: int | None = None


async def dial(call: LiveCall, page: Page, verb: Verb, next_page: NextPage, follow: Follow) -> Page | None:
    """Execute a ``<Dial>``; a page that comes back is its action's."""
    if verb.get("answerOnBridge") != "true":
        call.answer_root()
    call.note_ignored(call.root.sid, verb)
    if verb.nouns and not any(noun.emulated for noun in verb.nouns):
        call.note_skipped(verb, *(f"in <Dial>, {noun.skipped}" for noun in verb.nouns))
        return None
    room = next((noun for noun in verb.nouns if noun.name == "Conference"), None)
    if room is not None:
        call.note(call.root.sid, "twiml", f"<Dial><Conference> {room.text}")
        return await _finish(call, page, verb, next_page, *await confer(call, page, verb, room))
    line = next((noun for noun in verb.nouns if noun.name == "Queue"), None)
    if line is not None:
        call.note(call.root.sid, "twiml", f"<Dial><Queue> {line.text}")
        return await _finish(call, page, verb, next_page, *await dial_queue(call, page, verb, line))
    caller_id = _caller_id(call, page, verb)
    parties = [] if caller_id is None else destinations(call, page, verb)
    names = ", ".join(party.to for party in parties) or "nobody"
    call.note(call.root.sid, "twiml", f"<Dial> {names}")
    result = _Result("failed")
    groups = [[party] for party in parties] if verb.get("sequential") == "true" else [parties]
    for group in groups:
        if group:
            result = await _Dial(call, page, verb, caller_id or "", follow).run(group)
        if result.status == "completed" or result.caller_hung_up:
            break
    return await _finish(call, page, verb, next_page, _parameters(result), result.caller_hung_up)


async def _finish(  # noqa: PLR0917 - what an action request takes
    call: LiveCall,
    page: Page,
    verb: Verb,
    next_page: NextPage,
    params: Mapping[str, str],
    hung_up: bool,
) -> Page | None:
    """Request the ``action`` of a dial; of a caller who hung up, its answer changes nothing."""
    url = resolve(page, verb.get("action")) if verb.get("action") else ""
    if hung_up:
        await call.tell_after_hang_up(url, verb.get("method", "POST"), params)
        raise CallOver("no-answer", caller=True)
    if not url:
        return None
    return await next_page(call, url, verb.get("method", "POST"), params)


class _Dial:
    """One round of ringing, and the conversation it may lead to."""

    def __init__(self, call: LiveCall, page: Page, verb: Verb, caller_id: str, follow: Follow) -> None:
        self._call = call
        self._page = page
        self._verb = verb
        self._caller_id = caller_id
        self._follow = follow
        self._record = _RECORD_VALUES.get(verb.get("record"), verb.get("record", "do-not-record"))
        self._timeout = verb.number("timeout", 30, low=5, high=600) + _TIMEOUT_BUFFER
        self._recording: RecordingInProgress | None = None
        self._answered_by: tuple[Destination, Leg] | None = None
        self._bridged = False
        self._released = False

    async def run(self, parties: list[Destination]) -> _Result:
        legs = [self._leg(party) for party in parties]
        self._call.dialed = {leg.sid: leg for leg in legs}
        try:
            await self._ring(parties, legs)
        except CallOver as over:
            self._cancel(legs)
            if not over.caller:
                raise  # an end that the API ordered asks no action
            return _Result("canceled", legs[0], caller_hung_up=True, recording=self._recording)
        except Redirected:
            self._cancel(legs)
            raise
        if self._answered_by is None:
            return _Result(_worst(legs), legs[0], recording=self._recording)
        party, leg = self._answered_by
        for other in legs:
            if other is not leg:
                other.end("canceled")
        return await self._connect(party, leg)

    def _leg(self, party: Destination) -> Leg:
        root = self._call.root.document
        document = self._call.state.calls.create(
            account_sid=root["account_sid"],
            to=party.to,
            caller=self._caller_id,
            direction="outbound-dial",
            status="ringing",
            moment=self._call.now,
            parent_call_sid=root["sid"],
        )
        return Leg(self._call, document, party.subscriptions)

    async def _ring(self, parties: list[Destination], legs: list[Leg]) -> None:
        """Walk through what happens while it rings, in order of time, until somebody answers."""
        start = self._call.now
        moments: list[tuple[float, int, Callable[[], None]]] = []
        for number, (party, leg) in enumerate(zip(parties, legs, strict=True)):
            script = party.script
            moments.append((0.0, number, leg.initiate))
            if party.number is not None:
                moments.append((0.0, number, lambda pair=(party, leg): self._ring_number(pair)))  # type: ignore[misc]
                moments.append((self._timeout, number, lambda leg=leg: leg.end("no-answer")))  # type: ignore[misc]
                continue
            outcome, at = script.outcome, script.setup_seconds + script.ring_seconds
            if outcome == "failed":
                moments.append((script.setup_seconds, number, lambda leg=leg: leg.end("failed")))  # type: ignore[misc]
                continue
            if outcome == "no-answer" or at > self._timeout:
                outcome, at = "no-answer", self._timeout
            if script.ring_seconds > 0:
                moments.append((script.setup_seconds, number, lambda leg=leg: self._rings(leg)))  # type: ignore[misc]
            moments.append((at, number, lambda pair=(party, leg), end=outcome: self._settle(pair, end)))  # type: ignore[misc]
        for offset, number, happen in sorted(moments, key=lambda moment: moment[:2]):
            if await self._number_answers(start + offset, parties, legs):
                return
            if legs[number].over:
                continue
            happen()
            if self._answered_by is not None:
                return

    def _ring_number(self, pair: tuple[Destination, Leg]) -> None:
        party, leg = pair
        if party.number is not None and self._call.ring_number is not None:
            self._call.ring_number(self._call, leg, party.number)
            self._rings(leg)

    async def _number_answers(self, moment: float, parties: list[Destination], legs: list[Leg]) -> bool:
        """Wait until a moment; whether a number of the account has answered before."""
        while not all(leg.over for leg in legs):
            try:
                await self._call.wait(max(0.0, moment - self._call.now))
            except LegOver as over:
                next(leg for leg in legs if leg.sid == over.sid).end("canceled")
            except PartyChanged as changed:
                party, leg = next(
                    pair for pair in zip(parties, legs, strict=True) if pair[1].sid == changed.sid
                )
                if changed.status == "in-progress":
                    self._answered_by = (party, leg)
                    return True
                leg.end(changed.status)
            else:
                return False
        return False  # everybody has declined: there is nobody left to wait for

    def _rings(self, leg: Leg) -> None:
        leg.ring()
        if self._record.startswith("record-from-ringing") and self._recording is None:
            self._start_recording()

    def _settle(self, pair: tuple[Destination, Leg], outcome: str) -> None:
        party, leg = pair
        match outcome:
            case "answered":
                self._answered_by = (party, leg)
            case "canceled":
                raise CallOver("no-answer", caller=True)
            case _:
                leg.end(outcome)

    async def _connect(self, party: Destination, leg: Leg) -> _Result:
        """From the answer to the end of this leg, ended by either side or the API."""
        caller_hung_up = False
        try:
            await self._talk(party, leg)
        except LegRedirected as redirected:
            self._release(party, leg, redirected.instructions)
        except (LegOver, PartyChanged):
            pass
        except CallOver as over:
            if not over.caller:
                raise
            caller_hung_up = True
        finally:
            self._end(leg)
        self._call.dialed = {}
        seconds = round(self._call.now - leg.document["answered"])
        return _Result("completed", leg, self._bridged, caller_hung_up, self._recording, seconds)

    async def _talk(self, party: Destination, leg: Leg) -> None:
        call = self._call
        leg.answer()
        if party.detection is not None:
            await detect(call, leg, party.detection, party.script)
        if party.whisper:
            await whisper(call, party, leg)
        call.answer_root()
        if self._record.startswith("record-from-answer"):
            self._start_recording()
        limit = self._verb.number("timeLimit", 14_400, low=1)
        self._bridged = True
        call.note(leg.sid, "note", "the parties are connected")
        star = "*" if self._verb.get("hangupOnStar") == "true" else ""
        # The call that a number of the account received ends the conversation itself, or nobody does.
        seconds = limit if party.number is not None else min(party.script.talk_seconds, limit)
        try:
            with listening_for(call, call.root.sid, star):
                await call.wait(seconds)
        except Pressed:
            call.note(call.root.sid, "note", "the caller presses * and leaves the conversation")
            return
        if party.number is not None:
            return
        if party.script.hang_up_by == "caller" and party.script.talk_seconds <= limit:
            call.note(call.root.sid, "note", "the caller hangs up")
            raise CallOver("completed", caller=True)
        call.note(leg.sid, "note", "the called party hangs up")

    def _start_recording(self) -> None:
        plan = recording_plan(
            self._page, self._verb, "DialVerb", channels=2 if self._record.endswith("dual") else 1
        )
        self._recording = RecordingInProgress(self._call, self._call.root, plan)

    def _release(self, party: Destination, leg: Leg, instructions: Instructions) -> None:
        """Let the party go on by itself with another document; the dial is over for the caller."""
        call = self._call
        if call.run_beside is None:  # pragma: no cover - every call that dials is run
            return
        call.note(leg.sid, "note", "the API redirects the called party: the parties are parted")
        other = call.split_off(leg, party.script)
        self._released = True
        call.run_beside(other, self._follow(other, instructions))

    def _end(self, leg: Leg) -> None:
        extra = {}
        if self._recording is not None:
            self._recording.stop()
            extra = self._recording.parameters()
        if not self._released:
            leg.end("completed", extra)

    def _cancel(self, legs: list[Leg]) -> None:
        for leg in legs:
            leg.end("canceled")
        if self._recording is not None:
            self._recording.stop()


def _caller_id(call: LiveCall, page: Page, verb: Verb) -> str | None:
    """The number that the parties see: the caller's own, or one of the account's; None for a foreign one."""
    root = call.root.document
    wanted = verb.get("callerId")
    if not wanted or wanted in {root["from"], root["to"]}:
        return wanted or str(root["from"])
    owned = call.state.numbers.by_number(wanted)
    account = call.state.accounts.get(root["account_sid"]) or {}
    if (owned and owned["account_sid"] == root["account_sid"]) or wanted in account.get("verified_numbers", ()):
        return wanted
    if wanted.startswith(("client:", "sip:")):
        return wanted
    call.complain(13214, f"Dial: Invalid callerId value: {wanted}", url=page.url)
    return None


def _worst(legs: list[Leg]) -> str:
    """The status of a dial without an answer: no-answer takes precedence over busy, busy over failed."""
    ends = [str(leg.document["status"]) for leg in legs]
    return next((end for end in ("no-answer", "busy", "failed", "canceled") if end in ends), "failed")


def _parameters(result: _Result) -> dict[str, str]:
    params = {"DialCallStatus": result.status, "DialBridged": str(result.bridged).lower()}
    if result.leg is not None:
        params["DialCallSid"] = result.leg.sid
        if result.leg.document["status"] in FINAL:
            params["DialCallDuration"] = str(result.leg.document["duration"] or 0)
        elif result.seconds is not None:
            params["DialCallDuration"] = str(result.seconds)
    if result.recording is not None:
        params |= result.recording.parameters()
    return params
