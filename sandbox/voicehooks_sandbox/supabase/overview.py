"""What a page shows of the project: its functions with their secrets' names and logs, and the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from psycopg import sql

from voicehooks_sandbox.operation import Missing, Operation, query_number
from voicehooks_sandbox.supabase.database import DatabaseUnavailable, QueryError

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicehooks_sandbox.supabase.project import Project

_MOST = 1000
_TABLES = """
select table_name::text as name from information_schema.tables
where table_schema = 'public' and table_type = 'BASE TABLE' order by 1
"""
_COLUMNS = """
select column_name::text as name from information_schema.columns
where table_schema = 'public' and table_name = $1 order by ordinal_position
"""
# What says when a row was made.
_TIMES = ("created_at", "received_at", "inserted_at")


class _Overview:
    def __init__(self, project: Project) -> None:
        self._project = project

    async def functions(self, _: Request) -> dict[str, Any]:
        """The deployed Edge Functions, and the names of their secrets."""
        return {
            "functions": [
                {
                    "slug": function.slug,
                    "version": function.version,
                    "status": function.status,
                    "updated_at": datetime.fromtimestamp(function.updated_at / 1000, UTC).isoformat(),
                }
                for function in self._project.functions.all()
            ],
            "secrets": [secret.name for secret in self._project.secrets.all()],
        }

    async def logs(self, request: Request) -> dict[str, Any]:
        """A function's log, oldest line first; ``after`` the id of a line."""
        slug, after = str(request.path_params["slug"]), int(query_number(request, "after"))
        if self._project.functions.get(slug) is None:
            msg = f"There is no function {slug}."
            raise Missing(msg)
        lines = [log_line(slug, entry) for entry in self._project.logs.read(slug) if entry.get("id", 0) > after]
        return {"lines": lines}

    async def tables(self, _: Request) -> dict[str, Any]:
        """The tables of the schema public, whose changed rows are in the events."""
        return {"tables": await self._table_names()}

    async def rows(self, request: Request) -> dict[str, Any]:
        """The rows of such a table, newest first."""
        table = str(request.path_params["table"])
        limit = min(int(query_number(request, "limit")) or 200, _MOST)
        if table not in await self._table_names():
            msg = f"There is no table public.{table}."
            raise Missing(msg)
        columns = [row["name"] for row in await self._query(_COLUMNS, [table])]
        order = next((name for name in _TIMES if name in columns), "ctid")
        query = sql.SQL("select to_jsonb(t) as row from public.{} t order by {} desc limit {}").format(
            sql.Identifier(table), sql.Identifier(order), sql.Literal(max(limit, 1))
        )
        rows = await self._query(query.as_string(None), [])
        return {"columns": columns, "rows": [row["row"] for row in rows]}

    async def _table_names(self) -> list[str]:
        return [row["name"] for row in await self._query(_TABLES, [])]

    async def _query(self, query: str, parameters: list[object]) -> list[dict[str, Any]]:
        try:
            return await self._project.database.run(query, parameters)
        except DatabaseUnavailable:
            msg = "The database does not answer; start it with POST /_sandbox/supabase/database/start."
            raise ValueError(msg) from None
        except QueryError as error:
            raise ValueError(str(error)) from None


def log_line(slug: str, entry: dict[str, Any]) -> dict[str, Any]:
    """A line of a function's log, as a page takes it."""
    return {
        "slug": slug,
        "id": entry.get("id", 0),
        "time": entry["timestamp"],
        "level": entry["level"],
        "text": entry["message"],
    }


def operations(project: Project) -> list[Operation]:
    """What a page shows."""
    overview = _Overview(project)
    return [
        Operation("GET", "/functions", overview.functions),
        Operation("GET", "/functions/{slug}/logs", overview.logs, query=("after",)),
        Operation("GET", "/tables", overview.tables),
        Operation("GET", "/tables/{table}", overview.rows, query=("limit",)),
    ]
