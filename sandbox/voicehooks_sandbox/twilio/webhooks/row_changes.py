"""Which rows of the database a webhook request changed.

The database's log says which rows each transaction changed, and not for whom. A handler that stores a request's
parameters says it: a transaction that inserts a row with exactly these parameters, as a JSON value, stored this
request. Such a transaction may store several requests at once (callbacks that the handler combined); a change
belongs to those of them that name the row's call.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..calls.models import KIND as CALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..store import Document, Store

ROW_JOURNAL = "row"
# A commit is seen with the database's clock, and it has microseconds where the journal has milliseconds.
_TOLERANCE_SECONDS = 0.002
_SID = re.compile(r"CA[0-9a-f]{32}")


def log_changes(store: Store, changes: Iterable[Document]) -> None:
    """Add the changes of one transaction to the journal, each under the call that its row names."""
    for change in changes:
        sids = _sids_of(change)
        call = next((found for sid in sorted(sids) if (found := store.get(CALL, sid))), None)
        topic = (call["parent_call_sid"] or call["sid"]) if call else ""
        store.log(ROW_JOURNAL, topic, change)


def changes_of(entry: Document, requests: Sequence[Document], changes: Iterable[Document]) -> list[Document]:
    """Return what a request changed, in the order of the changes.

    A change has ``shared_with``, the ids of other requests of the same transaction that name the same call, and
    ``inferred``: whether no stored parameters prove it, but only its time and its call.

    Args:
        entry: the request, of the journal.
        requests: those of its call, oldest first, with ``entry`` among them.
        changes: those of its call, of the journal.
    """
    transactions: dict[str, list[Document]] = {}
    for change in changes:
        transactions.setdefault(change["transaction"], []).append(change)
    stored = _stored(requests, transactions.values())
    found: list[Document] = []
    for transaction in transactions.values():
        storing = {change["id"]: stored[change["id"]] for change in transaction if change["id"] in stored}
        if entry["id"] in storing.values():
            found += _part_of(entry, transaction, storing, requests)
        elif not storing and entry["id"] not in stored.values() and _under_way(entry, transaction[0]):
            found += [{**change, "shared_with": [], "inferred": True} for change in transaction]
    return found


def _stored(requests: Sequence[Document], transactions: Iterable[Sequence[Document]]) -> dict[int, int]:
    """Which request each inserted row stores: the request's id by that of the change.

    Of requests with the same parameters (attempts, duplicates), the oldest one under way at the commit stored
    them; if none was, the newest one sent before.
    """
    stored: dict[int, int] = {}
    for change in (change for transaction in transactions for change in transaction):
        if change["type"] != "INSERT":
            continue
        values = [value for value in change["record"].values() if isinstance(value, dict) and value]
        same = [
            request
            for request in requests
            if request["params"] in values
            and request["id"] not in stored.values()
            and _sent_before(request, change)
        ]
        if same:
            under_way = [request for request in same if _under_way(request, change)]
            stored[change["id"]] = (under_way[0] if under_way else same[-1])["id"]
    return stored


def _part_of(
    entry: Document,
    transaction: Sequence[Document],
    storing: Mapping[int, int],
    requests: Sequence[Document],
) -> Iterator[Document]:
    """A request's part of a transaction that stored it, perhaps with others of its call."""
    parents = {request["call_sid"]: request["root_call_sid"] for request in requests}
    together = [request for request in requests if request["id"] in storing.values()]
    for change in transaction:
        if change["id"] in storing:
            concerned = [storing[change["id"]]]
        else:
            call = _call_of(change, parents)
            concerned = [request["id"] for request in together if call & _sids_in(request["params"])]
            concerned = concerned or [request["id"] for request in together]
        if entry["id"] in concerned:
            others = [number for number in concerned if number != entry["id"]]
            yield {**change, "shared_with": others, "inferred": False}


def _under_way(entry: Document, change: Document) -> bool:
    """Whether a change was committed while this request was under way."""
    ended = entry["time"] + entry["duration_ms"] / 1000 + _TOLERANCE_SECONDS
    return _sent_before(entry, change) and bool(change["committed_at"] <= ended)


def _sent_before(entry: Document, change: Document) -> bool:
    return bool(entry["time"] - _TOLERANCE_SECONDS <= change["committed_at"])


def _call_of(change: Document, parents: dict[str, str]) -> set[str]:
    """The leg that a row is about: the SIDs that it names, without the call that dialed one of them."""
    sids = _sids_of(change)
    return sids - {parents[sid] for sid in sids if parents.get(sid, sid) != sid}


def _sids_of(change: Document) -> set[str]:
    return _sids_in(change["record"] or change["old_record"] or {})


def _sids_in(values: dict[str, Any]) -> set[str]:
    return {value for value in values.values() if isinstance(value, str) and _SID.fullmatch(value)}
