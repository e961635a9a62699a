"""Connections to the servers behind the gateway, kept alive and reused."""

from __future__ import annotations

import asyncio
from collections import deque

from voicehooks_sandbox.supabase.http.http1 import HEAD_LIMIT

_LARGEST_IDLE = 64


class Connection:
    """One connection to an upstream server."""

    __slots__ = ("fresh", "reader", "writer")

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.fresh = True
        """False once it has carried a request: the server may then have closed it meanwhile."""

    def close(self) -> None:
        """Close it; the server sees the end of the request if it is still at it."""
        self.writer.close()


class Upstream:
    """A server behind the gateway, by Unix socket or loopback port."""

    def __init__(self, *, socket: str | None = None, port: int | None = None) -> None:
        self._socket = socket
        self._port = port
        self._idle: deque[Connection] = deque()

    async def connect(self, *, fresh: bool = False) -> Connection:
        """Take an idle connection, or open one.

        Args:
            fresh: Open one in any case.

        Raises:
            OSError: The server does not take connections.
        """
        while self._idle and not fresh:
            connection = self._idle.pop()
            if not connection.reader.at_eof() and not connection.writer.is_closing():
                return connection
            connection.close()
        if self._socket is not None:
            reader, writer = await asyncio.open_unix_connection(self._socket, limit=HEAD_LIMIT)
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=HEAD_LIMIT)
        return Connection(reader, writer)

    def give_back(self, connection: Connection) -> None:
        """Keep a connection whose answer has been read to its end."""
        if len(self._idle) < _LARGEST_IDLE:
            connection.fresh = False
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close all idle connections."""
        while self._idle:
            self._idle.pop().close()
