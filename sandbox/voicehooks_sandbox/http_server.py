"""How the sandbox serves HTTP: an ASGI application under uvicorn, on a socket that already listens."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from voicehooks_sandbox.errors import SandboxError

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import ASGIApp

TARGET = "voicehooks_sandbox.target"
"""The key of an HTTP scope that holds the request target, byte for byte."""
_HEAD_LIMIT = 64 * 1024
_KEEP_ALIVE_SECONDS = 3600


class _Protocol(HttpToolsProtocol):
    """Uvicorn's protocol with a limit for heads, and the target as it came (a trailing `?` is part of it)."""

    _head_bytes = 0

    def on_message_begin(self) -> None:
        """Begin another request of the connection."""
        super().on_message_begin()
        self._head_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request to the application."""
        cast("dict[str, Any]", self.scope)[TARGET] = self.url
        super().on_headers_complete()

    def _count(self, number: int) -> None:
        self._head_bytes += number
        if self._head_bytes > _HEAD_LIMIT:
            msg = "the request's head is too large"
            raise ValueError(msg)  # the parser stops, and uvicorn answers 400


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handling: the process has one place for that."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(
    app: ASGIApp, listener: socket.socket, *, date_header: bool = True, grace_seconds: int = 3
) -> AsyncIterator[None]:
    """Serve an application while the block runs.

    Args:
        app: The application.
        listener: A listening socket.
        date_header: Whether the server adds a `Date` to each answer; a proxy passes on the upstream's.
        grace_seconds: How long requests in flight may take at the end before they are cut off.

    Raises:
        SandboxError: The application did not start.
    """
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="websockets-sansio",
        # A proxy leaves keep-alive pings and sizes to the two ends.
        ws_max_size=2**31 - 1,
        ws_ping_interval=None,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # nothing stands in front
        server_header=False,
        date_header=date_header,
        # A client may reuse a connection at any time; closing idle ones would break requests just being sent.
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=grace_seconds,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.001)
        if task.done():
            await task
            msg = "A part of the sandbox did not start; see logs/sandbox.log in the state folder."
            raise SandboxError(msg)
    try:
        yield
    finally:
        server.should_exit = True
        await task
