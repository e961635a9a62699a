"""Why a reviewer should look twice at a change. Each is a phrase that is shown unchanged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pulumi_twilio import delivery

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CALLER_ID",
    "DATA",
    "DESTINATION",
    "FEWER_RETRIES",
    "FUNCTION_GONE",
    "NO_FALLBACK",
    "OTHER_CODE",
    "OUTSIDE",
    "RECORDING_OFF",
    "RECORDING_ON",
    "STOPS",
    "WIDER",
    "is_recorded",
    "is_silent",
    "of_migration",
    "of_number",
    "outside",
]

STOPS = "stops answering"
DESTINATION = "other destination"
CALLER_ID = "other caller ID"
RECORDING_ON = "recording on"
RECORDING_OFF = "recording off"
OUTSIDE = "host outside the project"
NO_FALLBACK = "no fallback any more"
FEWER_RETRIES = "fewer retries"
OTHER_CODE = "other code answers"
WIDER = "permissions widened"
DATA = "drops data"
FUNCTION_GONE = "function removed"

# What holds without connection overrides (Twilio docs: webhooks connection overrides).
_TWILIO_RETRIES, _TWILIO_RETRY_ON = 1, ("connect",)
_DROPS = re.compile(r"\bdrop\s+(?:column|table|schema)\b|\btruncate\b|\bdelete\s+from\b", re.IGNORECASE)
# Comments and the bodies of functions, which run later if at all.
_NOT_RUN = re.compile(r"--[^\n]*|/\*.*?\*/|(\$\w*\$).*?\1", re.DOTALL)


def of_number(
    setting: str, old: Any, new: Any, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[str, ...]:
    """The risks of one changed setting of a number.

    Args:
        setting: its name.
        old: before.
        new: after.
        before: all settings of the number before.
        after: all settings of the number after.
    """
    found = []
    if setting == "voiceUrl":
        if is_silent(after) and not is_silent(before):
            found.append(STOPS)
        elif old and new and _place(old) != _place(new):
            found.append(DESTINATION)
    if setting in {"TwiML App", "trunk"} and new and "voiceUrl" not in after:
        found.append(DESTINATION)
    if setting == "forwardTo":
        found.append(DESTINATION)
    if setting == "callerId":
        found.append(CALLER_ID)
    if setting == "reject" and new and not old:
        found.append(STOPS)
    if setting == "record" and is_recorded(old) != is_recorded(new):
        found.append(RECORDING_ON if is_recorded(new) else RECORDING_OFF)
    if setting == "voiceFallbackUrl" and old and not new:
        found.append(NO_FALLBACK)
    if _fewer(setting, old, new):
        found.append(FEWER_RETRIES)
    return tuple(found)


def _fewer(setting: str, old: Any, new: Any) -> bool:
    """Whether Twilio sends a failed request less often again, or after fewer kinds of failure."""
    if setting == "delivery.retries":
        before, after = (_TWILIO_RETRIES if value is None else int(value) for value in (old, new))
        return after < before
    if setting == "delivery.retryOn":
        reasons = [set(_TWILIO_RETRY_ON if value is None else value) for value in (old, new)]
        return "all" not in reasons[1] and bool(reasons[0] - reasons[1])
    return False


def is_silent(settings: Mapping[str, Any]) -> bool:
    """Whether nobody takes a number's calls, as far as it is known."""
    return settings.get("voiceUrl") == "" and not settings.get("trunk")


def is_recorded(mode: Any) -> bool:
    """Whether a value of `record` records."""
    return bool(mode) and mode != "do-not-record"


def outside(url: Any, functions_url: str) -> bool:
    """Whether a URL's host is another than the project's."""
    host = urlsplit(str(url or "")).netloc
    return bool(host) and host != urlsplit(functions_url).netloc


def of_migration(sql: str | None) -> tuple[str, ...]:
    """The risks of a migration, judged by its text where that is at hand."""
    found = _DROPS.search(_NOT_RUN.sub(" ", sql)) if sql else None
    return (f"{DATA}: {' '.join(found.group().lower().split())}",) if found else ()


def _place(url: Any) -> str:
    return delivery.split(str(url))[0]
