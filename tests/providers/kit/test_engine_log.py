"""What a resource says to the user: how it crosses the line to the engine."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc.aio
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.engine import EngineLog
from pulumi_provider_kit.resource import Operation

URN = "urn:pulumi:dev::crm::twilio:index:Application::app"


class Engine(engine_pb2_grpc.EngineServicer):
    """Keeps what plugins say."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    async def Log(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802 - the protocol's name
        self.said.append(request)
        return empty_pb2.Empty()


async def said(speak: Any) -> list[Any]:
    """Return what reaches an engine."""
    engine = Engine()
    server = grpc.aio.server()
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        await speak(EngineLog(f"127.0.0.1:{port}"))
    finally:
        await server.stop(None)
    return engine.said


def test_each_message_has_its_severity_and_its_resource() -> None:
    """Only a status is gone from the screen afterwards."""

    async def speak(log: EngineLog) -> None:
        client: Any = None
        operation = Operation(URN, client, log, Cancellation())
        await operation.info("kept")
        await operation.warn("act on it")
        await operation.status("waiting")

    expected = [(engine_pb2.INFO, "kept", False), (engine_pb2.WARNING, "act on it", False)]
    expected.append((engine_pb2.INFO, "waiting", True))
    assert asyncio.run(said(speak)) == [
        engine_pb2.LogRequest(severity=severity, message=message, urn=URN, ephemeral=ephemeral)
        for severity, message, ephemeral in expected
    ]


@pytest.mark.parametrize(
    ("severity", "number"),
    [
        ("debug", engine_pb2.DEBUG),
        ("info", engine_pb2.INFO),
        ("warning", engine_pb2.WARNING),
        ("error", engine_pb2.ERROR),
    ],
)
def test_severities(severity: str, number: int) -> None:
    """Those of the protocol."""
    [request] = asyncio.run(said(lambda log: log.say(severity, "x", "")))
    assert (request.severity, request.urn) == (number, "")


def test_a_message_that_cannot_be_delivered_fails_nothing() -> None:
    """The engine has ended, for example."""

    async def speak() -> None:
        await EngineLog("127.0.0.1:1").say("info", "x", "")

    asyncio.run(speak())
