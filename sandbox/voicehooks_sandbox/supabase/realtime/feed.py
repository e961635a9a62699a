"""What is committed becomes messages: changed rows for subscriptions, and broadcasts from the database."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from voicehooks_sandbox.supabase.realtime.filters import condition
from voicehooks_sandbox.supabase.realtime.frames import Broadcast
from voicehooks_sandbox.supabase.realtime.replication import (
    SLOT,
    Change,
    ReplicationStream,
    StreamEnded,
    Transaction,
)
from voicehooks_sandbox.supabase.realtime.rows import Rows
from voicehooks_sandbox.tasks import end

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicehooks_sandbox.supabase.realtime.rows import Description, Reader
    from voicehooks_sandbox.supabase.realtime.subscriptions import Subscription

Deliver = Callable[["list[int]", str], None]
"""Takes the ids of matching subscriptions and the data of a change, as JSON."""
_Delivery = tuple["tuple[Subscription, ...]", Deliver]
_log = logging.getLogger(__name__)
_CHANGES, _MESSAGES = "supabase_realtime", "supabase_realtime_messages_publication"
_RETRY_SECONDS = 0.2
_CHECK_SECONDS = 1.0
_LARGEST_CHANGE = 1024 * 1024
_LONGEST_VALUE_OF_LARGE_CHANGE = 64
_NO_KEY = "Error 400: Bad Request, no primary key"
_UNAUTHORIZED = "Error 401: Unauthorized"
_TOO_LARGE = "Error 413: Payload Too Large"


class _Work(NamedTuple):
    """A change that somebody has subscribed to."""

    change: Change
    transaction: Transaction
    matching: list[Subscription]


class Feed:
    """Follows the database while it is there, and connects again after an outage.

    Args:
        url: Connection URL of a superuser.
        on_message: Called with the topic, whether it is private, and a broadcast from the database.
    """

    def __init__(self, url: str, on_message: Callable[[str, bool, Broadcast], None]) -> None:
        self._url = url
        self._on_message = on_message
        self.rows = Rows(url)
        self._delivery: dict[object, tuple[int, tuple[Subscription, ...], Deliver]] = {}
        self._connected = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stream: ReplicationStream | None = None
        self._keeps_slot = False

    async def connected(self) -> None:
        """Start if that is necessary, and wait until changes arrive."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="realtime feed")
        await self._connected.wait()

    async def subscribe(self, owner: object, subscriptions: Iterable[Subscription], deliver: Deliver) -> None:
        """Deliver what is committed from now on to an owner, in place of what it subscribed to before."""
        since = await self.rows.position()
        self._delivery[owner] = (since, tuple(subscriptions), deliver)

    def unsubscribe(self, owner: object) -> None:
        """Deliver nothing more to an owner."""
        self._delivery.pop(owner, None)

    async def close(self) -> None:
        """End; the slot goes with it, so that no log is kept for nobody."""
        task, self._task = self._task, None
        await end(task)
        self._keeps_slot = False
        with contextlib.suppress(psycopg.Error):
            await self._drop_slot()
        await self.rows.close()

    async def forget_slot(self) -> None:
        """Drop the slot that a killed sandbox has left, so that Postgres keeps no log for nobody."""
        if self._task is None:
            await self._drop_slot()
            await self.rows.close()

    async def _run(self) -> None:
        while True:
            try:
                await self._follow()
            except (StreamEnded, psycopg.OperationalError, OSError) as error:
                _log.info("Realtime lost the database and connects again: %s", str(error).strip())
            except asyncio.CancelledError:
                raise
            except Exception:  # noqa: BLE001 - one change that cannot be shown must not end all subscriptions
                _log.exception("Realtime could not deliver a change")
            self._connected.clear()
            await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self) -> None:
        there = {name for (name,) in await self.rows.fetch_all("select pubname::text from pg_publication")}
        publications = [name for name in (_CHANGES, _MESSAGES) if name in there]
        if not self._keeps_slot:
            await self._drop_slot()
            self._keeps_slot = True
        stream = self._stream = ReplicationStream(self._url)
        watch = asyncio.create_task(self._watch_publications(there, stream))
        try:
            await stream.open(publications)
            self._connected.set()
            async for transactions in stream.transactions():
                await self._dispatch(transactions)
        except StreamEnded as error:
            # A publication that was dropped is missing at this position of the log: begin again after it.
            self._keeps_slot = "publication" not in str(error)
            raise
        finally:
            watch.cancel()
            stream.close()

    async def _watch_publications(self, there: set[str], stream: ReplicationStream) -> None:
        """Begin again when a publication that was missing is made."""
        while not {_CHANGES, _MESSAGES} <= there:
            await asyncio.sleep(_CHECK_SECONDS)
            with contextlib.suppress(psycopg.Error):
                found = await self.rows.fetch_all("select pubname::text from pg_publication")
                if {name for (name,) in found} - there:
                    stream.interrupt()
                    return

    async def _drop_slot(self) -> None:
        await self.rows.fetch_all(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
            " where slot_name = %s and not active",
            [SLOT],
        )

    async def _dispatch(self, transactions: list[Transaction]) -> None:
        work: list[_Work] = []
        deliveries: dict[int, list[_Delivery]] = {}
        for transaction in transactions:
            found = self._work_of(transaction)
            if found:
                deliveries[transaction.end] = self._deliveries(transaction)
                work += found
        if not work:
            return
        await self.rows.wait_until_visible([transaction.xid for transaction in transactions])
        results: dict[int, tuple[set[Subscription], Views]] = {}
        for table in {id(entry.change.table): entry.change.table for entry in work}.values():
            part = [entry for entry in work if entry.change.table is table]
            roles = sorted({subscription.reader[0] for entry in part for subscription in entry.matching})
            description = await self.rows.describe(table, roles)
            if description is not None:
                await self._examine(part, description, results)
        for entry in work:
            if (result := results.get(id(entry.change))) is not None:
                _deliver(deliveries[entry.transaction.end], *result)

    def _deliveries(self, transaction: Transaction) -> list[_Delivery]:
        """Who had subscribed before a transaction was committed."""
        return [
            (entries, deliver) for since, entries, deliver in self._delivery.values() if transaction.end > since
        ]

    def _work_of(self, transaction: Transaction) -> list[_Work]:
        """The changes of a transaction that somebody has subscribed to; its broadcasts go out at once."""
        for change in transaction.changes:
            if (change.table.schema, change.table.name) == ("realtime", "messages"):
                self._dispatch_message(change)
        wanted = {subscription for entries, _ in self._deliveries(transaction) for subscription in entries}
        return [
            _Work(change, transaction, matching)
            for change in transaction.changes
            if (matching := [subscription for subscription in wanted if subscription.wants(change)])
        ]

    async def _examine(
        self,
        part: list[_Work],
        description: Description,
        results: dict[int, tuple[set[Subscription], Views]],
    ) -> None:
        changes = [entry.change for entry in part]
        olds = [_old_row(change, description) for change in changes]
        shown = await self.rows.as_json([*(change.new for change in changes), *olds], description)
        passing = await self._passing(part, description)
        readers = await self._readers(part, description)
        for number, entry in enumerate(part):
            allowed = {
                subscription
                for subscription in passing[number]
                if (may := readers[number]) is None or subscription.reader in may
            }
            new, old = shown[number], shown[len(part) + number]
            views = Views(entry.change, description, new, old, entry.transaction.timestamp)
            results[id(entry.change)] = (allowed, views)

    async def _passing(self, part: list[_Work], description: Description) -> list[set[Subscription]]:
        """For each change, the subscriptions whose filters hold."""
        asked = []
        passing: list[set[Subscription]] = [set() for _ in part]
        for number, entry in enumerate(part):
            change = entry.change
            row = change.new if change.new is not None else _old_row(change, description) or {}
            for subscription in entry.matching:
                if subscription.filters:
                    test = condition(list(subscription.filters), row, description.types)
                    asked.append((number, subscription, test))
                else:
                    passing[number].add(subscription)
        if asked:
            answers = await self.rows.true_conditions([test for _, _, test in asked])
            for (number, subscription, _), holds in zip(asked, answers, strict=True):
                if holds:
                    passing[number].add(subscription)
        return passing

    async def _readers(self, part: list[_Work], description: Description) -> list[set[Reader] | None]:
        """For each change, who may read the row; None if nobody is asked (DELETE, no row-level security)."""
        answers: list[set[Reader] | None] = [None] * len(part)
        if not description.has_rls or not description.key:
            return answers
        asked = [number for number, entry in enumerate(part) if entry.change.new is not None]
        readers = sorted({subscription.reader for entry in part for subscription in entry.matching})
        if asked:
            rows = [part[number].change.new or {} for number in asked]
            found = await self.rows.readable(part[0].change.table, rows, description, readers)
            for number, allowed in zip(asked, found, strict=True):
                answers[number] = allowed
        return answers

    def _dispatch_message(self, change: Change) -> None:
        row = change.new or {}
        if row.get("extension") != "broadcast":
            return
        payload: Any = json.loads(row.get("payload") or "null")
        if (binary := row.get("binary_payload")) is not None:
            payload = bytes.fromhex(binary.removeprefix("\\x"))
        broadcast = Broadcast(row.get("event") or "", payload, {"id": row.get("id")})
        self._on_message(row.get("topic") or "", row.get("private") == "t", broadcast)


