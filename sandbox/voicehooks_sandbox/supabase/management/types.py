"""The operation that generates TypeScript types from the database."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.errors import SandboxError
from voicehooks_sandbox.supabase.management.database import execute
from voicehooks_sandbox.supabase.management.errors import ApiError
from voicehooks_sandbox.supabase.management.routing import PROJECT, Operation
from voicehooks_sandbox.supabase.type_generator import typescript_types

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicehooks_sandbox.supabase.project import Project

_SCHEMAS = re.compile(r"[^,\x00]+(,[^,\x00]+)*")


async def generate_typescript(project: Project, request: Request) -> Response:
    """GET .../types/typescript: `{"types": ...}` for the `included_schemas` (default: public)."""
    schemas = request.query_params.get("included_schemas", "public")
    if not _SCHEMAS.fullmatch(schemas):
        raise ApiError(400, "included_schemas: must be names of schemas, separated by commas")
    await execute(project, "select 1")  # a paused project, or a database that is stopped
    names = [name.strip() for name in schemas.split(",")]
    try:
        types = await typescript_types(project.deno, project.postgres.superuser_url, names)
    except SandboxError as error:
        raise ApiError(500, str(error)) from error
    return JSONResponse({"types": types})


OPERATIONS = (Operation("GET", f"{PROJECT}/types/typescript", ("database_read",), generate_typescript),)
