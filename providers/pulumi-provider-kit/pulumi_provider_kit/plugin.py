"""The plugin's process: serves until the engine has no more use for it.

The engine starts it with its own address, reads the port from the first line of standard output, and ends
it with an interrupt. It also ends by itself when the engine is gone (killed, or crashed), since a plugin
that lives on would hold credentials and do nothing.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import grpc.aio
from pulumi.runtime.proto import provider_pb2_grpc

from .claims import Claims, engine_process, run_file
from .engine import EngineLog, RecordedLog
from .servicer import Servicer
from .stack_state import StackState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .cancellation import Cancellation
    from .engine import Log
    from .resource import ClientT, Function, Resource
    from .table import ProviderTable
    from .values import PropertyMap

__all__ = ["serve"]

# The engine's own limit for one message.
_MESSAGE_BYTES = 400 * 1024 * 1024
_GRACE_SECONDS = 5.0


def serve(
    table: ProviderTable,
    resources: Iterable[Resource[ClientT]],
    functions: Iterable[Function[ClientT]],
    connect: Callable[[PropertyMap, Cancellation], ClientT],
) -> None:
    """Serve the provider; the ``main`` of a ``pulumi-resource-<name>`` script. Returns when it is over."""
    # Asked first of all: later the engine may be gone already, and its successor be taken for it.
    engine = os.getppid()

    async def run() -> None:
        # The line to the engine needs the running loop.
        address = next((a for a in sys.argv[1:] if not a.startswith("-")), None)
        log: Log = EngineLog(address) if address else RecordedLog()
        claims = Claims(run_file(address) if address else None)
        state = StackState(engine_process() if address else None)
        servicer = Servicer(table, resources, functions, connect, log, claims=claims, state=state)
        await _serve(servicer, engine)

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        return


async def _serve(servicer: Servicer[ClientT], engine: int) -> None:
    # What is sent has no limit in gRPC.
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", _MESSAGE_BYTES)])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    watch = asyncio.create_task(_until_orphaned(ended, engine))
    await ended.wait()
    watch.cancel()
    servicer.cancellation.cancel()
    await server.stop(_GRACE_SECONDS)
    await servicer.close()


async def _until_orphaned(ended: asyncio.Event, engine: int) -> None:
    """Set the event when the process that started this one is gone."""
    while os.getppid() == engine:
        await asyncio.sleep(1)
    ended.set()
