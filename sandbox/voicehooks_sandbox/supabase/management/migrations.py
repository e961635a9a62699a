"""Operations on the migration history, `supabase_migrations.schema_migrations`, as the platform keeps it.

A migration's SQL and its row are one transaction.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from psycopg import sql
from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.supabase.management.database import execute
from voicehooks_sandbox.supabase.management.errors import ApiError, read_object
from voicehooks_sandbox.supabase.management.routing import PROJECT, Operation

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicehooks_sandbox.supabase.project import Project

_HISTORY = """
set lock_timeout = '4s';
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text primary key);
alter table supabase_migrations.schema_migrations
  add column if not exists statements text[],
  add column if not exists name text,
  add column if not exists created_by text,
  add column if not exists idempotency_key text unique,
  add column if not exists rollback text[];
"""
_INSERT = """
insert into supabase_migrations.schema_migrations
  (version, statements, name, created_by, idempotency_key, rollback) values ({})
"""
_UPSERT = """
insert into supabase_migrations.schema_migrations
  (version, statements, name, created_by, idempotency_key, rollback) values ({})
on conflict (version) do update
  set statements = excluded.statements, name = excluded.name, rollback = excluded.rollback
"""
_FORGET = "delete from supabase_migrations.schema_migrations where version >= {}"
_VERSION = "%Y%m%d%H%M%S"
_CREATED_BY = "sandbox@example.com"


async def list_migrations(project: Project, _: Request) -> Response:
    """GET .../database/migrations."""
    await execute(project, _HISTORY)
    rows = await execute(
        project, "select version, name from supabase_migrations.schema_migrations order by version"
    )
    return JSONResponse([_without_nulls(row) for row in rows])


async def apply_migration(project: Project, request: Request) -> Response:
    """POST .../database/migrations: runs the SQL and records it; a repeated Idempotency-Key does nothing."""
    return await _record(project, request, run=True)


async def upsert_migration(project: Project, request: Request) -> Response:
    """PUT .../database/migrations: records without running; a known Idempotency-Key replaces its row."""
    return await _record(project, request, run=False)


async def get_migration(project: Project, request: Request) -> Response:
    """GET .../database/migrations/{version}."""
    return JSONResponse(_without_nulls(await _find(project, request.path_params["version"])))


async def patch_migration(project: Project, request: Request) -> Response:
    """PATCH .../database/migrations/{version}: name and rollback."""
    body = await read_object(request)
    version = request.path_params["version"]
    await _find(project, version)
    name, rollback = _text(body, "name"), _text(body, "rollback")
    await execute(
        project,
        """update supabase_migrations.schema_migrations
        set name = coalesce($1::text, name), rollback = coalesce($2::text[], rollback) where version = $3""",
        [name, None if rollback is None else [rollback], version],
    )
    return Response(status_code=200)


async def rollback_migrations(project: Project, request: Request) -> Response:
    """DELETE .../database/migrations?gte=: runs the rollbacks, newest first, and forgets the rows."""
    first = request.query_params.get("gte", "")
    if not first.isdigit():
        raise ApiError(400, "gte: must be digits")
    await execute(project, _HISTORY)
    rows = await execute(
        project,
        """select rollback from supabase_migrations.schema_migrations
        where version >= $1 order by version desc""",
        [first],
    )
    statements = [statement for row in rows for statement in row["rollback"] or []]
    statements.append(sql.SQL(_FORGET).format(first).as_string(None))
    await execute(project, ";\n".join(["begin", *statements, "commit"]))
    return Response(status_code=200)


async def _record(project: Project, request: Request, *, run: bool) -> Response:
    body = await read_object(request)
    query = _text(body, "query")
    if not query:
        raise ApiError(400, "query: must be a string of at least 1 character")
    name, rollback = _text(body, "name"), _text(body, "rollback")
    key = request.headers.get("idempotency-key")
    await execute(project, _HISTORY)
    rows = await execute(
        project, "select version from supabase_migrations.schema_migrations where idempotency_key = $1", [key]
    )
    if rows and run:
        return Response(status_code=200)
    version = rows[0]["version"] if rows else await _next_version(project)
    values = [version, [query], name, _CREATED_BY, key, None if rollback is None else [rollback]]
    record = sql.SQL(_UPSERT if rows else _INSERT).format(sql.SQL(", ").join(map(sql.Literal, values)))
    statements = ["begin", *([query] if run else []), record.as_string(None), "commit"]
    await execute(project, ";\n".join(statements))
    return Response(status_code=200)


async def _next_version(project: Project) -> str:
    """The time as a version; a second later than the newest where that is not in the past."""
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = await execute(project, "select max(version) as newest from supabase_migrations.schema_migrations")
    newest = rows[0]["newest"]
    with contextlib.suppress(TypeError, ValueError):
        now = max(now, datetime.strptime(newest, _VERSION) + timedelta(seconds=1))  # noqa: DTZ007 - UTC
    return now.strftime(_VERSION)


async def _find(project: Project, version: str) -> dict[str, Any]:
    await execute(project, _HISTORY)
    rows = await execute(
        project,
        """select version, name, statements, rollback, created_by, idempotency_key
        from supabase_migrations.schema_migrations where version = $1""",
        [version],
    )
    if not rows:
        raise ApiError(404, "Migration not found")
    row: dict[str, Any] = rows[0]
    return row


def _text(body: dict[str, Any], key: str) -> str | None:
    value = body.get(key)
    if value is not None and not isinstance(value, str):
        raise ApiError(400, f"{key}: must be a string")
    return value


def _without_nulls(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value is not None}


_MIGRATIONS = f"{PROJECT}/database/migrations"
_READ = ("database_migrations_read",)
_WRITE = ("database_migrations_write",)
OPERATIONS = (
    Operation("GET", _MIGRATIONS, _READ, list_migrations),
    Operation("POST", _MIGRATIONS, _WRITE, apply_migration),
    Operation("PUT", _MIGRATIONS, _WRITE, upsert_migration),
    Operation("DELETE", _MIGRATIONS, _WRITE, rollback_migrations),
    Operation("GET", f"{_MIGRATIONS}/{{version}}", _READ, get_migration),
    Operation("PATCH", f"{_MIGRATIONS}/{{version}}", _WRITE, patch_migration),
)
