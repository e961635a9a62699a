"""What happens, as it happens: server-sent events.

Source: HTML Living Standard, "Server-sent events": ``id``, ``event`` and ``data`` lines, a comment to keep the
connection alive, ``Last-Event-ID`` of a client that connects again.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from .operation import Operation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from ..twin import Twin

_SILENCE_SECONDS = 15.0


class _Events:
    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    async def stream(self, request: Request) -> StreamingResponse:
        """Stream steps, webhook requests and API requests as server-sent events.

        ``after`` or the header ``Last-Event-ID`` also sends what is recorded since that event; ``call_sid``
        narrows the stream to one call.
        """
        text = request.headers.get("last-event-id") or request.query_params.get("after", "")
        if text and not (text.isascii() and text.isdecimal() and len(text) < 19):
            msg = f"'after' is the id of an event, not {text!r}."
            raise ValueError(msg)
        after = int(text) if text else self._twin.store.last_entry()
        return StreamingResponse(
            self._events(after, request.query_params.get("call_sid")),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    async def _events(self, after: int, topic: str | None) -> AsyncIterator[str]:
        store = self._twin.store
        with store.listening() as changed:
            yield ": connected\n\n"
            while not store.closed:
                changed.clear()
                for number, journal, subject, body in store.entries(after):
                    after = number
                    if topic in (None, subject):
                        data = json.dumps({"id": number, **body})
                        yield f"id: {number}\nevent: {journal}\ndata: {data}\n\n"
                try:
                    async with asyncio.timeout(_SILENCE_SECONDS):
                        await changed.wait()
                except TimeoutError:
                    yield ": still connected\n\n"


def operations(twin: Twin) -> list[Operation]:
    """The stream."""
    query = ("after", "call_sid")
    return [Operation("GET", "/events", _Events(twin).stream, query=query, media_type="text/event-stream")]
