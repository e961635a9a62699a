"""All of it in order: quarantined callbacks, calls, then the recordings, which belong to calls."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from typing import TYPE_CHECKING

from voicehooks.commands.reconcile.ingest import ingest
from voicehooks.commands.reconcile.ownership import REMEMBERED, Ownership, Recent
from voicehooks.commands.reconcile.quarantine import merge_quarantined
from voicehooks.commands.reconcile.result import LISTED, MissedCall, Reconciliation
from voicehooks.commands.reconcile.stream import unreported_calls
from voicehooks.commands.reconcile.table import CALLS, RECORDINGS, bring_in
from voicehooks.commands.reconcile.unknown_rows import ReverseCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voicehooks.commands.reconcile.entries import CallEntry, RecordingEntry
    from voicehooks.commands.reconcile.twilio_side import TwilioLists
    from voicehooks.commands.reconcile.window import Window
    from voicehooks.vendors.database import Database, Row

__all__ = ["reconcile"]

# Calls asked for by themselves, at the same time.
_AT_ONCE = 20


async def reconcile(
    lists: TwilioLists,
    database: Database,
    window: Window,
    numbers: Mapping[str, bool],
    *,
    stack: str,
    account_sid: str,
    dry_run: bool,
    by_stream: bool,
    progress: Callable[[Reconciliation], None],
    remember: int = REMEMBERED,
) -> Reconciliation:
    """Bring in what Twilio knows and the tables do not, and count both ways.

    Args:
        lists: Twilio's side.
        database: the tables.
        window: the time in which calls began and recordings were made.
        numbers: the environment's, each with whether its calls are forwarded to somebody who could answer.
        stack: the environment's name.
        account_sid: the Twilio account.
        dry_run: compare only.
        by_stream: whether Event Streams reports every call. Only the calls are then fetched whose callbacks are
            missing, unless what it reported is incomplete.
        progress: called with what is known so far, after each page.
        remember: how many calls are remembered at most.

    Raises:
        CommandError: a vendor cannot be asked, or refuses.
    """
    result = Reconciliation(stack, account_sid, window, sorted(numbers), dry_run)
    began = time.monotonic()
    run = _Run(lists, database, result, numbers, progress, remember=remember)
    # First, so that what they say counts as known.
    result.quarantine = await merge_quarantined(database, dry_run=dry_run)
    if not (by_stream and await run.unreported_calls()):
        await run.calls()
    await run.recordings()
    await run.messages()
    result.seconds = time.monotonic() - began
    return result


class _Run:
    def __init__(
        self,
        lists: TwilioLists,
        database: Database,
        result: Reconciliation,
        numbers: Mapping[str, bool],
        progress: Callable[[Reconciliation], None],
        *,
        remember: int,
    ) -> None:
        self._lists = lists
        self._database = database
        self._result = result
        self._numbers = numbers
        self._progress = progress
        self._ownership = Ownership(numbers, lists, remember)
        # Calls of which a dialed leg was answered. Lists begin with the newest: a leg comes before its call.
        self._answered: Recent[bool] = Recent(remember)

    async def unreported_calls(self) -> bool:
        """Bring in the calls that Event Streams reported and no callback did; false if that proves nothing."""
        result = self._result
        sids = await unreported_calls(self._database, result.window, self._numbers, result.account_sid)
        if sids is None:
            return False
        result.calls_from = "event-streams"
        for first in range(0, len(sids), _AT_ONCE):
            found = await asyncio.gather(*(self._lists.call(sid) for sid in sids[first : first + _AT_ONCE]))
            calls = await self._ownership.ours([call for call in found if call is not None])
            for leg in calls:
                if leg.parent and leg.status == "completed":
                    self._answered.put(leg.parent, True)
            await self._note_stored_answers(calls)
            brought = await bring_in(CALLS, calls, self._database, result.calls, dry_run=result.dry_run)
            self._note_missed(brought)
            self._progress(result)
        return True

    async def _note_stored_answers(self, calls: list[CallEntry]) -> None:
        """Note which calls have an answered leg in the tables: one that reported is not asked for again."""
        sids = [call.sid for call in calls if call.is_incoming]
        if not sids:
            return
        legs = await self._database.rows(
            CALLS.name,
            select="parent_call_sid",
            parent_call_sid=f"in.({','.join(sids)})",
            status="eq.completed",
        )
        for leg in legs:
            self._answered.put(str(leg["parent_call_sid"]), True)

    async def calls(self) -> None:
        result, tally = self._result, self._result.calls

        async def unknown(row: Row) -> None:
            tally.note_unknown(row["call_sid"])

        reverse = ReverseCheck(
            self._database,
            CALLS,
            result.account_sid,
            result.window,
            tally,
            find=self._lists.call,
            unknown=unknown,
        )
        async for page in self._lists.calls(result.window):
            ours = [call for call in await self._ownership.ours(page) if call.started in result.window]
            for leg in ours:
                if leg.parent and leg.status == "completed":
                    self._answered.put(leg.parent, True)
            brought = await bring_in(CALLS, ours, self._database, tally, dry_run=result.dry_run)
            self._note_missed(brought)
            await reverse.take(page)
            self._progress(result)
        await reverse.finish()

    async def recordings(self) -> None:
        result, tally = self._result, self._result.recordings

        async def unknown(row: Row) -> None:
            """What Twilio no longer has was deleted there, and the row says so."""
            if row["status"] == "deleted":
                return
            tally.deleted += 1
            tally.brought_in += 1
            if not result.dry_run:
                params = {
                    "CallSid": row["call_sid"],
                    "AccountSid": result.account_sid,
                    "RecordingSid": row["recording_sid"],
                    "RecordingStatus": "deleted",
                }
                await ingest(self._database, {"kind": "reconciled", "params": params})

        reverse = ReverseCheck(
            self._database,
            RECORDINGS,
            result.account_sid,
            result.window,
            tally,
            find=self._lists.recording,
            unknown=unknown,
        )
        async for page in self._lists.recordings(result.window):
            ours = await self._recordings_of_ours(
                [recording for recording in page if recording.started in result.window]
            )
            brought = await bring_in(RECORDINGS, ours, self._database, tally, dry_run=result.dry_run)
            tally.deleted += sum(recording.status == "deleted" for recording in brought)
            await reverse.take(page)
            self._progress(result)
        await reverse.finish()

    async def messages(self) -> None:
        """Find out which of the missed callers left a message."""
        if self._result.dry_run or not self._result.missed:
            return
        sids = [call.call_sid for call in self._result.missed]
        rows = await self._database.rows_by_key(CALLS.name, CALLS.key, sids, select="call_sid,left_voicemail")
        self._result.missed = [
            dataclasses.replace(call, left_message=bool(rows.get(call.call_sid, {}).get("left_voicemail")))
            for call in self._result.missed
        ]

    async def _recordings_of_ours(self, page: list[RecordingEntry]) -> list[RecordingEntry]:
        """Return the recordings of our calls. All calls of the window are rows by now, so rows answer most."""
        sids = {recording.call_sid for recording in page if recording.call_sid}
        known = await self._database.rows_by_key(CALLS.name, CALLS.key, sids, select="call_sid")
        others = [sid for sid in sids if sid not in known and await self._ownership.is_ours(sid)]
        await self._bring_in_older(others)
        return [recording for recording in page if recording.call_sid in {*known, *others}]

    async def _bring_in_older(self, sids: list[str]) -> None:
        """Bring in calls that began before the window and were recorded in it."""
        calls = [call for sid in sids if (call := await self._lists.call(sid)) is not None]
        older = [call for call in calls if call.started not in self._result.window]
        await bring_in(CALLS, older, self._database, self._result.calls, dry_run=self._result.dry_run)

    def _note_missed(self, brought: list[CallEntry]) -> None:
        for call in brought:
            if call.is_incoming and self._numbers.get(call.to) and call.sid not in self._answered:
                self._result.missed_count += 1
                if len(self._result.missed) < LISTED:
                    self._result.missed.append(MissedCall(call.caller, call.to, call.started, call.sid))
