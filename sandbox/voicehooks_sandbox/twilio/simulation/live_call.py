"""A call that is under way: its time, its legs, its recordings, and what can interrupt it."""

from __future__ import annotations

import heapq
import itertools
import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from ..calls.models import FINAL
from ..clock import Timeline
from ..dates import iso8601
from ..twiml.document import ParseFailure, parse
from ..webhooks.exchange import Webhook
from ..webhooks.reading import Finding
from .call_parameters import call_parameters
from .conference_room import Rooms
from .courier import Courier
from .instructions import Instructions, Page, http_method
from .interruptions import (
    CallOver,
    ConferenceChanged,
    LegOver,
    PartyChanged,
    Pressed,
    QueueChanged,
    Redirected,
    Spoken,
    StreamClosed,
    TimeOver,
)
from .leg import Leg
from .waiting_line import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Mapping

    from ..state import TwilioState
    from ..store import Document
    from ..twiml.document import Verb
    from ..webhooks.exchange import Kind
    from .conference_room import Participant
    from .media_stream import MediaStream
    from .recorder import RecordingInProgress
    from .scenario import Scenario, Turn
    from .waiting_line import Seat

STEP_JOURNAL = "step"
DEFAULT_TIME_LIMIT = 14_400.0


Command = (
    CallOver
    | ConferenceChanged
    | LegOver
    | PartyChanged
    | Pressed
    | QueueChanged
    | Redirected
    | Spoken
    | StreamClosed
)


class Listener(Protocol):
    """What hears keys and speech.

    Attributes:
        sid: of the leg that it listens to.
    """

    sid: str

    def hears(self, command: Pressed | Spoken) -> bool:
        """Whether this cuts short what the call does."""


