"""The settings of a phone number: the values of ``voicehooks:numbers``, and ``voicehooks:defaults``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pulumi_twilio.destinations import E164, is_destination
from pydantic import Field, field_validator

from .settings_model import ActsOn, SettingsModel

if TYPE_CHECKING:
    from pulumi_twilio import DeliveryArgs

    from .diversions import Diversion

__all__ = ["Delivery", "NumberSettings", "RecordMode", "StatusEvent", "Voicemail", "check_url"]

StatusEvent = Literal["initiated", "ringing", "answered", "completed"]
RecordMode = Literal[
    "do-not-record",
    "record-from-answer",
    "record-from-ringing",
    "record-from-answer-dual",
    "record-from-ringing-dual",
]
RetryReason = Literal["connect", "read-timeout", "4xx", "5xx", "all"]


class Delivery(SettingsModel):
    """How Twilio delivers our webhooks: retries and time-outs (Twilio docs: connection overrides)."""

    retries: Annotated[int, Field(ge=0, le=5)] | None = Field(
        None, description="How often Twilio retries a failed request. Twilio's default: 1."
    )
    retry_on: list[RetryReason] | None = Field(
        None, description="The failures that Twilio retries. Twilio's default: only connect."
    )
    connect_timeout: Annotated[int, Field(ge=100, le=10_000)] | None = Field(
        None, description="The connection time-out in milliseconds. Twilio's default: 5000."
    )
    read_timeout: Annotated[int, Field(ge=100, le=15_000)] | None = Field(
        None, description="The time-out for the first byte in milliseconds. Twilio's default: 15000."
    )
    total_timeout: Annotated[int, Field(ge=100, le=15_000)] | None = Field(
        None, description="The time-out for all attempts together in milliseconds. Twilio's default: 15000."
    )
    edges: list[str] | None = Field(
        None, description="The edges that send the requests. Twilio's default: ashburn."
    )

    def overrides(self) -> DeliveryArgs:
        """Return the given settings by the names of pulumi-twilio's ``delivery``."""
        return cast("DeliveryArgs", self.model_dump(by_alias=True, exclude_none=True))


class Voicemail(SettingsModel):
    """Voicemail, for calls that nobody answers."""

    greeting: str = Field("Please leave a message after the tone.", description="What the caller hears.")
    max_length: Annotated[int, Field(ge=5, le=3600)] = Field(
        120, description="The longest message, in seconds."
    )


def check_url(value: str | None) -> str | None:
    """Return a URL of the settings as it is: absent, empty, ``default``, or one that Twilio may request.

    Raises:
        ValueError: it is none of these.
    """
    if value is None or value in ("", "default"):
        return value
    if not re.match(r"https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]", value):
        raise ValueError(f"{value!r} does not start with https://")
    if value.endswith("/"):
        raise ValueError(f"{value!r} ends with a slash; remove it")
    if "#" in value:
        raise ValueError(f"{value!r} has a fragment; use delivery for connection overrides")
    return value


class NumberSettings(SettingsModel):
    """How calls of a number are handled. A setting that is absent leaves Twilio as it is.

    Each field names the places where it acts (:class:`ActsOn`). The handler's settings, the options of created
    calls, the plan and ``adopt`` derive their lists from that.
    """

    answer: Annotated[bool | None, ActsOn.NUMBER, ActsOn.HANDLER] = Field(
        None, description="Whether the handler answers incoming calls. false clears the number's voice URL."
    )
    reject: Annotated[Literal["busy", "rejected"] | None, ActsOn.HANDLER] = Field(
        None, description="Reject every incoming call. Rejected calls are not answered and not billed."
    )
    forward_to: Annotated[list[str] | None, ActsOn.HANDLER] = Field(
        None,
        max_length=10,
        description="Where incoming calls are forwarded: E.164 numbers, sip:..., client:...",
    )
    dial_order: Annotated[Literal["simultaneous", "sequential"] | None, ActsOn.HANDLER] = Field(
        None, description="Whether several destinations ring at the same time (default) or one after the other."
    )
    ring_seconds: Annotated[
        Annotated[int, Field(ge=5, le=600)] | None, ActsOn.HANDLER, ActsOn.CREATED_CALLS
    ] = Field(None, description="How many seconds the destinations ring. Twilio's default: 30.")
    caller_id: Annotated[Annotated[str, Field(pattern=f"^{E164}$")] | None, ActsOn.HANDLER] = Field(
        None, description="The caller ID that the destinations see. Default: the caller's number."
    )
    record: Annotated[RecordMode | None, ActsOn.HANDLER, ActsOn.CREATED_CALLS] = Field(
        None, description="Whether calls are recorded, and from when on."
    )
    recording_track: Annotated[
        Literal["inbound", "outbound", "both"] | None, ActsOn.HANDLER, ActsOn.CREATED_CALLS
    ] = Field(None, description="Which side of the call is recorded. Twilio's default: both.")
    announcement: Annotated[str | None, ActsOn.HANDLER] = Field(
        None, description="A text that is spoken to the caller before a recorded call is connected."
    )
    voicemail: Annotated[Voicemail | None, ActsOn.HANDLER] = Field(
        None, description="Take a message if nobody answers."
    )
    status_events: Annotated[list[StatusEvent] | None, ActsOn.NUMBER, ActsOn.HANDLER, ActsOn.CREATED_CALLS] = (
        Field(
            None,
            description="Which call status events reach the handler. Acts on calls created through the API and "
            "on the legs to which an incoming call is forwarded; absent, those report all four. For the "
            "incoming call itself, Twilio only reports its end.",
        )
    )
    delivery: Annotated[Delivery | None, ActsOn.NUMBER, ActsOn.CREATED_CALLS] = Field(
        None, description="Retries and time-outs of the webhooks."
    )
    fallback_url: Annotated[str | None, ActsOn.NUMBER] = Field(
        None,
        description="The URL that Twilio requests if the handler fails: `default` (the function "
        'twilio-fallback), an https URL outside Supabase, or "" for none.',
    )
    voice_url: Annotated[str | None, ActsOn.NUMBER] = Field(
        None, description="The number's own voice URL, which replaces the handler."
    )
    status_callback: Annotated[str | None, ActsOn.NUMBER] = Field(
        None, description="The number's own status callback."
    )
    replace_existing: Annotated[bool | None, ActsOn.RESOURCE] = Field(
        None,
        description="Whether a URL, app or trunk that this stack did not set may be replaced. Default: false.",
    )
    on_delete: Annotated[Literal["restore", "clear", "keep", "force"] | None, ActsOn.RESOURCE] = Field(
        None, description="What happens to the number when it is removed from the settings. Default: restore."
    )

    @field_validator("forward_to")
    @classmethod
    def _destinations(cls, value: list[str] | None) -> list[str] | None:
        for destination in value or []:
            if not is_destination(destination):
                raise ValueError(
                    f"{destination!r} is not valid; use +15551234567, sip:user@host or client:name"
                )
        return value

    @field_validator("voice_url", "status_callback", "fallback_url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        return check_url(value)

    def with_diversion(self, diversion: Diversion | None) -> NumberSettings:
        """Return these settings with the URL to which the number is diverted, as its own voice URL."""
        return self if diversion is None else self.model_copy(update={"voice_url": diversion.to})

    def with_defaults(self, defaults: NumberSettings) -> NumberSettings:
        """Return these settings, with the defaults for absent ones."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return defaults.model_copy(update=given)
