"""One operation of the Management API: a method, a path, the permission it asks for, its handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from voicehooks_sandbox.credentials import SUPABASE_PROJECT_REF
from voicehooks_sandbox.supabase.management.errors import ApiError, forbidden
from voicehooks_sandbox.supabase.project import Project

Handler = Callable[[Project, Request], Awaitable[Response]]
PROJECT = "/v1/projects/{ref}"


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        method: HTTP method.
        path: Path with Starlette's placeholders.
        permissions: Fine-grained permissions of which a scoped token must have one.
        handler: Carries it out.
    """

    method: str
    path: str
    permissions: tuple[str, ...]
    handler: Handler

    def route(self, project: Project) -> Route:
        """The operation as a route that checks permission and project first."""

        async def endpoint(request: Request) -> Response:
            granted = project.faults.token_permissions
            if granted is not None and not granted.intersection(self.permissions):
                raise forbidden()
            ref = request.path_params.get("ref", SUPABASE_PROJECT_REF)
            if not (len(ref) == 20 and ref.isascii() and ref.isalpha() and ref.islower()):
                raise ApiError(400, "ref: must be 20 lower-case letters")
            if ref != SUPABASE_PROJECT_REF:
                raise ApiError(404, "Project not found")
            return await self.handler(project, request)

        return Route(self.path, endpoint, methods=[self.method])