class LiveCall:
    """A call under way.

    Attributes:
        scenario: what people do.
        root_script: what the party on the first leg does; for an outgoing call, the called party.
        root: the first leg.
        story_sid: SID of the call whose steps and webhook requests these are: a leg that was redirected away
            from its call still belongs to that call's story.
        ring_number: lets a leg ring a number of the account; set when this call is run.
        changed: hears of this call's answer and end; None where nobody asks.
        depth: how many calls of numbers of the account led to this one.
        rooms: the conferences under way; set when this call is run.
        participant: what this call is in a conference; None where it is in none.
        lines: the calls in queues; set when this call is run.
        seat: where this call waits for another in a queue; None where it does not.
        run_beside: lets another call go on by itself; set when this one is run.
        base_url: under which the sandbox is reached, for recording URLs.
        instructions: the last place where TwiML came from.
        recordings: those that run.
        streams: the Media Streams that were started.
        connected: the stream that `<Connect>` waits for; None while there is none.
        dialed: the legs of the present ``<Dial>``.
        listening: the ``<Gather>`` that is being executed; None while there is none.
        end_parameters: further parameters of the callback for the first leg's end.
        recording: of the whole outgoing leg, reported with its end; None without ``Record=true``.
    """

    def __init__(self, state: TwilioState, document: Document, scenario: Scenario, base_url: str) -> None:
        self.state = state
        self.scenario = scenario
        self.root_script = scenario
        self.base_url = base_url
        self.timeline: Timeline[Command] = Timeline(state.clock)
        self.timeline.now = document["created"]
        self.courier = Courier(state.delivery, state.faults, state.alerts, self._note_webhook)
        self.root = Leg(self, document)
        self.story_sid = self.root.sid
        self.ring_number: Callable[[LiveCall, Leg, Document], None] | None = None
        self.changed: Callable[[str], None] | None = None
        self.depth = 0
        self.rooms: Rooms = Rooms(state.conferences)
        self.participant: Participant | None = None
        self.lines = Lines()
        self.seat: Seat | None = None
        self.run_beside: Callable[[LiveCall, Coroutine[Any, Any, None]], None] | None = None
        self.instructions = Instructions()
        self.recordings: list[RecordingInProgress] = []
        self.streams: list[MediaStream] = []
        self.connected: MediaStream | None = None
        self.recording: RecordingInProgress | None = None
        self.end_parameters: dict[str, str] = {}
        self.dialed: dict[str, Leg] = {}
        self.listening: Listener | None = None
        self.hang_up_at = document["created"] + scenario.caller_hangs_up_after
        self.limit_at = math.inf
        self._until = math.inf
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self._turns: dict[int, int] = {}

    @property
    def now(self) -> float:
        """The call's time, seconds since 1970."""
        return self.timeline.now

    def keep(self, document: Document) -> None:
        """Remember a leg's changes."""
        self.state.calls.save(document)

    def report_end(self, document: Document) -> None:
        """Report to Event Streams that a leg is over."""
        self.state.event_delivery.report_end(document)

    def note(self, call_sid: str, kind: str, text: str, moment: float | None = None) -> None:
        """Add a step to the call's story."""
        at = self.now if moment is None else moment
        start = self.root.document["created"]
        step = {
            "moment": iso8601(at),
            "offset": round(at - start, 3),
            "call_sid": call_sid,
            "kind": kind,
            "text": text,
        }
        self.state.store.log(STEP_JOURNAL, self.story_sid, step)

    def note_ignored(self, call_sid: str, verb: Verb) -> None:
        """Note the attributes that Twilio would act on and this sandbox does not."""
        if verb.ignored:
            self.note(call_sid, "not-emulated", f"<{verb.name}> {', '.join(verb.ignored)}: skipped")

    def note_skipped(self, verb: Verb, *reasons: str) -> None:
        """Note that a verb is skipped; nobody knows how it would have ended, so its action is not requested."""
        for reason in reasons:
            self.note(self.root.sid, "not-emulated", reason)
        if verb.get("action"):
            self.note(self.root.sid, "not-emulated", "its action is not requested: no outcome is known")

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Have something done when the call's time reaches a moment."""
        heapq.heappush(self._agenda, (moment, next(self._number), action))
        self.timeline.nudge()

    async def wait(self, seconds: float) -> None:
        """Let so many seconds of the call pass.

        Raises:
            CallOver: the caller hangs up, the time limit is reached, or the API ends the call.
            Redirected: the API sends the call elsewhere.
            TimeOver: the moment of `until` has come.
        """
        target = self.now + seconds
        end = min(self.hang_up_at, self.limit_at)
        await self._wait_until(min(target, end, self._until))
        if self._until <= min(target, end):
            raise TimeOver
        if end <= target:
            self.note(
                self.root.sid,
                "note",
                "the caller hangs up" if self.hang_up_at == end else "time limit reached",
            )
            raise CallOver("no-answer", caller=True)

    @contextmanager
    def until(self, moment: float) -> Iterator[None]:
        """Let what happens inside take no longer than until a moment; after that, `wait` raises `TimeOver`."""
        before, self._until = self._until, min(self._until, moment)
        try:
            yield
        finally:
            self._until = before

    def next_turn(self, script: Scenario) -> Turn | None:
        """What the party with this script does at the ``<Gather>`` that follows; None where it says nothing.

        A party whose script has no list of its own follows the call's.
        """
        turns = self.scenario.gather if script.gather is None else script.gather
        if turns is None:
            return None
        number = self._turns.get(id(turns), 0)
        self._turns[id(turns)] = number + 1
        return turns[number] if number < len(turns) else None

    async def finish_agenda(self) -> None:
        """After the last leg has ended: let time pass until all that was planned is done."""
        while self._agenda:
            moment, _, action = heapq.heappop(self._agenda)
            await self._pass_until(moment)
            action()

    async def _pass_until(self, moment: float) -> None:
        # Commands for a call that is over change nothing.
        while await self.timeline.wait_until(moment) is not None or self.now < moment:
            pass

    async def _wait_until(self, moment: float) -> None:
        while True:
            due = self._agenda[0][0] if self._agenda else math.inf
            command = await self.timeline.wait_until(min(due, moment))
            if isinstance(command, PartyChanged) and command.sid == self.root.sid and self.root.answered:
                if command.status in FINAL:
                    self.note(self.root.sid, "note", "the called party hangs up")
                    raise CallOver("completed", caller=True)
                continue
            if (
                isinstance(command, LegOver | PartyChanged)
                and command.sid != self.root.sid
                and (command.sid not in self.dialed or self.dialed[command.sid].over)
            ):
                continue  # it has ended by itself in the meantime
            if isinstance(command, ConferenceChanged) and self.participant is None:
                continue  # it has left the conference in the meantime
            if isinstance(command, QueueChanged) and self.seat is None:
                continue  # it has left the queue in the meantime
            if isinstance(command, StreamClosed) and not (
                self.connected and self.connected.stream_sid == command.stream_sid
            ):
                continue  # nobody waits for that stream
            if isinstance(command, Pressed | Spoken) and not (self.listening and self.listening.hears(command)):
                continue  # nobody hears it
            if command is not None:
                raise command
            if self.now < min(due, moment):
                continue  # something was added to the agenda
            if due > moment:
                return
            heapq.heappop(self._agenda)[2]()

    def tell(self, kind: Kind, url: str, method: str, params: Mapping[str, str], leg: Document) -> None:
        """Send a callback whose answer changes nothing."""
        self.courier.fire(self.webhook(kind, url, method, params, leg))

    def webhook(  # noqa: PLR0917 - the parts of a request
        self,
        kind: Kind,
        url: str,
        method: str,
        params: Mapping[str, str],
        leg: Document,
        redirects_to: Callable[[str], bool] | None = None,
    ) -> Webhook:
        """A request about a leg, dated now."""
        return Webhook(
            kind=kind,
            url=url,
            method=method,
            params=params,
            account_sid=leg["account_sid"],
            call_sid=leg["sid"],
            root_sid=self.story_sid,
            moment=self.now,
            cookies=self.courier.cookies,
            redirects_to=redirects_to,
        )

    async def fetch(
        self,
        instructions: Instructions,
        *,
        kind: Kind = "voice",
        extra: Mapping[str, str] | None = None,
        leg: Leg | None = None,
    ) -> Page | None:
        """Get the TwiML to go on with; None when it could not be had, nor the fallback's."""
        document = (leg or self.root).document
        params = call_parameters(document) | dict(extra or {})
        if instructions.twiml:
            return self._parse_given(instructions.twiml, params, document)
        webhook = self.webhook(kind, instructions.url, instructions.method, params, document)
        found, outcome, findings = await self.courier.fetch(webhook)
        if found is None and instructions.fallback_url:
            error = next(finding for finding in findings if finding.level == "error")
            params |= {"ErrorCode": str(error.code), "ErrorUrl": instructions.url.partition("#")[0]}
            webhook = self.webhook(
                kind, instructions.fallback_url, instructions.fallback_method, params, document
            )
            found, outcome, findings = await self.courier.fetch(webhook)
        return None if found is None else Page(found, outcome.url)

    def _parse_given(self, twiml: str, params: Mapping[str, str], document: Document) -> Page | None:
        webhook = self.webhook("voice", "", "POST", params, document)
        try:
            found = parse(twiml)
        except ParseFailure as failure:
            self.courier.warn(webhook, Finding("error", 12100, f"Document parse failure: {failure}"))
            return None
        for text in found.warnings:
            self.courier.warn(webhook, Finding("warning", 12200, text))
        return Page(found, "")

    def split_off(self, leg: Leg, script: Scenario) -> LiveCall:
        """A call of its own for a leg that leaves this one, at the same moment."""
        other = LiveCall(self.state, leg.document, script, self.base_url)
        other.timeline.now = self.now
        other.timeline.join(self.timeline)
        other.root = leg
        other.story_sid = self.story_sid
        other.hang_up_at = other.limit_at = math.inf
        leg.move(other)
        return other

    def complain(self, code: int, text: str, *, level: str = "error", url: str = "") -> None:
        """Record something wrong in the TwiML that showed when it was executed."""
        webhook = self.webhook("voice", url, "POST", call_parameters(self.root.document), self.root.document)
        self.courier.warn(webhook, Finding(level, code, text))

    def answer_root(self) -> None:
        """Take the incoming call, unless that has happened."""
        if not self.root.answered and not self.root.over:
            self.root.answer()
            self.limit_at = min(self.limit_at, self.now + DEFAULT_TIME_LIMIT)
            if self.changed is not None:
                self.changed("in-progress")

    def hang_up(self, status: str) -> None:
        """End the first leg, and the recordings and streams that still run on it."""
        for recording in list(self.recordings):
            recording.stop()
        for stream in self.streams:
            stream.stop()
        extra = self.end_parameters | ({} if self.recording is None else self.recording.parameters())
        self.root.end("completed" if self.root.answered else status, extra)
        if self.changed is not None:
            self.changed(self.root.document["status"])

    async def tell_after_hang_up(self, url: str, method: str, extra: Mapping[str, str]) -> None:
        """Make an ``action`` request after the caller hung up: its answer has nobody to act on."""
        self.hang_up("no-answer")
        if url:
            await self.fetch(Instructions(url, http_method(method)), kind="action", extra=extra)

    def _note_webhook(self, webhook: Webhook, text: str) -> None:
        status = webhook.params.get("RecordingStatus") or webhook.params.get("CallStatus", "")
        self.note(webhook.call_sid, "webhook", f"{webhook.kind} {status}: {text}", webhook.moment)
