"""Codes and texts of Recordings."""

from __future__ import annotations

from ..errors import TwilioError


def not_stereo() -> TwilioError:
    """Two channels were asked of a recording that has one."""
    return TwilioError(400, 20001, "Requested channels is not available: the recording has one channel")


def not_recordable(sid: str) -> TwilioError:
    """Only a call that is going on can be recorded."""
    return TwilioError(
        400, 21220, f"Requested resource is not eligible for recording: call {sid} is not in-progress"
    )


def not_running(sid: str) -> TwilioError:
    """Only a recording that runs can be paused, resumed or stopped."""
    return TwilioError(404, 20404, f"The recording {sid} is not in progress")
