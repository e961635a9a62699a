"""Show a test call: a live screen in a terminal, one plain line a step elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from voicehooks.commands.call.progress import Step
from voicehooks.output.consent import is_watched
from voicehooks.output.counting import count
from voicehooks.output.identifiers import shorten
from voicehooks.output.layout import command_lines, table, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Self

    from rich.console import Console, RenderableType

    from voicehooks.commands.call.report import CallReport
    from voicehooks.commands.call.timeline import Exchange
    from voicehooks.vendors.database import Row

_WIDE = 112
"""Characters for the widest line of a usual call in one row of columns."""
WAITING_FOR = {
    "connecting": "waiting for the first webhook",
    "ringing": "waiting for an answer",
    "ended": "waiting for the recording",
}


class CallDisplay(Protocol):
    """Takes the steps and exchanges of a call as they happen."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def show(self, event: Step | Exchange) -> None:
        """One new step or exchange."""


def display_for(console: Console, summary: str, environment: str, *, is_sandbox: bool) -> CallDisplay:
    """The live display where somebody watches; plain lines in a pipe, a file or a CI job.

    Prints what is going to happen, and the columns' titles.
    """
    where = "the sandbox" if is_sandbox else "a real account"
    live = is_watched(console)
    key = "    q hangs up" if live else ""
    console.print(Text.assemble((f"{environment} ({where})", "bold"), f"  {summary}{key}"), soft_wrap=True)
    width = _width(console)
    for titles in _columns("  moment", "a CRM shows", "Twilio", ("handler", "Postgres"), width):
        console.print(Text(titles, style="dim"), soft_wrap=True)
    return LiveDisplay(console) if live else PlainDisplay(console)


class PlainDisplay:
    """One line a step and an exchange."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, event: Step | Exchange) -> None:
        """Print the line."""
        self._console.print(_lines(event, _width(self._console)), soft_wrap=True)


class LiveDisplay:
    """The steps so far, and under them what is going on, with the timer of a connected call."""

    def __init__(self, console: Console) -> None:
        self._last: Step | None = None
        self._since = 0.0
        self._spinner = Spinner("dots")
        self._live = Live(console=console, get_renderable=self._current, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, event: Step | Exchange) -> None:
        """Print it above the live line."""
        if isinstance(event, Step):
            self._last, self._since = event, time.monotonic()
        self._live.console.print(_lines(event, _width(self._live.console)), soft_wrap=True)

    def _current(self) -> RenderableType:
        if self._last is None:
            return Text("")
        if self._last.name == "connected":
            seconds = int(time.monotonic() - self._since)
            self._spinner.update(text=f"Connected {seconds // 60:02}:{seconds % 60:02}")
        else:
            self._spinner.update(text=WAITING_FOR.get(self._last.name, ""))
        return self._spinner


def show_report(console: Console, report: CallReport) -> None:
    """The rows that the call left, then the verdict."""
    width = _width(console)
    console.print()
    for title, rows, columns in (
        ("twilio_calls", report.rows.calls, CALL_COLUMNS),
        ("twilio_call_events", report.rows.events, EVENT_COLUMNS),
        ("twilio_recordings", report.rows.recordings, RECORDING_COLUMNS),
    ):
        console.print(Text(f"{title}  {count(len(rows), 'row')}", style="bold"))
        for line in grid(rows, columns, width):
            console.print(line, soft_wrap=True)
        console.print()
    if report.hung_up:
        console.print(Text("You hung up."), soft_wrap=True)
    if report.finding:
        for style, text in _finding_lines(report, width):
            console.print(Text(text, style=style), soft_wrap=True)
    else:
        verdict = f"PASS  {report.stack}  {report.steps[-1].seconds:.1f} s"
        console.print(Text(verdict, style="bold green"))


def _finding_lines(report: CallReport, width: int | None) -> Iterator[tuple[str, str]]:
    finding, rest = report.finding, " " * 6
    if finding is None:
        return
    yield from (("bold red", line) for line in wrapped(finding.what, width, first="FAIL  ", rest=rest))
    yield from (
        ("", line) for line in wrapped(f"likely cause: {finding.likely_cause}", width, first=rest, rest=rest)
    )
    if finding.do:
        yield from (("", line) for line in wrapped(f"do: {finding.do}", width, first=rest, rest=rest))
    for check in report.checks:
        yield from (("", line) for line in wrapped(f"doctor: {check}", width, first=rest, rest=rest))
    if finding.command:
        yield from (("bold", line) for line in command_lines(finding.command, width, indent=rest))


# Title and column; "params." looks into the event's parameters, the first one that is there counts.
CALL_COLUMNS = {
    "call_sid": ("call_sid",),
    "direction": ("direction",),
    "to_number": ("to_number",),
    "status": ("status",),
    "display_status": ("display_status",),
    "duration": ("duration_seconds",),
    "talk": ("talk_seconds",),
}
EVENT_COLUMNS = {
    "call_sid": ("call_sid",),
    "kind": ("kind",),
    "#": ("sequence_number",),
    "status in it": ("params.RecordingStatus", "params.DialCallStatus", "params.CallStatus"),
    "received_at": ("received_at",),
}
RECORDING_COLUMNS = {
    "recording_sid": ("recording_sid",),
    "call_sid": ("call_sid",),
    "status": ("status",),
    "duration": ("duration_seconds",),
    "channels": ("channels",),
}


def grid(rows: Sequence[Row], columns: Mapping[str, tuple[str, ...]], width: int | None = None) -> list[Text]:
    """Rows as aligned lines under their titles; no wider than what is in them."""
    if not rows:
        return []
    cells = [[_cell(row, names) for names in columns.values()] for row in rows]
    lines = list(table([*columns], cells, width, indent="  "))
    titles = len(lines) // (len(rows) + 1)
    return [Text(line, style="dim" if place < titles else "") for place, line in enumerate(lines)]


def _width(console: Console) -> int | None:
    return console.width if is_watched(console) else None


def _lines(event: Step | Exchange, width: int | None) -> Text:
    moment = f"{event.seconds:7.1f} s"
    if isinstance(event, Step):
        first, *others = wrapped(event.detail, width, first=" " * 29, rest=" " * 29)
        return Text("\n").join(
            [
                Text.assemble((f"{moment}  ", "dim"), (f"{event.title:<16}", "bold"), first[27:].rstrip()),
                *map(Text, others),
            ]
        )
    failed = not event.complete or (event.request is not None and not event.request.succeeded)
    style = "red" if failed else "yellow" if event.duplicate else "dim"
    return Text("\n".join(_columns(moment, "", event.what, (event.answer, event.stored), width)), style=style)


def _columns(moment: str, shown: str, twilio: str, answers: tuple[str, str], width: int | None) -> list[str]:
    """One line; on a narrow terminal the handler's and the database's columns are on a second one."""
    left, right = f"{moment:<9}  {shown:<16}  {twilio:<33}", f"{answers[0]:<26}  {answers[1]}".rstrip()
    if width is None or width >= _WIDE:
        return [f"{left}  {right}".rstrip()]
    return [left.rstrip(), f"{'':<31}{right}"]


def _cell(row: Row, names: tuple[str, ...]) -> str:
    for name in names:
        column, _, parameter = name.partition(".")
        value = row[column][parameter] if parameter and parameter in row[column] else row.get(name)
        if value is not None:
            return _short(column, str(value))
    return ""


def _short(column: str, text: str) -> str:
    if column.endswith("_sid"):
        return shorten(text, head=4)
    if column.endswith("_seconds"):
        return f"{text} s"
    return text[11:23] if column.endswith("_at") else text
