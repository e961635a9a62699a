"""What a call has come to, step by step, and what should have come by now.

Pure: it is fed with rows and seconds, and answers with steps. The steps are those of the screen of a CRM:
Connecting, Ringing, Connected, the summary, the recording.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voicehooks.call.rows import CallRows, Row

ENDED = ("completed", "busy", "no-answer", "failed", "canceled", "missed", "voicemail")
RECORDED = ("completed", "absent", "failed")


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
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """The same for `--json`."""
        return {"step": self.name, "seconds": round(self.seconds, 3), "detail": self.detail}


@dataclass(frozen=True)
class Expectation:
    """Something that has to follow a step within some seconds, and the likely cause if it does not."""

    after: str
    seconds: float
    one_of: tuple[str, ...]
    missing: str
    likely_cause: str


EXPECTATIONS = (
    Expectation(
        "connecting",
        10,
        ("ringing", "connected", "ended"),
        "the database never heard of the call (it stays at Connecting)",
        "the number's voice URL or the status callback does not lead to this environment's function, or the "
        "function refuses Twilio's requests because its auth token is not Twilio's",
    ),
    Expectation(
        "ringing",
        90,
        ("connected", "ended"),
        "no answer and no end reached the database (it stays at Ringing)",
        "the status callbacks of the call are not configured or do not reach the function",
    ),
    Expectation(
        "connected",
        300,
        ("ended",),
        "the end of the call never reached the database",
        "the number's status callback is not configured or does not reach the function",
    ),
)
RECORDING_EXPECTATION = Expectation(
    "ended",
    60,
    ("recording",),
    "no recording reached the database after the end of the call",
    "the recording status callback is not configured or does not reach the function",
)


@dataclass
class CallProgress:
    """The steps of one call so far.

    Args:
        call_sid: the call that was made (its first leg).
        wants_recording: whether the environment's settings ask for a recording of an answered call.
    """

    call_sid: str
    wants_recording: bool
    steps: list[Step] = field(default_factory=list)

    def start(self, seconds: float, detail: str) -> Step:
        """The call was made; nothing of it is in the database yet."""
        step = Step("connecting", seconds, "Connecting...", detail)
        self.steps.append(step)
        return step

    def observe(self, rows: CallRows, seconds: float) -> list[Step]:
        """The steps that `rows` show for the first time; one that was already overtaken is still told."""
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
        expected = [*EXPECTATIONS, *([RECORDING_EXPECTATION] if self._awaits_recording() else [])]
        for expectation in expected:
            since = next((step.seconds for step in self.steps if step.name == expectation.after), None)
            open_ = since is not None and not any(self.has(name) for name in expectation.one_of)
            if open_ and since is not None and seconds - since > expectation.seconds:
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
    if display in ENDED:
        steps.append(Step("ended", seconds, _ending(display), _summary(row)))
    recording = next((one for one in rows.recordings if one["status"] in RECORDED), None)
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
