"""Running `voicehooks console`."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn

from voicehooks.commands.console.app import create_app
from voicehooks.output.errors import CommandError
from voicehooks.stack.environment import Environment
from voicehooks.vendors.database import open_database

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["run"]

_LOOPBACK = "127.0.0.1"
# What a request that is under way may take at the end; streams end at once.
_GRACE_SECONDS = 2


def run(*, stack: str, port: int) -> int:
    """Serve the page until Ctrl-C; returns the exit code, 0.

    Raises:
        CommandError: the stack cannot be read, or the port is taken.
    """
    environment = Environment(stack)
    _ = environment.settings
    with _listen(port) as listener:
        asyncio.run(_serve(environment, listener))
    return 0


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise CommandError(
            f"the console cannot listen on port {port}",
            str(error.strerror).lower(),
            "leave --port out to take a free one",
        ) from None
    return listener


class _Server(uvicorn.Server):
    """Uvicorn without its own signal handling: Ctrl-C ends the streams first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(environment: Environment, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    ended = asyncio.Event()
    token = secrets.token_urlsafe(32)
    async with open_database(environment) as database:
        app = create_app(environment, database, ended, token=token, port=port)
        server = _Server(
            uvicorn.Config(
                app, log_config=None, access_log=False, timeout_graceful_shutdown=_GRACE_SECONDS, ws="none"
            )
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not (server.started or serving.done()):
            await asyncio.sleep(0.01)
        print(f"{environment.name}: http://{_LOOPBACK}:{port}/?token={token}")
        print("The address works once, in one browser. Ctrl-C ends the console.", flush=True)
        await asyncio.wait(
            {serving, ending := asyncio.create_task(ended.wait())}, return_when="FIRST_COMPLETED"
        )
        ending.cancel()
        server.should_exit = True
        await serving
