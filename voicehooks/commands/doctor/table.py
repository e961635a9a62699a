"""The checklist: a check comes after those that it depends on, and after what all numbers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks.commands.doctor.checks import (
    account_wide,
    activity,
    answered_numbers,
    callers,
    event_streams,
    numbers,
    probe,
    sip,
    stack,
    supabase_project,
    twilio_account,
    webhook_rules,
)

if TYPE_CHECKING:
    from voicehooks.commands.doctor.model import Check

__all__ = ["CHECKS"]

CHECKS: tuple[Check, ...] = (
    *stack.CHECKS,
    *twilio_account.CHECKS,
    *supabase_project.CHECKS,
    *probe.CHECKS,
    *numbers.CHECKS,
    *webhook_rules.CHECKS,
    *account_wide.CHECKS,
    *event_streams.CHECKS,
    *sip.CHECKS,
    *answered_numbers.CHECKS,
    *callers.CHECKS,
    *activity.CHECKS,
)
