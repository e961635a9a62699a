"""Operations that run SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.supabase.database import DatabaseUnavailable, QueryError
from voicehooks_sandbox.supabase.management.errors import ApiError, forbidden, read_object
from voicehooks_sandbox.supabase.management.routing import PROJECT, Operation

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicehooks_sandbox.supabase.project import Project


async def run_query(project: Project, request: Request) -> Response:
    """POST .../database/query: rows of the last statement, 201."""
    body = await read_object(request)
    read_only = body.get("read_only", False)
    if not isinstance(read_only, bool):
        raise ApiError(400, "read_only: must be a boolean")
    granted = project.faults.token_permissions
    if granted is not None and not read_only and "database_write" not in granted:
        raise forbidden()
    return await _run(project, body, read_only=read_only)


async def run_read_only_query(project: Project, request: Request) -> Response:
    """POST .../database/query/read-only: as role supabase_read_only_user."""
    return await _run(project, await read_object(request), read_only=True)


async def execute(
    project: Project, query: str, parameters: list[Any] | None = None, *, read_only: bool = False
) -> Any:
    """Run SQL for an operation.

    Raises:
        ApiError: 400 where the database refused, 544 where it cannot be reached.
    """
    if project.faults.paused:
        raise ApiError(544, "Failed to run sql query: Connection terminated due to connection timeout")
    try:
        return await project.database.run(query, parameters, read_only=read_only)
    except QueryError as error:
        raise ApiError(400, str(error)) from error
    except DatabaseUnavailable as error:
        raise ApiError(
            544, "Failed to run sql query: Connection terminated due to connection timeout"
        ) from error


async def _run(project: Project, body: dict[str, Any], *, read_only: bool) -> Response:
    query, parameters = body.get("query"), body.get("parameters")
    if not isinstance(query, str) or not query:
        raise ApiError(400, "query: must be a string of at least 1 character")
    if parameters is not None and not isinstance(parameters, list):
        raise ApiError(400, "parameters: must be an array")
    rows = await execute(project, query, parameters, read_only=read_only)
    return JSONResponse(rows, status_code=201)


OPERATIONS = (
    Operation("POST", f"{PROJECT}/database/query", ("database_write", "database_read"), run_query),
    Operation("POST", f"{PROJECT}/database/query/read-only", ("database_read",), run_read_only_query),
)
