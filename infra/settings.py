"""One environment's settings: what stands in ``Pulumi.<environment>.yaml``, typed and validated.

Every problem is reported at once, each as one sentence that names the key and says what would be right.
Nothing here talks to Pulumi, Twilio or Supabase: :func:`parse` takes a mapping of configuration keys, so that
the program, the operator's commands and the reference page read settings in one way.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import Field, ValidationError, field_validator, model_validator

from .callers import Callers  # noqa: TC001 - pydantic resolves it
from .diversions import Diversion  # noqa: TC001 - pydantic resolves it
from .rules import Rules
from .settings_errors import SettingsError, explain
from .settings_model import ActsOn, SettingsModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_twilio import CountryPermissionsArgs, DeliveryArgs

__all__ = ["CountryPermissions", "Delivery", "NumberSettings", "Rules", "Settings", "Voicemail", "parse"]

_E164 = r"\+[1-9]\d{6,14}"
_DESTINATION = re.compile(rf"{_E164}|sip:\S+@\S+|client:[\w.@+-]{{1,121}}")

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
        None, description="How often a failed request is sent again. Twilio's default: 1."
    )
    retry_on: list[RetryReason] | None = Field(
        None, description="What counts as failed. Twilio's default: connect, and nothing else."
    )
    connect_timeout: Annotated[int, Field(ge=100, le=10_000)] | None = Field(
        None, description="Milliseconds for the connection. Twilio's default: 5000."
    )
    read_timeout: Annotated[int, Field(ge=100, le=15_000)] | None = Field(
        None, description="Milliseconds for the first byte. Twilio's default: 15000."
    )
    total_timeout: Annotated[int, Field(ge=100, le=15_000)] | None = Field(
        None, description="Milliseconds for all attempts together. Twilio's default: 15000."
    )
    edges: list[str] | None = Field(None, description="The edges requests leave from. Twilio's: ashburn.")

    def overrides(self) -> DeliveryArgs:
        """Return what is given, by the names of pulumi-twilio's ``delivery``."""
        return cast("DeliveryArgs", self.model_dump(by_alias=True, exclude_none=True))


class Voicemail(SettingsModel):
    """A message taken when nobody answers."""

    greeting: str = Field("Please leave a message after the tone.", description="What the caller hears.")
    max_length: Annotated[int, Field(ge=5, le=3600)] = Field(
        120, description="The longest message, in seconds."
    )


