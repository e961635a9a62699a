"""What ``POST .../Recordings/{RE}`` changes: a recording that runs is paused, resumed or stopped.

Source: Twilio docs, "Recordings resource: update a recording".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import invalid_parameter
from . import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..simulation.recorder import RecordingInProgress
    from ..store import Document


def change_recording(running: Iterable[RecordingInProgress], sid: str, form: Mapping[str, str]) -> Document:
    """Apply an update and return the recording as it is afterwards.

    Args:
        running: the recordings in progress of its call or its conference.
        sid: of the recording.
        form: the request's parameters.

    Raises:
        TwilioError: 20001 for a value; another one if the recording does not run.
    """
    status = form.get("Status", "")
    if status not in {"in-progress", "paused", "stopped"}:
        raise invalid_parameter("Status", status)
    if (behavior := form.get("PauseBehavior")) and behavior not in {"skip", "silence"}:
        raise invalid_parameter("PauseBehavior", behavior)
    recording = next((candidate for candidate in running if candidate.sid == sid), None)
    if recording is None:
        raise errors.not_running(sid)
    match status:
        case "paused":
            recording.pause(skip=behavior == "skip")
        case "in-progress":
            recording.resume()
        case "stopped":
            recording.stop(status="stopped")
    return recording.document
