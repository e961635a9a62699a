"""Auth as one ASGI application, mounted at /auth/v1 of the project URL."""

from __future__ import annotations

import contextlib
import json
import logging
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request  # noqa: TC002 - Starlette reads the annotations
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from voicehooks_sandbox.supabase.auth import admin, own_user, sign_in, sign_up
from voicehooks_sandbox.supabase.auth.context import Context
from voicehooks_sandbox.supabase.auth.errors import API_VERSION_HEADER, AuthError
from voicehooks_sandbox.supabase.auth.mail import Outbox
from voicehooks_sandbox.supabase.auth.sessions import Sessions
from voicehooks_sandbox.supabase.auth.settings import AuthSettings
from voicehooks_sandbox.supabase.keys import public_keys
from voicehooks_sandbox.supabase.settings_file import SettingsFile

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    Handler = Callable[[Context], Awaitable[Response]]

_log = logging.getLogger(__name__)
PREFIX = "/auth/v1"
OPEN_PATHS = frozenset(
    (b"/auth/v1/verify", b"/auth/v1/.well-known/jwks.json", b"/auth/v1/.well-known/openid-configuration")
)
"""What the gateway lets pass without an API key: links in mails, and public keys."""

HANDLERS: dict[tuple[str, str], Handler] = {
    ("POST", "/signup"): sign_up.sign_up,
    ("POST", "/otp"): sign_up.send_code,
    ("POST", "/magiclink"): sign_up.send_code,
    ("POST", "/recover"): sign_up.recover,
    ("POST", "/resend"): sign_up.resend,
    ("POST", "/token"): sign_in.token,
    ("POST", "/verify"): sign_in.verify,
    ("GET", "/verify"): sign_in.follow_link,
    ("POST", "/logout"): sign_in.log_out,
    ("GET", "/user"): own_user.read,
    ("PUT", "/user"): own_user.change,
    ("GET", "/admin/users"): admin.list_users,
    ("POST", "/admin/users"): admin.create_user,
    ("GET", "/admin/users/{id}"): admin.get_user,
    ("PUT", "/admin/users/{id}"): admin.update_user,
    ("DELETE", "/admin/users/{id}"): admin.delete_user,
    ("POST", "/admin/generate_link"): admin.generate_link,
    ("POST", "/invite"): admin.invite,
}
"""The requests that need the database, by method and path below /auth/v1."""
OTHER_REQUESTS = (
    *(("GET", "/settings"), ("GET", "/health")),
    *(("GET", "/.well-known/jwks.json"), ("GET", "/.well-known/openid-configuration")),
)
_NOT_EMULATED = (
    *("/authorize", "/callback", "/sso", "/factors", "/user/identities", "/reauthenticate", "/saml"),
    *("/admin/sso", "/admin/audit", "/admin/oauth", "/oauth", "/passkeys", "/admin/custom-providers"),
)


class Auth:
    """The application and its state.

    Args:
        database_url: Connection URL of role supabase_auth_admin.
        project_url: The project's URL.
        settings_file: Where settings are kept.
        changed_by_faults: The settings that faults in force change.
    """

    def __init__(
        self,
        *,
        database_url: str,
        project_url: str,
        settings_file: Path,
        changed_by_faults: Callable[[], Mapping[str, Any]],
    ) -> None:
        self._changed_by_faults = changed_by_faults
        self._database_url = database_url
        self.settings = SettingsFile(settings_file, AuthSettings())
        self.outbox = Outbox(project_url, _log.info)
        self._issuer = f"{project_url}{PREFIX}"
        self._sessions = Sessions(self._issuer)
        routes = [
            *(
                Route(PREFIX + path, endpoint, methods=[method])
                for (method, path), endpoint in zip(
                    OTHER_REQUESTS,
                    (self._show_settings, _show_health, _show_keys, self._show_discovery),
                    strict=True,
                )
            ),
            *(
                Route(PREFIX + path, self._endpoint(handler), methods=[method])
                for (method, path), handler in HANDLERS.items()
            ),
        ]
        cors = Middleware(
            CORSMiddleware,
            allow_origins=["*"],
            allow_methods=["GET", "POST", "PATCH", "PUT", "DELETE"],
            allow_headers=["*"],
            expose_headers=["X-Total-Count", "Link", "X-Supabase-Api-Version"],
        )
        self._app = Starlette(
            routes=routes,
            middleware=[cors],
            exception_handlers={AuthError: _auth_error, HTTPException: _http_error, Exception: _crash},
        )
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._app(scope, receive, send)

    def reset(self) -> None:
        """Forget mails and settings; users are in the database."""
        self.settings.reset()
        self.outbox.clear()

    def _settings(self) -> AuthSettings:
        return self.settings.current.changed(self._changed_by_faults())

    def _endpoint(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            body = await _read_body(request)
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self._database_url, connect_timeout=5, row_factory=dict_row
                )
            except psycopg.OperationalError:
                raise _unavailable() from None
            try:
                async with connection:  # commits, or rolls back if the handler raises
                    context = Context(request, body, connection, self._settings(), self.outbox, self._sessions)
                    response = await handler(context)
            except psycopg.OperationalError:
                raise _unavailable() from None
            finally:
                with contextlib.suppress(psycopg.Error):
                    await connection.close()
            if (version := request.headers.get(API_VERSION_HEADER)) is not None:
                response.headers[API_VERSION_HEADER] = version
            return response

        return endpoint

    async def _show_settings(self, _: Request) -> Response:
        return JSONResponse(self._settings().public())

    async def _show_discovery(self, _: Request) -> Response:
        issuer = self._issuer
        return JSONResponse(
            {
                "issuer": issuer,
                "jwks_uri": f"{issuer}/.well-known/jwks.json",
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256", "HS256"],
            }
        )


async def _show_health(_: Request) -> Response:
    description = "GoTrue is a user registration and authentication API"
    return JSONResponse({"version": "sandbox", "name": "GoTrue", "description": description})


async def _show_keys(_: Request) -> Response:
    return JSONResponse(public_keys(), headers={"cache-control": "public, max-age=600"})


async def _read_body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise AuthError(400, "bad_json", f"Could not parse request body as JSON: {error}") from error
    if not isinstance(body, dict):
        raise AuthError(400, "bad_json", "Could not parse request body as JSON: it is not an object")
    return body


async def _auth_error(request: Request, error: Exception) -> Response:
    return error.response(request) if isinstance(error, AuthError) else await _crash(request, error)


async def _http_error(request: Request, error: Exception) -> Response:
    """An unknown path or method: the vendor's answer; for what the vendor has and the sandbox has not, 501."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    path = request.url.path.removeprefix(PREFIX)
    if path.startswith(_NOT_EMULATED) or (path.startswith("/admin/users/") and path.count("/") > 3):
        message = f"The sandbox does not emulate {request.method} {request.url.path}."
        return AuthError(501, "not_emulated", message).response(request)
    if error.status_code == 405:
        return Response(status_code=405, headers=error.headers)
    return PlainTextResponse("404 page not found\n", 404)


async def _crash(request: Request, error: Exception) -> Response:
    _log.error("Auth failed", exc_info=error)
    return AuthError(500, "unexpected_failure", "Unexpected failure, please check server logs").response(
        request
    )


def _unavailable() -> AuthError:
    return AuthError(503, "unexpected_failure", "The database is not available")
