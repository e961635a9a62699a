"""The sink and the subscription of Event Streams, where the settings ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_twilio as twilio

from .settings import EVENTS_FUNCTION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .settings import Settings

__all__ = ["EVENT_TYPES", "event_streams"]

EVENT_TYPES = {
    "com.twilio.error-logs.error.logged": 1,
    "com.twilio.voice.insights.call-summary.complete": 1,
    "com.twilio.voice.insights.call-summary.partial": 1,
}
"""What the function stores, with versions of their schemas: the first, which has all that the tables take."""


def event_streams(settings: Settings, environment: str, *, after: Sequence[pulumi.Resource]) -> None:
    """Let Twilio report every call and every error of the account to the function.

    Args:
        settings: the environment's settings.
        environment: the environment's name, for the descriptions at Twilio.
        after: the functions, which must be able to take the events.
    """
    if not settings.account.event_streams:
        return
    description = f"voicehooks {environment}"
    sink = twilio.EventSink(
        "events",
        description=description,
        destination=f"{settings.functions_url}/{EVENTS_FUNCTION}",
        opts=pulumi.ResourceOptions(depends_on=list(after)),
    )
    twilio.EventSubscription(
        "events",
        description=description,
        sink_sid=sink.sink_sid,
        types=EVENT_TYPES,
    )
