"""Running `voicehooks calls`."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from voicehooks.commands.calls.entries import COLUMNS, RECENT, Entry, entries_of
from voicehooks.output.json import print_json, to_json
from voicehooks.output.layout import screen_width, wrapped
from voicehooks.stack.environment import Environment
from voicehooks.vendors.database import open_database

if TYPE_CHECKING:
    from voicehooks.vendors.database import Database

__all__ = ["lines_of", "run"]

_SANDBOX_PAUSE, _HOSTED_PAUSE = 0.3, 2.0
# A row's time is that of its transaction's begin: one may become visible after a later one.
_OVERLAP = timedelta(seconds=10)
_MOST = 1000


def run(*, stack: str, limit: int, follow: bool, as_json: bool) -> int:
    """Print the calls; returns the exit code, 0.

    Raises:
        CommandError: they cannot be read.
    """
    asyncio.run(_show(Environment(stack), limit, follow=follow, as_json=as_json))
    return 0


async def _show(environment: Environment, limit: int, *, follow: bool, as_json: bool) -> None:
    async with open_database(environment) as database:
        entries = await _newest(database, environment.name, limit)
        if as_json and not follow:
            print_json({"stack": environment.name, "calls": entries})
            return
        shown: dict[str, Entry] = {}
        _print_new(entries, shown, as_json=as_json)
        if not entries and not as_json:
            waiting = "; waiting for one" if follow else ""
            print(f"{environment.name}: no call in the database yet{waiting}", flush=True)
        pause = _SANDBOX_PAUSE if environment.is_sandbox else _HOSTED_PAUSE
        latest = max((entry.updated_at for entry in entries), default=None)
        while follow:
            await asyncio.sleep(pause)
            entries = await _since(database, environment.name, latest)
            _print_new(entries, shown, as_json=as_json)
            latest = max([entry.updated_at for entry in entries] + ([latest] if latest else []), default=None)


async def _newest(database: Database, stack: str, limit: int) -> list[Entry]:
    rows = await database.rows(
        "twilio_calls",
        select=COLUMNS,
        parent_call_sid="is.null",
        call_sid="not.is.null",
        order="created_at.desc",
        limit=limit,
    )
    return await entries_of(database, rows[::-1], stack)


async def _since(database: Database, stack: str, latest: datetime | None) -> list[Entry]:
    filters = {}
    if latest:
        filters["updated_at"] = f"gte.{(latest - _OVERLAP).isoformat()}"
        filters["created_at"] = f"gte.{(latest - RECENT).isoformat()}"
    rows = await database.rows(
        "twilio_calls",
        select=COLUMNS,
        parent_call_sid="is.null",
        call_sid="not.is.null",
        order="updated_at.desc",
        limit=_MOST,
        **filters,
    )
    return await entries_of(database, rows[::-1], stack)


def _print_new(entries: list[Entry], shown: dict[str, Entry], *, as_json: bool) -> None:
    width = screen_width()
    for entry in entries:
        before = shown.get(entry.call_sid)
        if before is not None and before.says == entry.says:
            continue
        shown[entry.call_sid] = entry
        if as_json:
            print(json.dumps(to_json(entry)), flush=True)
        else:
            print("\n".join(lines_of(entry, width)), flush=True)


def lines_of(entry: Entry, width: int | None) -> list[str]:
    """One line, and below it why, and the command that repairs it."""
    length = "" if entry.seconds is None else f"  {entry.seconds} s"
    started = entry.started_at.astimezone().strftime("%m-%d %H:%M:%S")
    call = f"{started}  {entry.call_sid}  {entry.caller} -> {entry.called}  {entry.status}{length}"
    lines = wrapped(call, width, rest="    ")
    if entry.reason:
        lines += wrapped(entry.reason, width, first="    ! ", rest="      ")
    if entry.fix:
        lines.append(f"      {entry.fix}")
    return lines
