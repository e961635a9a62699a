"""One Twilio emulator for this folder's tests, with a fresh account for each test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pulumi_twilio.provider
import pytest
import uvicorn
from voicehooks_sandbox.twilio import create_app

from tests.providers.servicer_client import Secret, ServicerClient
from tests.support.waiting import PATIENCE

ACCOUNT = "AC" + "5a4db0c5" * 4
TOKEN = "a0704e4e" * 4
NUMBER = "+15551234567"
OTHER = "+15551234568"
T = TypeVar("T")


@dataclass
class Emulator:
    """The emulator and the ways to it."""

    url: str
    http: httpx.Client
    plugins: list[ServicerClient]

    def number(self, e164: str = NUMBER) -> dict[str, Any]:
        """Return a number as Twilio's API answers it now."""
        page = self.http.get(
            f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json", params={"PageSize": 1000}
        )
        return next(n for n in page.json()["incoming_phone_numbers"] if n["phone_number"] == e164)

    def click(self, e164: str = NUMBER, **fields: str) -> dict[str, Any]:
        """Change a number as somebody would in the console."""
        sid = self.number(e164)["sid"]
        return self.post(f"IncomingPhoneNumbers/{sid}.json", **fields)

    def post(self, path: str, **fields: str) -> dict[str, Any]:
        """Send a form to the account."""
        answer = self.http.post(f"/2010-04-01/Accounts/{ACCOUNT}/{path}", data=fields)
        assert answer.is_success, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def forget_requests(self) -> None:
        """Reset the count of requests."""
        self.http.delete("/_sandbox/api-requests")

    def requests(self) -> list[dict[str, Any]]:
        """Return the REST requests received since :meth:`forget_requests`."""
        found: list[dict[str, Any]] = self.http.get("/_sandbox/api-requests").json()["api_requests"]
        return found

    def plugin(self, **config: Any) -> ServicerClient:
        """Return a new plugin process, signed in with the auth token."""
        base = {"accountSid": ACCOUNT, "authToken": Secret(TOKEN), "baseUrl": self.url}
        self.plugins.append(ServicerClient(pulumi_twilio.provider, {**base, **config}))
        return self.plugins[-1]


@pytest.fixture(scope="session")
def _emulator_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = create_app(
        state_dir=Path(tmp_path_factory.mktemp("emulator")),
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        phone_numbers=[NUMBER, OTHER],
    )
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(PATIENCE)


_RUNNERS: list[asyncio.Runner] = []


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end; all of a test's run on one loop, as all of a plugin's do."""
    return _RUNNERS[-1].run(coroutine)


def check(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """Check inputs, which needs no account."""
    return asyncio.run(ServicerClient(pulumi_twilio.provider, {}).check(kind, "it", given))


@pytest.fixture
def emulator(_emulator_url: str) -> Iterator[Emulator]:
    """Return the emulator, with an account as new as on the first day."""
    with (
        httpx.Client(base_url=_emulator_url, auth=(ACCOUNT, TOKEN), timeout=PATIENCE) as http,
        asyncio.Runner() as runner,
    ):
        http.post("/_sandbox/reset").raise_for_status()
        _RUNNERS.append(runner)
        emulator = Emulator(_emulator_url, http, [])
        yield emulator
        for plugin in emulator.plugins:
            runner.run(plugin.close())
        _RUNNERS.pop()
