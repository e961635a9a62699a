"""Operations on the project itself: reading it, its API keys and its health."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.credentials import (
    SUPABASE_PROJECT_REF,
    SUPABASE_PUBLISHABLE_KEY,
    SUPABASE_SECRET_KEY,
)
from voicehooks_sandbox.supabase.database import DatabaseUnavailable
from voicehooks_sandbox.supabase.keys import ANON_KEY, SERVICE_ROLE_KEY
from voicehooks_sandbox.supabase.management.errors import ApiError
from voicehooks_sandbox.supabase.management.organizations import SLUG
from voicehooks_sandbox.supabase.management.routing import PROJECT, Operation

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicehooks_sandbox.supabase.project import Project

_CREATED_AT = "2026-01-01T00:00:00.000000Z"
_SERVICES = ("auth", "db", "db_postgres_user", "pooler", "realtime", "rest", "storage", "pg_bouncer")
_KEY_IDS = {
    "publishable": "11111111-1111-4111-8111-111111111111",
    "secret": "22222222-2222-4222-8222-222222222222",
}


def _describe(project: Project) -> dict[str, Any]:
    return {
        "id": SUPABASE_PROJECT_REF,
        "ref": SUPABASE_PROJECT_REF,
        "organization_id": SLUG,
        "organization_slug": SLUG,
        "name": "sandbox",
        "region": "local",
        "created_at": _CREATED_AT,
        "status": "INACTIVE" if project.faults.paused else "ACTIVE_HEALTHY",
        "database": {
            "host": f"db.{SUPABASE_PROJECT_REF}.supabase.co",
            "version": "17",
            "postgres_engine": "17",
            "release_channel": "ga",
        },
    }


async def list_projects(project: Project, _: Request) -> Response:
    """GET /v1/projects."""
    return JSONResponse([_describe(project)])


async def get_project(project: Project, _: Request) -> Response:
    """GET /v1/projects/{ref}."""
    return JSONResponse(_describe(project))


def _legacy(name: str, token: str) -> dict[str, Any]:
    return {
        "name": name,
        "id": name,
        "type": "legacy",
        "api_key": token,
        "hash": hashlib.sha256(token.encode()).hexdigest(),
        "prefix": token[:5],
        "description": f"Legacy {name} API key",
    }


def _new(kind: str, key: str, *, reveal: bool) -> dict[str, Any]:
    hidden = kind == "secret" and not reveal
    return {
        "id": _KEY_IDS[kind],
        "name": "default",
        "type": kind,
        "api_key": f"{key[:15]}{'·' * 16}" if hidden else key,
        "prefix": key[:15],
        "hash": hashlib.sha256(key.encode()).hexdigest(),
        "description": None,
        "secret_jwt_template": {"role": "service_role"} if kind == "secret" else None,
        "inserted_at": _CREATED_AT,
        "updated_at": _CREATED_AT,
    }


def _keys(project: Project, request: Request) -> list[dict[str, Any]]:
    reveal = request.query_params.get("reveal") == "true"
    keys = [
        _legacy("anon", ANON_KEY),
        _legacy("service_role", SERVICE_ROLE_KEY),
        _new("publishable", SUPABASE_PUBLISHABLE_KEY, reveal=reveal),
        _new("secret", SUPABASE_SECRET_KEY, reveal=reveal),
    ]
    # Legacy keys cannot be deleted, only disabled; they stay in the list.
    deleted = project.faults.deleted_api_keys - {"legacy"}
    return [key for key in keys if key["type"] not in deleted]


async def list_api_keys(project: Project, request: Request) -> Response:
    """GET .../api-keys: without `reveal` the secret key is masked."""
    return JSONResponse(_keys(project, request))


async def get_api_key(project: Project, request: Request) -> Response:
    """GET .../api-keys/{id}."""
    for key in _keys(project, request):
        if key["id"] == request.path_params["id"] and key["type"] != "legacy":
            return JSONResponse(key)
    raise ApiError(404, "API key not found")


async def legacy_api_keys(project: Project, _: Request) -> Response:
    """GET .../api-keys/legacy."""
    return JSONResponse({"enabled": "legacy" not in project.faults.deleted_api_keys})


async def get_health(project: Project, request: Request) -> Response:
    """GET .../health: `services` comes repeated or separated by commas."""
    services = [name for value in request.query_params.getlist("services") for name in value.split(",") if name]
    unknown = [name for name in services if name not in _SERVICES]
    if not services or unknown:
        raise ApiError(400, f"services: each value must be one of {', '.join(_SERVICES)}")
    return JSONResponse([await _health(project, name) for name in services])


async def _health(project: Project, service: str) -> dict[str, Any]:
    if service in ("db", "db_postgres_user"):
        try:
            await project.database.run("select 1")
            healthy = True
        except DatabaseUnavailable:
            healthy = False
    elif service == "rest":
        healthy = await project.postgrest.serves_schema()
    elif service == "auth":
        healthy = True
    else:
        return {"name": service, "healthy": False, "status": "UNHEALTHY", "error": "not part of the sandbox"}
    return {"name": service, "healthy": healthy, "status": "ACTIVE_HEALTHY" if healthy else "UNHEALTHY"}


OPERATIONS = (
    Operation("GET", "/v1/projects", ("projects_read",), list_projects),
    Operation("GET", PROJECT, ("project_admin_read",), get_project),
    Operation("GET", f"{PROJECT}/api-keys", ("api_gateway_keys_read",), list_api_keys),
    Operation("GET", f"{PROJECT}/api-keys/legacy", ("api_gateway_keys_read",), legacy_api_keys),
    Operation("GET", f"{PROJECT}/api-keys/{{id}}", ("api_gateway_keys_read",), get_api_key),
    Operation("GET", f"{PROJECT}/health", ("project_admin_read",), get_health),
)
