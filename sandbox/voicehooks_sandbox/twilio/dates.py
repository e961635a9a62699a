"""The two ways in which Twilio writes moments: RFC 2822 (API 2010-04-01, webhooks) and ISO 8601 (v1 APIs)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime


def rfc2822(moment: float | None) -> str | None:
    """Seconds since 1970 as ``Fri, 17 Mar 2023 11:28:31 +0000``."""
    return None if moment is None else format_datetime(datetime.fromtimestamp(int(moment), UTC))


def iso8601(moment: float | None) -> str | None:
    """Seconds since 1970 as ``2023-03-17T11:28:31Z``."""
    if moment is None:
        return None
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_of(moment: float) -> tuple[float, float]:
    """The first and the last second of the day (UTC) that a moment is in."""
    first = moment - moment % 86_400
    return first, first + 86_399


def parse_day_or_moment(text: str) -> tuple[float, float] | None:
    """The span [first, last] that a date or moment (UTC, ISO 8601) of a list filter stands for."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    first = moment.timestamp()
    return first, first + (86_399 if len(text) == len("2026-01-01") else 0)
