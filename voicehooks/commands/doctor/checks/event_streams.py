"""Event Streams of the account: sinks that receive events, and the subscriptions that feed them."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from infra.settings import EVENTS_FUNCTION
from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.context import UNAVAILABLE
from voicehooks.commands.doctor.model import Check, Finding, Result
from voicehooks.output.counting import count
from voicehooks.vendors.event_streams import UNREPORTED_CALLS, UnreportedCall, about_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from voicehooks.commands.doctor.context import Context

__all__ = ["CHECKS"]


class _Coverage(TypedDict):
    reported: int
    lacking: int


# Of the last day, since the sink exists.
_COVERAGE = """
select
  (select count(*)::int from public.twilio_call_summaries s where s.ended_at > now() - interval '1 day')
    as reported,
  (select count(*)::int from public.twilio_unsummarized_calls u
    where u.started_at > greatest(now() - interval '1 day', '{since}'::timestamptz)) as lacking
"""
_SHOWN = 5


async def _event_sinks(context: Context) -> Result:
    """Twilio docs, "Event Streams": a sink that failed receives nothing more."""
    settings = await context.settings()
    sinks, subscriptions = await asyncio.gather(
        context.optional_api("events", "/v1/Sinks", PageSize=100),
        context.optional_api("events", "/v1/Subscriptions", PageSize=100),
    )
    if sinks is None or subscriptions is None:
        return Result(UNAVAILABLE)
    known = {sink["sid"]: sink for sink in sinks["sinks"]}
    findings = [
        Finding(
            f"the event sink {sink.get('description') or sid} has failed: Twilio sends it no more events",
            do="repair its destination, then create the sink again",
            subject=sid,
            observed="failed",
            wanted="active",
            link=links.TWILIO_EVENTS,
        )
        for sid, sink in known.items()
        if sink["status"] == "failed"
    ]
    findings += await _lost_destinations(context, known)
    base = f"{settings.functions_url}/"
    if settings.account.event_streams and _own_sink(known.values(), base) is None:
        findings.append(
            Finding(
                "no active event sink sends to this environment, although account.eventStreams is set",
                f"{context.up} --refresh",
                observed=count(len(known), "sink") if known else "no sinks",
                wanted=f"an active sink with {base}{EVENTS_FUNCTION}",
                link=links.TWILIO_EVENTS,
                severity="problem",
            )
        )
    if not sinks["meta"].get("next_page_url"):
        findings += [
            Finding(
                f"the event subscription {subscription.get('description') or subscription['sid']} points at a "
                "missing sink",
                do="delete the subscription, or create it again with an existing sink",
                subject=str(subscription["sid"]),
                observed=str(subscription["sink_sid"]),
                wanted="a sink of this account",
                link=links.TWILIO_EVENTS,
            )
            for subscription in subscriptions["subscriptions"]
            if subscription["sink_sid"] not in known
        ]
    return Result(count(len(known), "event sink") if known else "the account has no event sinks", findings)


def _own_sink(sinks: Iterable[Mapping[str, Any]], base: str) -> Mapping[str, Any] | None:
    """The active sink that sends to our function, or None."""
    active = (sink for sink in sinks if sink["status"] == "active")
    return next((sink for sink in active if _slug(sink, base) == EVENTS_FUNCTION), None)


async def _lost_destinations(context: Context, sinks: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """Find the sinks that send to a function of our project which is not deployed."""
    base = f"{(await context.settings()).functions_url}/"
    ours = {sid: slug for sid, sink in sinks.items() if (slug := _slug(sink, base))}
    deployed = await context.functions() if ours else {}
    return [
        Finding(
            f"the event sink {sinks[sid].get('description') or sid} sends to the function {slug}, which is not "
            "deployed",
            do=f"deploy {slug}, or delete the sink",
            subject=sid,
            observed=slug,
            wanted="a deployed function",
            link=links.TWILIO_EVENTS,
        )
        for sid, slug in ours.items()
        if slug not in deployed
    ]


def _slug(sink: Mapping[str, Any], base: str) -> str:
    """The function of our project that a sink sends to; empty for any other destination."""
    configuration = sink.get("sink_configuration")
    if isinstance(configuration, str):
        try:
            configuration = json.loads(configuration)
        except ValueError:
            return ""
    destination = str(configuration.get("destination") or "") if isinstance(configuration, dict) else ""
    return destination.removeprefix(base).partition("?")[0] if destination.startswith(base) else ""


async def _unreported_calls(context: Context) -> Result:
    """The calls of the last day that Twilio knows and no callback reported; whether the stream reports all."""
    settings = await context.settings()
    if not settings.account.event_streams:
        return Result("not known: the settings do not have account.eventStreams")
    sinks = await context.optional_api("events", "/v1/Sinks", PageSize=100) or {"sinks": []}
    sink = _own_sink(sinks["sinks"], f"{settings.functions_url}/")
    if sink is None:
        return Result("not known: no active sink sends to this environment, see event-sinks")
    since = datetime.fromisoformat(str(sink["date_created"])).isoformat()
    numbers = {*settings.named_numbers, *(await context.answered_numbers())}
    unreported, (counts,) = await asyncio.gather(
        context.query(UNREPORTED_CALLS, UnreportedCall), context.query(_COVERAGE.format(since=since), _Coverage)
    )
    findings = []
    if missing := about_numbers(unreported, numbers):
        shown = ", ".join(str(row["call_sid"]) for row in missing[:_SHOWN])
        findings.append(
            Finding(
                f"{count(len(missing), 'call')} of the last day did not report, or not their end",
                context.reconcile,
                subject=shown + ("" if len(missing) <= _SHOWN else f" and {len(missing) - _SHOWN} more"),
                observed="a summary of Event Streams",
                wanted="the call's own callbacks",
                link=links.TWILIO_EVENTS,
                severity="problem",
                explains=("updates",),
            )
        )
    if counts["lacking"]:
        findings.append(
            Finding(
                f"Event Streams did not report {count(counts['lacking'], 'call')} of the last day, so it does "
                "not prove that no call is missing",
                do="if it reports no call at all, turn on Advanced Features of Voice Insights in the Twilio "
                "console, which Twilio bills; the logs of twilio-events show whether it refuses events",
                observed=f"{count(counts['reported'], 'summary', 'summaries')}",
                wanted="a summary of every call within an hour",
                link=links.TWILIO_EVENTS,
            )
        )
    return Result(f"Event Streams reported {count(counts['reported'], 'call')} of the last day", findings)


CHECKS = (
    Check(
        "event-sinks",
        "No Event Streams sink has failed or sends to a missing function, and no subscription lacks its sink.",
        _event_sinks,
        depends_on=("twilio-credentials", "account", "settings"),
        severity="warning",
    ),
    Check(
        "unreported-calls",
        "Every call that Event Streams reported has reported to the handler, too.",
        _unreported_calls,
        depends_on=("twilio-credentials", "account", "settings", "project", "schema"),
        severity="warning",
        explains=("updates",),
    ),
)
