"""The Twilio provider: its table, its resources and its credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulumi_provider_kit.check import check_inputs
from pulumi_provider_kit.config import missing, with_environment
from pulumi_provider_kit.distribution import repository, version
from pulumi_provider_kit.errors import ProviderError
from pulumi_provider_kit.table import Default, Property, ProviderTable, Scalar
from pulumi_provider_kit.values import text

from .account import TwilioAccount
from .account_originals import AccountOriginals
from .account_recording_defaults import AccountRecordingDefaults
from .account_settings import VoiceInsightsSettings, VoiceSettings
from .api_key import ApiKey
from .application import Application
from .client import Credentials, TwilioClient
from .dialing_permissions import DialingPermissions
from .event_sink import EventSink
from .event_subscription import EventSubscription
from .lookups import GetApplication, GetApplications, GetPhoneNumber, GetPhoneNumbers
from .sip.address_list import SipIpAccessControlList
from .sip.credential_list import SipCredentialList
from .sip.domain import SipDomain
from .sip.trunk import SipTrunk
from .studio import GetStudioFlow
from .subaccount import Subaccount
from .voice_configuration import VoiceConfiguration
from .voice_originals import VoiceOriginals
from .voice_properties import sid_check
from .webhook_lookup import GetWebhookRule
from .webhook_rule import WebhookRule
from .webhook_signing import WebhookSetting, WebhookSharedKey

if TYPE_CHECKING:
    from pulumi_provider_kit.cancellation import Cancellation
    from pulumi_provider_kit.resource import Function, Resource
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["FUNCTIONS", "RESOURCES", "TABLE", "connect"]

RESOURCES: tuple[Resource[TwilioAccount], ...] = (
    VoiceConfiguration(),
    VoiceOriginals(),
    Application(),
    AccountOriginals(),
    DialingPermissions(),
    VoiceSettings(),
    VoiceInsightsSettings(),
    AccountRecordingDefaults(),
    EventSink(),
    EventSubscription(),
    SipDomain(),
    SipCredentialList(),
    SipIpAccessControlList(),
    SipTrunk(),
    Subaccount(),
    ApiKey(),
    WebhookSharedKey(),
    WebhookSetting(),
    WebhookRule(),
)
FUNCTIONS: tuple[Function[TwilioAccount], ...] = (
    GetPhoneNumber(),
    GetPhoneNumbers(),
    GetApplication(),
    GetApplications(),
    GetStudioFlow(),
    GetWebhookRule(),
)


def _region(value: str) -> str | None:
    if not value or re.fullmatch(r"[a-z]{2}[0-9]", value):
        return None
    return f"{value!r} is not a Twilio Region; those are us1, ie1, au1 and so on (Twilio docs: Regions)"


def _edge(value: str) -> str | None:
    if not value or re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", value):
        return None
    return f"{value!r} is not a Twilio edge location; those are ashburn, dublin, sydney and so on"


TABLE = ProviderTable(
    name="twilio",
    version=version("pulumi-twilio"),
    display_name="Twilio",
    doc=(
        "The voice configuration of a Twilio account: the webhooks of its numbers, its TwiML Apps, its SIP "
        "domains and trunks, and its dialing permissions. The provider adopts numbers. It never buys or "
        "releases one."
    ),
    config=(
        Property(
            "accountSid",
            Scalar.STRING,
            "The account, AC and 32 hexadecimal digits.",
            check=sid_check("AC", "an account"),
            home=True,
            default=Default(("TWILIO_ACCOUNT_SID",)),
        ),
        Property(
            "authToken",
            Scalar.STRING,
            "The account's auth token. Set either this or an API key.",
            secret=True,
            default=Default(("TWILIO_AUTH_TOKEN",)),
        ),
        Property(
            "apiKeySid",
            Scalar.STRING,
            "An API key of the account, SK and 32 hexadecimal digits; takes precedence over the auth token.",
            check=sid_check("SK", "an API key"),
            default=Default(("TWILIO_API_KEY",)),
        ),
        Property(
            "apiKeySecret",
            Scalar.STRING,
            "The API key's secret.",
            secret=True,
            default=Default(("TWILIO_API_SECRET",)),
        ),
        Property(
            "region",
            Scalar.STRING,
            "The Twilio Region that stores the configuration, for example ie1. Each Region has its own "
            "credentials.",
            check=_region,
            home=True,
            default=Default(("TWILIO_REGION",)),
        ),
        Property(
            "edge",
            Scalar.STRING,
            "The edge through which to reach Twilio, for example dublin. Default with a region: ashburn.",
            check=_edge,
            default=Default(("TWILIO_EDGE",)),
        ),
        Property(
            "baseUrl",
            Scalar.STRING,
            "One URL that replaces all of Twilio's hosts, for a sandbox.",
            default=Default(("TWILIO_BASE_URL",)),
        ),
    ),
    resources=tuple(resource.table for resource in RESOURCES),
    functions=tuple(function.table for function in FUNCTIONS),
    namespace="voicehooks",
    publisher="Voicehooks",
    repository=repository("pulumi-twilio"),
    keywords=("pulumi", "twilio", "voice", "webhook", "category/infrastructure"),
)
_SETTINGS = {p.name for p in TABLE.config}


def connect(config: PropertyMap, cancellation: Cancellation) -> TwilioAccount:
    """Return the account of the configuration, without a request.

    Raises:
        ProviderError: credentials are missing; the error names each with the command that sets it.
    """
    settings = with_environment(TABLE, config)
    _, failures = check_inputs(TABLE.config, {k: v for k, v in settings.items() if k in _SETTINGS})
    if failures:  # a setting from the environment was not checked before
        raise ProviderError("; ".join(f"twilio:{f.property}: {f.reason}" for f in failures))
    key_sid = text(settings, "apiKeySid")
    needed = ("accountSid", "apiKeySecret") if key_sid else ("accountSid", "authToken")
    if lacking := missing(TABLE, settings, *needed):
        raise ProviderError(f"Twilio credentials are missing: {' and '.join(lacking)}")
    account_sid = text(settings, "accountSid") or ""
    password = text(settings, "apiKeySecret" if key_sid else "authToken") or ""
    return TwilioAccount(
        TwilioClient(
            Credentials(account_sid, key_sid or account_sid, password),
            cancellation,
            region=text(settings, "region") or "",
            edge=text(settings, "edge") or "",
            base_url=text(settings, "baseUrl") or "",
        )
    )
