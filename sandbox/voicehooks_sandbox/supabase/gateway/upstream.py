"""Connections to the servers behind the gateway, kept alive and reused.

A client library would be shorter but costs too much processor time here: a request through the gateway took
about 1.5 ms with httpx, 0.18 ms with aiohttp and 0.11 ms this way. The parser is llhttp's, by way of httptools.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from websockets.asyncio.client import connect as connect_websocket

if TYPE_CHECKING:
    from websockets.typing import Subprotocol

Headers = list[tuple[bytes, bytes]]
_LARGEST_IDLE = 64
_HIGH_WATER = 64 * 1024


class UpstreamGone(Exception):
    """The server closed the connection, or accepted none, before its answer was complete."""


class Connection(asyncio.Protocol):
    """One connection to a server, which carries one request at a time.

    Attributes:
        fresh: False once it has carried a request: the server may have closed it in the meantime.
        status: The answer's status.
        headers: The answer's headers; names in lower case.
        complete: Whether the answer has arrived completely.
    """

    def __init__(self) -> None:
        self.fresh = True
        self.status = 0
        self.headers: Headers = []
        self.complete = True
        self._has_head = False
        self._is_sent = True
        self._expects_no_body = False
        self._reusable = False
        self._parts: list[bytes] = []
        self._buffered = 0
        self._lost = False
        self._parser = HttpResponseParser(self)
        self._transport: asyncio.Transport
        self._arrival: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None

    # What the gateway asks for

    def send(self, data: bytes, method: str, *, complete: bool) -> None:
        """Begin a request.

        Args:
            data: Its head, and its body if there is one at hand.
            method: Its method.
            complete: Whether that is all of it; otherwise `send_body` follows.
        """
        self.complete = self._has_head = self._reusable = False
        self._is_sent = complete
        self._expects_no_body = method == "HEAD"
        self._transport.write(data)

    async def send_body(self, data: bytes, *, is_last: bool) -> None:
        """Send a part of the request's body; waits while the server does not read."""
        if not self._lost:
            self._transport.write(data)
            self._is_sent = is_last
        if self._writable is not None:
            await self._writable

    async def receive_head(self) -> None:
        """Wait for the answer's status and headers.

        Raises:
            UpstreamGone: The connection ended first.
        """
        while not self._has_head:
            await self._next_arrival()

    async def receive_body(self) -> bytes:
        """Wait for more of the answer's body; empty only when it is complete.

        Raises:
            UpstreamGone: The connection ended first.
        """
        while not self._parts and not self.complete:
            await self._next_arrival()
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts = []
        if self._buffered > _HIGH_WATER and not self._lost:
            self._transport.resume_reading()
        self._buffered = 0
        return data

    @property
    def is_reusable(self) -> bool:
        """Whether another request may be sent on it."""
        return self._reusable and self._is_sent and not self._transport.is_closing()

    def close(self) -> None:
        """Close it; the server sees the end of the request if it is still busy with it."""
        self._transport.abort()

    # What asyncio reports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream connection has no other
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Let the parser read."""
        if self.complete:  # nothing was asked
            self._transport.abort()
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._transport.abort()
        self._arrived()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let those who wait go on."""
        self._lost = True
        is_framed = any(name in (b"content-length", b"transfer-encoding") for name, _ in self.headers)
        if exc is None and self._has_head and not is_framed:
            self.complete = True  # its body ends with the connection
        self._arrived()
        self.resume_writing()

    def pause_writing(self) -> None:
        """Let `send_body` wait."""
        self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """Let `send_body` go on."""
        if self._writable is not None:
            self._writable.set_result(None)
            self._writable = None

    # What the parser reports

    def on_message_begin(self) -> None:
        """Begin an answer, or an interim one."""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Take the status; interim answers (1xx) are not passed on."""
        self.status = self._parser.get_status_code()
        self._has_head = self.status >= 200
        self.complete = self._has_head and self._expects_no_body

    def on_body(self, data: bytes) -> None:
        """Take a part of the body; stop reading when the client is slower than the server."""
        self._parts.append(data)
        self._buffered += len(data)
        if self._buffered > _HIGH_WATER:
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """Take the end of the answer."""
        if self._has_head and not self.complete:
            self.complete = True
            self.fresh = False
            self._reusable = self._parser.should_keep_alive()

    def _arrived(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    async def _next_arrival(self) -> None:
        if self._lost:
            raise UpstreamGone
        self._arrival = asyncio.get_running_loop().create_future()
        try:
            await self._arrival
        finally:
            self._arrival = None


class Upstream:
    """A server behind the gateway.

    Args:
        socket: Its Unix socket.
        port: Its loopback port, if it has no Unix socket.
    """

    def __init__(self, *, socket: str | None = None, port: int = 0) -> None:
        self._socket = socket
        self._port = port
        self._idle: deque[Connection] = deque()

    async def connect(self, *, fresh: bool = False) -> Connection:
        """Take an idle connection, or open one.

        Args:
            fresh: Open one in any case.

        Raises:
            UpstreamGone: The server does not accept connections.
        """
        while self._idle and not fresh:
            connection = self._idle.pop()
            if connection.is_reusable:
                return connection
            connection.close()
        loop = asyncio.get_running_loop()
        try:
            if self._socket is not None:
                _, connection = await loop.create_unix_connection(Connection, self._socket)
            else:
                _, connection = await loop.create_connection(Connection, "127.0.0.1", self._port)
        except OSError as error:
            raise UpstreamGone from error
        return connection

    def give_back(self, connection: Connection) -> None:
        """Keep a connection whose answer is complete, if it can carry another request."""
        if connection.is_reusable and len(self._idle) < _LARGEST_IDLE:
            self._idle.append(connection)
        else:
            connection.close()

    def websocket(
        self, url: str, headers: list[tuple[str, str]], subprotocols: list[Subprotocol], open_seconds: float
    ) -> connect_websocket:
        """Open a WebSocket: a context manager that yields the connection.

        Args:
            url: With the host that the server sees.
            headers: Further headers of the handshake.
            subprotocols: What the client offers.
            open_seconds: How long the handshake may take.
        """
        place: dict[str, Any] = {"host": "127.0.0.1", "port": self._port}
        if self._socket is not None:
            place = {"unix": True, "path": self._socket}
        return connect_websocket(
            url,
            additional_headers=headers,
            subprotocols=subprotocols or None,
            open_timeout=open_seconds,
            compression=None,
            user_agent_header=None,
            max_size=None,
            ping_interval=None,
            proxy=None,
            **place,
        )

    def close(self) -> None:
        """Close all idle connections."""
        while self._idle:
            self._idle.pop().close()
