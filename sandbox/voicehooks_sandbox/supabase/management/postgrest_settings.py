"""Operations on PostgREST's configuration, which a project keeps in its database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.supabase.management.database import execute
from voicehooks_sandbox.supabase.management.errors import ApiError, read_object
from voicehooks_sandbox.supabase.management.routing import PROJECT, Operation
from voicehooks_sandbox.supabase.postgrest import DEFAULT_SETTINGS

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicehooks_sandbox.supabase.project import Project

# The API's names, and PostgREST's.
_NAMES = {"db_schema": "db_schemas", "db_extra_search_path": "db_extra_search_path", "max_rows": "db_max_rows"}
_LARGEST_MAX_ROWS = 1_000_000
_READ = """
    select split_part(setting, '=', 1) as name, substr(setting, strpos(setting, '=') + 1) as value
    from pg_db_role_setting cross join unnest(setconfig) as setting
    where setrole = 'authenticator'::regrole and setting like 'pgrst.%'
"""


async def get_settings(project: Project, _: Request) -> Response:
    """GET .../postgrest."""
    return JSONResponse(await _read(project))


async def change_settings(project: Project, request: Request) -> Response:
    """PATCH .../postgrest: `db_schema`, `db_extra_search_path` and `max_rows`, in force at once."""
    changes = await read_object(request)
    statements = [_statement(name, value) for name, value in changes.items() if name != "db_pool"]
    if changes.get("db_pool") is not None:
        raise ApiError(501, "The sandbox does not emulate db_pool.")
    if statements:
        await execute(project, ";\n".join(statements))
        await project.restart_postgrest()
    return JSONResponse(await _read(project))


async def _read(project: Project) -> dict[str, Any]:
    rows = await execute(project, _READ)
    settings = DEFAULT_SETTINGS | {row["name"].removeprefix("pgrst."): row["value"] for row in rows}
    answer: dict[str, Any] = {name: settings[own] for name, own in _NAMES.items()}
    return {**answer, "max_rows": int(answer["max_rows"]), "db_pool": None}


def _statement(name: str, value: object) -> str:
    if name not in _NAMES:
        raise ApiError(400, f"{name}: is not a setting; there are {', '.join(_NAMES)} and db_pool")
    if name == "max_rows":
        if type(value) is not int or not 0 <= value <= _LARGEST_MAX_ROWS:
            raise ApiError(400, f"max_rows: must be an integer from 0 to {_LARGEST_MAX_ROWS}")
    elif not isinstance(value, str):
        raise ApiError(400, f"{name}: must be a string")
    quoted = str(value).replace("'", "''")
    return f"alter role authenticator set pgrst.{_NAMES[name]} = '{quoted}'"


OPERATIONS = (
    Operation("GET", f"{PROJECT}/postgrest", ("data_api_config_read",), get_settings),
    Operation("PATCH", f"{PROJECT}/postgrest", ("data_api_config_write",), change_settings),
)
