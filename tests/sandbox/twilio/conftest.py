"""A sandbox in this process, a webhook receiver, and a check of every answer against Twilio's documents."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from twilio.rest import Client
from voicehooks_sandbox.twilio import create_app

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    NUMBERS,
    MakeSandbox,
    Sandbox,
    Serve,
    ToSandbox,
    serving,
)
from tests.sandbox.twilio.specs import Specs

_SPECS = Path(__file__).parents[2] / "fixtures" / "twilio_specs"


@pytest.fixture
def anyio_backend() -> str:
    """Tests of the sandbox run on asyncio, as the sandbox does."""
    return "asyncio"


@pytest.fixture
def receiver() -> Receiver:
    """Who receives the webhooks, in this process."""
    return Receiver()


@pytest.fixture(scope="session")
def specs() -> Specs:
    """The reduced specs, and which of their operations have been seen."""
    read = {
        name: json.loads((_SPECS / (f"{name}.json")).read_text("utf-8")) for name in ("operations", "schemas")
    }
    return Specs(**read)


@pytest.fixture
def make_sandbox(tmp_path: Path, specs: Specs, receiver: Receiver) -> MakeSandbox:
    """Sandboxes in this process, each opened by an ``async with``."""

    @asynccontextmanager
    async def make(
        *, factor: float = math.inf, folder: str = "state", transport: Any = "receiver", **more: Any
    ) -> AsyncIterator[Sandbox]:
        app = create_app(
            **{
                "state_dir": tmp_path / folder,
                "account_sid": ACCOUNT_SID,
                "auth_token": AUTH_TOKEN,
                "phone_numbers": NUMBERS,
                "time_factor": factor,
                "webhook_transport": httpx.ASGITransport(receiver) if transport == "receiver" else transport,
                **more,
            }
        )
        sandbox = Sandbox(app, specs, receiver)
        async with app.router.lifespan_context(app), sandbox.client:
            yield sandbox

    return make


@pytest.fixture
async def sandbox(make_sandbox: MakeSandbox) -> AsyncIterator[Sandbox]:
    """A sandbox whose time runs as fast as the machine can."""
    async with make_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def serve() -> Serve:
    """Serve an application over real HTTP."""
    return serving


@pytest.fixture
def query_of() -> Callable[[str], dict[str, str]]:
    """The query parameters of a URL."""
    return lambda url: dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


@pytest.fixture
def client(tmp_path: Path, serve: Serve) -> Iterator[Client]:
    """Twilio's client, and a sandbox on a real port."""
    app = create_app(state_dir=tmp_path, account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, phone_numbers=NUMBERS)
    with serve(app) as url:
        yield Client(ACCOUNT_SID, AUTH_TOKEN, http_client=ToSandbox(url))
