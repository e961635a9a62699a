"""One request and its answer, between a client and an upstream server."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from voicehooks_sandbox.supabase.http.http1 import (
    EMPTY,
    UNTIL_CLOSE,
    Framing,
    Head,
    Headers,
    read_head,
    relay_body,
    response_framing,
    simple_response,
)

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.http.upstream import Connection, Upstream

# Bodies up to this size are read before the request goes on; it can then be sent a second time when a
# kept-alive connection turns out to have been closed meanwhile.
_BUFFERED = 1024 * 1024
# Answers up to this size go to the client in one piece.
_ONE_WRITE = 64 * 1024


class UpstreamGone(Exception):
    """The upstream server closed the connection, or took none, before an answer came."""


class UpstreamSilent(Exception):
    """The upstream server gave no answer in time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Exchange:
    """The client's side of one request.

    Args:
        method: The request's method.
        framing: How its body is delimited.
        reader: Where the body comes from.
        writer: Where the answer goes.
        keep_alive: Whether the client wants to keep the connection.
    """

    def __init__(
        self,
        method: bytes,
        framing: Framing,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        keep_alive: bool,
    ) -> None:
        self._method = method
        self._framing = framing
        self._reader = reader
        self._writer = writer
        self._keep_alive = keep_alive
        self._body: bytes | None = None
        self._body_taken = framing == EMPTY

    async def answer(self, status: int, body: bytes, headers: Headers) -> bool:
        """Answer without any upstream; returns whether the connection may carry another request."""
        with contextlib.suppress(asyncio.IncompleteReadError):
            await self._buffer_body()
        keep_alive = self._keep_alive and self._body_taken
        self._writer.write(simple_response(status, body, headers, keep_alive=keep_alive))
        await self._writer.drain()
        return keep_alive

    async def run(
        self, upstream: Upstream, request_head: bytes, *, html_as_text: bool, timeout_seconds: float | None
    ) -> bool:
        """Pass the request on and its answer back; returns whether the connection may carry another.

        Args:
            upstream: The server that answers.
            request_head: The head to send it.
            html_as_text: Whether an answer of type text/html is called text/plain.
            timeout_seconds: How long to wait for the answer's head.

        Raises:
            UpstreamGone: Nothing has been sent to the client yet.
            UpstreamSilent: Nothing has been sent to the client yet.
        """
        try:
            await self._buffer_body()
        except asyncio.IncompleteReadError as error:
            raise ConnectionResetError from error
        connection, response, pump = await self._send(upstream, request_head, timeout_seconds)
        framing = response_framing(response, self._method)
        keep_alive = self._keep_alive and self._body_taken and framing != UNTIL_CLOSE
        try:
            head = _answer_head(response, html_as_text=html_as_text, keep_alive=keep_alive)
            if framing.length is not None and framing.length <= _ONE_WRITE:
                self._writer.write(head + await connection.reader.readexactly(framing.length))
            else:
                self._writer.write(head)
                await relay_body(connection.reader, self._writer, framing)
            await self._writer.drain()
        except asyncio.IncompleteReadError as error:
            connection.close()
            raise ConnectionResetError from error
        except BaseException:
            connection.close()
            raise
        finally:
            if pump is not None:
                pump.cancel()
        closes = framing == UNTIL_CLOSE or (response.get(b"connection") or b"").lower() == b"close"
        if closes or not self._body_taken:
            connection.close()
        else:
            upstream.give_back(connection)
        return keep_alive

    async def _buffer_body(self) -> None:
        """Read the body if it is small and of known length; a larger one is streamed later."""
        length = self._framing.length
        if not self._body_taken and length is not None and length <= _BUFFERED:
            self._body = await self._reader.readexactly(length)
            self._body_taken = True

    async def _send(
        self, upstream: Upstream, request_head: bytes, timeout_seconds: float | None
    ) -> tuple[Connection, Head, asyncio.Task[None] | None]:
        """Send the request and read the answer's head, a second time if a reused connection was stale."""
        connection = await _connect(upstream, fresh=False)
        while True:
            pump: asyncio.Task[None] | None = None
            streams = not self._body_taken
            connection.writer.write(request_head + self._body if self._body else request_head)
            if streams:
                pump = asyncio.create_task(self._pump(connection))
            try:
                async with asyncio.timeout(timeout_seconds):
                    response = await _read_final_head(connection.reader)
                if response is not None:
                    return connection, response, pump
            except TimeoutError as error:
                connection.close()
                raise UpstreamSilent(timeout_seconds or 0.0) from error
            except ConnectionError:
                pass
            except BaseException:
                connection.close()
                raise
            connection.close()
            if pump is not None:
                pump.cancel()
            if connection.fresh or streams:
                raise UpstreamGone
            connection = await _connect(upstream, fresh=True)

    async def _pump(self, connection: Connection) -> None:
        with contextlib.suppress(ConnectionError):
            await relay_body(self._reader, connection.writer, self._framing)
            await connection.writer.drain()
            self._body_taken = True


async def _connect(upstream: Upstream, *, fresh: bool) -> Connection:
    try:
        return await upstream.connect(fresh=fresh)
    except OSError as error:
        raise UpstreamGone from error


async def _read_final_head(reader: asyncio.StreamReader) -> Head | None:
    while (head := await read_head(reader)) is not None:
        if head.start[1][:1] != b"1":
            return head
    return None


def _answer_head(response: Head, *, html_as_text: bool, keep_alive: bool) -> bytes:
    headers = [
        (
            name,
            b"text/plain"
            if html_as_text and name == b"content-type" and value.startswith(b"text/html")
            else value,
        )
        for name, value in response.headers
        if name not in (b"connection", b"keep-alive")
    ]
    headers.append((b"connection", b"keep-alive" if keep_alive else b"close"))
    return Head(response.start, headers).encode()
