"""What the deployed functions are told: ``settings.json``, the options for created calls, the checks.

Settings that are no secrets travel inside a function's deploy, so that code and settings are one revision.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pulumi_twilio.delivery import encode
from twilio.request_validator import RequestValidator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_supabase import FunctionCheckArgs

    from .configuration import Configuration
    from .settings import NumberSettings, Settings

__all__ = ["call_options", "handler_settings", "page_checks", "webhook_checks"]

# What of a number's settings acts in the handler; the rest is configured at Twilio.
_IN_THE_HANDLER = {
    "answer",
    "status_events",
    "record",
    "recording_track",
    "announcement",
    "forward_to",
    "dial_order",
    "ring_seconds",
    "caller_id",
    "voicemail",
    "reject",
}


def handler_settings(configuration: Configuration, numbers: Mapping[str, NumberSettings]) -> str:
    """Return the text of ``settings.json``, the same for the same settings.

    Args:
        configuration: the stack's configuration.
        numbers: each number of the environment with what differs for it from the defaults.
    """
    settings = configuration.settings
    content = {
        "environment": configuration.environment,
        "functionsUrl": settings.functions_url,
        "functionName": settings.function_name,
        "accountSids": [configuration.account_sid],
        "twilioApiUrl": configuration.twilio_api_url,
        "delivery": delivery_fragment(settings.defaults),
        "statusEvents": settings.defaults.status_events or [],
        "allowedOrigins": settings.allowed_origins,
        "allowedCountries": _allowed_countries(settings),
        "defaults": _in_the_handler(settings.defaults),
        "numbers": {number: _in_the_handler(own) for number, own in numbers.items()},
        "callsPerMinute": settings.calls_per_minute,
        "anyNumber": "*" in settings.numbers,
    }
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def _allowed_countries(settings: Settings) -> list[str]:
    """Return the countries that calls may go to; none named leaves it to Twilio's own permissions."""
    return sorted(code for code, may in settings.dialing_permissions.items() if may.low_risk is not False)


def _in_the_handler(settings: NumberSettings) -> dict[str, Any]:
    return settings.model_dump(
        mode="json",
        by_alias=True,
        include=_IN_THE_HANDLER & settings.model_fields_set,
    )


def delivery_fragment(settings: NumberSettings) -> str:
    """Return the connection overrides with their ``#``, or an empty string."""
    fragment = encode(settings.delivery.overrides()) if settings.delivery else ""
    return f"#{fragment}" if fragment else ""


def call_options(settings: Settings) -> dict[str, Any]:
    """Return the parameters with which a call created by API behaves like a call of this environment.

    Named as in Twilio's API (Twilio docs: Call resource, create). A call made by API knows nothing of a
    number's own callbacks, so whoever creates one has to give them.
    """
    defaults = settings.defaults
    url = settings.webhook_url + delivery_fragment(defaults)
    options: dict[str, Any] = {}
    if defaults.status_events:
        options |= {
            "StatusCallback": url,
            "StatusCallbackEvent": list(defaults.status_events),
            "StatusCallbackMethod": "POST",
        }
    if defaults.ring_seconds is not None:
        options["Timeout"] = defaults.ring_seconds
    if defaults.record and defaults.record != "do-not-record":
        options |= {
            "Record": True,
            "RecordingChannels": "dual" if defaults.record.endswith("-dual") else "mono",
            "RecordingTrack": defaults.recording_track or "both",
            "RecordingStatusCallback": url,
            # One value with spaces, where the call's own events repeat their key (Twilio docs: Call resource).
            "RecordingStatusCallbackEvent": "in-progress completed absent",
            "RecordingStatusCallbackMethod": "POST",
        }
    return options


def webhook_checks(url: str, auth_token: str) -> list[FunctionCheckArgs]:
    """Return the requests that a function must answer rightly before Twilio's calls reach it.

    A correctly signed one must be answered by exactly the revision just deployed; an unsigned one and one
    signed for other parameters must be refused.

    Args:
        url: the function's public URL, which is what is signed.
        auth_token: Twilio's auth token.
    """
    form = {"VoicehooksCheck": "deploy"}
    validator = RequestValidator(auth_token)
    signature = validator.compute_signature(url, form)
    tampered = validator.compute_signature(url, {"VoicehooksCheck": "tampered"})
    return [
        {
            "name": "signed",
            "form": form,
            "headers": {"X-Twilio-Signature": signature},
            "expect": {"status": 200, "json": {"revision": "{revision}", "nonce": "deploy"}},
        },
        {"name": "unsigned", "form": form, "expect": {"status": 403}},
        {
            "name": "tampered",
            "form": form,
            "headers": {"X-Twilio-Signature": tampered},
            "expect": {"status": 403},
        },
    ]


def page_checks() -> list[FunctionCheckArgs]:
    """Return the requests that a function for web pages must answer rightly: it runs, and wants a user."""
    return [
        {"name": "preflight", "method": "OPTIONS", "expect": {"status": 204}},
        {"name": "without a user", "method": "POST", "expect": {"status": 401}},
    ]
