"""Which of Twilio's statuses are final, and which of the words that a CRM shows.

Twilio docs: Call resource ("Call status values"), Recording resource ("status"). The handler has the first one
too, in `functions/_shared/callback.ts`; a test compares them.
"""

from __future__ import annotations

__all__ = ["CALL_OVER", "DISPLAY_OVER", "RECORDING_OVER"]

CALL_OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
"""A call, or one leg of it, is over."""

DISPLAY_OVER = CALL_OVER | {"missed", "voicemail"}
"""The same for the column `display_status`, which says more about a call that nobody took."""

RECORDING_OVER = frozenset({"completed", "absent", "failed", "deleted"})
"""Twilio does not change a recording any more."""
