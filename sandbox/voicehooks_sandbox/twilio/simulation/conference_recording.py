"""The recording of a conference, from its start to its end.

Source: Twilio docs, "TwiML <Conference>", ``record``: it begins when the first two participants are
bridged, and has one channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .recorder import RecordingInProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..clock import Timeline
    from ..state import TwilioState
    from ..store import Document
    from ..webhooks.exchange import Kind
    from .leg import Leg
    from .recorder import RecordedCall, RecordingPlan
    from .scenario import Scenario


class ConferenceRecordings:
    """What a conference's recordings ask of the call that they belong to: a call that is in it does that.

    Attributes:
        recordings: those that run.
        call: a call in the conference; after its end, the last one that was.
    """

    def __init__(self, call: RecordedCall) -> None:
        self.recordings: list[RecordingInProgress] = []
        self.call = call

    def start(self, leg: Leg, plan: RecordingPlan, conference: Document) -> None:
        """Begin to record."""
        RecordingInProgress(self, leg, plan, conference["sid"])

    def stop(self) -> None:
        """End what runs; the files are ready some seconds later."""
        for recording in list(self.recordings):
            recording.stop()

    @property
    def state(self) -> TwilioState:
        """Where the resources are kept."""
        return self.call.state

    @property
    def timeline(self) -> Timeline[Any]:
        """The time of the call."""
        return self.call.timeline

    @property
    def scenario(self) -> Scenario:
        """How recordings turn out."""
        return self.call.scenario

    @property
    def base_url(self) -> str:
        """Where a recording is downloaded."""
        return self.call.base_url

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Have something done at a moment of the call."""
        self.call.at(moment, action)

    def note(self, call_sid: str, kind: str, text: str, moment: float | None = None) -> None:
        """Add a step to the call's story."""
        self.call.note(call_sid, kind, text, moment)

    def tell(self, kind: Kind, url: str, method: str, params: Mapping[str, str], leg: Document) -> None:
        """Send a callback."""
        self.call.tell(kind, url, method, params, leg)
