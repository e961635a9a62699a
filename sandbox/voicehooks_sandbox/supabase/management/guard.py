"""What every request to the Management API passes first: record, token, rate limit, faults."""

from __future__ import annotations

import hmac
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers

from voicehooks_sandbox.credentials import SUPABASE_ACCESS_TOKEN
from voicehooks_sandbox.supabase.management.errors import ApiError, unauthorized

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from voicehooks_sandbox.supabase.faults import ApiFault
    from voicehooks_sandbox.supabase.management.rate_limit import RateLimit
    from voicehooks_sandbox.supabase.project import Project

_MOST_RECORDS = 10_000
_DEFAULT_MESSAGES = {
    401: "Unauthorized",
    403: "Forbidden resource",
    429: "ThrottlerException: Too Many Requests",
}


class Guard:
    """ASGI middleware in front of the Management API (the control plane passes untouched).

    Args:
        app: The API.
        project: Its project, for the faults in force.
        rate_limit: The limit.
    """

    def __init__(self, app: ASGIApp, project: Project, rate_limit: RateLimit) -> None:
        self._app = app
        self._project = project
        self._rate_limit = rate_limit
        self.requests: deque[dict[str, Any]] = deque(maxlen=_MOST_RECORDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox/"):
            await self._app(scope, receive, send)
            return
        record: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "user_agent": Headers(scope=scope).get("user-agent", ""),
            "status": None,
        }
        self.requests.append(record)

        async def send_recorded(message: Message) -> None:
            if message["type"] == "http.response.start":
                record["status"] = message["status"]
                message = {**message, "headers": [*message["headers"], *self._rate_limit.headers()]}
            await send(message)

        try:
            self._check(scope)
            fault = self._project.faults.take_api_fault(scope["method"], scope["path"])
            if fault is not None:
                if fault.apply:
                    await self._app(scope, receive, _nowhere)
                raise _answer_of(fault)
        except ApiError as error:
            await error.response()(scope, receive, send_recorded)
            return
        await self._app(scope, receive, send_recorded)

    def _check(self, scope: Scope) -> None:
        scheme, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(
            token.strip().encode(), SUPABASE_ACCESS_TOKEN.encode()
        ):
            raise unauthorized()
        if not self._rate_limit.take():
            raise ApiError(429, _DEFAULT_MESSAGES[429])


def _answer_of(fault: ApiFault) -> ApiError:
    return ApiError(fault.status, fault.message or _DEFAULT_MESSAGES.get(fault.status, "Internal Server Error"))


async def _nowhere(_: Message) -> None:
    """Swallow an answer that is to be lost."""
