"""The time that a reconciliation looks at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from voicehooks.output.errors import CommandError

__all__ = ["Window", "parse_window"]

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d{1,6})([mhdw])")
_EXAMPLES = "give 24h, 90m, 7d, 2026-11-24 or 2026-11-24T08:00"


@dataclass(frozen=True)
class Window:
    """From ``since`` until ``until``, both in UTC; without ``until`` there is no end.

    A call belongs to the window that it started in.
    """

    since: datetime
    until: datetime | None = None

    def __contains__(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)

    def filters(self, name: str) -> dict[str, str]:
        """Return the window as filters of a list of Twilio's: whole days, and rather one too many.

        Twilio's lists take days in UTC, and the comparison is part of the parameter's name (Twilio docs, Call
        resource: ``StartTime>=YYYY-MM-DD`` on the wire).
        """
        days = {f"{name}>": f"{self.since:%Y-%m-%d}"}
        if self.until is not None:
            days[f"{name}<"] = f"{self.until + timedelta(days=1):%Y-%m-%d}"
        return days


def parse_window(since: str, until: str, *, now: datetime) -> Window:
    """Read ``--since`` and ``--until``: so long ago (``24h``), or a moment (UTC where no zone is given).

    Raises:
        CommandError: one of them is neither, or they are the wrong way round.
    """
    first = _moment("--since", since, now)
    last = _moment("--until", until, now) if until else None
    if first >= (last or now):
        raise CommandError(
            "nothing to reconcile", f"--since {since} is not before {f'--until {until}' if until else 'now'}"
        )
    return Window(first, last)


def _moment(option: str, text: str, now: datetime) -> datetime:
    if ago := _AGO.fullmatch(text.strip()):
        try:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        except OverflowError:
            raise CommandError(f"{option} {text} cannot be used", "that is too long ago") from None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise CommandError(
            f"{option} {text} cannot be used", "it is neither a duration nor a time", _EXAMPLES
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
