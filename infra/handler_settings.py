"""Settings passed to the deployed functions: ``settings.json``, and the options of created calls.

Settings that are not secret are part of a function's deploy, so that code and settings form one revision.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from pulumi_twilio.delivery import encode
from pydantic import Field, field_serializer

from .callers import Callers  # noqa: TC001 - pydantic resolves it
from .countries import country_of
from .number_settings import NumberSettings, StatusEvent  # noqa: TC001 - pydantic resolves them
from .settings_model import ActsOn, SettingsModel
from .sip_settings import SipDomainSettings  # noqa: TC001 - pydantic resolves it

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .configuration import Configuration
    from .settings import Settings

__all__ = [
    "RECORDING_EVENTS",
    "HandlerSettings",
    "call_options",
    "delivery_fragment",
    "handler_settings",
]

RECORDING_EVENTS = "in-progress completed absent"
"""What a recording's callback reports, as a parameter of Twilio's API."""


class HandlerSettings(SettingsModel):
    """The content of ``settings.json``; `functions/_shared/settings_types.ts` is generated from this model.

    The defaults and the numbers contain only the settings that act in the handler
    (:attr:`~infra.settings_model.ActsOn.HANDLER`).
    """

    functions_url: str = Field(
        description="The public base of the project's functions, without a trailing slash."
    )
    function_name: str = Field(description="The slug of the function that answers Twilio.")
    account_sids: list[str] = Field(description="The Twilio accounts whose requests are accepted.")
    twilio_api_url: str = Field(description="Twilio's REST API, without a trailing slash.")
    delivery: str = Field(
        description="Twilio's connection overrides as a URL fragment (`#rc=3&rp=ct,rt,5xx`), or empty."
    )
    status_events: list[StatusEvent] = Field(description="The status events of created calls and dialed legs.")
    allowed_origins: list[str] = Field(description="Web origins whose pages may use the functions for pages.")
    allowed_countries: list[str] = Field(
        description="ISO codes of the countries to which calls are allowed; empty: none."
    )
    callers: Callers | None = Field(
        description="Which signed-in users may place calls; null: all who are not anonymous."
    )
    calls_per_minute: int = Field(description="Calls that one user may place or transfer per minute.")
    total_calls_per_minute: int = Field(
        description="Calls that all users together may place or transfer per minute."
    )
    sip_hosts: list[str] = Field(description="Hosts of the SIP addresses that a page may ring, in lower case.")
    signature: Literal["key-only"] | None = Field(
        description="`key-only`: requests that an auth token signed are refused; null: they are accepted."
    )
    combine_callbacks: bool = Field(
        description="Whether callbacks that arrive together share one request to the database."
    )
    sip_domains: dict[str, SipDomainSettings] | None = Field(
        description="SIP domains whose phones call, by name; absent: none."
    )
    defaults: NumberSettings = Field(description="The settings of all numbers.")
    numbers: dict[str, NumberSettings] = Field(
        description="The settings that differ from the defaults, by E.164 number."
    )

    @field_serializer("defaults")
    def _serialize_defaults(self, value: NumberSettings) -> dict[str, Any]:
        return _in_the_handler(value)

    @field_serializer("sip_domains")
    def _serialize_sip_domains(
        self, value: dict[str, SipDomainSettings] | None
    ) -> dict[str, dict[str, Any]] | None:
        return {name: _in_the_handler(own) for name, own in value.items()} if value else None

    @field_serializer("numbers")
    def _serialize_numbers(self, value: dict[str, NumberSettings]) -> dict[str, dict[str, Any]]:
        return {number: _in_the_handler(own) for number, own in value.items()}


def handler_settings(configuration: Configuration, numbers: Mapping[str, NumberSettings]) -> str:
    """Return the text of ``settings.json``. Equal settings give equal text.

    Args:
        configuration: the stack's configuration.
        numbers: each number of the environment with the settings that differ from the defaults.
    """
    settings = configuration.settings
    content = HandlerSettings(
        functions_url=settings.functions_url,
        function_name=settings.function_name,
        account_sids=[configuration.account_sid],
        twilio_api_url=configuration.twilio_api_url,
        delivery=delivery_fragment(settings.defaults),
        status_events=settings.created_call_events,
        allowed_origins=settings.allowed_origins,
        allowed_countries=_allowed_countries(settings, numbers),
        callers=settings.callers,
        calls_per_minute=settings.calls_per_minute,
        total_calls_per_minute=settings.total_calls_per_minute,
        sip_hosts=settings.sip_hosts,
        signature=settings.account.signature,
        combine_callbacks=settings.combine_callbacks,
        sip_domains=settings.sip_domains or None,
        defaults=settings.defaults,
        numbers=dict(numbers),
    )
    text = content.model_dump(mode="json", by_alias=True)
    if text["sipDomains"] is None:  # the functions of a stack without any are not deployed again
        del text["sipDomains"]
    return json.dumps(text, indent=2, sort_keys=True) + "\n"


def _allowed_countries(settings: Settings, numbers: Iterable[str]) -> list[str]:
    """Return the countries to which calls are allowed: from the dialing permissions, else the numbers' own."""
    permissions = settings.dialing_permissions
    if not permissions:
        return sorted({country for number in numbers if (country := country_of(number)) is not None})
    return sorted(code for code, may in permissions.items() if may.low_risk is not False)


def _in_the_handler(settings: NumberSettings | SipDomainSettings) -> dict[str, Any]:
    return settings.model_dump(
        mode="json",
        by_alias=True,
        include=set(type(settings).acting_on(ActsOn.HANDLER)) & settings.model_fields_set,
    )


def delivery_fragment(settings: NumberSettings) -> str:
    """Return the connection overrides with their ``#``, or an empty string."""
    fragment = encode(settings.delivery.overrides()) if settings.delivery else ""
    return f"#{fragment}" if fragment else ""


def call_options(settings: Settings) -> dict[str, Any]:
    """Return the parameters with which a call created by API behaves like a call of this environment.

    Named as in Twilio's API (Twilio docs: Call resource, create). A call made by API knows nothing of a
    number's own callbacks, so the code that creates one has to give them. The status callback is always
    there, also without `statusEvents`: otherwise the call would be in no table.
    """
    defaults = settings.defaults
    url = settings.webhook_url + delivery_fragment(defaults)
    options: dict[str, Any] = {"StatusCallback": url, "StatusCallbackMethod": "POST"}
    if settings.created_call_events:
        options["StatusCallbackEvent"] = settings.created_call_events
    if defaults.ring_seconds is not None:
        options["Timeout"] = defaults.ring_seconds
    if defaults.record and defaults.record != "do-not-record":
        options |= {
            "Record": True,
            "RecordingChannels": "dual" if defaults.record.endswith("-dual") else "mono",
            "RecordingTrack": defaults.recording_track or "both",
            "RecordingStatusCallback": url,
            # One value with spaces; StatusCallbackEvent repeats its key instead (Twilio docs: Call resource).
            "RecordingStatusCallbackEvent": RECORDING_EVENTS,
            "RecordingStatusCallbackMethod": "POST",
        }
    return options
