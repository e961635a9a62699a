"""`voicehooks reconcile` on quarantined callbacks: each is tried once, a dry run only counts."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from voicehooks.commands.reconcile.quarantine import Quarantine, merge_quarantined
from voicehooks.vendors.database import Database

_PAGE = 1000


class Tables:
    """A database with so many quarantined events, of which every tenth stays in quarantine."""

    def __init__(self, amount: int) -> None:
        self.keys = [f"CA{number:04}" for number in range(amount)]
        self.tried: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer as PostgREST does."""
        if request.method == "POST":
            event = json.loads(request.content)
            assert event["kind"] == "quarantined"
            self.tried.append(event["event_key"])
            left = event["event_key"].endswith("0")
            return httpx.Response(200, json={"result": "quarantined" if left else "stored"})
        query = request.url.params
        assert (query["kind"], query["order"]) == ("eq.quarantined", "event_key")
        after = query["event_key"].removeprefix("gt.")
        return httpx.Response(200, json=[{"event_key": key} for key in self.keys if key > after][:_PAGE])


@pytest.mark.parametrize("amount", [0, 1, _PAGE, 2 * _PAGE + 500])
@pytest.mark.parametrize("dry_run", [False, True])
def test_each_quarantined_event_is_tried_once(amount: int, dry_run: bool) -> None:
    """Whatever the number of pages, and what cannot be merged does not keep it from the rest."""
    tables = Tables(amount)

    async def go() -> Quarantine:
        database = Database(
            "http://project", "sb_secret_x", name="test", transport=httpx.MockTransport(tables.answer)
        )
        try:
            return await merge_quarantined(database, dry_run=dry_run)
        finally:
            await database.close()

    result = asyncio.run(go())

    left = sum(key.endswith("0") for key in tables.keys)
    if dry_run:
        assert (tables.tried, result) == ([], Quarantine(merged=0, left=amount))
    else:
        assert (tables.tried, result) == (tables.keys, Quarantine(merged=amount - left, left=left))
