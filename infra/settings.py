"""One environment's settings: the ``voicehooks:`` keys of ``Pulumi.<environment>.yaml``, typed and validated.

A key with keys of its own has a module of its own. :mod:`.settings_parser` reads them from a configuration.
"""

from __future__ import annotations

import re
from typing import Annotated, get_args

from pulumi_twilio.destinations import E164, is_e164
from pydantic import Field, field_validator, model_validator

from .account import Account
from .callers import Callers  # noqa: TC001 - pydantic resolves it
from .dialing_permissions import CountryPermissions  # noqa: TC001 - pydantic resolves it
from .diversions import Diversion  # noqa: TC001 - pydantic resolves it
from .number_settings import NumberSettings, StatusEvent
from .rules import Rules
from .settings_model import SettingsModel
from .sip_settings import SipDomainSettings, TrunkSettings  # noqa: TC001 - pydantic resolves it

__all__ = ["EVENTS_FUNCTION", "PAGE_FUNCTIONS", "SOFTPHONE_FUNCTION", "Settings"]

PAGE_FUNCTIONS = ("place-call", "control-call", "recording")
"""The functions that a CRM's pages call."""

EVENTS_FUNCTION = "twilio-events"
"""The function that receives Event Streams."""

SOFTPHONE_FUNCTION = "voice-token"
"""The function that gives softphones in the browser their token."""


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
    sip_domains: dict[
        Annotated[str, Field(pattern=r"^([a-z0-9-]+\.)+sip\.twilio\.com$")], SipDomainSettings
    ] = Field(
        default_factory=dict,
        description="SIP domains (`NAME.sip.twilio.com`) whose calls the handler answers. A domain that leaves "
        "is deleted if this stack created it, else restored; Twilio reserves a deleted name for up to 30 days.",
    )
    trunks: dict[Annotated[str, Field(min_length=1, max_length=64)], TrunkSettings] = Field(
        default_factory=dict,
        description="Elastic SIP trunks by name, with the fallback function as their disaster recovery.",
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

    @model_validator(mode="after")
    def _delivery_of_a_rule(self) -> Settings:
        if not self.account.webhook_rules:
            return self
        own = [number for number, settings in self.numbers.items() if settings.delivery is not None]
        if own:
            raise ValueError(
                f"numbers.{own[0]}.delivery has no effect with account.webhookRules, because one rule delivers "
                "the requests of all numbers; set defaults.delivery instead"
            )
        if self.defaults.delivery is not None and self.defaults.delivery.edges:
            raise ValueError("defaults.delivery.edges is not possible with account.webhookRules; remove edges")
        return self

    @model_validator(mode="after")
    def _one_route_per_number(self) -> Settings:
        taken: dict[str, str] = dict.fromkeys(self.named_numbers, "voicehooks:numbers")
        for trunk, own in self.trunks.items():
            for number in own.numbers or []:
                if number in taken:
                    raise ValueError(
                        f"trunks.{trunk} and {taken[number]} both have {number}; a trunk takes its calls "
                        "before any URL, so remove it from one of the two"
                    )
                taken[number] = f"trunks.{trunk}"
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
    def needs_fallback_function(self) -> bool:
        """Whether a SIP domain or a trunk uses the function that answers if the handler, or a PBX, does not."""
        trunks = any(trunk.disaster_recovery_url == "default" for trunk in self.trunks.values())
        return trunks or (bool(self.sip_domains) and self.defaults.fallback_url == "default")

    @property
    def created_call_events(self) -> list[StatusEvent]:
        """The status events of created calls and of dialed legs: all of them unless the defaults name some."""
        events = self.defaults.status_events
        return list(get_args(StatusEvent)) if events is None else events

    @property
    def functions_need_token(self) -> bool:
        """Whether the functions hold the account's auth token: to check signatures, or to use Twilio's API."""
        uses_api = bool(self.allowed_origins) and self.functions_api_key_sid is None
        return self.account.signature is None or uses_api

    @property
    def everybody_may_call(self) -> bool:
        """Whether place-call is deployed without `voicehooks:callers`."""
        return bool(self.allowed_origins) and self.callers is None

    @property
    def named_numbers(self) -> dict[str, NumberSettings]:
        """The numbers that are named individually, each with the settings that differ for it."""
        return {number: own for number, own in self.numbers.items() if number != "*"}
