"""`Prefer: max-affected`, which PostgREST knows since version 13 and the sandbox's version 12 refuses.

PostgREST docs: references/api/preferences, "Max Affected". A request that would change more rows than it allows
is refused and changes nothing. The gateway sends such a request twice: first in a transaction that PostgREST
rolls back, to count the rows, and then to carry it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks_sandbox.supabase.gateway.forwarding import Client, forward, read_body
from voicehooks_sandbox.supabase.gateway.rules import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Receive, Send

    from voicehooks_sandbox.supabase.gateway.upstream import Headers, Upstream

_METHODS = ("PATCH", "DELETE", "POST")
_NAME = "max-affected"


def max_affected(method: str, headers: Headers) -> int | None:
    """The limit that a request asks for; None without one, or without `handling=strict`, which it needs."""
    preferences = _preferences(headers)
    limit = preferences.get(_NAME, "")
    if method not in _METHODS or preferences.get("handling") != "strict":
        return None
    return int(limit) if limit.isascii() and limit.isdigit() else None


def without_rollback(headers: Headers) -> Headers:
    """A request's headers without `Prefer: tx`, which hosted projects ignore and only the gateway may use."""
    preferences = _preferences(headers)
    if "tx" not in preferences:
        return headers
    del preferences["tx"]
    return _with_preferences(headers, preferences)


async def within_limit(
    upstream: Upstream, head: Callable[[Headers], bytes], headers: Headers, client: Client, limit: int
) -> tuple[Client, Headers] | None:
    """Count the rows that a request would change, and refuse it if these are too many.

    Args:
        upstream: PostgREST.
        head: The request's head with the headers given.
        headers: The request's headers.
        client: Where the body comes from and a refusal goes.
        limit: The most rows.

    Returns:
        The client, whose body can be read again, and the headers that carry the request out; None if it was
        refused, or if the client left.

    Raises:
        UpstreamGone: PostgREST cannot be reached.
    """
    body = await read_body(client)
    if body is None:
        return None
    preferences = _preferences(headers)
    del preferences[_NAME]
    counting = {**preferences, "handling": "lenient", "count": "exact", "tx": "rollback"}
    rows = _RowCount()
    probe = Client(client.scope, _reader(body, client.receive), rows.take)
    counted = head(_with_preferences(headers, counting))
    await forward(upstream, counted, probe, html_as_text=False, timeout_seconds=None)
    if rows.count > limit:
        refusal = {
            "code": "PGRST124",
            "message": "Query result exceeds max-affected preference constraint",
            "details": f"The query affects {rows.count} rows",
            "hint": None,
        }
        await json_answer(400, refusal)(client.scope, client.receive, client.send)
        return None
    send = _naming_the_limit(client.send, limit)
    carried_out = Client(client.scope, _reader(body, client.receive), send)
    return carried_out, _with_preferences(headers, preferences)


class _RowCount:
    """Takes an answer and keeps the number of rows that it is about; 0 for an error, which comes again."""

    def __init__(self) -> None:
        self.count = 0

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            content_range: bytes = dict(message["headers"]).get(b"content-range", b"")
            total = content_range.rpartition(b"/")[2]
            self.count = int(total) if total.isdigit() else 0


def _naming_the_limit(send: Send, limit: int) -> Send:
    async def send_named(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = b", %s=%d" % (_NAME.encode(), limit)
            headers = [
                (name, value + added if name == b"preference-applied" else value)
                for name, value in message["headers"]
            ]
            message = {**message, "headers": headers}
        await send(message)

    return send_named


def _preferences(headers: Headers) -> dict[str, str]:
    text = b",".join(value for name, value in headers if name == b"prefer").decode("latin-1")
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _with_preferences(headers: Headers, preferences: dict[str, str]) -> Headers:
    others = [entry for entry in headers if entry[0] != b"prefer"]
    text = ", ".join(f"{name}={value}" if value else name for name, value in preferences.items())
    return [*others, (b"prefer", text.encode("latin-1"))] if text else others


def _reader(body: bytes, receive: Receive) -> Receive:
    """Yields a body that has been read, and what the client does afterwards."""
    unread = [body]

    async def receive_again() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return receive_again
