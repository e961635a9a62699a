"""Recordings of a call that is under way, and the callbacks that report them.

Source: Twilio docs, "Recording status callback": a small set of parameters, all strings, without From, To,
CallStatus or SequenceNumber; ``CallSid`` is the call's first leg. TwiML <Conference>: a conference's recording
has ``ConferenceSid`` instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ..dates import rfc2822
from ..recordings.models import recording_uri
from .instructions import http_method, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..clock import Timeline
    from ..state import TwilioState
    from ..store import Document
    from ..twiml.document import Verb
    from ..webhooks.exchange import Kind
    from .instructions import Page
    from .leg import Leg
    from .scenario import Scenario

EVENTS = ("in-progress", "completed", "absent")


@dataclass(frozen=True)
class RecordingPlan:
    """How something is recorded.

    Attributes:
        source: ``DialVerb``, ``RecordVerb``, ``OutboundAPI``, ``StartCallRecordingAPI`` ...
        channels: 1 or 2.
        track: ``inbound``, ``outbound`` or ``both``.
        callback: absolute URL, empty for none.
        method: GET or POST.
        events: those the callback wants.
    """

    source: str
    channels: int = 1
    track: str = "both"
    callback: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


class RecordedCall(Protocol):
    """What a recording asks of the call that it belongs to."""

    recordings: list[RecordingInProgress]

    @property
    def state(self) -> TwilioState:
        """Where its resource is kept."""

    @property
    def timeline(self) -> Timeline[Any]:
        """The call's time."""

    @property
    def scenario(self) -> Scenario:
        """How recordings turn out."""

    @property
    def base_url(self) -> str:
        """Where the recording is downloaded."""

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Have something done at a moment of the call."""

    def note(self, call_sid: str, kind: str, text: str, moment: float | None = None) -> None:
        """Add a step to the call's story."""

    def tell(self, kind: Kind, url: str, method: str, params: Mapping[str, str], leg: Document) -> None:
        """Send a callback."""


class RecordingInProgress:
    """A recording that runs.

    Args:
        call: that it belongs to.
        leg: that is recorded; of a conference, the leg of a participant.
        plan: how it is recorded.
        conference_sid: of the conference that is recorded; None for a call.

    Attributes:
        document: its resource.
        completed: called when its file is ready; None where nobody asks.
    """

    def __init__(
        self, call: RecordedCall, leg: Leg, plan: RecordingPlan, conference_sid: str | None = None
    ) -> None:
        default = call.state.recording_defaults.configuration(leg.document["account_sid"])
        plan = _reporting(plan, default, conference=conference_sid is not None)
        # Of a single track there is one channel, whatever was asked for.
        channels = plan.channels if plan.track == "both" else 1
        self._call = call
        self._leg = leg
        self._plan = plan
        self._heard = 0.0
        self.completed: Callable[[], None] | None = None
        self._since: float | None = call.timeline.current()
        self.document = call.state.recordings.create(
            leg.document,
            source=plan.source,
            channels=channels,
            track=plan.track,
            moment=self._since,
            conference_sid=conference_sid,
        )
        call.recordings.append(self)
        call.note(leg.sid, "recording", f"recording {self.document['sid']} begins ({plan.source})")
        self._tell("in-progress")

    @property
    def sid(self) -> str:
        """The recording's SID."""
        return str(self.document["sid"])

    @property
    def url(self) -> str:
        """Its address in callbacks: no extension."""
        return self._call.base_url + recording_uri(self.document)

    def pause(self, *, skip: bool) -> None:
        """Record silence for a while, or with ``skip`` nothing at all."""
        if skip:
            self._listen_no_more()
        self._set("paused")

    def resume(self) -> None:
        """Listen again."""
        if self._since is None:
            self._since = self._call.timeline.current()
        self._set("in-progress")

    def stop(self, *, status: str = "processing") -> None:
        """End it; the file is ready some seconds later."""
        if self not in self._call.recordings:
            return
        self._call.recordings.remove(self)
        self._listen_no_more()
        self.document["duration"] = round(self._heard)
        self._set(status)
        ready = self._call.timeline.current() + self._call.scenario.recording_ready_seconds
        self._call.at(ready, self._finish)

    def parameters(self) -> dict[str, str]:
        """What requests about the recorded call tell of it."""
        return {
            "RecordingUrl": self.url,
            "RecordingSid": self.sid,
            "RecordingDuration": str(round(self._heard)),
        }

    def _finish(self) -> None:
        absent = self._call.scenario.recording == "absent" or self._heard < 0.5
        if absent:
            self.document.update(error_code=16000, duration=0)
        else:
            self.document["price"] = f"{-(-self.document['duration'] // 60) * -0.0025:.5f}"
        self._set("absent" if absent else "completed")
        self._call.note(self._leg.sid, "recording", f"recording {self.sid} is {self.document['status']}")
        self._tell(self.document["status"])
        if self.completed is not None and not absent:
            self.completed()

    def _listen_no_more(self) -> None:
        if self._since is not None:
            self._heard += self._call.timeline.current() - self._since
            self._since = None

    def _set(self, status: str) -> None:
        self.document.update(status=status, updated=self._call.timeline.current())
        self._call.state.recordings.save(self.document)

    def _tell(self, status: str) -> None:
        if not self._plan.callback or status not in self._plan.events:
            return
        conference = self.document["conference_sid"]
        params = {
            "AccountSid": self.document["account_sid"],
            **({"ConferenceSid": conference} if conference else {"CallSid": self.document["call_sid"]}),
            "RecordingSid": self.sid,
            "RecordingUrl": self.url,
            "RecordingStatus": status,
            "RecordingChannels": str(self.document["channels"]),
            "RecordingSource": self.document["source"],
            "RecordingTrack": self.document["track"],
            "RecordingStartTime": rfc2822(self.document["started"]) or "",
            "ErrorCode": str(self.document["error_code"] or 0),
        }
        if status == "completed":
            params["RecordingDuration"] = str(self.document["duration"])
        self._call.tell("recording", self._plan.callback, self._plan.method, params, self._leg.document)


def _reporting(plan: RecordingPlan, default: Mapping[str, Any], *, conference: bool) -> RecordingPlan:
    """The plan with the callback of the account's default, where it has none of its own."""
    callback = default.get(f"{'conference' if conference else 'call'}RecordingStatusCallback")
    if plan.callback or not callback:
        return plan
    return replace(
        plan,
        callback=callback["url"],
        method=callback.get("method") or "POST",
        events=frozenset(callback.get("events") or ["completed"]) & frozenset(EVENTS),
    )


def recording_plan(page: Page, verb: Verb, source: str, *, channels: int = 1) -> RecordingPlan:
    """How the attributes of ``<Record>``, ``<Dial record>`` or ``<Recording>`` ask to record."""
    if wanted := verb.get("channels"):
        channels = 2 if wanted == "dual" else 1
    url = verb.get("recordingStatusCallback")
    events = frozenset(verb.get("recordingStatusCallbackEvent", "completed").split())
    return RecordingPlan(
        source=source,
        channels=channels,
        track=verb.get("recordingTrack") or verb.get("track") or "both",
        callback=resolve(page, url) if url else "",
        method=http_method(verb.get("recordingStatusCallbackMethod")),
        events=events & frozenset(EVENTS),
    )
