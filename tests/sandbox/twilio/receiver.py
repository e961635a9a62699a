"""The other side: who receives the webhooks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

HOOK = "https://hooks.example"


@dataclass
class Received:
    """One webhook request as it arrived."""

    method: str
    url: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""

    @property
    def status(self) -> str:
        return self.params.get("CallStatus", "")


@dataclass
class Receiver:
    """An ASGI application that keeps what it receives and answers as asked, by path."""

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
        return [request for request in self.requests if request.path == path]

    def statuses(self, path: str) -> list[str]:
        return [request.status for request in self.on(path)]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        body = await request.body()
        form = {name: str(value) for name, value in (await request.form()).multi_items()}
        params = form if request.method == "POST" else dict(request.query_params)
        number = len(self.on(request.url.path))
        self.requests.append(
            Received(request.method, str(request.url), request.url.path, params, dict(request.headers), body)
        )
        answer = self.answers.get(request.url.path, Response(status_code=204))
        if callable(answer) and not isinstance(answer, Response):
            answer = answer(number)
            if asyncio.iscoroutine(answer):
                answer = await answer
        await answer(scope, receive, send)
