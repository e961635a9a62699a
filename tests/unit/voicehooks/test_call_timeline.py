"""Requests, answers and rows side by side."""

from __future__ import annotations

from typing import Any

from tests.unit.voicehooks.call_rows import CALL
from voicehooks.commands.call.rows import CallRows
from voicehooks.commands.call.timeline import Timeline
from voicehooks.commands.call.twilio_side import WebhookRequest, kind_of

LEG = "CA" + "2" * 32
URL = "https://project.supabase.co/functions/v1/twilio-webhook"


def status(sequence: int, answer: int | None = 204, leg: str = CALL) -> WebhookRequest:
    """A status callback as Twilio's log has it."""
    params = {
        "call_sid": leg,
        "call_status": "ringing",
        "sequence_number": str(sequence),
        "callback_source": "x",
    }
    return WebhookRequest("status", URL, answer, call_sid=leg, params=params, milliseconds=8)


def event(sequence: int, leg: str = CALL) -> dict[str, Any]:
    """Its row."""
    params = {"CallSid": leg, "CallStatus": "ringing", "SequenceNumber": str(sequence)}
    return {"call_sid": leg, "kind": "status", "params": params}


def test_request_and_row_are_one_line() -> None:
    """What came and what is stored meet by leg and sequence number, with the delay between them."""
    timeline = Timeline(CALL)
    timeline.observe([status(1)], CallRows(), 0.5)
    (exchange,) = timeline.exchanges
    assert (exchange.stored, exchange.complete) == ("not stored", False)
    timeline.observe([status(1)], CallRows([], [event(1)]), 0.9)
    assert timeline.exchanges == [exchange]
    assert (exchange.what, exchange.answer, exchange.stored) == (
        "status ringing #1",
        "204 in 8 ms",
        "stored +0.4 s",
    )


def test_row_before_the_log_is_one_line_too() -> None:
    """Twilio's log lags: until it has the request, its answer is not known, and that is said."""
    timeline = Timeline(CALL)
    timeline.observe([], CallRows([], [event(1)]), 0.5)
    (exchange,) = timeline.exchanges
    assert exchange.answer == "answer not in Twilio's log yet"
    timeline.observe([status(1)], CallRows([], [event(1)]), 0.9)
    assert timeline.exchanges == [exchange]
    assert exchange.complete


def test_second_delivery_of_a_stored_fact_is_a_duplicate() -> None:
    """Twilio sent it twice and both were taken: two lines, one row."""
    timeline = Timeline(CALL)
    timeline.observe([status(1), status(1)], CallRows([], [event(1)]), 0.5)
    assert [exchange.stored for exchange in timeline.exchanges] == ["stored", "duplicate, stored once"]
    assert [exchange.what for exchange in timeline.exchanges] == [
        "status ringing #1",
        "status ringing #1, again",
    ]


def test_retry_after_a_failure_is_no_duplicate() -> None:
    """The first attempt failed, the second was taken."""
    timeline = Timeline(CALL)
    timeline.observe([status(1, 503), status(1)], CallRows([], [event(1)]), 0.5)
    assert [exchange.answer for exchange in timeline.exchanges] == ["503 in 8 ms", "204 in 8 ms"]
    assert not any(exchange.duplicate for exchange in timeline.exchanges)


def test_legs_are_told_apart() -> None:
    """The same sequence number on another leg is another fact, and the leg is named."""
    timeline = Timeline(CALL)
    timeline.observe([status(1), status(1, leg=LEG)], CallRows([], [event(1)]), 0.5)
    assert [exchange.what for exchange in timeline.exchanges] == [
        "status ringing #1",
        "status ringing #1  leg ..2222",
    ]
    assert [exchange.stored for exchange in timeline.exchanges] == ["stored", "not stored"]


def test_twiml_is_told_by_its_verbs() -> None:
    """Of an answer with TwiML the verbs are shown, without what stands inside of them."""
    body = '<?xml version="1.0"?><Response><Say>Hi</Say><Dial><Number>+1</Number></Dial></Response>'
    request = WebhookRequest("voice", URL, 200, call_sid=CALL, params={}, milliseconds=41, body=body)
    timeline = Timeline(CALL)
    timeline.observe([request], CallRows(), 0.5)
    assert timeline.exchanges[0].answer == "200 in 41 ms  <Say> <Dial>"


def test_kinds_are_told_by_their_parameters() -> None:
    """As the handler does it."""
    assert kind_of({"call_status": "ringing"}) == "voice"
    assert kind_of({"call_status": "ringing", "callback_source": "call-progress-events"}) == "status"
    assert kind_of({"call_status": "completed"}) == "status"
    assert kind_of({"recording_sid": "RE1", "recording_status": "completed"}) == "recording"
    assert kind_of({"recording_sid": "RE1", "recording_url": "https://a"}) == "record-action"
    assert kind_of({"dial_call_status": "completed"}) == "dial-action"
    assert kind_of({"error_code": "11200", "error_url": "https://a"}) == "fallback"
