"""One environment's settings (``Pulumi.<environment>.yaml``), typed and validated.

All problems are reported together, each as one sentence that names the key and says what is valid. This module
does not call Pulumi, Twilio or Supabase. :func:`parse` takes a mapping of configuration keys, so that the
program, the operator's commands and the reference page read settings in the same way.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast, get_args

from pulumi_twilio.destinations import E164, is_destination, is_e164
from pydantic import Field, ValidationError, field_validator, model_validator

from .account import Account
from .callers import Callers  # noqa: TC001 - pydantic resolves it
from .diversions import Diversion  # noqa: TC001 - pydantic resolves it
from .rules import Rules
from .settings_errors import SettingsError, explain
from .settings_model import ActsOn, SettingsModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_twilio import CountryPermissionsArgs, DeliveryArgs

__all__ = [
    "PAGE_FUNCTIONS",
    "SOFTPHONE_FUNCTION",
    "Account",
    "CountryPermissions",
    "Delivery",
    "NumberSettings",
    "Rules",
    "Settings",
    "StatusEvent",
    "Voicemail",
    "parse",
]

PAGE_FUNCTIONS = ("place-call", "control-call", "recording")
"""The functions that a CRM's pages call."""

SOFTPHONE_FUNCTION = "voice-token"
"""The function that gives softphones in the browser their token."""

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
        """Return these settings with the URL to which the number is diverted, as its own voice URL."""
        return self if diversion is None else self.model_copy(update={"voice_url": diversion.to})

    def with_defaults(self, defaults: NumberSettings) -> NumberSettings:
        """Return these settings, with the defaults for absent ones."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return defaults.model_copy(update=given)


class CountryPermissions(SettingsModel):
    """The callable numbers of a country (Twilio docs: Voice dialing permissions). Absent: unchanged."""

    low_risk: bool | None = Field(None, description="Ordinary numbers.")
    high_risk_special: bool | None = Field(None, description="Special service numbers, often expensive.")
    high_risk_tollfraud: bool | None = Field(None, description="Numbers that are known for toll fraud.")

    def permissions(self) -> CountryPermissionsArgs:
        """Return the given settings by the names of pulumi-twilio's ``countries``."""
        return cast("CountryPermissionsArgs", self.model_dump(by_alias=True, exclude_none=True))


