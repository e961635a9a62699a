"""What holds for the numbers that the handler answers: status events, recording, fallback, retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_twilio import delivery

from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.checks.numbers import is_routed, owned_by
from voicehooks.commands.doctor.model import Check, Finding, Result
from voicehooks.output.counting import count

if TYPE_CHECKING:
    from voicehooks.commands.doctor.context import Context

__all__ = ["CHECKS"]

_TWILIO = ("twilio-credentials", "account")


async def _events(context: Context) -> Result:
    settings = await context.settings()
    findings = await owned_by("events", context, "{property} is empty: no request reports when a call ends")
    # Without the setting, created calls report every step, but a number reports nothing.
    asked = settings.defaults.status_events or []
    answered = await _answered_here(context)
    lacking = [e for e in ("initiated", "ringing", "answered", "completed") if e not in asked and answered]
    if lacking and not findings:
        findings.append(
            Finding(
                f"the settings do not ask for {', '.join(lacking)}",
                context.up,
                do="write statusEvents: [initiated, ringing, answered, completed] under "
                f"voicehooks:defaults in {context.file}",
                observed=", ".join(asked) or "no events",
                wanted="initiated, ringing, answered, completed",
                severity="warning",
            )
        )
    return Result("status callback set; " + ", ".join(asked), findings)


async def _recording(context: Context) -> Result:
    settings = await context.settings()
    named = settings.named_numbers
    modes = {n: named[n].with_defaults(settings.defaults).record for n in await _answered_here(context)}
    findings = [
        Finding(
            "the settings do not say whether calls are recorded",
            context.setting("voicehooks:defaults.record", "record-from-answer"),
            do="decide whether these calls are recorded; do-not-record says that they are not",
            subject=number,
            observed="no record setting",
            wanted="record-from-answer, or do-not-record",
        )
        for number, mode in modes.items()
        if mode is None
    ]
    recorded = sum(mode not in (None, "do-not-record") for mode in modes.values())
    return Result(f"the handler answers {count(len(modes), 'number')}, {recorded} of them recorded", findings)


async def _answered_here(context: Context) -> list[str]:
    """The numbers of the settings whose calls the handler takes now."""
    answered = await context.answered_numbers()
    return [number for number in (await context.settings()).named_numbers if number in answered]


async def _fallback(context: Context) -> Result:
    settings, live, state = await context.settings(), await context.live_numbers(), await context.state()
    findings = await owned_by(
        "fallback", context, "{property} was cleared: a call is lost when the handler fails"
    )
    cleared = {finding.subject for finding in findings}
    inside = 0
    for number, own in settings.named_numbers.items():
        if number not in live or number not in state.numbers or not is_routed(state.numbers[number]):
            continue
        url = own.with_defaults(settings.defaults).fallback_url
        if not url and not live[number].get("voice_fallback_url") and number not in cleared:
            findings.append(
                Finding(
                    "it has no fallback: a call is lost when the handler fails",
                    context.setting("voicehooks:defaults.fallbackUrl", "default"),
                    subject=number,
                    observed="(empty)",
                    wanted="a fallback URL",
                )
            )
        inside += url == "default"
    where = "in this Supabase project: it answers when the handler fails, not when Supabase is down"
    return Result(f"set, {where}" if inside else "set, outside this Supabase project", findings)


async def _delivery(context: Context) -> Result:
    settings = await context.settings()
    findings = await owned_by("delivery", context, "the retries of {property} were changed elsewhere")
    policy = settings.defaults.delivery
    if (
        await _answered_here(context)
        and not findings
        and (policy is None or not policy.retries or not {"5xx", "all"} & set(policy.retry_on or []))
    ):
        findings.append(
            Finding(
                "a webhook that fails with 5xx is not retried, and its update is lost",
                context.up,
                do="write delivery: {retries: 3, retryOn: [connect, read-timeout, 5xx]} under "
                f"voicehooks:defaults in {context.file}",
                observed="Twilio's default: one retry, only if the connection fails"
                if policy is None
                else "no retry of 5xx",
                wanted="retries of connect, read-timeout and 5xx",
                link=links.TWILIO_OVERRIDES,
            )
        )
    shown = f"#{delivery.encode(policy.overrides())}" if policy else ""
    return Result(f"failed webhooks are retried ({shown})", findings)


CHECKS = (
    Check(
        "events",
        "The status callback is set, and all four events are requested.",
        _events,
        (*_TWILIO, "settings", "deployed"),
        explains=("updates",),
    ),
    Check(
        "recording",
        "The settings of each number say whether its calls are recorded.",
        _recording,
        (*_TWILIO, "settings"),
        severity="warning",
        explains=("recording",),
    ),
    Check(
        "fallback",
        "A fallback URL answers when the handler does not.",
        _fallback,
        (*_TWILIO, "settings", "deployed"),
        severity="warning",
    ),
    Check(
        "delivery",
        "Twilio retries failed webhooks, including those answered with 5xx.",
        _delivery,
        (*_TWILIO, "settings", "deployed"),
        severity="warning",
        explains=("updates",),
    ),
)
