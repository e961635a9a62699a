"""What a plan says of the events of the whole account."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.voicehooks.plan_previews import plan_of, step

SINK, SUBSCRIPTION = "twilio:index:EventSink", "twilio:index:EventSubscription"
URL = "https://crm.example.com/functions/v1/twilio-events"
ERRORS, CALLS = "com.twilio.error-logs.error.logged", "com.twilio.voice.insights.call-summary.complete"


@pytest.mark.parametrize(
    ("kind", "old", "new", "expected"),
    [
        (SINK, None, {"destination": URL}, [("destination", None, URL)]),
        (SINK, {"destination": URL}, None, [("destination", URL, None)]),
        (SINK, {"destination": URL}, {"destination": URL}, []),
        (SUBSCRIPTION, None, {"types": {ERRORS: 1}}, [("types", None, [ERRORS])]),
        (
            SUBSCRIPTION,
            {"types": {ERRORS: 1}},
            {"types": {CALLS: 1, ERRORS: 1}},
            [("types", [ERRORS], [ERRORS, CALLS])],
        ),
    ],
)
def test_changes(kind: str, old: Any, new: Any, expected: list[tuple[str, Any, Any]]) -> None:
    """Where events are sent, and which ones."""
    plan = plan_of(step(kind, "events", old, new))
    assert {change.subject for change in plan.changes} <= {"events of the account"}
    assert [(change.setting, change.old, change.new) for change in plan.changes] == expected
