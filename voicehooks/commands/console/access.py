"""Who may read: the browser that opened the printed address, and only on this machine."""

from __future__ import annotations

import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["OneBrowser"]

_READS = ("GET", "HEAD")


class OneBrowser:
    """Middleware that exchanges a token, once, for a cookie, and refuses everything without that cookie.

    Args:
        app: the application behind it.
        token: what the printed address has; never to be printed but there.
        port: where it is served: browsers do not keep the cookies of two ports apart, so it is in the name.
    """

    def __init__(self, app: ASGIApp, *, token: str, port: int) -> None:
        self._token = token
        self._app = app
        self._cookie = f"voicehooks_console_{port}"
        self._session = secrets.token_urlsafe(32)
        self._used = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] not in _READS:
            message = "The console only reads; nothing can be changed here."
            await JSONResponse({"message": message}, 405)(scope, receive, send)
        elif self._has_cookie(scope):
            await self._app(scope, receive, send)
        elif self._takes_token(scope):
            self._used = True
            answer = RedirectResponse("/", 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
            answer.set_cookie(self._cookie, self._session, httponly=True, samesite="strict")
            await answer(scope, receive, send)
        else:
            message = (
                "The address of this console has been used by another browser; run voicehooks console again."
                if self._used
                else "Open the address that voicehooks console printed."
            )
            await JSONResponse({"message": message}, 403)(scope, receive, send)

    def _has_cookie(self, scope: Scope) -> bool:
        try:
            cookie = SimpleCookie(Headers(scope=scope).get("cookie", "")).get(self._cookie)
        except CookieError:
            return False
        return cookie is not None and hmac.compare_digest(cookie.value.encode(), self._session.encode())

    def _takes_token(self, scope: Scope) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        fits = hmac.compare_digest(given.encode(), self._token.encode())
        return fits and not self._used and scope["path"] == "/"
