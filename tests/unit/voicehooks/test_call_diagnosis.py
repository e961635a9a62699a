"""The likely cause of a missing step, from what Twilio sent."""

from __future__ import annotations

import pytest

from tests.unit.voicehooks.call_rows import ended_row
from voicehooks.commands.call.diagnosis import compare, diagnose
from voicehooks.commands.call.progress import EXPECTATIONS, RECORDING_EXPECTATION
from voicehooks.commands.call.timeline import Exchange
from voicehooks.commands.call.twilio_side import TwilioCall, WebhookRequest

URL = "https://project.supabase.co/functions/v1/twilio-webhook"
CONNECTING = EXPECTATIONS[0]


def sent(status: int | None, *, url: str = URL, kind: str = "") -> Exchange:
    """A request of Twilio's; where it has a kind, it is stored."""
    request = WebhookRequest(url, status, call_sid="CA1", params={}, milliseconds=None, body="")
    return Exchange(1.0, "CA1", {}, "", 0, request=request, kind=kind, stored_at=1.0 if kind else None)


@pytest.mark.parametrize(
    ("status", "cause", "do"),
    [
        (401, "verify_jwt is on|has verify_jwt on", "pulumi up --stack dev"),
        (403, "refused Twilio's signature", "pulumi up --stack dev"),
        (404, "does not exist", "pulumi up --stack dev"),
        (500, "it answered 500", "voicehooks logs --stack dev"),
    ],
)
def test_refused_request_names_the_answer(status: int, cause: str, do: str) -> None:
    """A request that was answered badly is the cause, with the meaning of that answer."""
    finding = diagnose(CONNECTING, [sent(status)], "dev")
    assert finding.what == CONNECTING.missing
    assert f"Twilio's request to {URL} failed" in finding.likely_cause
    assert any(part in finding.likely_cause for part in cause.split("|"))
    assert do in finding.command


def test_unreachable_url_names_the_error() -> None:
    """No answer at all: Twilio's error codes say why."""
    finding = diagnose(CONNECTING, [sent(None)], "dev", [11205])
    assert "no answer (Twilio error 11205)" in finding.likely_cause


def test_request_that_was_never_sent_names_the_setting() -> None:
    """Twilio sent nothing of that kind: the setting that would have made it is named."""
    finding = diagnose(CONNECTING, [], "dev")
    assert finding.likely_cause == "Twilio sent no voice request: the number has no voice URL"
    assert finding.command == "pulumi preview --diff --stack dev"
    finding = diagnose(RECORDING_EXPECTATION, [sent(200, kind="voice")], "dev")
    assert finding.likely_cause.startswith("Twilio sent no recording request: the handler's answer did not ask")


def test_well_answered_requests_point_to_another_environment() -> None:
    """All is sent and answered and nothing is stored here: another environment's function took it."""
    finding = diagnose(CONNECTING, [sent(200, url="https://other.example/voice")], "dev")
    assert "not to this environment's database" in finding.likely_cause
    assert "https://other.example/voice" in finding.do


def test_database_and_twilio_are_compared() -> None:
    """Equal status and duration are fine; another one is a finding that names both."""
    assert compare(ended_row(), TwilioCall("completed", 8), "dev") is None
    finding = compare(ended_row(duration_seconds=7), TwilioCall("completed", 8), "dev")
    assert finding is not None
    assert finding.what == "the database says completed, 7 s, and Twilio says completed, 8 s"
