"""A Management API that gives prepared answers, for faults that a sandbox does not have, and without waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from pulumi_provider_kit.cancellation import Cancellation
from pulumi_provider_kit.engine import RecordedLog
from pulumi_provider_kit.resource import Operation
from pulumi_supabase.client import ManagementApi

__all__ = ["REF", "Scripted", "answer"]

REF = "abcdefghijklmnopqrst"
PROJECT = {
    "name": "shop",
    "region": "eu-central-1",
    "status": "ACTIVE_HEALTHY",
    "created_at": "2026-01-02T03:04:05Z",
}


def answer(status: int = 200, body: Any = None, **headers: str) -> httpx.Response:
    """Return an answer with a JSON body."""
    return httpx.Response(status, json={} if body is None else body, headers=headers)


class _Recorded(Cancellation):
    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.check()
        self.waits.append(seconds)


class Scripted:
    """The API and what was asked of it.

    Args:
        answers: by ``METHOD path``, the path below the project's or a public one; the last one is repeated.
        **options: as for the client.

    Attributes:
        requests: in their order.
        log: what the user was shown.
        waits: the seconds that the client would have waited.
    """

    def __init__(
        self, answers: Mapping[str, httpx.Response | Exception | list[httpx.Response]], **options: Any
    ) -> None:
        self._answers = {key: list(a) if isinstance(a, list) else [a] for key, a in answers.items()}
        self._answers.setdefault("GET ", [answer(body=PROJECT)])
        self.requests: list[httpx.Request] = []
        self.log = RecordedLog()
        self._cancellation = _Recorded()
        self.waits = self._cancellation.waits
        self.api = ManagementApi(
            "sbp_x", self._cancellation, transport=httpx.MockTransport(self._reply), **options
        )
        self.operation = Operation(
            "urn:pulumi:t::t::supabase:index:X::x", self.api, self.log, self._cancellation
        )

    @property
    def asked(self) -> list[str]:
        """Return the requests as ``METHOD path``."""
        return [_key(request) for request in self.requests]

    def _reply(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answers = self._answers[_key(request)]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found.status_code, content=found.content, headers=found.headers)


def _key(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path.removeprefix(f'/v1/projects/{REF}')}"
