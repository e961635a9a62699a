"""The plugin's process: starts, serves, and is gone when it should be."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import psutil
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from pulumi_provider_kit import plugin
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.engine import EngineLog, RecordedLog
from pulumi_provider_kit.errors import Cancelled
from pulumi_provider_kit.values import wrap
from pulumi_provider_kit.wire import marshal

from tests.providers.kit import shelf_provider
from tests.support.waiting import PATIENCE

_LARGE = [("grpc.max_receive_message_length", -1)]
PLUGIN = Path(sys.executable).with_name("pulumi-resource-twilio")


def start() -> tuple[subprocess.Popen[str], int]:
    """Start the plugin and return it with its port."""
    process = subprocess.Popen(
        [PLUGIN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_without_a_word(number: signal.Signals) -> None:
    """The engine ends plugins with an interrupt; no traceback reaches the user."""
    process, _ = start()
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


def test_it_serves_its_schema() -> None:
    """The first line is the port, behind which the protocol is spoken."""
    process, port = start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            assert (
                '"name": "twilio"' in stub.GetSchema(provider_pb2.GetSchemaRequest(), timeout=PATIENCE).schema
            )
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def test_it_ends_when_the_engine_is_gone() -> None:
    """A plugin whose engine was killed does not live on."""
    script = (
        "import subprocess, time\n"
        f"plugin = subprocess.Popen([{str(PLUGIN)!r}], stdout=subprocess.PIPE, text=True)\n"
        "plugin.stdout.readline()\n"
        "print(plugin.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    engine = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert engine.stdout is not None
    descriptor = os.pidfd_open(int(engine.stdout.readline()))
    try:
        engine.kill()
        engine.communicate(timeout=PATIENCE)
        assert select.select([descriptor], [], [], 30)[0], "the plugin is still there"
    finally:
        os.close(descriptor)


class Port:
    """Standard output, on which the engine reads the port."""

    def __init__(self) -> None:
        self.written = asyncio.get_running_loop().create_future()

    def write(self, text: str) -> None:
        self.written.set_result(int(text))

    def flush(self) -> None:
        """Nothing is kept back."""


class Slow(provider_pb2_grpc.ResourceProviderServicer):
    """Answers once it is cancelled, and not at once."""

    def __init__(self) -> None:
        self.cancellation = Cancellation()
        self.begun, self.closed = asyncio.Event(), False

    async def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802
        self.begun.set()
        with pytest.raises(Cancelled):
            await self.cancellation.sleep(PATIENCE)
        for _ in range(20):
            await asyncio.sleep(0)
        return plugin_pb2.PluginInfo(version="finished")

    async def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_operation_under_way_finishes(number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its waits end, its answer reaches the engine, and only then the connections are closed."""

    async def interrupted() -> None:
        servicer, port = Slow(), Port()
        monkeypatch.setattr(sys, "stdout", port)
        serving = asyncio.create_task(plugin._serve(servicer, os.getppid()))  # type: ignore[arg-type]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{await port.written}", options=_LARGE) as channel:
            call = provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(empty_pb2.Empty())
            await servicer.begun.wait()
            os.kill(os.getpid(), number)
            assert (await call).version == "finished"
            await serving
        assert servicer.closed

    asyncio.run(interrupted())


def test_large_messages_pass_in_both_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of a function, for example; gRPC by itself refuses more than 4 MiB."""

    class Echo(Slow):
        async def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
            return provider_pb2.CheckResponse(inputs=request.news)

    async def exchange() -> None:
        servicer, port = Echo(), Port()
        monkeypatch.setattr(sys, "stdout", port)
        serving = asyncio.create_task(plugin._serve(servicer, os.getppid()))  # type: ignore[arg-type]
        request = provider_pb2.CheckRequest(news=marshal({"files": wrap("x" * 5 * 1024 * 1024)}))
        async with grpc.aio.insecure_channel(f"127.0.0.1:{await port.written}", options=_LARGE) as channel:
            answer = await provider_pb2_grpc.ResourceProviderStub(channel).Check(request)
        assert answer.inputs == request.news
        os.kill(os.getpid(), signal.SIGTERM)
        await serving

    asyncio.run(exchange())


@pytest.mark.parametrize("arguments", [["127.0.0.1:1"], ["--tracing", "127.0.0.1:1"], [], ["--tracing"]])
def test_a_plugin_speaks_to_the_engine_that_started_it(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The engine's address comes after its flags; without one, the plugin is on its own."""
    served: list[Any] = []

    async def notes(servicer: Any, engine: int) -> None:
        served.append((servicer, engine))

    def shared(address: str) -> Path:
        assert address == "127.0.0.1:1"
        return tmp_path / "claims"

    monkeypatch.setattr(sys, "argv", ["plugin", *arguments])
    monkeypatch.setattr(plugin, "_serve", notes)
    monkeypatch.setattr(plugin, "run_file", shared)
    monkeypatch.setattr(plugin, "engine_process", psutil.Process)
    plugin.serve(shelf_provider.TABLE, (), (), shelf_provider.connect)
    [(servicer, engine)] = served
    servicer.claims.close()
    connected = "127.0.0.1:1" in arguments
    assert engine == os.getppid()
    assert isinstance(servicer._log, EngineLog if connected else RecordedLog)
    assert (tmp_path / "claims").exists() is connected
    assert (servicer._state._engine is not None) is connected
