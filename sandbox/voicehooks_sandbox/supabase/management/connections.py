"""Operations that say how to connect to the database: what `supabase link` and `db push` ask for.

Supabase's API reference: "Gets project's supavisor config", "Create a login role for CLI with temporary
password".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.credentials import SUPABASE_PROJECT_REF
from voicehooks_sandbox.ports import LOOPBACK
from voicehooks_sandbox.supabase.management.errors import ApiError, read_object
from voicehooks_sandbox.supabase.management.routing import PROJECT, Operation

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicehooks_sandbox.supabase.project import Project

# The CLI wants a host with a top-level domain first, and connects to port 5432 there, whatever the address
# says. It then tries the next host, as libpq does, on that host's own port.
_NO_HOST = "pooler.sandbox.invalid"
_LOGIN_SECONDS = 300


async def get_pooler(project: Project, _: Request) -> Response:
    """GET .../config/database/pooler: Postgres itself, since the sandbox has no pooler in front of it."""
    port = project.postgres.port
    user = "postgres:[YOUR-PASSWORD]"
    address = f"postgresql://{user}@{_NO_HOST}:{port},{LOOPBACK}:{port}/postgres"
    return JSONResponse(
        [
            {
                "identifier": SUPABASE_PROJECT_REF,
                "database_type": "PRIMARY",
                "is_using_scram_auth": True,
                "db_user": "postgres",
                "db_host": LOOPBACK,
                "db_port": port,
                "db_name": "postgres",
                "connection_string": address,
                "connectionString": address,
                "default_pool_size": None,
                "max_client_conn": None,
                "pool_mode": "session",
            }
        ]
    )


async def create_login_role(project: Project, request: Request) -> Response:
    """POST .../cli/login-role: a role with a temporary password, with which the CLI becomes `postgres`."""
    if (await read_object(request)).get("read_only") is True:
        raise ApiError(501, "The sandbox does not emulate read-only login roles.")
    try:
        role, password = await project.postgres.create_login_role(_LOGIN_SECONDS)
    except psycopg.OperationalError as error:
        raise _unreachable() from error
    return JSONResponse({"role": role, "password": password, "ttl_seconds": _LOGIN_SECONDS}, status_code=201)


async def delete_login_roles(project: Project, _: Request) -> Response:
    """DELETE .../cli/login-role."""
    try:
        await project.postgres.drop_login_role()
    except psycopg.OperationalError as error:
        raise _unreachable() from error
    return JSONResponse({"message": "ok"})


def _unreachable() -> ApiError:
    return ApiError(544, "Failed to create login role: Connection terminated due to connection timeout")


OPERATIONS = (
    Operation("GET", f"{PROJECT}/config/database/pooler", ("database_pooling_config_read",), get_pooler),
    Operation("POST", f"{PROJECT}/cli/login-role", ("database_write",), create_login_role),
    Operation("DELETE", f"{PROJECT}/cli/login-role", ("database_write",), delete_login_roles),
)
