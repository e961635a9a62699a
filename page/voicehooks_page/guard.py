"""Refuses what a page of the web sends to a server on this machine.

A web site can resolve its own name to 127.0.0.1 (DNS rebinding) and then read and control what listens there:
such a request has the site's name as its Host. It can also send requests to 127.0.0.1 directly, without reading
the answer: such a request has the site's address as its Origin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Receive, Scope, Send

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class LoopbackOnly:
    """Middleware that answers 403 unless Host, and Origin if there is one, name this machine.

    Args:
        app: The application behind it.
        hosts: Further names, without a port, by which the server may be reached.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = _LOOPBACK | frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "http" and (message := self._refusal(Headers(scope=scope))):
            await JSONResponse({"message": message}, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, headers: Headers) -> str | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_own(f"//{host}"):
            return f"This server only answers on this machine's own addresses, not for the host {host!r}."
        if origin is not None and not self._is_own(origin):
            return f"This server does not take requests from pages of {origin}."
        return None

    def _is_own(self, url: str) -> bool:
        # Names below localhost mean this machine, in browsers too (RFC 6761): no site can have one.
        name = _name(url) or ""
        return name in self._hosts or name.endswith(".localhost")


def _name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
