"""A sandbox in this process, as a client sees it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import uvicorn
from twilio.http.http_client import TwilioHttpClient

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.specs import Specs

ACCOUNT_SID = "AC" + "5a4db0c5" * 4
AUTH_TOKEN = "a0704e4e" * 4
NUMBERS = ("+15551234567", "+15551234568", "+15551234569")
API = f"/2010-04-01/Accounts/{ACCOUNT_SID}"


class Sandbox:
    """A sandbox in this process, as a client sees it: credentials set, every answer checked."""

    def __init__(self, app: Any, specs: Specs, receiver: Receiver) -> None:
        self.app = app
        self.emulator = app.state.emulator
        self.receiver = receiver
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://127.0.0.1:4710",
            auth=(ACCOUNT_SID, AUTH_TOKEN),
            event_hooks={"response": [self._check]},
        )
        self._specs = specs

    async def _check(self, response: httpx.Response) -> None:
        await response.aread()
        self._specs.check(response.request.method, response.request.url.path, response)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self.client.get(path, params=query or None)

    async def post(self, path: str, data: Any = None, **form: Any) -> httpx.Response:
        return await self.client.post(path, data=data or form)

    async def delete(self, path: str) -> httpx.Response:
        return await self.client.delete(path)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        response = await self.client.request(method, f"/_sandbox{path}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    async def number(self, phone_number: str = NUMBERS[0]) -> dict[str, Any]:
        found = (await self.get(f"{API}/IncomingPhoneNumbers.json", PhoneNumber=phone_number)).json()
        return next(item for item in found["incoming_phone_numbers"] if item["phone_number"] == phone_number)

    async def configure(self, phone_number: str = NUMBERS[0], **form: str) -> dict[str, Any]:
        sid = (await self.number(phone_number))["sid"]
        response = await self.post(f"{API}/IncomingPhoneNumbers/{sid}.json", **form)
        assert response.status_code == 200, response.text
        return response.json()

    async def call_in(self, to: str = NUMBERS[0], **scenario: Any) -> dict[str, Any]:
        """Let somebody call and wait for the end; what came of it."""
        started = await self.control("POST", "/calls", {"from": "+15550001111", "to": to, **scenario})
        return await self.ended(started["sid"])

    async def place(self, **form: Any) -> dict[str, Any]:
        """Order an outgoing call and wait for its end; what came of it."""
        started = await self.order(**form)
        return await self.ended(started["sid"])

    async def order(self, **form: Any) -> dict[str, Any]:
        """Order an outgoing call."""
        form = {"From": NUMBERS[0], "To": "+15557654321", **form}
        response = await self.post(f"{API}/Calls.json", data=form)
        assert response.status_code == 201, response.text
        return response.json()

    async def script(self, **scripts: Any) -> None:
        """What parties do, by destination."""
        await self.control(
            "PUT", ("/scenarios"), {to.replace("everybody", "*"): s for to, s in scripts.items()}
        )

    async def ended(self, sid: str) -> dict[str, Any]:
        call = await self.control("GET", f"/calls/{sid}?wait=30")
        assert call["finished"], call["steps"]
        return call

    async def webhooks(self) -> list[dict[str, Any]]:
        return (await self.control("GET", "/webhook-requests"))["webhook_requests"]

    async def alerts(self) -> list[dict[str, Any]]:
        return (await self.get("/v1/Alerts")).json()["alerts"]

    async def until(self, condition: Callable[[], Any], sid: str) -> None:
        """Let a call that is under way go on until something holds; fails when the call ends before."""
        while not condition():
            assert self.emulator.switchboard.busy(sid), "the call ended first"
            await asyncio.sleep(0.001)


class ToSandbox(TwilioHttpClient):
    """Sends what is meant for any of Twilio's hosts to the sandbox."""

    def __init__(self, base_url: Any) -> None:
        super().__init__()
        self._base = urlsplit(base_url)

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(url)
        here = urlunsplit((self._base.scheme, self._base.netloc, parts.path, parts.query, ""))
        return super().request(method, here, *args, **kwargs)


MakeSandbox = Callable[..., AbstractAsyncContextManager[Sandbox]]
Serve = Callable[[Any], AbstractContextManager[str]]


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an ASGI application over real HTTP on a free port of the loopback, in a thread."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
