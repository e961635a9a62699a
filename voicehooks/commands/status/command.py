"""Running `voicehooks status`."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from voicehooks.output.counting import count
from voicehooks.output.elapsed import ago
from voicehooks.output.errors import CommandError
from voicehooks.output.json import print_json
from voicehooks.output.layout import screen_width, table
from voicehooks.stack.environment import Environment
from voicehooks.vendors.errors import reported
from voicehooks.vendors.event_streams import UNREPORTED_CALLS, UnreportedCall, about_numbers
from voicehooks.vendors.live import read_live
from voicehooks.vendors.supabase import open_supabase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicehooks.vendors.live import Live

__all__ = ["NumberStatus", "lines_of", "read_status", "run", "statuses", "unreported_calls"]

_TITLES = ("number", "name", "answered by", "fallback", "records", "last call")
_LAST_CALLS = """
select distinct on (number) number, display_status::text as status, created_at::text as at from (
  select case when direction = 'inbound' then to_number else from_number end as number,
    display_status, created_at
  from public.twilio_calls
  where parent_call_sid is null and created_at > now() - interval '90 days'
) as calls
where number is not null order by number, created_at desc
"""


class _LastCall(TypedDict):
    number: str
    status: str
    at: str


@dataclass(frozen=True)
class NumberStatus:
    """One number now.

    Attributes:
        number: in E.164 format.
        name: its name in the Twilio console.
        managed: whether the settings name it.
        answered_by: what takes its calls.
        handler: whether that is the stack's handler.
        fallback: what answers if that fails; empty where nothing does.
        record: the mode in which the handler records its calls; None where another answers, or none was set.
        diverted: whether `voicehooks divert` has sent it elsewhere.
        last_call: when its last call of the past 90 days began, None where there was none.
        last_status: how that call ended, or where it is.
    """

    number: str
    name: str
    managed: bool
    answered_by: str
    handler: bool
    fallback: str
    record: str | None
    diverted: bool
    last_call: datetime | None
    last_status: str | None


def run(*, stack: str, as_json: bool) -> int:
    """Print the status; returns the exit code, 0.

    Raises:
        CommandError: it cannot be read.
    """
    environment = Environment(stack)
    live, calls, unread = asyncio.run(read_status(environment))
    numbers = statuses(live, calls)
    unreported, unread_stream = asyncio.run(unreported_calls(environment, live))
    unread = unread or unread_stream
    if as_json:
        missing = None if unreported is None else [str(row["call_sid"]) for row in unreported]
        print_json({"stack": stack, "numbers": numbers, "unreportedCalls": missing, "unread": unread or None})
        return 0
    for line in lines_of(stack, numbers, datetime.now(UTC), screen_width()):
        print(line)
    if unreported:
        print(f"\n{count(len(unreported), 'call')} of the last day did not report to the handler; fetch them:")
        print(f"  voicehooks reconcile --stack {stack}")
    if unread:
        print(f"last calls are not shown: {unread}", file=sys.stderr)
    return 0


async def read_status(environment: Environment) -> tuple[Live, dict[str, _LastCall], str]:
    """Read what answers each number, and each one's last call; the text says why last calls are not there.

    Raises:
        CommandError: what answers cannot be read.
    """
    await asyncio.to_thread(lambda: environment.settings)
    live, calls = await asyncio.gather(read_live(environment), _last_calls(environment), return_exceptions=True)
    if isinstance(live, BaseException):
        raise live
    if isinstance(calls, CommandError):
        # Who answers is known all the same.
        return live, {}, str(calls)
    if isinstance(calls, BaseException):
        raise calls
    return live, {call["number"]: call for call in calls}, ""


async def unreported_calls(environment: Environment, live: Live) -> tuple[list[Mapping[str, Any]] | None, str]:
    """Return the calls of the last day that Twilio knows and no callback reported; None without Event Streams.

    The text says why they are not known.
    """
    if not live.settings.account.event_streams:
        return None, ""
    numbers = {*live.settings.named_numbers, *(n for n in live.numbers if live.is_answered(n))}
    try:
        with reported("the calls that Event Streams reported cannot be read"):
            async with open_supabase(environment) as api:
                ref = environment.settings.supabase_project
                rows = await api.query(ref, UNREPORTED_CALLS, read_only=True, row=UnreportedCall)
    except CommandError as error:
        return None, str(error)
    return about_numbers(rows, numbers), ""


async def _last_calls(environment: Environment) -> list[_LastCall]:
    with reported("the last calls cannot be read"):
        async with open_supabase(environment) as api:
            rows: Any = await api.query(
                environment.settings.supabase_project, _LAST_CALLS, read_only=True, row=_LastCall
            )
    found: list[_LastCall] = rows
    return found


def statuses(live: Live, calls: Mapping[str, _LastCall]) -> list[NumberStatus]:
    """Return every number of the account that can take calls, those of the settings first."""
    named = live.settings.named_numbers
    found = []
    for number, at_twilio in live.numbers.items():
        if number not in named and not (at_twilio.get("capabilities") or {}).get("voice"):
            continue
        own = named.get(number)
        by_handler, call = live.is_answered(number), calls.get(number)
        name = str(at_twilio.get("friendly_name") or "")
        settings = (
            (own.with_defaults(live.settings.defaults) if own else live.settings.defaults)
            if by_handler
            else None
        )
        found.append(
            NumberStatus(
                number,
                "" if _digits(name) in number else name,
                own is not None or "*" in live.settings.numbers,
                live.answered_by(number),
                by_handler,
                live.fallback(number),
                settings.record if settings else None,
                number in live.settings.diverted,
                datetime.fromisoformat(call["at"]) if call else None,
                call["status"] if call else None,
            )
        )
    missing = [
        NumberStatus(number, "", True, "not a number of the account", False, "", None, False, None, None)
        for number in named
        if number not in live.numbers
    ]
    return sorted([*found, *missing], key=lambda item: (not item.managed, item.number))


def lines_of(stack: str, numbers: Sequence[NumberStatus], now: datetime, width: int | None) -> Iterator[str]:
    """The table; on a narrow terminal its last columns are on a second line of each number."""
    if not numbers:
        yield f"{stack}: the account has no number that can take calls"
        return
    yield from table(_TITLES, [_cells(number, now) for number in numbers], width)


def _cells(number: NumberStatus, now: datetime) -> tuple[str, ...]:
    answered = f"{number.answered_by} (diverted)" if number.diverted else number.answered_by
    recording = "no" if number.record in (None, "do-not-record") else "yes"
    last = f"{ago(now, number.last_call)}, {number.last_status}" if number.last_call else "none"
    name = number.name if number.managed else f"{number.name} (not managed)".lstrip()
    return number.number, name, answered, number.fallback or "none", recording if number.handler else "?", last


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isalnum())
