"""Operations on Auth's configuration: the settings that the sandbox follows."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.supabase.management.errors import ApiError, read_object
from voicehooks_sandbox.supabase.management.routing import PROJECT, Operation

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicehooks_sandbox.supabase.project import Project


async def get_settings(project: Project, _: Request) -> Response:
    """GET .../config/auth: only what the sandbox follows; a hosted project answers more settings."""
    return JSONResponse(dataclasses.asdict(project.auth.settings.current))


async def change_settings(project: Project, request: Request) -> Response:
    """PATCH .../config/auth: in force at once; all or nothing."""
    changes = await read_object(request)
    followed = dataclasses.asdict(project.auth.settings.current)
    if others := [name for name in changes if name not in followed]:
        raise ApiError(501, f"The sandbox does not emulate these settings of Auth: {', '.join(others)}.")
    try:
        project.auth.settings.change(changes)
    except ValueError as error:
        raise ApiError(400, str(error)) from error
    return await get_settings(project, request)


OPERATIONS = (
    Operation("GET", f"{PROJECT}/config/auth", ("auth_config_read",), get_settings),
    Operation("PATCH", f"{PROJECT}/config/auth", ("auth_config_write",), change_settings),
)
