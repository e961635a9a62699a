"""The Management API as one ASGI application, with the control plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount
from voicehooks_page import LoopbackOnly

from voicehooks_sandbox.supabase.management import (
    auth_settings,
    connections,
    database,
    functions,
    migrations,
    organizations,
    postgrest_settings,
    projects,
    secrets,
    types,
)
from voicehooks_sandbox.supabase.management.control import ControlPlane
from voicehooks_sandbox.supabase.management.errors import ApiError, not_emulated
from voicehooks_sandbox.supabase.management.guard import Guard
from voicehooks_sandbox.supabase.management.rate_limit import RateLimit

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

    from voicehooks_sandbox.operation import Operation as ControlOperation
    from voicehooks_sandbox.supabase.project import Project

OPERATIONS = (
    *organizations.OPERATIONS,
    *projects.OPERATIONS,
    *functions.OPERATIONS,
    *secrets.OPERATIONS,
    *database.OPERATIONS,
    *migrations.OPERATIONS,
    *types.OPERATIONS,
    *connections.OPERATIONS,
    *postgrest_settings.OPERATIONS,
    *auth_settings.OPERATIONS,
)


def create_app(project: Project, *, rate_limit_per_minute: int) -> tuple[ASGIApp, list[ControlOperation]]:
    """Build the application; also returns the operations of its control plane.

    Args:
        project: The project that it manages.
        rate_limit_per_minute: Requests a minute; 0 for no limit.
    """
    rate_limit = RateLimit(rate_limit_per_minute)
    control = ControlPlane(project, rate_limit, lambda: guard).operations()
    routes: list[BaseRoute] = [
        Mount(
            "/_sandbox",
            routes=[operation.route for operation in control],
            middleware=[Middleware(LoopbackOnly)],
        ),
        *(operation.route(project) for operation in OPERATIONS),
    ]
    api = Starlette(
        routes=routes,
        exception_handlers={ApiError: answer_error, HTTPException: _http_error, Exception: _internal_error},
    )
    api.router.redirect_slashes = False  # the vendor has no redirects: a wrong path is named
    guard = Guard(api, project, rate_limit)
    return guard, control


async def answer_error(_: Request, error: Exception) -> Response:
    """Answer what an operation refuses."""
    return error.response() if isinstance(error, ApiError) else await _internal_error(_, error)


async def _http_error(request: Request, error: Exception) -> Response:
    """What the framework refuses: an unknown path or method is named, the rest keeps its status."""
    if isinstance(error, HTTPException) and error.status_code not in (404, 405):
        return ApiError(error.status_code, error.detail).response()
    return not_emulated(request.method, request.url.path).response()


async def _internal_error(_: Request, __: Exception) -> Response:
    return ApiError(500, "Internal Server Error").response()
