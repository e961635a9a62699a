"""Operations on the one organization that the project belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.supabase.management.errors import ApiError
from voicehooks_sandbox.supabase.management.routing import Operation

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicehooks_sandbox.supabase.project import Project

SLUG = "sandboxorganization"
_NAME = "sandbox"


async def list_organizations(_: Project, __: Request) -> Response:
    """GET /v1/organizations."""
    return JSONResponse([{"id": SLUG, "slug": SLUG, "name": _NAME}])


async def get_organization(_: Project, request: Request) -> Response:
    """GET /v1/organizations/{slug}."""
    if request.path_params["slug"] != SLUG:
        raise ApiError(404, "Organization not found")
    settings = {"plan": "free", "opt_in_tags": [], "allowed_release_channels": ["ga"]}
    return JSONResponse({"id": SLUG, "name": _NAME, **settings})


OPERATIONS = (
    Operation("GET", "/v1/organizations", ("organizations_read",), list_organizations),
    Operation("GET", "/v1/organizations/{slug}", ("organization_admin_read",), get_organization),
)
