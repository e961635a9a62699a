"""What happens, as it happens: server-sent events.

Source: HTML Living Standard, "Server-sent events": ``id``, ``event`` and ``data`` lines, a comment to keep the
connection alive, ``Last-Event-ID`` of a client that connects again.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from voicehooks_sandbox.operation import Operation

from ..simulation.live_call import STEP_JOURNAL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from ..emulator import Emulator

_SILENCE_SECONDS = 15.0
# What is kept for one client at once: the rest waits in the journals until the client has taken these.
_MOST_AT_ONCE = 500


class _Events:
    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def stream(self, request: Request) -> StreamingResponse:
        """Stream calls, steps, webhook requests, changed rows, function logs and API requests as they happen.

        The events are ``call``, ``step``, ``webhook-request``, ``row``, ``function-log`` and ``api-request``.
        ``after`` or the header ``Last-Event-ID`` also sends what is recorded since that event; ``call_sid``
        narrows the stream to one call. If what is asked for is no longer kept, the stream begins with the event
        ``gap``.
        """
        text = request.headers.get("last-event-id") or request.query_params.get("after", "")
        if text and not (text.isascii() and text.isdecimal() and len(text) < 19):
            msg = f"'after' is the id of an event, not {text!r}."
            raise ValueError(msg)
        after = int(text) if text else self._emulator.store.last_entry()
        if self._emulator.follow_rows is not None:
            await self._emulator.follow_rows()
        return StreamingResponse(
            self._events(after, request.query_params.get("call_sid")),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    async def _events(self, after: int, topic: str | None) -> AsyncIterator[str]:
        store = self._emulator.store
        with store.listening() as changed:
            yield ": connected\n\n"
            while not store.closing:
                changed.clear()
                if 0 < after < store.first_entry() - 1:
                    yield f"event: gap\ndata: {json.dumps({'after': after})}\n\n"
                    after = store.first_entry() - 1
                while found := store.entries(after, topic=topic, limit=_MOST_AT_ONCE):
                    after = found[-1][0]
                    yield "".join(_event(*entry) for entry in found)
                try:
                    async with asyncio.timeout(_SILENCE_SECONDS):
                        await changed.wait()
                except TimeoutError:
                    yield ": still connected\n\n"


def _event(number: int, journal: str, topic: str, body: str) -> str:
    """An entry as an event; its body, a JSON object, is not read for it."""
    root = f', "root_call_sid": {json.dumps(topic)}' if journal == STEP_JOURNAL else ""
    rest = f", {body[1:]}" if body != "{}" else "}"
    return f'id: {number}\nevent: {journal}\ndata: {{"id": {number}{root}{rest}\n\n'


def operations(emulator: Emulator) -> list[Operation]:
    """The stream."""
    query = ("after", "call_sid")
    return [Operation("GET", "/events", _Events(emulator).stream, query=query, media_type="text/event-stream")]
