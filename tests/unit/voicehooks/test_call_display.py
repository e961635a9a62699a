"""How a test call looks: lines, rows, verdict."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tests.unit.voicehooks.call_rows import CALL, call_row, ended_row, leg_row, recording_row
from voicehooks.commands.call.call_record import CallRows
from voicehooks.commands.call.diagnosis import Finding
from voicehooks.commands.call.display import LiveDisplay, PlainDisplay, display_for, show_report
from voicehooks.commands.call.progress import Step
from voicehooks.commands.call.report import CallReport
from voicehooks.output.json import to_json

STEP = Step("connected", 3.04, "Connected", "with +15557654321")


def terminal(*, is_terminal: bool) -> tuple[Console, io.StringIO]:
    """A console, and what was written to it."""
    written = io.StringIO()
    return Console(file=written, force_terminal=is_terminal, width=80, highlight=False), written


def test_live_only_where_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets the live display; a pipe and a CI job get plain lines."""
    monkeypatch.delenv("CI", raising=False)
    kinds = [
        type(display_for(terminal(is_terminal=item)[0], "a -> b", "dev", is_sandbox=False))
        for item in (True, False)
    ]
    assert kinds == [LiveDisplay, PlainDisplay]
    monkeypatch.setenv("CI", "true")
    assert isinstance(
        display_for(terminal(is_terminal=True)[0], "a -> b", "dev", is_sandbox=False), PlainDisplay
    )


@pytest.mark.parametrize(("is_sandbox", "where"), [(True, "the sandbox"), (False, "a real account")])
def test_first_line_says_where_it_happens(*, is_sandbox: bool, where: str) -> None:
    """The environment, whether the call is a real one, who calls whom; then the titles of the columns."""
    console, written = terminal(is_terminal=False)
    display_for(console, "+1 -> +2", "dev", is_sandbox=is_sandbox)
    first, titles = written.getvalue().splitlines()
    assert first == f"dev ({where})  +1 -> +2"
    assert titles.split() == ["moment", "a", "CRM", "shows", "Twilio", "handler", "Postgres"]


def test_plain_step_is_one_line_without_control_codes() -> None:
    """However long it is, a step is one line."""
    console, written = terminal(is_terminal=False)
    with PlainDisplay(console) as display:
        display.show(STEP)
        display.show(Step("recording", 11.0, "Recording", "5 s  https://api.twilio.com/" + "x" * 100))
    lines = written.getvalue().splitlines()
    assert lines[0] == "    3.0 s  Connected         with +15557654321"
    assert len(lines) == 2
    assert "\x1b" not in written.getvalue()


def test_rows_and_verdict_of_a_good_call() -> None:
    """The rows stand under their columns, empty values stay empty, PASS is last."""
    event = {
        "call_sid": CALL,
        "kind": "recording",
        "sequence_number": None,
        "params": {"RecordingStatus": "completed"},
        "received_at": "2026-11-24T10:00:11.004321+00:00",
    }
    rows = CallRows([ended_row(), leg_row(status="completed")], [event], [recording_row()])
    console, written = terminal(is_terminal=False)
    show_report(
        console, CallReport("dev", CALL, [STEP], [], rows, None, billed=False, hung_up=False, checks=[])
    )
    assert (
        written.getvalue()
        == """
twilio_calls  2 rows
  call_sid    direction      to_number     status     display_status  duration  talk
  CA11..1111  inbound        +15551234567  completed  completed       8 s       5 s
  CA22..2222  outbound-dial  +15557654321  completed  ringing

twilio_call_events  1 row
  call_sid    kind       #  status in it  received_at
  CA11..1111  recording     completed     10:00:11.004

twilio_recordings  1 row
  recording_sid  call_sid    status     duration  channels
  RE33..3333     CA11..1111  completed  5 s       1

PASS  dev  3.0 s
"""
    )


def test_verdict_of_a_bad_call_has_cause_and_remedy() -> None:
    """FAIL says which step is missing, the most likely reason, and what to do."""
    console, written = terminal(is_terminal=False)
    finding = Finding("no recording came", "it was not asked for", "see the settings", "pulumi preview")
    report = CallReport(
        "dev", CALL, [STEP], [], CallRows([call_row()]), finding, billed=False, hung_up=False, checks=[]
    )
    show_report(console, report)
    assert written.getvalue().endswith(
        "FAIL  no recording came\n      likely cause: it was not asked for\n      do: see the settings\n"
        "      pulumi preview\n"
    )
    assert to_json(report)["verdict"] == "fail"
    assert to_json(report)["finding"]["likelyCause"] == "it was not asked for"
