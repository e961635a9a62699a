"""What a call has come to, step by step, and what should have come by now.

Pure: it is fed with rows and seconds, and answers with steps. The steps are those of the screen of a CRM:
Connecting, Ringing, Connected, the summary, the recording.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from voicehooks.vendors.statuses import DISPLAY_OVER, RECORDING_OVER

if TYPE_CHECKING:
    from voicehooks.commands.call.call_record import CallRows, Row


@dataclass(frozen=True)
class Step:
    """One line of the timeline.

    Attributes:
        name: connecting, ringing, connected, ended or recording.
        seconds: since the call was made, when it was first seen in the database.
        title: what a CRM's screen would say.
        detail: the facts behind it.
    """

    name: str
    seconds: float
    title: str
    detail: str

    def json_fields(self) -> dict[str, Any]:
        """The same for `--json`."""
        return {"step": self.name, "seconds": self.seconds, "detail": self.detail}


@dataclass(frozen=True)
class Expectation:
    """Something that has to follow a step within some seconds.

    Attributes:
        after: the step it follows.
        seconds: how long it may take.
        one_of: the steps that fulfil it.
        missing: what to say if it does not arrive.
        webhook: the kind of webhook request that should have brought it.
        unset: what is not set up where Twilio never sent such a request.
    """

    after: str
    seconds: float
    one_of: tuple[str, ...]
    missing: str
    webhook: str
    unset: str


EXPECTATIONS = (
    Expectation(
        after="connecting",
        seconds=10,
        one_of=("ringing", "connected", "ended"),
        missing="the database never heard of the call: a CRM stays at Connecting",
        webhook="voice",
        unset="the number has no voice URL",
    ),
    Expectation(
        after="ringing",
        seconds=90,
        one_of=("connected", "ended"),
        missing="neither an answer nor an end of the call reached the database: a CRM stays at Ringing",
        webhook="status",
        unset="neither the number nor the dialed leg has a status callback",
    ),
    Expectation(
        after="connected",
        seconds=300,
        one_of=("ended",),
        missing="the end of the call never reached the database: a CRM's timer runs on",
        webhook="status",
        unset="the number has no status callback",
    ),
)
UNANSWERED = replace(EXPECTATIONS[0], missing="the call failed before anyone was reached")
"""The missing step of an incoming call that is over and has failed."""

OUTGOING_EXPECTATION = Expectation(
    after="connecting",
    seconds=60,
    one_of=("ringing", "connected", "ended"),
    missing="the database never heard of the call: a CRM stays at Connecting",
    webhook="status",
    unset="the call was created without a status callback: is statusEvents in the settings?",
)
RECORDING_EXPECTATION = Expectation(
    after="ended",
    seconds=60,
    one_of=("recording",),
    missing="no recording reached the database after the end of the call",
    webhook="recording",
    unset="the handler's answer did not ask for a recording, or for no recording status callback",
)


@dataclass
class CallProgress:
    """The steps of one call so far.

    Args:
        call_sid: the call that was made (its first leg).
        wants_recording: whether the environment's settings ask for a recording of an answered call.
        incoming: somebody called our number; else the call was created by API.
    """

    call_sid: str
    wants_recording: bool
    incoming: bool
    steps: list[Step] = field(default_factory=list)

    def start(self, seconds: float, detail: str) -> Step:
        """The call was made; nothing of it is in the database yet."""
        step = Step("connecting", seconds, "Connecting...", detail)
        self.steps.append(step)
        return step

    def observe(self, rows: CallRows, seconds: float) -> list[Step]:
        """The steps that `rows` show for the first time; one that was already overtaken is still reported."""
        new = [step for step in _steps(rows, self.call_sid, seconds) if not self.has(step.name)]
        self.steps += new
        return new

    def has(self, name: str) -> bool:
        """Whether a step of that name was seen."""
        return any(step.name == name for step in self.steps)

    def is_finished(self) -> bool:
        """Whether nothing more is expected."""
        return self.has("ended") and (self.has("recording") or not self._awaits_recording())

    def overdue(self, seconds: float) -> Expectation | None:
        """The expectation whose time is over, `seconds` after the call was made."""
        first = EXPECTATIONS[0] if self.incoming else OUTGOING_EXPECTATION
        expected = [first, *EXPECTATIONS[1:], *([RECORDING_EXPECTATION] if self._awaits_recording() else [])]
        for expectation in expected:
            since = next((step.seconds for step in self.steps if step.name == expectation.after), seconds)
            fulfilled = any(self.has(name) for name in expectation.one_of)
            if not fulfilled and seconds - since > expectation.seconds:
                return expectation
        return None

    def _awaits_recording(self) -> bool:
        # Nobody answered: there is nothing to record.
        return self.wants_recording and self.has("connected")


def _steps(rows: CallRows, call_sid: str, seconds: float) -> list[Step]:
    """All steps that the rows give evidence of, in the order of a call."""
    row = rows.call(call_sid)
    if row is None:
        return []
    steps = []
    display = row["display_status"]
    if display != "connecting":
        steps.append(Step("ringing", seconds, "Ringing...", "webhook received"))
    if row["talking_since"] is not None:
        steps.append(Step("connected", seconds, "Connected", _dialed(rows)))
    if display in DISPLAY_OVER:
        steps.append(Step("ended", seconds, _ending(display), _summary(row)))
    recording = next(
        (recording for recording in rows.recordings if recording["status"] in RECORDING_OVER), None
    )
    if recording is not None:
        steps.append(_recording_step(recording, seconds))
    return steps


def _dialed(rows: CallRows) -> str:
    answered = [row["to_number"] for row in rows.calls if row["parent_call_sid"] and row["answered_at"]]
    return f"with {', '.join(answered)}" if answered else ""


def _ending(display: str) -> str:
    return "Call ended" if display == "completed" else f"Call ended: {display}"


def _summary(row: Row) -> str:
    parts = []
    if row["duration_seconds"] is not None:
        parts.append(f"duration {row['duration_seconds']} s")
    if row["talk_seconds"] is not None:
        parts.append(f"talked {row['talk_seconds']} s")
    return ", ".join(parts)


def _recording_step(recording: Row, seconds: float) -> Step:
    if recording["status"] != "completed":
        return Step("recording", seconds, f"Recording {recording['status']}", "there is no audio")
    return Step("recording", seconds, "Recording", f"{recording['duration_seconds']} s  {recording['url']}")
