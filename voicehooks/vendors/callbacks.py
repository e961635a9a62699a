"""Callbacks as twilio_call_events has them: which rows are one, and where Twilio sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.settings import Settings
    from voicehooks.vendors.database import Row

__all__ = ["FROM_TWILIO", "NOT_FROM_TWILIO", "callback_url"]

NOT_FROM_TWILIO = ("placed", "refused", "reconciled", "transfer")
"""The kinds of rows that are no callback: functions and `reconcile` stored them."""
FROM_TWILIO = f"not.in.({','.join(NOT_FROM_TWILIO)})"
"""A filter of the column ``kind``: callbacks."""


def callback_url(settings: Settings, row: Row) -> str:
    """Return the URL of a callback in an environment, from the columns ``kind`` and ``path`` of its row."""
    base = settings.fallback_function_url if row["kind"] == "fallback" else settings.webhook_url
    return f"{base}{row['path'] or ''}"
