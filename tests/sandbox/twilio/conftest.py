"""A sandbox in this process, a webhook receiver, and a check of every answer against Twilio's specs."""

from __future__ import annotations

import asyncio
import json
import math
import re
import socket
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from voicehooks_sandbox.twilio import create_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

SPECS = Path(__file__).parents[2] / "fixtures" / "twilio_specs"
ACCOUNT_SID = "AC" + "5a4db0c5" * 4
AUTH_TOKEN = "a0704e4e" * 4
NUMBERS = ("+15551234567", "+15551234568", "+15551234569")
API = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
HOOK = "https://hooks.example"
ECHO = "<Response><Say>Hello</Say></Response>"


@pytest.fixture
def anyio_backend() -> str:
    """Tests of the sandbox run on asyncio, as the sandbox does."""
    return "asyncio"


# --- the other side: who receives the webhooks -------------------------------------------------------------


@dataclass
class Received:
    """One webhook request as it arrived."""

    method: str
    url: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]

    @property
    def status(self) -> str:
        return self.params.get("CallStatus", "")


@dataclass
class Receiver:
    """An ASGI application that keeps what it receives and answers as told, by path."""

    requests: list[Received] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)

    def twiml(self, path: str, body: str, **more: Any) -> str:
        self.answers[path] = Response(body, media_type="text/xml", **more)
        return HOOK + path

    def answer(self, path: str, answer: Any) -> str:
        """A response, or a function of the request's number on this path (from 0) that makes one."""
        self.answers[path] = answer
        return HOOK + path

    def on(self, path: str) -> list[Received]:
        return [one for one in self.requests if one.path == path]

    def statuses(self, path: str) -> list[str]:
        return [one.status for one in self.on(path)]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        form = {name: str(value) for name, value in (await request.form()).multi_items()}
        params = form if request.method == "POST" else dict(request.query_params)
        number = len(self.on(request.url.path))
        self.requests.append(
            Received(request.method, str(request.url), request.url.path, params, dict(request.headers))
        )
        answer = self.answers.get(request.url.path, Response(status_code=204))
        if callable(answer) and not isinstance(answer, Response):
            answer = answer(number)
            if asyncio.iscoroutine(answer):
                answer = await answer
        await answer(scope, receive, send)


@pytest.fixture
def receiver() -> Receiver:
    """Who receives the webhooks, in this process."""
    return Receiver()


# --- specs -------------------------------------------------------------------------------------------------


@dataclass
class Specs:
    """Twilio's OpenAPI descriptions, reduced to what can be checked of an answer."""

    operations: dict[str, dict[str, Any]]
    schemas: dict[str, dict[str, Any]]
    seen: set[str] = field(default_factory=set)

    def operation_of(self, method: str, path: str) -> str | None:
        for key in self.operations:
            its_method, template = key.split(" ", 1)
            pattern = re.sub(r"\\{[A-Za-z]+\\}", "[^/]+", re.escape(template))
            if its_method == method and re.fullmatch(pattern, path):
                return key
        return None

    def check(self, method: str, path: str, response: httpx.Response) -> None:
        """Compare an answer of the 200s with its operation's description; assert that it fits."""
        key = self.operation_of(method, path)
        if key is None or not response.is_success:
            return
        operation = self.operations[key]
        self.seen.add(key)
        assert response.status_code in operation["status"], key
        if response.status_code == 204:
            assert response.content == b""
            return
        body = response.json()
        if "list" in operation:
            assert set(operation["page"]) <= set(body), key
            for item in body[operation["list"]]:
                self.check_object(operation["schema"], item)
        else:
            self.check_object(operation["schema"], body)

    def check_object(self, schema: str, item: dict[str, Any]) -> None:
        properties = self.schemas[schema]
        missing = set(properties) - set(item) - {"encryption_details"}
        assert not missing, f"{schema} lacks {missing}"
        assert not set(item) - set(properties), f"{schema} has unknown {set(item) - set(properties)}"
        for name, rule in properties.items():
            problem = _problem(rule, item.get(name))
            assert problem is None, f"{schema}.{name}: {problem}"


def _problem(rule: dict[str, Any], value: Any) -> str | None:
    if value is None:
        return None if rule.get("nullable") or not rule else "null is not allowed"
    types = {
        "string": str,
        "boolean": bool,
        "integer": int,
        "object": dict,
        "array": list,
        "number": (str, float),
    }
    wanted = types.get(rule.get("type", ""))
    if wanted is not None and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        return f"{value!r} is no {rule['type']}"
    # Twilio shows what is not set as an empty string in some fields (its own examples do).
    if value != "" and "pattern" in rule and not re.search(rule["pattern"], value):
        return f"{value!r} does not match {rule['pattern']}"
    if "enum" in rule and value not in rule["enum"]:
        return f"{value!r} is none of {rule['enum']}"
    if rule.get("format") == "date-time-rfc-2822" and parsedate_to_datetime(value).tzinfo is None:
        return f"{value!r} has no zone"
    if rule.get("format") == "date-time" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
        return f"{value!r} is no ISO moment"
    return None


@pytest.fixture(scope="session")
def specs() -> Specs:
    """The reduced specs, and which of their operations have been seen."""
    read = {
        name: json.loads((SPECS / (f"{name}.json")).read_text("utf-8")) for name in ("operations", "schemas")
    }
    return Specs(**read)


# --- the sandbox -------------------------------------------------------------------------------------------


class Sandbox:
    """A sandbox in this process, as a client sees it: credentials set, every answer checked."""

    def __init__(self, app: Any, specs: Specs, receiver: Receiver) -> None:
        self.app = app
        self.twin = app.state.twin
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
        return next(one for one in found["incoming_phone_numbers"] if one["phone_number"] == phone_number)

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
            assert self.twin.switchboard.busy(sid), "the call ended first"
            await asyncio.sleep(0.001)


@pytest.fixture
def make_sandbox(tmp_path: Path, specs: Specs, receiver: Receiver) -> Callable[..., Any]:
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
async def sandbox(make_sandbox: Callable[..., Any]) -> AsyncIterator[Sandbox]:
    """A sandbox whose time runs as fast as the machine can."""
    async with make_sandbox() as sandbox:
        yield sandbox


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


@pytest.fixture
def serve() -> Callable[[Any], Any]:
    """Serve an application over real HTTP."""
    return serving


@pytest.fixture
def query_of() -> Callable[[str], dict[str, str]]:
    """The query parameters of a URL."""
    return lambda url: dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
