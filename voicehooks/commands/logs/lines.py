"""One line of a log, and how it is shown. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pulumi_supabase.shapes import log_moment

from voicehooks.output.errors import CommandError
from voicehooks.output.identifiers import shorten

__all__ = ["Line", "from_hosted", "from_sandbox", "parse_since"]

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SANDBOX = re.compile(r"(\S+) (?:([A-Za-z][\w-]*) )?(\w+) +(.*)")
_A_DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Line:
    """One line of a log.

    Attributes:
        moment: when it was written, UTC.
        function: its slug.
        level: log, error, boot and so on, as the platform names it.
        message: without the newline.
        identity: what makes it this line; empty where the source has no name for it.
    """

    moment: datetime
    function: str
    level: str
    message: str
    identity: str = ""

    def __str__(self) -> str:
        """For people: of a request its status, kind, call and result, not the JSON."""
        moment = self.moment.strftime("%H:%M:%S.%f")[:-3]
        if self.moment.date() != datetime.now(UTC).date():
            moment = self.moment.strftime("%m-%d %H:%M:%S")
        request = self.request
        if request is None:
            return f"{moment}  {self.function:<15}  {self.level:<8}  {self.message}".rstrip()
        call = shorten(request["call_sid"], 4) if request.get("call_sid") else ""
        outcome = request.get("reason") or request.get("result") or ""
        columns = [
            moment,
            f"{self.function:<15}",
            str(request["status"]),
            f"{request.get('kind') or '':<11}",
            f"{call:<10}",
            f"{request['ms']:>3}ms",
            f"{outcome:<9}",
            str(request.get("revision") or "")[:7],
        ]
        return " ".join(columns).rstrip()

    @property
    def request(self) -> dict[str, Any] | None:
        """What a function of this project wrote about a request; None for any other line."""
        try:
            content = json.loads(self.message)
        except ValueError:
            return None
        known = isinstance(content, dict) and {"function", "status", "ms"} <= content.keys()
        return content if known else None

    def json_fields(self) -> dict[str, Any]:
        """The same for `--json`."""
        return {"time": self.moment, "function": self.function, "level": self.level, "message": self.message}


def parse_since(text: str) -> timedelta:
    """Read 30s, 15m, 1h or 1d.

    Raises:
        CommandError: it is none of these, or more than a day, which is as far as one question may reach.
    """
    found = re.fullmatch(r"(\d+)([smhd])", text.strip())
    if found is None:
        raise CommandError(
            f"--since {text} cannot be read", "it is not a number with s, m, h or d", "--since 1h"
        )
    span = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if not timedelta(0) < span <= _A_DAY:
        raise CommandError(f"--since {text} is too far", "Supabase answers for at most 24 hours", "--since 24h")
    return span


def from_sandbox(text: str, function: str) -> Line | None:
    """Read a line that `voicehooks-sandbox logs` printed; None for one that is none."""
    found = _SANDBOX.fullmatch(text) if not function else re.fullmatch(r"(\S+)( )(\w+) +(.*)", text)
    if found is None:
        return None
    try:
        moment = datetime.fromisoformat(found[1])
    except ValueError:
        return None
    return Line(moment, function or str(found[2] or ""), found[3], found[4])


def from_hosted(row: dict[str, Any], names: dict[str, str]) -> Line:
    """Read a row of Supabase's logs.

    Args:
        row: with id, timestamp, event_message, function_id and level.
        names: the functions' slugs by their ids.
    """
    return Line(
        log_moment(row["timestamp"]),
        names.get(str(row.get("function_id")), ""),
        str(row.get("level") or "log"),
        str(row.get("event_message") or "").strip(),
        str(row.get("id") or ""),
    )
