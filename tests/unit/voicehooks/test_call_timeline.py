"""Requests, answers and rows side by side."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.voicehooks.call_rows import CALL
from voicehooks.commands.call.call_record import CallRows
from voicehooks.commands.call.timeline import Timeline
from voicehooks.commands.call.twilio_side import WebhookRequest

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
    return WebhookRequest(URL, answer, call_sid=leg, params=params, milliseconds=8, body="")


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


def test_a_duplicate_waits_for_the_row_too() -> None:
    """Both requests are in Twilio's log before the row is read: neither line is complete without its kind."""
    timeline = Timeline(CALL)
    timeline.observe([status(1), status(1)], CallRows(), 0.5)
    assert [exchange.complete for exchange in timeline.exchanges] == [False, False]
    timeline.observe([status(1), status(1)], CallRows([], [event(1)]), 0.9)
    assert [exchange.complete for exchange in timeline.exchanges] == [True, True]
    assert timeline.exchanges[1].what == "status ringing #1, again"


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
        "request, call ringing  leg ..2222",
    ]
    assert [exchange.stored for exchange in timeline.exchanges] == ["stored", "not stored"]


def test_twiml_is_described_by_its_verbs() -> None:
    """Of an answer with TwiML the verbs are shown, without what stands inside of them."""
    body = '<?xml version="1.0"?><Response><Say>Hi</Say><Dial><Number>+1</Number></Dial></Response>'
    request = WebhookRequest(URL, 200, call_sid=CALL, params={}, milliseconds=41, body=body)
    timeline = Timeline(CALL)
    timeline.observe([request], CallRows(), 0.5)
    assert timeline.exchanges[0].answer == "200 in 41 ms  <Say> <Dial>"


def test_the_kind_comes_from_the_row() -> None:
    """What kind of request it is, the handler has decided; one that is not stored has no kind."""
    params = {"call_sid": CALL, "call_status": "ringing"}
    voice = WebhookRequest(URL, 200, call_sid=CALL, params=params, milliseconds=None, body="")
    row = {"call_sid": CALL, "kind": "voice", "params": {"CallSid": CALL, "CallStatus": "ringing"}}
    timeline = Timeline(CALL)
    timeline.observe([voice], CallRows(), 0.5)
    (exchange,) = timeline.exchanges
    assert (exchange.kind, exchange.what) == ("", "request, call ringing")
    timeline.observe([voice], CallRows([], [row]), 0.9)
    assert timeline.exchanges == [exchange]
    assert (exchange.kind, exchange.what) == ("voice", "asks what to do")
    row["kind"] = "quarantined"
    timeline = Timeline(CALL)
    timeline.observe([voice], CallRows([], [row]), 0.9)
    assert [(e.what, e.complete) for e in timeline.exchanges] == [("quarantined", True)]


@pytest.mark.parametrize(
    ("kind", "params", "what"),
    [
        ("voice", {}, "asks what to do"),
        ("fallback", {}, "asks the fallback"),
        ("record-action", {}, "message recorded"),
        ("dial-action", {"DialCallStatus": "busy"}, "dial over: busy"),
        ("recording", {"RecordingStatus": "absent"}, "recording absent"),
        ("status", {"CallStatus": "ringing", "SequenceNumber": "2"}, "status ringing #2"),
        ("status", {"CallStatus": "ringing"}, "status ringing"),
        ("quarantined", {}, "quarantined"),
    ],
)
def test_what_twilio_said_or_asked(kind: str, params: dict[str, str], what: str) -> None:
    """By the kind that the handler stored; a row that came first has no answer yet."""
    timeline = Timeline(CALL)
    row = {"call_sid": CALL, "kind": kind, "params": {"CallSid": CALL, **params}}
    timeline.observe([], CallRows([], [row]), 1.0)
    (exchange,) = timeline.exchanges
    assert (exchange.what, exchange.kind, exchange.stored) == (what, kind, "stored")
    assert (exchange.complete, exchange.json_fields()["url"]) == (False, None)


def test_what_the_handler_answered() -> None:
    """Its status and time, the verbs of its answer, or that there was none."""
    no_answer = WebhookRequest(URL, None, call_sid=CALL, params={}, milliseconds=None, body="")
    body = "<Response><Dial><Number>+1</Number></Dial><Say>Hi</Say></Response>"
    answered = WebhookRequest(URL, 200, call_sid=LEG, params=None, milliseconds=12, body=body)
    timeline = Timeline(CALL)
    timeline.observe([no_answer, answered], CallRows(), 1.0)
    first, second = timeline.exchanges
    assert (first.answer, second.answer) == ("no answer", "200 in 12 ms  <Dial> <Say>")
    assert LEG[-4:] in second.what
    assert second.json_fields()["answer_twiml"] == ["Dial", "Say"]


def test_rows_that_are_no_requests_are_left_out() -> None:
    """What place-call or reconcile stored, Twilio did not send."""
    timeline = Timeline(CALL)
    rows: list[dict[str, Any]] = [
        {"call_sid": CALL, "kind": kind, "params": {}} for kind in ("placed", "refused", "reconciled")
    ]
    timeline.observe([], CallRows([], rows), 1.0)
    assert timeline.exchanges == []


@pytest.mark.parametrize(
    "name",
    [
        "sequence_number",
        "call_status",
        "dial_call_status",
        "recording_sid",
        "recording_status",
        "recording_url",
        "error_code",
        "msg",
        "digits",
    ],
)
def test_requests_that_differ_in_one_of_these_are_two(name: str) -> None:
    """Twilio repeats a request with the same ones."""

    def request(**params: str) -> WebhookRequest:
        return WebhookRequest(URL, 200, call_sid=CALL, params=params, milliseconds=1, body="")

    timeline = Timeline(CALL)
    timeline.observe([request(**{name: "a"}), request(**{name: "b"}), request(**{name: "a"})], CallRows(), 1.0)
    assert [(e.repeats, e.duplicate) for e in timeline.exchanges] == [(0, False), (1, True), (0, False)]
