"""Operations on the functions' secrets: written in clear, read back as digests."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.supabase.management.errors import ApiError, read_json
from voicehooks_sandbox.supabase.management.routing import PROJECT, Operation

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicehooks_sandbox.supabase.project import Project

_LONGEST_NAME = 256
_LONGEST_VALUE = 24_576
_MOST_SECRETS = 100
_RESERVED = "SUPABASE_"
_STARTED_AT = "2026-01-01T00:00:00.000Z"


async def list_secrets(project: Project, _: Request) -> Response:
    """GET .../secrets: names and SHA-256 digests, the platform's own variables among them."""
    platform = [
        {"name": name, "value": hashlib.sha256(value.encode()).hexdigest(), "updated_at": _STARTED_AT}
        for name, value in project.platform_environment().items()
    ]
    own = [
        {"name": secret.name, "value": secret.digest, "updated_at": secret.updated_at}
        for secret in project.secrets.all()
    ]
    return JSONResponse([*own, *platform])


async def create_secrets(project: Project, request: Request) -> Response:
    """POST .../secrets: creates or replaces; all or none. A changed secret is live at once."""
    values = dict(_check(index, entry) for index, entry in enumerate(_list(await read_json(request))))
    if len({*project.secrets.values(), *values}) > _MOST_SECRETS:
        raise ApiError(400, f"Maximum number of secrets ({_MOST_SECRETS}) exceeded")
    if project.secrets.put(values):
        project.runner.environment_changed()
    return Response(status_code=201)


async def delete_secrets(project: Project, request: Request) -> Response:
    """DELETE .../secrets: the names are the body."""
    names = _list(await read_json(request))
    if not all(isinstance(name, str) for name in names):
        raise ApiError(400, "Each name must be a string")
    if any(name.startswith(_RESERVED) for name in names):
        raise ApiError(400, f"Secret name must not start with the {_RESERVED} prefix.")
    if project.secrets.delete(names):
        project.runner.environment_changed()
    return Response(status_code=200)


def _list(body: Any) -> list[Any]:
    if not isinstance(body, list):
        raise ApiError(400, "Expected array, received " + type(body).__name__)
    return body


def _check(index: int, entry: Any) -> tuple[str, str]:
    if (
        not isinstance(entry, dict)
        or not isinstance(entry.get("name"), str)
        or not isinstance(entry.get("value"), str)
    ):
        raise ApiError(400, f"{index}: name and value must be strings")
    name, value = entry["name"], entry["value"]
    if name.startswith(_RESERVED):
        raise ApiError(400, f"{index}.name: Secret name must not start with the {_RESERVED} prefix.")
    if not name or len(name) > _LONGEST_NAME or "=" in name or "\0" in name:
        raise ApiError(400, f"{index}.name: must be 1 to {_LONGEST_NAME} characters, without '='")
    if len(value) > _LONGEST_VALUE or "\0" in value:
        raise ApiError(400, f"{index}.value: must be at most {_LONGEST_VALUE} characters")
    return name, value


OPERATIONS = (
    Operation("GET", f"{PROJECT}/secrets", ("edge_functions_secrets_read",), list_secrets),
    Operation("POST", f"{PROJECT}/secrets", ("edge_functions_secrets_write",), create_secrets),
    Operation("DELETE", f"{PROJECT}/secrets", ("edge_functions_secrets_write",), delete_secrets),
)
