"""What a plan says of the recordings of the whole account."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.voicehooks.plan_previews import HANDLER, plan_of, step

KIND = "twilio:index:AccountRecordingDefaults"
THEIRS = "https://theirs.example.com/recordings"
BEFORE = {"callRecordingStatusCallback": HANDLER, "channels": "mono"}
WAS = {"call_recording_status_callback": THEIRS, "channels": ""}


def changes(old: Any, new: Any) -> dict[str, tuple[Any, Any]]:
    """The changes by property."""
    plan = plan_of(step(KIND, "recording-defaults", old, new))
    assert {change.subject for change in plan.changes} <= {"recordings of the account"}
    return {change.setting: (change.old, change.new) for change in plan.changes}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, BEFORE, {"callRecordingStatusCallback": (None, HANDLER), "channels": (None, "mono")}),
        (BEFORE, BEFORE, {}),
        (BEFORE, {**BEFORE, "channels": "dual"}, {"channels": ("mono", "dual")}),
        # What leaves goes back to what was there at first.
        (
            {**BEFORE, "original": WAS},
            {"callRecordingStatusCallback": HANDLER, "original": WAS},
            {"channels": ("mono", None)},
        ),
        (
            {**BEFORE, "original": WAS},
            None,
            {"callRecordingStatusCallback": (HANDLER, THEIRS), "channels": ("mono", None)},
        ),
    ],
)
def test_recordings_of_the_account(old: Any, new: Any, expected: dict[str, Any]) -> None:
    """Each property with what it is and what it will be."""
    assert changes(old, new) == expected