class NumberSettings(SettingsModel):
    """What happens with calls of a number. Absent: left as Twilio has it.

    Each field names the places where it acts (:class:`ActsOn`); the handler's settings, the options of created
    calls, the plan and ``adopt`` take their lists from that.
    """

    answer: Annotated[bool | None, ActsOn.NUMBER, ActsOn.HANDLER] = Field(
        None, description="Whether incoming calls go to the handler. false clears the number's voice URL."
    )
    reject: Annotated[Literal["busy", "rejected"] | None, ActsOn.HANDLER] = Field(
        None, description="Turn every incoming call away, unanswered and unbilled."
    )
    forward_to: Annotated[list[str] | None, ActsOn.HANDLER] = Field(
        None,
        max_length=10,
        description="Who is called when somebody calls the number: E.164 numbers, sip:..., client:...",
    )
    dial_order: Annotated[Literal["simultaneous", "sequential"] | None, ActsOn.HANDLER] = Field(
        None, description="Whether several destinations ring together (default) or one after the other."
    )
    ring_seconds: Annotated[
        Annotated[int, Field(ge=5, le=600)] | None, ActsOn.HANDLER, ActsOn.CREATED_CALLS
    ] = Field(None, description="How long they ring. Twilio's default: 30.")
    caller_id: Annotated[Annotated[str, Field(pattern=f"^{_E164}$")] | None, ActsOn.HANDLER] = Field(
        None, description="The number shown to whom a call is forwarded. Default: the caller's own."
    )
    record: Annotated[RecordMode | None, ActsOn.HANDLER, ActsOn.CREATED_CALLS] = Field(
        None, description="Whether and from when calls are recorded."
    )
    recording_track: Annotated[
        Literal["inbound", "outbound", "both"] | None, ActsOn.HANDLER, ActsOn.CREATED_CALLS
    ] = Field(None, description="Which side is recorded. Twilio's default: both.")
    announcement: Annotated[str | None, ActsOn.HANDLER] = Field(
        None, description="Spoken to the caller before a recorded call is connected, where the law requires it."
    )
    voicemail: Annotated[Voicemail | None, ActsOn.HANDLER] = Field(
        None, description="Take a message when nobody answers."
    )
    status_events: Annotated[list[StatusEvent] | None, ActsOn.NUMBER, ActsOn.HANDLER, ActsOn.CREATED_CALLS] = (
        Field(
            None,
            description="Which call status events reach the handler. Acts on calls made by API and on the legs "
            "that an incoming call is forwarded to; Twilio reports an incoming call itself only when it ends.",
        )
    )
    delivery: Annotated[Delivery | None, ActsOn.NUMBER, ActsOn.CREATED_CALLS] = Field(
        None, description="Retries and time-outs of the webhooks."
    )
    fallback_url: Annotated[str | None, ActsOn.NUMBER] = Field(
        None,
        description="Asked when the handler fails: default (our function twilio-fallback), an https URL "
        'outside of Supabase, or "" for none.',
    )
    voice_url: Annotated[str | None, ActsOn.NUMBER] = Field(
        None, description="A voice URL of its own in place of the handler."
    )
    status_callback: Annotated[str | None, ActsOn.NUMBER] = Field(
        None, description="A status callback of its own."
    )
    replace_existing: Annotated[bool | None, ActsOn.RESOURCE] = Field(
        None, description="Whether what the number has from elsewhere may be replaced. Default: false."
    )
    on_delete: Annotated[Literal["restore", "clear", "keep", "force"] | None, ActsOn.RESOURCE] = Field(
        None, description="What taking the number out of the settings does to it. Default: restore."
    )

    @field_validator("forward_to")
    @classmethod
    def _destinations(cls, value: list[str] | None) -> list[str] | None:
        for destination in value or []:
            if not _DESTINATION.fullmatch(destination):
                raise ValueError(f"{destination!r} is none of +15551234567, sip:user@host, client:name")
        return value

    @field_validator("voice_url", "status_callback", "fallback_url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        if value in (None, "", "default"):
            return value
        if not re.match(r"https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]", value or ""):
            raise ValueError(f"{value!r} does not start with https://")
        if (value or "").endswith("/"):
            raise ValueError(f"{value!r} ends with a slash; remove it")
        if "#" in (value or ""):
            raise ValueError(f"{value!r} has a fragment; use delivery for connection overrides")
        return value

    def with_diversion(self, diversion: Diversion | None) -> NumberSettings:
        """Return these settings with the URL that the number is diverted to; it then has one of its own."""
        return self if diversion is None else self.model_copy(update={"voice_url": diversion.to})

    def with_defaults(self, defaults: NumberSettings) -> NumberSettings:
        """Return these settings, with the defaults where they say nothing."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return defaults.model_copy(update=given)


class CountryPermissions(SettingsModel):
    """What may be called in a country (Twilio docs: Voice dialing permissions). Absent: left as it is."""

    low_risk: bool | None = Field(None, description="Ordinary numbers.")
    high_risk_special: bool | None = Field(None, description="Special service numbers, often expensive.")
    high_risk_tollfraud: bool | None = Field(None, description="Numbers that toll fraud is known for.")

    def permissions(self) -> CountryPermissionsArgs:
        """Return what is given, by the names of pulumi-twilio's ``countries``."""
        return cast("CountryPermissionsArgs", self.model_dump(by_alias=True, exclude_none=True))


class Settings(SettingsModel):
    """The ``voicehooks:`` keys of one environment."""

    supabase_project: Annotated[str, Field(pattern=r"^[a-z]{20}$")] = Field(
        description="The Supabase project's reference: 20 letters, as in https://<reference>.supabase.co."
    )
    public_url: str | None = Field(
        None,
        description="The project's public address where it has a custom domain: https://api.example.com.",
    )
    function_name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")] = Field(
        "twilio-webhook", description="The Edge Function's name, and the end of the webhook URL."
    )
    adopt_function: bool = Field(
        False, description="Whether a function of that name from elsewhere may be replaced (it is kept)."
    )
    check_seconds: Annotated[int, Field(ge=5, le=600)] | None = Field(
        None,
        description="How long a function that was just deployed may take until it answers its checks rightly, "
        "in seconds. Default: 120; then the update fails and nothing points at it.",
    )
    secondary_auth_token: str | None = Field(
        None, description="The other auth token during a rotation; a secret.", repr=False
    )
    functions_api_key_sid: Annotated[str, Field(pattern=r"^SK[0-9a-f]{32}$")] | None = Field(
        None,
        description="An API key (SK...) for place-call and recording, in place of the auth token: a restricted "
        "key may create calls and read recordings, and nothing else.",
    )
    functions_api_key_secret: str | None = Field(None, description="Its secret; a secret.", repr=False)
    shared_application: bool = Field(
        False,
        description="One TwiML App for all numbers without URLs of their own, in place of the same URLs on "
        "each: what comes nearest to global webhooks.",
    )
    protect_numbers: bool = Field(
        False,
        description="Whether a number whose line is deleted fails the preview instead of being given back; "
        "also stops pulumi destroy. Set it to false and run pulumi up before a number really goes.",
    )
    dialing_permissions: dict[Annotated[str, Field(pattern="^[A-Z]{2}$")], CountryPermissions] = Field(
        default_factory=dict,
        description="Which countries the account may call, by ISO code; only the named ones are touched. "
        "place-call and browser phones may call those with ordinary numbers not switched off, and no others. "
        "Absent: they may call the countries of the environment's own numbers.",
    )
    defaults: NumberSettings = Field(
        default_factory=NumberSettings, description="Settings of all numbers that do not say otherwise."
    )
    numbers: dict[str, NumberSettings] = Field(
        description='The numbers, each with what differs for it. "*" stands for every other voice number of '
        "the account that has no trunk, no TwiML App and no voice URL of somebody else's."
    )
    allowed_origins: list[str] = Field(
        default_factory=list,
        description="Web origins whose pages may use place-call and recording; none: those are not deployed.",
    )

    calls_per_minute: Annotated[int, Field(ge=1, le=600)] = Field(
        10, description="How many calls a user of place-call may place in a minute."
    )
    total_calls_per_minute: Annotated[int, Field(ge=1, le=6000)] = Field(
        60, description="How many calls all users of place-call together may place in a minute."
    )
    callers: Callers | None = Field(
        None,
        description="Who may place calls through place-call. Absent or `{}`: every signed-in user who is not "
        "anonymous; absent, `pulumi up` warns.",
    )
    sip_hosts: list[Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]] = Field(
        default_factory=list,
        description="The hosts whose SIP addresses place-call may ring, in lower case: `sip:user@host`. "
        "Absent: none.",
    )
    rules: Rules = Field(
        default_factory=Rules, description="The team's rules: what `voicehooks plan` looks for in a change."
    )

    diverted: dict[Annotated[str, Field(pattern=f"^{_E164}$")], Diversion] = Field(
        default_factory=dict,
        description="Numbers that `voicehooks divert` has sent elsewhere; it writes and removes this. "
        "pulumi up stops until somebody puts them back or says `keep`.",
    )

    @field_validator("numbers")
    @classmethod
    def _numbers(cls, value: dict[str, NumberSettings]) -> dict[str, NumberSettings]:
        for number in value:
            if number != "*" and not re.fullmatch(_E164, number):
                raise ValueError(f'"{number}" is not an E.164 number; write it as "+15551234567"')
        return value

    @model_validator(mode="after")
    def _application_answers(self) -> Settings:
        if self.shared_application and not self.defaults.answer:
            raise ValueError(
                "sharedApplication needs defaults.answer: true, since a TwiML App takes the place of each "
                "number's voice URL"
            )
        return self

    @model_validator(mode="after")
    def _whole_api_key(self) -> Settings:
        if (self.functions_api_key_sid is None) != (self.functions_api_key_secret is None):
            raise ValueError(
                "functionsApiKeySid and functionsApiKeySecret belong together: set both or neither"
            )
        return self

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not re.fullmatch(r"https://[^/#?\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?", value):
            raise ValueError(f"{value!r} is not https:// and a host, without a path or trailing slash")
        return value

    @property
    def project_url(self) -> str:
        """The project's public address, without a trailing slash."""
        return self.public_url or f"https://{self.supabase_project}.supabase.co"

    @property
    def functions_url(self) -> str:
        """What every function's public URL starts with."""
        return f"{self.project_url}/functions/v1"

    @property
    def webhook_url(self) -> str:
        """The one URL that Twilio calls."""
        return f"{self.functions_url}/{self.function_name}"

    @property
    def fallback_function_name(self) -> str:
        """The name of the function that answers when the handler does not."""
        return "twilio-fallback"

    @property
    def fallback_function_url(self) -> str:
        """What Twilio asks when the handler fails."""
        return f"{self.functions_url}/{self.fallback_function_name}"

    @property
    def everybody_may_call(self) -> bool:
        """Whether place-call is deployed and nobody has decided who may use it."""
        return bool(self.allowed_origins) and self.callers is None

    @property
    def named_numbers(self) -> dict[str, NumberSettings]:
        """The numbers that are named one by one, each with what differs for it."""
        return {number: own for number, own in self.numbers.items() if number != "*"}


