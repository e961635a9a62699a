"""A reconciliation for a person: the counts, what is not right, and who should be called back."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.text import Text

from voicehooks.output.consent import is_watched
from voicehooks.output.counting import count, times

if TYPE_CHECKING:
    from typing import Self

    from rich.status import Status

    from voicehooks.commands.reconcile.result import MissedCall, Reconciliation, Tally

__all__ = ["Progress", "show"]

# Enough to see what kind it is; `--json` has more.
_SHOWN = 10
_SHOWN_CALLERS = 100


class Progress:
    """How far it is, on a terminal; silent elsewhere, so that a schedule's log stays short."""

    def __init__(self, stack: str, stream: TextIO) -> None:
        self._stack = stack
        console = Console(file=stream, highlight=False)
        self._status: Status | None = None
        if is_watched(stream):
            self._status = console.status(f"{stack}: asking Twilio for its calls")

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def show(self, result: Reconciliation) -> None:
        """Show what is known so far."""
        if self._status is not None:
            calls, recordings = result.calls, result.recordings
            brought = calls.brought_in + recordings.brought_in
            self._status.update(
                f"{self._stack}: {calls.at_twilio:,} calls, {recordings.at_twilio:,} recordings compared, "
                f"{brought:,} brought in"
            )


def show(result: Reconciliation, stream: TextIO) -> None:
    """Print a result: lines without color if the stream is not a terminal."""
    # A terminal breaks lines at spaces; elsewhere a line is never broken.
    console = Console(file=stream, highlight=False, soft_wrap=not is_watched(stream))
    _head(console, result)
    _table(console, result)
    _problems(console, result)
    _quarantine(console, result)
    _missed(console, result)
    _verdict(console, result)


def _head(console: Console, result: Reconciliation) -> None:
    until = result.window.until
    span = f"{result.window.since:%Y-%m-%d %H:%M} to {f'{until:%Y-%m-%d %H:%M}' if until else 'now'} UTC"
    amount = len(result.numbers)
    numbers = result.numbers[0] if amount == 1 else count(amount, "number")
    mode = "   dry run: nothing is written" if result.dry_run else ""
    head = Text(result.stack, style="bold red" if result.stack == "prod" else "bold")
    console.print(head.append(f"  {numbers}   {span}   {result.seconds:.1f} s{mode}", style="not bold default"))


def _table(console: Console, result: Reconciliation) -> None:
    brought = "to bring in" if result.dry_run else "brought in"
    console.print()
    console.print(f"{'':12}{'at Twilio':>11}{'under way':>11}{'equal':>10}{brought:>13}{'differ':>9}")
    for name, tally in (("calls", result.calls), ("recordings", result.recordings)):
        line = Text(f"{name:12}{tally.at_twilio:>11,}{tally.under_way:>11,}{tally.equal:>10,}")
        line.append(f"{tally.brought_in:>13,}", style="yellow" if tally.brought_in else "")
        line.append(f"{tally.differ:>9,}", style="red" if tally.differ else "")
        console.print(line)
    console.print()
    for name, tally in (("calls", result.calls), ("recordings", result.recordings)):
        if name == "calls" and result.calls_from != "lists":
            console.print("calls: those that Event Streams reported and no callback did; --all compares all")
            continue
        known = tally.rows - tally.unknown
        console.print(f"the other way: {known:,} of {tally.rows:,} rows of {name} are known to Twilio")
    if deleted := result.recordings.deleted:
        console.print(
            f"{count(deleted, 'recording was', 'recordings were')} deleted at Twilio: the audio is gone"
        )


def _problems(console: Console, result: Reconciliation) -> None:
    _differences(
        console,
        result.calls,
        "call was brought in and still differs:",
        "calls were brought in and still differ:",
        "select * from twilio_call_timeline where call_sid = '...'",
    )
    _differences(
        console,
        result.recordings,
        "recording was brought in and still differs:",
        "recordings were brought in and still differ:",
        "select * from twilio_recordings where recording_sid = '...'",
    )
    # A recording that Twilio does not know was deleted there, and its row says so by now.
    _unknown(console, result.calls)


def _differences(console: Console, tally: Tally, one: str, many: str, query: str) -> None:
    if not tally.differ:
        return
    console.print()
    console.print(Text(count(tally.differ, one, many), style="red"))
    for difference in tally.different[:_SHOWN]:
        console.print(f"  {difference.sid}  {', '.join(difference.columns)}")
    _more(console, tally.differ)
    console.print(
        "  why    a callback said something else than Twilio's list, or a trigger of yours changes it"
    )
    console.print("  do     compare with the console's call log:")
    console.print(f"         {query}")


def _unknown(console: Console, tally: Tally) -> None:
    if not tally.unknown:
        return
    console.print()
    console.print(
        Text(count(tally.unknown, "call has a row, and Twilio", "calls have a row, and Twilio"), "red").append(
            " has none:"
        )
    )
    for sid in tally.unknown_sids[:_SHOWN]:
        console.print(f"  {sid}")
    _more(console, tally.unknown)
    console.print("  why    it was deleted at Twilio, or the row does not come from Twilio")
    console.print("  do     if it should not be there: delete from twilio_calls where call_sid = '...'")


def _quarantine(console: Console, result: Reconciliation) -> None:
    quarantine = result.quarantine
    if not quarantine.merged and not quarantine.left:
        return
    console.print()
    if quarantine.merged:
        console.print(
            count(quarantine.merged, "quarantined callback was", "quarantined callbacks were") + " merged"
        )
    if quarantine.left:
        left = count(quarantine.left, "callback is", "callbacks are")
        console.print(Text(f"{left} in quarantine: kept as it came, and not part of its call", "yellow"))
        if not result.dry_run:
            console.print("  why    select error, params from twilio_call_events where kind = 'quarantined'")
            console.print("  do     report it; a later version will merge what this one cannot")


def _missed(console: Console, result: Reconciliation) -> None:
    if not result.missed_count:
        return
    console.print()
    callers: dict[tuple[str, str], list[MissedCall]] = {}
    for call in result.missed:
        callers.setdefault((call.caller, call.number), []).append(call)
    who = count(len(callers), "caller was", "callers were")
    calls = count(result.missed_count, "call")
    console.print(Text(f"{who} missed in the meantime, in {calls}:", style="bold"))
    for (caller, number), missed in list(callers.items())[:_SHOWN_CALLERS]:
        often = f"   {times(len(missed))}" if len(missed) > 1 else ""
        message = "   left a message" if any(call.left_message for call in missed) else ""
        console.print(f"  {missed[0].at:%Y-%m-%d %H:%M:%S} UTC  {caller}  called {number}{often}{message}")
    _more(console, len(callers), _SHOWN_CALLERS)


def _verdict(console: Console, result: Reconciliation) -> None:
    console.print()
    both = (result.calls, result.recordings)
    if result.equal:
        console.print(
            Text("EQUAL", style="bold green").append("  the tables say what Twilio says", "not bold default")
        )
        return
    line = Text("NOT EQUAL", style="bold red")
    if result.dry_run and any(tally.brought_in for tally in both):
        line.append(
            f"  bring it in:\n    voicehooks reconcile --stack {result.stack}", style="not bold default"
        )
    else:
        line.append("  see above", style="not bold default")
    console.print(line)


def _more(console: Console, amount: int, shown: int = _SHOWN) -> None:
    if amount > shown:
        console.print(f"  and {amount - shown:,} more; --json lists up to 500")
