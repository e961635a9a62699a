"""Event Streams of the account: sinks that receive events, and the subscriptions that feed them."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.context import UNAVAILABLE
from voicehooks.commands.doctor.model import Check, Finding, Result
from voicehooks.output.counting import count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.commands.doctor.context import Context

__all__ = ["CHECKS"]


async def _event_sinks(context: Context) -> Result:
    """Twilio docs, "Event Streams": a sink that failed receives nothing more."""
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


CHECKS = (
    Check(
        "event-sinks",
        "No Event Streams sink has failed or sends to a missing function, and no subscription lacks its sink.",
        _event_sinks,
        depends_on=("twilio-credentials", "account", "settings"),
        severity="warning",
    ),
)
