"""The checklist: every check, in the order in which they are shown. What a check depends on stands before it."""

from __future__ import annotations

from voicehooks.doctor.checks import twilio_account
from voicehooks.doctor.model import Check

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (*twilio_account.CHECKS,)