class Settings(SettingsModel):
    """The ``voicehooks:`` keys of one environment."""

    supabase_project: Annotated[str, Field(pattern=r"^[a-z]{20}$")] = Field(
        description="The Supabase project's reference: 20 letters, as in https://<reference>.supabase.co."
    )
    public_url: str | None = Field(
        None,
        description="The project's public URL if it has a custom domain: https://api.example.com.",
    )
    sandbox: bool = Field(
        False,
        description="Whether Twilio and Supabase are the sandbox of this folder. `.venv/bin/pulumi` and "
        "`voicehooks` find its addresses, so no other key names them.",
    )
    function_name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")] = Field(
        "twilio-webhook", description="The Edge Function's name, which is the last part of the webhook URL."
    )
    adopt_function: bool = Field(
        False,
        description="Whether an existing function of that name may be replaced. `pulumi destroy` restores it.",
    )
    check_seconds: Annotated[int, Field(ge=5, le=600)] | None = Field(
        None,
        description="How many seconds a function that was just deployed may take to pass its checks. Default: "
        "120. If it does not, the update fails and no number points at it.",
    )
    secondary_auth_token: str | None = Field(
        None, description="The secondary auth token during a rotation; a secret.", repr=False
    )
    functions_api_key_sid: Annotated[str, Field(pattern=r"^SK[0-9a-f]{32}$")] | None = Field(
        None,
        description="An API key (SK...) for place-call, control-call and recording, instead of the auth token. "
        "A restricted key only needs to create, read and update calls and to read recordings.",
    )
    functions_api_key_secret: str | None = Field(
        None, description="The API key's secret; a secret.", repr=False
    )
    softphone_api_key_sid: Annotated[str, Field(pattern=r"^SK[0-9a-f]{32}$")] | None = Field(
        None,
        description="A standard API key (SK...) that signs the tokens of softphones in the browser. Twilio "
        "does not accept a restricted key for that. Absent: voice-token is not deployed.",
    )
    softphone_api_key_secret: str | None = Field(
        None, description="That API key's secret; a secret.", repr=False
    )
    shared_application: bool = Field(
        False,
        description="One TwiML App for all numbers without their own URLs, instead of the same URLs on each "
        "number. Twilio has no account-wide voice webhook or status callback; this is the closest to one.",
    )
    protect_numbers: bool = Field(
        False,
        description="Whether deleting a number's line fails the preview instead of restoring the number. Also "
        "stops `pulumi destroy`. To remove a number, set this to false and run `pulumi up` first.",
    )
    account: Account = Field(
        default_factory=Account,
        description="Settings of the whole Twilio account (its default recording configuration). Absent: they "
        "stay as they are.",
    )
    dialing_permissions: dict[Annotated[str, Field(pattern="^[A-Z]{2}$")], CountryPermissions] = Field(
        default_factory=dict,
        description="The countries that the account may call, by ISO code. Only the named countries change. "
        "place-call and browser phones may call those whose ordinary numbers are not disabled, and no others. "
        "Absent: they may call the countries of the environment's own numbers.",
    )
    defaults: NumberSettings = Field(
        default_factory=NumberSettings,
        description="The settings of all numbers. A number's own settings take precedence.",
    )
    numbers: dict[str, NumberSettings] = Field(
        description='The numbers, each with the settings that differ for it. "*" includes every other voice '
        "number of the account that has no trunk, no TwiML App and no voice URL that this stack did not set."
    )
    allowed_origins: list[str] = Field(
        default_factory=list,
        description="Web origins whose pages may use place-call, control-call, recording and voice-token. "
        "Absent: none of them is deployed.",
    )
    calls_per_minute: Annotated[int, Field(ge=1, le=600)] = Field(
        10, description="How many calls per minute one user may place or transfer."
    )
    total_calls_per_minute: Annotated[int, Field(ge=1, le=6000)] = Field(
        60, description="How many calls per minute all users together may place or transfer."
    )
    callers: Callers | None = Field(
        None,
        description="Who may place calls through place-call, end and transfer them, and have a softphone. "
        "Absent or `{}`: every signed-in user who is not anonymous; absent, `pulumi up` warns.",
    )
    sip_hosts: list[Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]] = Field(
        default_factory=list,
        description="The hosts whose SIP addresses a page may ring, in lower case: `sip:user@host`. "
        "Absent: none.",
    )
    combine_callbacks: bool = Field(
        True,
        description="Whether callbacks that arrive together share one request to the database. false: one "
        "request for each.",
    )
    rules: Rules = Field(
        default_factory=Rules, description="The team's rules, which `voicehooks plan` checks for every change."
    )

    diverted: dict[Annotated[str, Field(pattern=f"^{E164}$")], Diversion] = Field(
        default_factory=dict,
        description="Numbers that are diverted to another URL. `voicehooks divert` writes and removes this. "
        "`pulumi up` stops until the diversion is undone or has `keep`.",
    )

    @field_validator("numbers")
    @classmethod
    def _numbers(cls, value: dict[str, NumberSettings]) -> dict[str, NumberSettings]:
        for number in value:
            if number != "*" and not is_e164(number):
                raise ValueError(f'"{number}" is not an E.164 number; write it as "+15551234567"')
        return value

    @model_validator(mode="after")
    def _application_answers(self) -> Settings:
        if self.shared_application and not self.defaults.answer:
            raise ValueError(
                "sharedApplication needs defaults.answer: true, because a TwiML App replaces each number's "
                "voice URL"
            )
        return self

    @model_validator(mode="after")
    def _whole_api_keys(self) -> Settings:
        for prefix, sid, secret in (
            ("functions", self.functions_api_key_sid, self.functions_api_key_secret),
            ("softphone", self.softphone_api_key_sid, self.softphone_api_key_secret),
        ):
            if (sid is None) != (secret is None):
                raise ValueError(
                    f"{prefix}ApiKeySid and {prefix}ApiKeySecret belong together; set both or neither"
                )
        return self

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not re.fullmatch(r"https://[^/#?\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?", value):
            raise ValueError(f"{value!r} must be https:// and a host, without a path or trailing slash")
        return value

    @property
    def project_url(self) -> str:
        """The project's public URL, without a trailing slash."""
        return self.public_url or f"https://{self.supabase_project}.supabase.co"

    @property
    def functions_url(self) -> str:
        """The base of every function's public URL."""
        return f"{self.project_url}/functions/v1"

    @property
    def webhook_url(self) -> str:
        """The handler's URL, which Twilio calls."""
        return f"{self.functions_url}/{self.function_name}"

    @property
    def fallback_function_name(self) -> str:
        """The name of the function that answers if the handler does not."""
        return "twilio-fallback"

    @property
    def fallback_function_url(self) -> str:
        """The URL that Twilio requests if the handler fails."""
        return f"{self.functions_url}/{self.fallback_function_name}"

    @property
    def created_call_events(self) -> list[StatusEvent]:
        """The status events of created calls and of dialed legs: all of them unless the defaults name some."""
        events = self.defaults.status_events
        return list(get_args(StatusEvent)) if events is None else events

    @property
    def everybody_may_call(self) -> bool:
        """Whether place-call is deployed without `voicehooks:callers`."""
        return bool(self.allowed_origins) and self.callers is None

    @property
    def named_numbers(self) -> dict[str, NumberSettings]:
        """The numbers that are named individually, each with the settings that differ for it."""
        return {number: own for number, own in self.numbers.items() if number != "*"}


