"""Where the lines come from: Supabase's Management API, or the sandbox's own command."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from voicehooks.commands.logs.lines import Line, from_hosted, from_sandbox
from voicehooks.output.errors import CommandError
from voicehooks.stack import project
from voicehooks.stack.sandbox import EXECUTABLE, command, state_folder
from voicehooks.stack.selection import LOCAL
from voicehooks.vendors.errors import reported
from voicehooks.vendors.supabase import open_supabase

if TYPE_CHECKING:
    from pathlib import Path

    from voicehooks.stack.environment import Environment

__all__ = ["LIMIT", "read"]

# Supabase answers at most so many rows at once.
LIMIT = 1000
_DASHBOARD = "https://supabase.com/dashboard/project"
_PERMISSION = "analytics_logs_read"
_QUERY = (
    "select id, timestamp, event_message, log_attributes['function_id'] as function_id, "
    "log_attributes['level'] as level from logs "
    "where log_attributes['function_id'] in ({ids}) order by timestamp desc limit {limit}"
)


async def read(environment: Environment, name: str, since: datetime) -> list[Line]:
    """What the functions have said since then, oldest first.

    Args:
        environment: whose functions.
        name: a function's slug; empty for all of them.
        since: UTC.

    Raises:
        CommandError: the function does not exist, or the logs cannot be read; says where else they are.
    """
    lines = await (_from_sandbox if environment.is_sandbox else _from_supabase)(environment, name, since)
    return sorted((line for line in lines if line.moment >= since), key=lambda line: line.moment)


async def _from_supabase(environment: Environment, name: str, since: datetime) -> list[Line]:
    """Ask the unified logs, which have been the only ones since September 2026 (Supabase changelog, 48235)."""
    ref = environment.settings.supabase_project
    page = f"{_DASHBOARD}/{ref}/logs/edge-functions"
    what = f"the logs of {environment.name} cannot be read"
    async with open_supabase(environment) as api:
        with reported(what, f"read them in the dashboard: {page}"):
            deployed = (await api.get(ref, "/functions", "edge_functions_read")).json()
            names = {str(function["id"]): str(function["slug"]) for function in deployed}
            wanted = [id_ for id_, slug in names.items() if name in ("", slug)]
            if not wanted:
                raise _unknown(name, sorted(names.values()))
            query = {
                "sql": _sql(wanted),
                "iso_timestamp_start": since.isoformat(timespec="milliseconds"),
                "iso_timestamp_end": datetime.now(UTC).isoformat(timespec="milliseconds"),
            }
            answer: dict[str, Any] = (
                await api.get(ref, "/analytics/endpoints/logs", _PERMISSION, params=query)
            ).json()
    if answer.get("error"):
        raise CommandError(
            what, f"Supabase: {_sentence(answer['error'])}", f"read them in the dashboard: {page}"
        )
    return [from_hosted(row, names) for row in answer.get("result") or []]


def _sql(function_ids: list[str]) -> str:
    """ClickHouse SQL. Only functions' lines have a function_id, so that no source has to be named."""
    ids = ", ".join(f"'{re.sub('[^0-9a-zA-Z-]', '', identifier)}'" for identifier in function_ids)
    return _QUERY.format(ids=ids, limit=LIMIT)


async def _from_sandbox(environment: Environment, name: str, since: datetime) -> list[Line]:  # noqa: ARG001
    what = f"the logs of {environment.name} cannot be read"
    folder = state_folder(environment.name)
    for candidate in dict.fromkeys((folder, state_folder(LOCAL))):
        code, out, _ = await _ask_sandbox(environment, candidate, "env", "--json")
        running = json.loads(out) if code == 0 else {}
        if running.get("supabase_api_url") == environment.supabase_api_url:
            folder = candidate
            break
    else:
        # Of a sandbox that is not running the logs remain, if it is this stack's.
        if running:
            raise CommandError(
                what,
                f"{environment.name} is deployed to the sandbox at {environment.supabase_api_url}, and the one "
                f"in this folder is at {running['supabase_api_url']}",
                "read them where that sandbox keeps its state: voicehooks sandbox logs --state DIR",
            )
    code, out, err = await _ask_sandbox(environment, folder, "logs", *([name] if name else []))
    if code != 0:
        raise CommandError(
            what,
            " ".join(err.split()).rstrip(".") or "the sandbox gives no reason",
            f"check that the sandbox is this project's: {command(environment.name, 'status')}",
        )
    lines = (from_sandbox(text, name) for text in out.split("\n"))
    return [line for line in lines if line is not None]


async def _ask_sandbox(environment: Environment, state: Path, *arguments: str) -> tuple[int, str, str]:
    """Run the sandbox's own program in the project's folder; returns exit code, output and errors."""
    process = await asyncio.create_subprocess_exec(
        str(project.program(EXECUTABLE)),
        "--state",
        str(state),
        *arguments,
        cwd=environment.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace")


def _unknown(name: str, slugs: list[str]) -> CommandError:
    return CommandError(
        f"no logs of {name}" if name else "no logs",
        f"the project has no function of that name (those are: {', '.join(slugs)})"
        if slugs
        else "no function is deployed",
        "give one of them" if slugs else "pulumi up deploys them",
    )


def _sentence(error: Any) -> str:
    text = error.get("message", error) if isinstance(error, dict) else error
    return " ".join(str(text).split())[:300].rstrip(".")
