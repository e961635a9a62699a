"""Subscriptions to postgres_changes: parsed from a join, checked against the database."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicehooks_sandbox.supabase.realtime import filters
from voicehooks_sandbox.supabase.realtime.filters import Filter, FilterError

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.realtime.replication import Change
    from voicehooks_sandbox.supabase.realtime.rows import Reader, Rows

_EVENTS = ("INSERT", "UPDATE", "DELETE")
_ID_BITS = 27


@dataclass(frozen=True)
class Subscription:
    """What one entry of `postgres_changes` asks for, and for whom.

    Attributes:
        id: Names it in messages; equal entries have equal ids.
        event: INSERT, UPDATE, DELETE or `*`.
        schema: A schema; None for all.
        table: A table; None for all.
        filters: Conditions on the row.
        select: The columns wanted; None for all.
        reader: Whose row-level security decides.
    """

    id: int
    event: str
    schema: str | None
    table: str | None
    filters: tuple[Filter, ...]
    select: frozenset[str] | None
    reader: Reader

    def wants(self, change: Change) -> bool:
        """Whether the change is of the kind and the table that this is about."""
        return (
            self.event in ("*", change.type)
            and self.schema in (None, change.table.schema)
            and self.table in (None, change.table.name)
        )


def subscription_id(parameters: dict[str, Any]) -> int:
    """The id of an entry: a number of 27 bits, as hosted."""
    text = json.dumps(parameters, sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> (32 - _ID_BITS)


async def checked(parameters: dict[str, Any], reader: Reader, rows: Rows) -> Subscription:
    """Make a subscription of an entry.

    Raises:
        FilterError: With the text that the client gets in `system`.
    """
    event = str(parameters.get("event", "*")).upper()
    event = event if event in _EVENTS else "*"
    schema, table = _name(parameters.get("schema")), _name(parameters.get("table"))
    if parameters.get("schema") is None and parameters.get("table") is None:
        shown = json.dumps(parameters)
        msg = (
            "No subscription params provided. Please provide at least a `schema` or `table` to subscribe to: "
            f"{shown}"
        )
        raise FilterError(msg)
    entries = filters.parse(parameters.get("filter"))
    select = parameters.get("select")
    columns = [str(name) for name in select] if isinstance(select, list) else None
    found = await rows.published(schema, table)
    described = (
        f"[event: {event}, schema: {schema or '*'}, table: {table or '*'}, "
        f"filters: [{', '.join(entry.shown() for entry in entries)}], "
        f"select: {'nil' if columns is None else json.dumps(columns)}]"
    )
    if not found and (table is not None or schema is not None):
        msg = (
            "Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the "
            f"given connect parameters: {described}"
        )
        raise FilterError(msg)
    try:
        for oid, _, _ in found if entries or columns is not None else []:
            description = await rows.describe_oid(oid)
            if description is None:
                continue
            await rows.check_filters(entries, description.types)
            filters.check_selected(columns or [], description.types)
    except FilterError as error:
        msg = (
            "Unable to subscribe to changes with given parameters. An exception happened so please check your "
            f"connect parameters: {described}. Exception: {error}"
        )
        raise FilterError(msg) from error
    chosen = None if columns is None else frozenset(columns)
    return Subscription(subscription_id(parameters), event, schema, table, tuple(entries), chosen, reader)


def _name(value: object) -> str | None:
    return None if value in (None, "*", "") else str(value)
