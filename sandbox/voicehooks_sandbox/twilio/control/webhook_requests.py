"""Webhook requests: the list, each one's signature explained, and the rows that each one changed."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from voicehooks_sandbox.operation import Missing, Operation, query_number

from ..webhooks.delivery import WEBHOOK_JOURNAL
from ..webhooks.explanation import explain_signature
from ..webhooks.row_changes import ROW_JOURNAL, changes_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from ..emulator import Emulator
    from ..store import Document, Store

# The database's log arrives a few milliseconds after the handler's answer.
_LOG_SECONDS = 1.0


def requested_entry(store: Store, request: Request) -> Document:
    """The recorded webhook request that the path names.

    Raises:
        Missing: it does not exist.
    """
    number = str(request.path_params["id"])
    entry = store.entry(WEBHOOK_JOURNAL, int(number)) if number.isdecimal() and len(number) < 19 else None
    if entry is None:
        msg = f"There is no webhook request {number}."
        raise Missing(msg)
    return entry


class _WebhookRequests:
    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def list(self, request: Request) -> Document:
        """Every webhook request sent, with its answer, oldest first; with ``limit`` the newest so many."""
        sid = request.query_params.get("call_sid")
        after, limit = int(query_number(request, "after")), int(query_number(request, "limit")) or -1
        found = self._emulator.store.journal(WEBHOOK_JOURNAL, topic=sid, after=after, limit=limit)
        return {"webhook_requests": found}

    async def signature(self, request: Request) -> Document:
        """Explain a request's signature: the string that is signed, the key, both digests, a verdict."""
        entry = requested_entry(self._emulator.store, request)
        account = self._emulator.accounts.get(entry["account_sid"])
        if account is None:
            msg = f"The account {entry['account_sid']} of this request does not exist."
            raise Missing(msg)
        settings = entry["headers"].get("x-twilio-webhooks-signature-settings", "")
        return explain_signature(entry, account, self._emulator.webhook_rules.secret_named_in(settings))

    async def rows(self, request: Request) -> Document:
        """The rows that a request inserted, changed or deleted, each before and after.

        A change that callbacks of one call share, because the handler stored them together, is listed for each
        of them, with the others' ids in ``shared_with``.
        """
        store = self._emulator.store
        entry = requested_entry(store, request)
        with store.listening() as changed:
            while True:
                changed.clear()
                topic = entry["root_call_sid"]
                requests = store.journal(WEBHOOK_JOURNAL, topic=topic)
                changes = changes_of(entry, requests, store.journal(ROW_JOURNAL, topic=topic))
                rest = entry["time"] + entry["duration_ms"] / 1000 + _LOG_SECONDS - time.time()
                if changes or rest <= 0 or store.closing:
                    return {"changes": changes}
                try:
                    async with asyncio.timeout(rest):
                        await changed.wait()
                except TimeoutError:
                    continue


def operations(emulator: Emulator) -> list[Operation]:
    """Reading webhook requests."""
    requests = _WebhookRequests(emulator)
    return [
        Operation("GET", "/webhook-requests", requests.list, query=("call_sid", "after", "limit")),
        Operation("GET", "/webhook-requests/{id}/signature", requests.signature),
        Operation("GET", "/webhook-requests/{id}/rows", requests.rows),
    ]
