"""The line back to the engine: messages that appear beside a resource in the user's terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import grpc
import grpc.aio
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

if TYPE_CHECKING:
    from collections.abc import MutableSequence

__all__ = ["EngineLog", "Log", "RecordedLog"]

_SEVERITIES = {
    "debug": engine_pb2.DEBUG,
    "info": engine_pb2.INFO,
    "warning": engine_pb2.WARNING,
    "error": engine_pb2.ERROR,
}


class Log(Protocol):
    """Somewhere to say things to the user."""

    async def say(self, severity: str, message: str, urn: str, *, ephemeral: bool = False) -> None:
        """Say something about a resource.

        Args:
            severity: ``debug``, ``info``, ``warning`` or ``error``.
            message: a sentence, without secrets.
            urn: the resource, or an empty string.
            ephemeral: shown in the resource's row while it lasts, and not kept.
        """


class EngineLog:
    """The engine's own log, over gRPC."""

    def __init__(self, address: str) -> None:
        self._engine = engine_pb2_grpc.EngineStub(grpc.aio.insecure_channel(address))

    async def say(self, severity: str, message: str, urn: str, *, ephemeral: bool = False) -> None:
        """Send the message; a message that cannot be delivered never fails an operation."""
        request = engine_pb2.LogRequest(
            severity=_SEVERITIES[severity], message=message, urn=urn, streamId=0, ephemeral=ephemeral
        )
        try:
            await self._engine.Log(request, timeout=5)
        except grpc.aio.AioRpcError:
            return


class RecordedLog:
    """Keeps what was said, for tests and for plugins started without an engine."""

    def __init__(self) -> None:
        self.messages: MutableSequence[tuple[str, str]] = []

    async def say(
        self,
        severity: str,
        message: str,
        urn: str,
        *,
        ephemeral: bool = False,
    ) -> None:
        """Keep (severity, message)."""
        self.messages.append((severity, message))
