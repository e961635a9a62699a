"""The properties that a phone number and a TwiML App share: their URLs and the delivery."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulumi_provider_kit.table import Property, Scalar

from .delivery import DELIVERY
from .webhook_url import problem

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LOOKUP_AND_DELIVERY", "URLS", "WEBHOOKS", "friendly_name", "sid_check"]

_NUMBER = "Twilio docs: IncomingPhoneNumber resource"
_METHODS = ("GET", "POST")


def sid_check(prefix: str, what: str) -> Callable[[str], str | None]:
    """Return a check that a string is a SID with this prefix, or empty."""

    def check(value: str) -> str | None:
        if value == "" or re.fullmatch(f"{prefix}[0-9a-fA-F]{{32}}", value):
            return None
        return f"{value!r} is not the SID of {what} ({prefix} and 32 hexadecimal digits)"

    return check


def friendly_name(value: str) -> str | None:
    """Say what is wrong with the name of an app, a key or an account, or None."""
    if 1 <= len(value) <= 64:
        return None
    return f"has {len(value)} characters; Twilio takes 1 to 64"


URLS = (
    Property(
        "voiceUrl",
        Scalar.STRING,
        "The URL that Twilio requests for TwiML when a call comes in. https, without trailing slash, "
        "credentials or fragment; http only for loopback addresses. Twilio ignores it while an application "
        "or trunk is set.",
        wire="VoiceUrl",
        computed=True,
        check=problem,
        source=_NUMBER,
    ),
    Property(
        "voiceMethod",
        Scalar.STRING,
        "The HTTP method for ``voiceUrl``. Twilio's default is POST.",
        wire="VoiceMethod",
        computed=True,
        allowed=_METHODS,
        source=_NUMBER,
    ),
    Property(
        "voiceFallbackUrl",
        Scalar.STRING,
        "The URL that Twilio requests if ``voiceUrl`` cannot be fetched or its TwiML fails. Same rules.",
        wire="VoiceFallbackUrl",
        computed=True,
        check=problem,
        source=_NUMBER,
    ),
    Property(
        "voiceFallbackMethod",
        Scalar.STRING,
        "The HTTP method for ``voiceFallbackUrl``. Twilio's default is POST.",
        wire="VoiceFallbackMethod",
        computed=True,
        allowed=_METHODS,
        source=_NUMBER,
    ),
    Property(
        "statusCallback",
        Scalar.STRING,
        "The URL that Twilio requests when an incoming call ends. A number has no list of events: earlier "
        "events exist only for calls created through the API and for the legs of a <Dial>. Same rules as "
        "``voiceUrl``.",
        wire="StatusCallback",
        computed=True,
        check=problem,
        source=_NUMBER,
    ),
    Property(
        "statusCallbackMethod",
        Scalar.STRING,
        "The HTTP method for ``statusCallback``. Twilio's default is POST.",
        wire="StatusCallbackMethod",
        computed=True,
        allowed=_METHODS,
        source=_NUMBER,
    ),
)
"""Voice URL, fallback and status callback, each with its HTTP method."""

WEBHOOKS = tuple((url.name, method.name) for url, method in zip(URLS[::2], URLS[1::2], strict=True))
"""Each webhook's URL property with the property of its method."""

LOOKUP_AND_DELIVERY = (
    Property(
        "voiceCallerIdLookup",
        Scalar.BOOLEAN,
        "Whether Twilio looks up the caller's name, which is billed per call. Twilio's default is false.",
        wire="VoiceCallerIdLookup",
        computed=True,
        source=_NUMBER,
    ),
    Property(
        "delivery",
        DELIVERY,
        "How Twilio delivers requests to these URLs: retries and time-outs. An empty object removes the "
        "current overrides. By default, the URLs are written without overrides.",
        source="Twilio docs: Webhooks connection overrides",
    ),
)
"""Caller name lookup, and the delivery of the URLs."""
