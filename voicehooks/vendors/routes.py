"""Whose URLs a number's calls go to: its own, a TwiML App's, or none because a trunk takes them.

Twilio docs, IncomingPhoneNumber resource: a trunk takes precedence over a voice application, which takes
precedence over the number's own voice URLs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_twilio import delivery

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["route_source", "voice_url_of"]


def route_source(number: Mapping[str, Any], apps: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the object whose `voice_url` Twilio requests for a number's calls; empty if it is not known.

    Args:
        number: as Twilio answers it.
        apps: the account's TwiML Apps by SID.
    """
    if number.get("trunk_sid"):
        return {}
    app = number.get("voice_application_sid")
    return apps.get(str(app), {}) if app else number


def voice_url_of(number: Mapping[str, Any], apps: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the URL that Twilio requests, without connection overrides; empty where it requests none."""
    return delivery.split(str(route_source(number, apps).get("voice_url") or ""))[0]
