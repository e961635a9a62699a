"""Show a test call: a live screen in a terminal, one plain line a step elsewhere."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Protocol

from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from typing import Self

    from rich.console import Console, RenderableType

    from voicehooks.call.follow import CallReport
    from voicehooks.call.progress import Step
    from voicehooks.call.rows import Row

WAITING_FOR = {
    "connecting": "waiting for the first webhook",
    "ringing": "waiting for an answer",
    "ended": "waiting for the recording",
}


class CallDisplay(Protocol):
    """Takes the steps of a call as they happen."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def show(self, step: Step) -> None:
        """One new step."""


def display_for(console: Console) -> CallDisplay:
    """The live display where somebody watches; plain lines in a pipe, a file or a CI job."""
    if console.is_terminal and not os.environ.get("CI"):
        return LiveDisplay(console)
    return PlainDisplay(console)


class PlainDisplay:
    """One line a step."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, step: Step) -> None:
        """Print the step."""
        self._console.print(_line(step), soft_wrap=True)


class LiveDisplay:
    """The steps so far, and under them what is going on, with the timer of a connected call."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, get_renderable=self._current, refresh_per_second=8, transient=True)
        self._last: Step | None = None
        self._since = 0.0
        self._spinner = Spinner("dots")

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, step: Step) -> None:
        """Print the step above the live line."""
        self._last, self._since = step, time.monotonic()
        self._live.console.print(_line(step), soft_wrap=True)

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
    console.print()
    for title, rows, columns in (
        ("twilio_calls", report.rows.calls, CALL_COLUMNS),
        ("twilio_call_events", report.rows.events, EVENT_COLUMNS),
        ("twilio_recordings", report.rows.recordings, RECORDING_COLUMNS),
    ):
        console.print(_table(title, rows, columns))
    if report.missing:
        console.print(Text(f"FAIL  {report.missing.missing}", style="bold red"), soft_wrap=True)
        console.print(f"      likely cause: {report.missing.likely_cause}", soft_wrap=True)
    else:
        console.print(Text(f"PASS  {report.steps[-1].seconds:.1f} s", style="bold green"))


CALL_COLUMNS = (
    "call_sid",
    "direction",
    "to_number",
    "status",
    "display_status",
    "duration_seconds",
    "talk_seconds",
)
EVENT_COLUMNS = ("call_sid", "kind", "sequence_number", "CallStatus", "received_at")
RECORDING_COLUMNS = ("recording_sid", "call_sid", "status", "duration_seconds", "channels")


def _line(step: Step) -> Text:
    return Text.assemble(
        (f"{step.seconds:7.1f} s  ", "dim"), (f"{step.title:<16}", "bold"), f"  {step.detail}".rstrip()
    )


def _table(title: str, rows: list[Row], columns: tuple[str, ...]) -> Table:
    table = Table(
        title=f"{title}: {len(rows)}", title_justify="left", box=None, pad_edge=False, header_style="dim"
    )
    for column in columns:
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*(_cell(row, column) for column in columns))
    return table


def _cell(row: Row, column: str) -> str:
    value = row[column] if column in row else row.get("params", {}).get(column)
    if value is None:
        return ""
    text = str(value)
    if column.endswith("_sid") and len(text) > 12:
        return f"{text[:4]}..{text[-4:]}"
    return text[11:23] if column.endswith("_at") else text
