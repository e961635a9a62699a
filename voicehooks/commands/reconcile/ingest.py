"""Storing events as the handler does: many in one transaction, and alone what has to wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from voicehooks.output.errors import CommandError
from voicehooks.vendors.tables import Ingested, IngestedOrError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicehooks.vendors.database import Database

__all__ = ["ingest", "ingest_many"]

_AT_ONCE = 64


async def ingest(database: Database, event: dict[str, Any]) -> str:
    """Store one event and return its result: ``stored``, ``duplicate`` or ``quarantined``.

    Raises:
        CommandError: the database cannot be reached, or refuses the event.
    """
    answer = await database.rpc("ingest_twilio_webhook", event, shape=Ingested)
    return str(answer["result"])


async def ingest_many(database: Database, events: Sequence[dict[str, Any]]) -> list[str]:
    """Store events that were read from Twilio's API and return the result of each, in their order.

    Raises:
        CommandError: the database cannot be reached, or refuses an event. The others are stored.
    """
    batches = [events[start : start + _AT_ONCE] for start in range(0, len(events), _AT_ONCE)]
    results = await asyncio.gather(*(_ingest_batch(database, batch) for batch in batches))
    return [result for of_batch in results for result in of_batch]


async def _ingest_batch(database: Database, events: Sequence[dict[str, Any]]) -> list[str]:
    answers = await database.rpc(
        "ingest_twilio_webhooks", {"events": list(events)}, shape=list[IngestedOrError]
    )
    if len(answers) != len(events):
        raise CommandError(
            "events cannot be stored",
            f"the database's REST API answered {len(answers)} results to {len(events)} events",
            "deploy the migrations with pulumi up, or find out what answers in the database's place",
        )
    # Alone, an event waits for its locked row, and its error is the database's own sentence.
    return [
        answer.get("result") or await ingest(database, event)
        for event, answer in zip(events, answers, strict=True)
    ]
