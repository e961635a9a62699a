"""The checklist: every check in the order shown. A check comes after those that it depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks.commands.doctor.checks import (
    activity,
    callers,
    numbers,
    probe,
    stack,
    supabase_project,
    twilio_account,
)

if TYPE_CHECKING:
    from voicehooks.commands.doctor.model import Check

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    *stack.CHECKS,
    *twilio_account.CHECKS,
    *numbers.CHECKS,
    *supabase_project.CHECKS,
    *callers.CHECKS,
    *probe.CHECKS,
    *activity.CHECKS,
)