def _deliver(deliveries: list[_Delivery], allowed: set[Subscription], views: Views) -> None:
    for entries, deliver in deliveries:
        ids: dict[tuple[str, frozenset[str] | None], list[int]] = {}
        for subscription in entries:
            if subscription in allowed:
                ids.setdefault((subscription.reader[0], subscription.select), []).append(subscription.id)
        for (role, select), numbers in ids.items():
            deliver(numbers, views.of(role, select))


class Views:
    """The data of one change, as the roles and selections see it; each is made once.

    Args:
        change: The change.
        description: Its table.
        new: The new row as JSON values.
        old: The old row as JSON values.
        at: When it was committed.
    """

    def __init__(
        self,
        change: Change,
        description: Description,
        new: dict[str, Any] | None,
        old: dict[str, Any] | None,
        at: str,
    ) -> None:
        self._change = change
        self._description = description
        self._new = new
        self._old = old
        self._at = at
        self._made: dict[tuple[str, frozenset[str] | None], str] = {}

    def of(self, role: str, select: frozenset[str] | None) -> str:
        """What a subscriber of this role gets, as JSON."""
        if (role, select) not in self._made:
            data = self._make(role, select)
            self._made[role, select] = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return self._made[role, select]

    def _make(self, role: str, select: frozenset[str] | None) -> dict[str, Any]:
        change, description = self._change, self._description
        table = change.table
        data: dict[str, Any] = {"schema": table.schema, "table": table.name, "type": change.type}
        selectable = description.selectable.get(role, frozenset())
        error = None
        if change.type != "DELETE" and not description.key:
            error = _NO_KEY
        elif change.type != "DELETE" and not selectable.issuperset(description.key):
            error = _UNAUTHORIZED
        if error is not None:
            return {**data, "commit_timestamp": None, "columns": [], "record": {}, "errors": [error]}
        shown = selectable if select is None else selectable & (select | set(description.key))
        too_large = change.size > _LARGEST_CHANGE
        data["commit_timestamp"] = self._at
        data["columns"] = [
            {"name": name, "type": kind} for name, kind in description.type_names.items() if name in shown
        ]
        if self._new is not None:
            data["record"] = _visible(self._new, shown, small_only=too_large)
        if self._old is not None:
            data["old_record"] = _visible(self._old, shown, small_only=too_large)
        data["errors"] = [_TOO_LARGE] if too_large else None
        return data


def _visible(row: dict[str, Any], shown: frozenset[str], *, small_only: bool) -> dict[str, Any]:
    return {
        name: value
        for name, value in row.items()
        if name in shown
        and not (small_only and len(json.dumps(value).encode()) > _LONGEST_VALUE_OF_LARGE_CHANGE)
    }


def _old_row(change: Change, description: Description) -> dict[str, str | None] | None:
    """The old row as clients get it: the key, or with full replica identity all of it."""
    if change.type == "INSERT":
        return None
    old = change.old if change.old is not None else (change.new or {})
    only_key = not change.table.has_full_identity or (change.type == "DELETE" and description.has_rls)
    return {name: value for name, value in old.items() if not only_key or name in description.key}
