"""One HTTP request passed on to an upstream server, and its answer passed back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from voicehooks_sandbox.supabase.gateway.rules import header
from voicehooks_sandbox.supabase.gateway.upstream import UpstreamGone

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from voicehooks_sandbox.supabase.gateway.upstream import Connection, Headers, Upstream

# Bodies up to this size are read before the request is sent. It can then be sent a second time when a reused
# connection turns out to have been closed in the meantime.
_BUFFERED = 1024 * 1024
# The server in front frames the answer by itself.
_NOT_PASSED_BACK = frozenset((b"connection", b"keep-alive", b"transfer-encoding"))


class UpstreamSilent(Exception):
    """The upstream server gave no answer in time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Client(NamedTuple):
    """The client's side of one request, as ASGI describes it."""

    scope: Scope
    receive: Receive
    send: Send


class _ClientGone(Exception):
    """The client disconnected before its request was complete."""


def request_head(line: bytes, host: bytes, headers: Headers) -> bytes:
    """The head of a request as it goes out, from its first line to the empty one."""
    lines = [line, b"host: " + host, *(name + b": " + value for name, value in headers)]
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def forward(
    upstream: Upstream,
    request_head: bytes,
    client: Client,
    *,
    html_as_text: bool,
    timeout_seconds: float | None,
) -> None:
    """Pass a request on and its answer back, with back-pressure in both directions.

    Args:
        upstream: The server that answers.
        request_head: The head to send to it.
        client: Where the body comes from and the answer goes.
        html_as_text: Whether an answer of type text/html is called text/plain.
        timeout_seconds: How long to wait for the answer's head; None for ever.

    Raises:
        UpstreamGone: Nothing has been sent to the client yet.
        UpstreamSilent: Nothing has been sent to the client yet.
    """
    try:
        body = await _read_small_body(client)
    except _ClientGone:
        return
    connection, task = await _request(upstream, request_head, body, client, timeout_seconds)
    try:
        await client.send(_answer_start(connection, html_as_text=html_as_text))
        while True:
            data = await connection.receive_body()
            more = not connection.complete
            if more and task is None:
                task = asyncio.create_task(_close_when_client_leaves(client, connection))
            await client.send({"type": "http.response.body", "body": data, "more_body": more})
            if not more:
                return
    except UpstreamGone:
        return  # the answer remains without an end: the server in front closes the client's connection as well
    finally:
        if task is not None:
            task.cancel()
        upstream.give_back(connection)


async def _request(
    upstream: Upstream,
    head: bytes,
    body: bytes | None,
    client: Client,
    timeout_seconds: float | None,
) -> tuple[Connection, asyncio.Task[None] | None]:
    """Send the request and wait for the answer's head; once more if a reused connection was stale.

    Returns the connection and, for a body that is streamed, the task that sends it.
    """
    is_streamed = body is None
    connection = await upstream.connect(fresh=is_streamed)
    while True:
        connection.send(head + body if body else head, client.scope["method"], complete=not is_streamed)
        task = asyncio.create_task(_stream_body(client, connection)) if is_streamed else None
        try:
            async with asyncio.timeout(timeout_seconds):
                await connection.receive_head()
        except BaseException as error:
            connection.close()
            if task is not None:
                task.cancel()
            if isinstance(error, TimeoutError):
                raise UpstreamSilent(timeout_seconds or 0.0) from error
            if connection.fresh or not isinstance(error, UpstreamGone):
                raise
        else:
            return connection, task
        connection = await upstream.connect(fresh=True)


async def read_body(client: Client) -> bytes | None:
    """Read the whole body; None if the client left before its end."""
    body: bytes = b""
    while True:
        message = await client.receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def _read_small_body(client: Client) -> bytes | None:
    """Read the body if it is small and of known length; None for one that is to be streamed."""
    headers: Headers = client.scope["headers"]
    length = header(headers, b"content-length")
    if header(headers, b"transfer-encoding") is not None:
        return None
    if length is None:
        return b""
    if int(length) > _BUFFERED:
        return None
    body = await read_body(client)
    if body is None:
        raise _ClientGone
    return body


async def _stream_body(client: Client, connection: Connection) -> None:
    is_chunked = header(client.scope["headers"], b"transfer-encoding") is not None
    while True:
        message = await client.receive()
        if message["type"] == "http.disconnect":
            connection.close()
            return
        data, is_last = message.get("body", b""), not message.get("more_body")
        if is_chunked:
            data = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
            data += b"0\r\n\r\n" if is_last else b""
        await connection.send_body(data, is_last=is_last)
        if is_last:
            break
    await _close_when_client_leaves(client, connection)


async def _close_when_client_leaves(client: Client, connection: Connection) -> None:
    """Close the connection of an answer that nobody reads: sending to a client that left does not fail."""
    while (await client.receive())["type"] != "http.disconnect":
        pass
    connection.close()


def _answer_start(connection: Connection, *, html_as_text: bool) -> dict[str, object]:
    status = connection.status
    headers = [
        (
            name,
            b"text/plain"
            if html_as_text and name == b"content-type" and value.startswith(b"text/html")
            else value,
        )
        for name, value in connection.headers
        # RFC 9110 allows a length on 304, of a body that is not sent.
        if name not in _NOT_PASSED_BACK and not (name == b"content-length" and status in (204, 304))
    ]
    return {"type": "http.response.start", "status": status, "headers": headers}
