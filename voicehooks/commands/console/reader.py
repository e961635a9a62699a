"""What the page asks of a live environment, answered from what the other commands read."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from voicehooks.commands.calls.entries import COLUMNS, by_call, entries_of
from voicehooks.commands.console import shapes
from voicehooks.commands.doctor.run import examine
from voicehooks.commands.logs.sources import read as read_logs
from voicehooks.commands.status.command import read_status, statuses
from voicehooks.vendors.callbacks import FROM_TWILIO
from voicehooks.vendors.errors import reported
from voicehooks.vendors.live import read_live
from voicehooks.vendors.supabase import open_supabase

if TYPE_CHECKING:
    from voicehooks.commands.doctor.model import Outcome, Report
    from voicehooks.commands.status.command import NumberStatus
    from voicehooks.stack.environment import Environment
    from voicehooks.vendors.database import Database
    from voicehooks.vendors.live import Live

__all__ = ["TABLES", "Reader", "Unknown"]

TABLES = {
    "twilio_calls": "created_at",
    "twilio_call_events": "received_at",
    "twilio_recordings": "created_at",
    "twilio_call_timeline": "happened_at",
}
"""The tables and the view that a CRM reads, each with the column that orders its rows."""
# PostgREST answers at most so many rows at once.
_MOST = 1000
_LOG_SPAN = timedelta(hours=1)
_FINDINGS_SECONDS = 60.0


class Unknown(Exception):
    """What the path names does not exist."""


class Reader:
    """Reads one environment; changes nothing.

    Args:
        environment: the stack.
        database: its tables.
    """

    def __init__(self, environment: Environment, database: Database) -> None:
        self._environment = environment
        self._database = database
        self._report: asyncio.Task[Report] | None = None
        self._report_until = 0.0

    async def about(self) -> dict[str, Any]:
        """The stack, its account and its project."""
        return {
            "name": f"Stack {self._environment.name}",
            "read_only": True,
            "account_sid": self._environment.account_sid,
            "project_ref": self._environment.settings.supabase_project,
        }

    async def calls(self, limit: int, before: str) -> dict[str, Any]:
        """First legs, newest first, with what went wrong."""
        filters = {}
        if before:
            found = await self._database.rows(
                "twilio_calls", select="created_at", call_sid=f"eq.{_sid(before)}"
            )
            if not found:
                raise Unknown(f"There is no call {before}.")
            filters["created_at"] = f"lt.{found[0]['created_at']}"
        columns = ",".join(dict.fromkeys([*shapes.CALL_COLUMNS.split(","), *COLUMNS.split(",")]))
        rows = await self._database.rows(
            "twilio_calls",
            select=columns,
            parent_call_sid="is.null",
            call_sid="not.is.null",
            order="created_at.desc",
            limit=min(limit, _MOST),
            **filters,
        )
        sids = [str(row["call_sid"]) for row in rows]
        entries, legs, recordings = await asyncio.gather(
            entries_of(self._database, rows, self._environment.name),
            by_call(self._database, sids, "twilio_calls", select="parent_call_sid", column="parent_call_sid"),
            by_call(self._database, sids, "twilio_recordings", select="call_sid"),
        )
        return {
            "calls": [
                {
                    **shapes.call_of(row),
                    "legs": len(legs[sid]),
                    "recordings": len(recordings[sid]),
                    "problem": entry.reason or None,
                }
                for sid, row, entry in zip(sids, rows, entries, strict=True)
            ]
        }

    async def call(self, sid: str) -> dict[str, Any]:
        """A call with its legs, recordings and steps; of a leg, those of its call."""
        found = await self._database.rows(
            "twilio_calls", select="call_sid,parent_call_sid", call_sid=f"eq.{_sid(sid)}"
        )
        root = str(found[0]["parent_call_sid"] or sid) if found else sid
        legs = await self._database.rows(
            "twilio_calls",
            select=shapes.CALL_COLUMNS,
            order="created_at",
            **{"or": f"(call_sid.eq.{root},parent_call_sid.eq.{root})"},
        )
        recordings, steps = await asyncio.gather(
            by_call(
                self._database,
                [str(leg["call_sid"]) for leg in legs],
                "twilio_recordings",
                select=shapes.RECORDING_COLUMNS,
            ),
            self._database.rows("twilio_call_timeline", select=shapes.STEP_COLUMNS, call_sid=f"eq.{root}"),
        )
        story = shapes.story_of(legs, [row for rows in recordings.values() for row in rows], steps, root)
        if story is None:
            raise Unknown(f"There is no call {sid}.")
        return story

    async def requests(self, call_sid: str, after: int, limit: int) -> dict[str, Any]:
        """The callbacks that the function has stored, oldest first."""
        filters = {}
        if call_sid:
            legs = await self._database.rows(
                "twilio_calls",
                select="call_sid",
                **{"or": f"(call_sid.eq.{_sid(call_sid)},parent_call_sid.eq.{call_sid})"},
            )
            filters["call_sid"] = f"in.({','.join([call_sid, *(str(leg['call_sid']) for leg in legs)])})"
        if after:
            filters["received_at"] = f"gte.{shapes.moment_of_id(after).isoformat()}"
        rows = await self._database.rows(
            "twilio_call_events",
            select=shapes.EVENT_COLUMNS,
            kind=FROM_TWILIO,
            order="received_at.desc",
            limit=min(limit or _MOST, _MOST),
            **filters,
        )
        found = [shapes.request_of(row, self._environment.settings) for row in rows]
        return {"webhook_requests": sorted((item for item in found if item["id"] > after), key=_id)}

    async def tables(self) -> dict[str, Any]:
        """The names of the tables."""
        return {"tables": list(TABLES)}

    async def rows(self, table: str, limit: int) -> dict[str, Any]:
        """The rows of a table, newest first."""
        if table not in TABLES:
            raise Unknown(f"There is no table {table} to show.")
        limit = min(limit, _MOST)
        filters = await self._newest_steps(limit) if table == "twilio_call_timeline" else {}
        rows = await self._database.rows(table, order=f"{TABLES[table]}.desc", limit=limit, **filters)
        return {"columns": list(rows[0]) if rows else [], "rows": rows}

    async def _newest_steps(self, limit: int) -> dict[str, str]:
        """A filter of the timeline for about so many steps: the view sorts everything that it is asked for."""
        newest = {"select": "received_at", "order": "received_at.desc"}
        last = await self._database.rows("twilio_call_events", limit=1, offset=max(limit - 1, 0), **newest)
        return {"received_at": f"gte.{last[0]['received_at']}"} if last else {}

    async def numbers(self) -> dict[str, Any]:
        """The numbers, each with who answers."""
        live, calls, _ = await read_status(self._environment)
        return {"numbers": [self._number(number, live) for number in statuses(live, calls)]}

    def _number(self, number: NumberStatus, live: Live) -> dict[str, Any]:
        settings = live.settings
        own = settings.named_numbers.get(number.number)
        with_defaults = own.with_defaults(settings.defaults) if own else settings.defaults
        route = number.answered_by + (" (diverted)" if number.diverted else "")
        if number.fallback:
            route += f"; if that fails {number.fallback}"
        if number.handler:
            route += "; not recorded" if number.record in (None, "do-not-record") else "; recorded"
        if not number.managed:
            route += "; not managed by this stack"
        return {
            "phone_number": number.number,
            "friendly_name": number.name,
            "route": route,
            "forward_to": list(with_defaults.forward_to or []) if number.handler else [],
        }

    async def functions(self) -> dict[str, Any]:
        """The functions, and the names of the secrets."""
        live, secrets = await asyncio.gather(read_live(self._environment), self._secrets())
        return {
            "functions": [
                {
                    "slug": slug,
                    "version": function["version"],
                    "status": function["status"],
                    "updated_at": datetime.fromtimestamp(function["updated_at"] / 1000, UTC).isoformat(),
                }
                for slug, function in live.functions.items()
            ],
            "secrets": secrets,
        }

    async def _secrets(self) -> list[str]:
        with reported("the secrets' names cannot be read"):
            async with open_supabase(self._environment) as api:
                answer = await api.get(
                    self._environment.settings.supabase_project, "/secrets", "edge_functions_secrets_read"
                )
        return sorted(str(secret["name"]) for secret in answer.json())

    async def logs(self, slug: str, after: int) -> dict[str, Any]:
        """What a function logged in the past hour, oldest first."""
        if not re.fullmatch(r"[\w-]+", slug):
            raise Unknown(f"There is no function {slug}.")
        lines = await read_logs(self._environment, slug, datetime.now(UTC) - _LOG_SPAN)
        found: list[dict[str, Any]] = [
            {
                "slug": slug,
                "id": shapes.microseconds(line.moment),
                "time": line.moment.isoformat(),
                "level": line.level,
                "text": line.message,
            }
            for line in lines
        ]
        return {"lines": [line for line in found if line["id"] > after]}

    async def findings(self) -> dict[str, Any]:
        """What `voicehooks doctor` finds; asked again after a minute."""
        if self._report is None or (self._report.done() and time.monotonic() > self._report_until):
            self._report = asyncio.create_task(examine(self._environment))
            self._report_until = time.monotonic() + _FINDINGS_SECONDS
        report = await asyncio.shield(self._report)
        return {"findings": [finding for outcome in report.by_effect for finding in _findings(outcome)]}

    async def recording_account(self, sid: str) -> str:
        """The account of a recording that the tables have; its audio is Twilio's."""
        if not re.fullmatch(r"RE[0-9a-fA-F]{32}", sid):
            raise Unknown(f"There is no recording {sid}.")
        rows = await self._database.rows(
            "twilio_recordings", select="account_sid,status", recording_sid=f"eq.{sid}"
        )
        if not rows or rows[0]["status"] != "completed":
            raise Unknown(f"There is no audio of a recording {sid}.")
        return str(rows[0]["account_sid"])


def _findings(outcome: Outcome) -> list[dict[str, str]]:
    if outcome.status == "not-run":
        return []
    if outcome.status == "ok":
        return [{"level": "ok", "text": f"{outcome.check.code}: {outcome.summary}", "command": ""}]
    if outcome.status == "unknown":
        text = f"{outcome.check.code} could not tell: {outcome.summary}"
        return [{"level": "warning", "text": f"{text}; {outcome.do}" if outcome.do else text, "command": ""}]
    return [
        {
            "level": "error" if outcome.check.severity_of(finding) == "problem" else "warning",
            "text": f"{finding.what}; {finding.do}" if finding.do else finding.what,
            "command": finding.fix,
        }
        for finding in outcome.findings
    ]


def _sid(text: str) -> str:
    if not re.fullmatch(r"CA[0-9a-fA-F]{32}", text):
        raise Unknown(f"There is no call {text}.")
    return text


def _id(request: dict[str, Any]) -> int:
    return int(request["id"])