REQUIRED_ELSEWHERE = {
    "twilio:accountSid": "TWILIO_ACCOUNT_SID",
    "twilio:authToken": "TWILIO_AUTH_TOKEN",
    "supabase:accessToken": "SUPABASE_ACCESS_TOKEN",
}
"""Keys of the two providers that an environment needs, each with the variable that may hold it instead."""


def parse(config: Mapping[str, Any], environment: Mapping[str, str], *, stack: str) -> Settings:
    """Return the settings that a stack's configuration holds.

    Args:
        config: configuration keys with their namespace (``voicehooks:numbers``) to values; objects and lists
            may be JSON text, as Pulumi hands them over.
        environment: the process's environment variables.
        stack: the stack's name, for messages.

    Raises:
        SettingsError: with every problem there is.
    """
    prefix = "voicehooks:"
    own = {k.removeprefix(prefix): _value(v) for k, v in config.items() if k.startswith(prefix)}
    lacking = [k for k, v in REQUIRED_ELSEWHERE.items() if not (config.get(k) or environment.get(v))]
    try:
        settings = Settings.model_validate(own)
    except ValidationError as error:
        raise SettingsError(explain(error, Settings, lacking, stack)) from None
    if lacking:
        raise SettingsError(explain(None, Settings, lacking, stack))
    return settings


def _value(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "{[tf" and value[-1:] in "}]e":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
