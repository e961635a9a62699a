"""Findings of the doctor that hang on one condition, from what Twilio and the database hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi_twilio.voice_configuration.table import TABLE

from voicehooks.commands.doctor.checks import activity, numbers
from voicehooks.stack.deployed_state import State

NUMBER, SID = "+15551234567", "PN" + "1" * 32
HOOK = "https://example.com/voice"


class Context:
    """Facts that are given."""

    name = "local"
    up = "pulumi up --stack local"

    def __init__(self, **facts: Any) -> None:
        self.environment = None
        self._facts = facts

    def __getattr__(self, name: str) -> Any:
        async def fact(*_: Any, **__: Any) -> Any:
            return self._facts[name]

        return fact


def test_other_drift_of_a_diverted_number_is_found() -> None:
    """Its voice URL differs on purpose; a status callback that was changed too is drift all the same."""
    empty = {p.name: "" for p in TABLE.properties if p.wire}
    given = {"voiceUrl": HOOK, "statusCallback": HOOK}
    state = State(
        [
            {
                "urn": f"urn:pulumi:local::voicehooks::twilio:index:VoiceConfiguration::{NUMBER}",
                "type": "twilio:index:VoiceConfiguration",
                "id": SID,
                "inputs": given,
                "outputs": {**empty, **given, "e164": NUMBER},
            }
        ]
    )
    live = {
        "sid": SID,
        "phone_number": NUMBER,
        "voice_url": "https://diverted.example/voice",
        "status_callback": "https://somebody.example/x",
    }
    diverted = SimpleNamespace(by="ana", since="", to="https://diverted.example/voice")
    context: Any = Context(
        state=state, live_numbers={NUMBER: live}, settings=SimpleNamespace(diverted={NUMBER: diverted})
    )
    findings = [
        finding
        for code in ("drift", "events", "urls")
        for finding in asyncio.run(numbers.owned_by(code, context, "{property} was changed"))
    ]
    assert sorted((finding.what.split(":")[0], finding.severity) for finding in findings) == [
        ("diverted on purpose by ana", "warning"),
        ("statusCallback was changed", None),
    ]


@pytest.mark.parametrize(("status", "lost"), [("in-progress", True), ("completed", False), (None, True)])
def test_a_recording_that_is_not_completed_in_the_database_was_lost(
    monkeypatch: pytest.MonkeyPatch, status: str | None, lost: bool
) -> None:
    """Twilio has it ready: a row that says less, or none, means that its callback did not arrive."""
    date = "Tue, 03 Nov 2020 10:00:00 +0000"
    recording = {"sid": "RE1", "call_sid": "CA1", "status": "completed", "date_created": date}
    rows = [{"recording_sid": "RE1", "call_sid": "CA1", "status": status}] if status else []

    class Database:
        async def rows(self, *_: Any, **__: Any) -> list[dict[str, Any]]:
            return rows

    @asynccontextmanager
    async def open_database(_: Any) -> AsyncIterator[Database]:
        yield Database()

    async def calls(_: Any) -> list[dict[str, Any]]:
        return [{"sid": "CA1"}]

    async def plays(*_: Any) -> bool:
        return True

    monkeypatch.setattr(activity, "open_database", open_database)
    monkeypatch.setattr(activity, "_calls_of_the_day", calls)
    monkeypatch.setattr(activity, "_plays", plays)
    context: Any = Context(twilio_list=[recording])
    result = asyncio.run(activity._recordings(context))
    assert [finding.observed for finding in result.findings] == (["RE1"] if lost else [])


def test_calls_without_a_row_and_calls_with_an_old_status_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A callback that never arrived leaves no row, or the status before it; outgoing calls are left out."""
    live = [
        {"sid": sid, "direction": direction, "status": "completed"}
        for sid, direction in (
            ("CA1", "inbound"),
            ("CA2", "inbound"),
            ("CA3", "inbound"),
            ("CA4", "outbound-api"),
        )
    ]
    rows = {"CA1": {"status": "completed"}, "CA2": {"status": "in-progress"}}

    class Database:
        async def rows_by_key(self, *_: Any, **__: Any) -> dict[str, dict[str, str]]:
            return rows

    @asynccontextmanager
    async def open_database(_: Any) -> AsyncIterator[Database]:
        yield Database()

    async def calls(_: Any) -> list[dict[str, Any]]:
        return live

    monkeypatch.setattr(activity, "open_database", open_database)
    monkeypatch.setattr(activity, "_calls_of_the_day", calls)

    result = asyncio.run(activity._callbacks(Context()))  # type: ignore[arg-type]
    assert [finding.observed for finding in result.findings] == ["CA3", "CA2"]

    rows |= {"CA2": {"status": "completed"}, "CA3": {"status": "completed"}}
    assert asyncio.run(activity._callbacks(Context())).findings == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("deployed", "probed", "summary", "found"),
    [
        ("2026-11-24T12:30:00Z", False, "1 alert in the last day", ["twilio-webhook"]),
        ("2026-11-24T13:30:00Z", False, "2 alerts in the last day", []),
        ("2026-11-24T11:00:00Z", True, "2 alerts in the last day", []),
        ("2026-11-24T11:00:00Z", False, "none about our URLs", ["twilio-webhook"]),
    ],
)
def test_alerts_before_a_passed_check_are_history(
    deployed: str, probed: bool, summary: str, found: list[str]
) -> None:
    """Only alerts after the function's last deploy count, and none if its URL answers well now."""
    functions = "https://example.com/functions/v1"
    alerts = [
        {"request_url": url, "date_created": f"2026-11-24T{hour}:00:00Z", "error_code": "11200"}
        for url, hour in (
            (f"{functions}/twilio-webhook?bodySHA256=x", 12),
            (f"{functions}/twilio-webhook", 13),
            ("https://other.example.com/voice", 14),
        )
    ]
    milliseconds = datetime.fromisoformat(deployed).timestamp() * 1000
    context: Any = Context(
        settings=SimpleNamespace(functions_url=functions, webhook_url=f"{functions}/twilio-webhook"),
        twilio=Context(get={"alerts": alerts}),
        functions={"twilio-webhook": {"updated_at": milliseconds}},
        once=SimpleNamespace(findings=[] if probed else ["it does not answer"]),
    )
    context.reconcile = "voicehooks reconcile"

    result = asyncio.run(activity._alerts(context))

    assert result.summary.startswith(summary)
    assert [finding.subject for finding in result.findings] == found
