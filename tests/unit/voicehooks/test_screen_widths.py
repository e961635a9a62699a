"""Every screen at 80 and 120 columns: no line is longer, and no command or value is cut."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from rich.console import Console

from tests.support.plan_changes import APPROVED
from tests.unit.voicehooks.call_rows import CALL, ended_row, leg_row, recording_row
from voicehooks.commands.adopt.display import Display
from voicehooks.commands.call.call_record import CallRows
from voicehooks.commands.call.diagnosis import Finding as CallFinding
from voicehooks.commands.call.display import display_for, show_report
from voicehooks.commands.call.progress import Step
from voicehooks.commands.call.report import CallReport
from voicehooks.commands.calls.command import lines_of as call_lines
from voicehooks.commands.calls.entries import Entry
from voicehooks.commands.compare.command import lines_of as comparison_lines
from voicehooks.commands.divert import command as divert
from voicehooks.commands.divert.number import Route
from voicehooks.commands.doctor.model import Check, Finding, Outcome, Report
from voicehooks.commands.doctor.render import plain_lines
from voicehooks.commands.history.command import Row, show
from voicehooks.commands.history.updates import Update
from voicehooks.commands.plan import read, render_terminal
from voicehooks.commands.reconcile import display as reconcile
from voicehooks.commands.reconcile.result import Reconciliation, Tally
from voicehooks.commands.reconcile.window import Window
from voicehooks.commands.replay.command import Replay
from voicehooks.commands.replay.command import _lines as replay_lines
from voicehooks.commands.status.command import NumberStatus
from voicehooks.commands.status.command import lines_of as status_lines

STACK = "production-europe"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NUMBER = "+15551234567"
URL = "https://voice.customer-service.example.com/telephony/incoming/voice-fallback.xml"


class Terminal(io.StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        return True


class Screen(NamedTuple):
    """What a command shows, and what must be whole in it."""

    text: str
    whole: tuple[str, ...]


def doctor(width: int) -> Screen:
    """A problem with a long repair."""
    fix = f"pulumi config set --stack {STACK} --secret twilio:authToken && pulumi up --stack {STACK}"
    finding = Finding(
        "the configured auth token is not one of the account's: every real webhook is refused, while checks "
        "signed with it pass",
        fix,
        do="set that claim in app_metadata of the users who may call; or close sign-up in the dashboard",
        subject=NUMBER,
        observed=URL,
        wanted="initiated, ringing, answered, completed, and each of them for every leg of the call",
    )

    async def never(_: Any) -> Any:
        raise AssertionError

    check = Check("twilio-credentials", "It signs in.", never, explains=("connecting", "updates"))
    outcome = Outcome(check, "problem", finding.what, (finding,), ("a fact " * 30,))
    report = Report(STACK, "account AC..b0c5  project sand..ndbo", (outcome,), 3.2)
    return Screen("\n".join(plain_lines(report, verbose=True, width=width)), (fix, URL, "twilio-credentials"))


def history(width: int) -> Screen:
    """A long message and a long change."""
    said = f"{NUMBER} forwardTo +15557654321+sip:support-desk@customer-service.example.com -> +15557654321"
    message = "Let the support line ring for forty seconds, and its two mobile phones after the office"
    update = Update(117, "update", "succeeded", NOW, message, "Anastasia Example", "0" * 40, False, {})
    out = io.StringIO()
    show(STACK, [Row(update, (said,), is_live=True)], out, now=NOW, width=width)
    return Screen(out.getvalue(), (NUMBER, "+15557654321+sip:support-desk@customer-service.example.com"))


def call(width: int) -> Screen:
    """Steps, all rows, and a finding with the command that repairs it."""
    written = Terminal()
    console = Console(file=written, force_terminal=True, width=width, highlight=False, no_color=True)
    command = f"voicehooks reconcile --stack {STACK}"
    finding = CallFinding(
        "the database says in-progress, and Twilio says completed " * 3, "lost " * 40, "", command
    )
    step = Step("recording", 11.0, "Recording", f"5 s  {URL}")
    rows = CallRows([ended_row(), leg_row(status="completed")], [], [recording_row()])
    display_for(console, f"+15550100001 -> {NUMBER}", STACK, is_sandbox=True)
    checks = ["doctor says " * 20]
    report = CallReport(STACK, CALL, [step], [], rows, finding, billed=False, hung_up=False, checks=checks)
    show_report(console, report)
    return Screen(_bare(written.getvalue()), (command, "CA11..1111", "outbound-dial", "display_status"))


def calls(width: int) -> Screen:
    """A call that lost its end."""
    command = f"voicehooks reconcile --stack {STACK}"
    entry = Entry(
        "CA" + "1" * 32,
        NOW,
        NOW,
        "inbound",
        "+15550100001",
        NUMBER,
        "connected",
        12,
        "a callback was lost " * 9,
        command,
    )
    return Screen("\n".join(call_lines(entry, width)), (command, entry.call_sid, NUMBER))


def status(width: int) -> Screen:
    """Long names and a URL in full."""
    number = NumberStatus(
        NUMBER,
        "Customer service, Europe",
        True,
        URL,
        False,
        "twilio-fallback v12",
        None,
        True,
        NOW,
        "completed",
    )
    return Screen("\n".join(status_lines(STACK, [number], NOW, width)), (NUMBER, URL, "twilio-fallback v12"))


def compare(width: int) -> Screen:
    """A long value at each side."""
    rows = [("defaults.voicemail.greeting", "Please leave a message after the tone.", URL)]
    shown = comparison_lines("development", STACK, rows, width, all_rows=False)
    return Screen("\n".join(shown), ("defaults.voicemail.greeting", URL))


def replay(width: int) -> Screen:
    """A refused replay."""
    key = f"CA{'1' * 32}:voice:{'c' * 40}"
    result = Replay(key, "voice", "prod", STACK, URL, NUMBER, 403, 12, "", False)
    return Screen("\n".join(replay_lines(result, width)), (key, f"voicehooks logs --stack {STACK}", NUMBER))


def plan(width: int) -> Screen:
    """A plan with values, risks and routes."""
    preview = (APPROVED / "fewer-retries.json").read_text(encoding="utf-8")
    return Screen(render_terminal(read(preview, stack=STACK), width=width), (NUMBER, "pulumi up --stack local"))


def reconciled(width: int) -> Screen:
    """Rows to bring in, and rows that differ."""
    result = Reconciliation(STACK, "AC1", Window(NOW, None), [NUMBER], dry_run=True)
    result.calls = Tally(at_twilio=3, brought_in=1, differ=1)
    result.recordings = Tally(at_twilio=2, deleted=1)
    out = Terminal()
    reconcile.show(result, out)
    lines = (f"voicehooks reconcile --stack {STACK}", "1 recording was deleted at Twilio: the audio is gone")
    return Screen(_bare(out.getvalue()), lines)


def diverted(width: int) -> Screen:
    """A diverted number, with the way back."""
    way_back = f"voicehooks divert {NUMBER} --undo --stack {STACK}"
    result = divert.DivertResult(
        STACK,
        NUMBER,
        "diverted",
        _route("https://a.example"),
        _route(URL),
        "commit it, " * 9 + "then",
        way_back,
    )
    divert._show(result)
    return Screen("", (way_back, URL))


def adopted(width: int) -> Screen:
    """The end of an adoption, with what comes next."""
    plan: Any = SimpleNamespace(functions=[])
    after: Any = SimpleNamespace(failed="", changed_numbers={}, others=["x " * 60], unchanged_numbers=3)
    Display(STACK, as_json=False).conclusion(plan, after)
    return Screen("", (f"    pulumi preview -s {STACK} --diff", f"    pulumi up -s {STACK}"))


def _route(url: str) -> Any:
    return Route(url, "POST", "")


def _bare(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


SCREENS: list[Callable[[int], Screen]] = [
    doctor,
    history,
    call,
    calls,
    status,
    compare,
    replay,
    plan,
    reconciled,
    diverted,
    adopted,
]


@pytest.fixture
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.usefixtures("_terminal")
@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_a_screen_fits_and_nothing_in_it_is_cut(
    screen: Callable[[int], Screen], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line is longer than the terminal only if it is one word; a long command continues after a backslash."""
    monkeypatch.setenv("COLUMNS", str(width))
    printed = Terminal()
    monkeypatch.setattr("sys.stdout", printed)
    shown = screen(width)
    text = shown.text or _bare(printed.getvalue())
    for line in text.splitlines():
        assert len(line) <= width or len(line.split()) <= 2, line
    joined = text.replace(" \\\n", " ")
    whole = " ".join(joined.split()) if "\\\n" in text else text
    for value in shown.whole:
        assert value in whole, value
