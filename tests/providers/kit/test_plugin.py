"""The plugin's process: starts, serves, and is gone when it should be."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.support.waiting import PATIENCE

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
    plugin = int(engine.stdout.readline())
    descriptor = os.pidfd_open(plugin)
    try:
        engine.kill()
        engine.communicate(timeout=PATIENCE)
        assert select.select([descriptor], [], [], 30)[0], "the plugin is still there"
    finally:
        os.close(descriptor)