REQUIRED_ELSEWHERE = {
    "twilio:accountSid": "TWILIO_ACCOUNT_SID",
    "twilio:authToken": "TWILIO_AUTH_TOKEN",
    "supabase:accessToken": "SUPABASE_ACCESS_TOKEN",
}
"""Required keys of the two providers, each with the environment variable that can replace it."""


SANDBOX_ADDRESSES = {
    "twilio:baseUrl": "TWILIO_BASE_URL",
    "supabase:apiUrl": "SUPABASE_API_URL",
    "voicehooks:publicUrl": "SUPABASE_URL",
}
"""Where Twilio and Supabase are, each with the variable that has it if `voicehooks:sandbox` is true."""


def parse(config: Mapping[str, Any], environment: Mapping[str, str], *, stack: str) -> Settings:
    """Return the settings of a stack's configuration.

    Args:
        config: configuration keys with their namespace (``voicehooks:numbers``) to values; objects and lists
            may be JSON text, as Pulumi passes them.
        environment: the process's environment variables.
        stack: the stack's name, for messages.

    Raises:
        SettingsError: with all problems.
    """
    prefix = "voicehooks:"
    own = {k.removeprefix(prefix): _value(v) for k, v in config.items() if k.startswith(prefix)}
    lacking = [k for k, v in REQUIRED_ELSEWHERE.items() if not (config.get(k) or environment.get(v))]
    if own.get("sandbox") in {True, "true"}:
        own["publicUrl"] = _sandbox_url(config, environment, stack)
    try:
        settings = Settings.model_validate(own)
    except ValidationError as error:
        raise SettingsError(explain(error, Settings, lacking, stack)) from None
    if lacking:
        raise SettingsError(explain(None, Settings, lacking, stack))
    return settings


def _sandbox_url(config: Mapping[str, Any], environment: Mapping[str, str], stack: str) -> str:
    """Return the project URL of the stack's sandbox, whose addresses the caller put into the environment.

    Raises:
        SettingsError: the settings file names addresses as well, or the sandbox is not running.
    """
    if given := [key for key in SANDBOX_ADDRESSES if config.get(key)]:
        raise SettingsError(
            f"Pulumi.{stack}.yaml: voicehooks:sandbox is true, so the addresses are those of this folder's "
            f"sandbox; delete {' and '.join(given)}"
        )
    if not all(environment.get(variable) for variable in SANDBOX_ADDRESSES.values()):
        option = "" if stack == "local" else f" --stack {stack}"
        raise SettingsError(
            f"The sandbox of {stack} is not running in this folder. Start it, and run Pulumi as "
            f".venv/bin/pulumi:\n    voicehooks sandbox up{option}"
        )
    return environment["SUPABASE_URL"]


def _value(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "{[tf" and value[-1:] in "}]e":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
