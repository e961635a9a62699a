"""The types of the answers of Twilio's account-wide APIs, as :mod:`pulumi_twilio.shapes` uses them.

Sources: Twilio docs, "Webhook configuration", "Account default recording configuration", "Inbound processing
Region API", "Event Streams"; the twilio package's ``rest/webhooks/v1``, ``rest/voice/v2`` and
``rest/routes/v2``.
"""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

__all__ = ["ACCOUNT_SHAPES"]

Text = str | None


class _TokenMeta(TypedDict):
    key: str
    nextToken: NotRequired[Text]


class TokenPage(TypedDict):
    """A page of a list whose pages are named by tokens; ``meta`` names the key of its entries."""

    meta: _TokenMeta


class WebhookKey(TypedDict):
    """A shared key; its secret is in the answer to its creation only."""

    id: str
    friendlyName: NotRequired[Text]
    secret: NotRequired[Text]


class WebhookSetting(TypedDict):
    """A webhook setting."""

    id: str
    friendlyName: NotRequired[Text]
    description: NotRequired[Text]
    signature: NotRequired[dict[str, Any] | None]
    auth: NotRequired[dict[str, Any] | None]
    connection: NotRequired[dict[str, Any] | None]


class _Share(TypedDict):
    settingId: str
    percentage: int


class WebhookRule(TypedDict):
    """A webhook rule: ``prefix`` or ``value`` is what it matches, by ``matchType``."""

    id: str
    matchType: str
    settings: list[_Share]
    friendlyName: NotRequired[Text]
    description: NotRequired[Text]
    prefix: NotRequired[Text]
    value: NotRequired[Text]


class WebhookOperation(TypedDict):
    """A change of a rule on its way to all of Twilio's locations."""

    id: str
    status: str
    error: NotRequired[Any]


class AcceptedRule(TypedDict):
    """The answer to a change of a rule, which takes effect later."""

    operation: WebhookOperation
    rule: WebhookRule


class _TrialResponse(TypedDict):
    statusCode: NotRequired[int | None]


class _TrialResult(TypedDict):
    outcome: NotRequired[Text]
    response: NotRequired[_TrialResponse | None]
    error: NotRequired[Any]


class WebhookTrial(TypedDict):
    """Twilio's own test request, and what it received."""

    result: _TrialResult


class AccountRecordingDefault(TypedDict):
    """The account's default recording configuration."""

    configuration: dict[str, Any]
    description: NotRequired[Text]


class Route(TypedDict):
    """The Region that processes a number's incoming calls."""

    voice_region: Text


class _Meta(TypedDict):
    next_page_url: NotRequired[Text]


class _Sink(TypedDict):
    sid: str
    status: str
    sink_type: str
    sink_configuration: NotRequired[Any]
    description: NotRequired[Text]


class Sinks(TypedDict):
    """A page of Event Streams sinks."""

    sinks: list[_Sink]
    meta: _Meta


class _Subscription(TypedDict):
    sid: str
    sink_sid: Text
    description: NotRequired[Text]


class Subscriptions(TypedDict):
    """A page of Event Streams subscriptions."""

    subscriptions: list[_Subscription]
    meta: _Meta


class SecondaryToken(TypedDict):
    """A secondary auth token that was just created."""

    secondary_auth_token: str


class PromotedToken(TypedDict):
    """The auth token after the promotion of the secondary one."""

    auth_token: str


ACCOUNT_SHAPES: tuple[tuple[str, str, Any], ...] = (
    ("GET", r"/v1/Webhooks/(Rules|Settings|SharedKeys)", TokenPage),
    ("POST", r"/v1/Webhooks/SharedKeys", WebhookKey),
    ("GET|PATCH", r"/v1/Webhooks/SharedKeys/[^/]+", WebhookKey),
    ("POST", r"/v1/Webhooks/Settings", WebhookSetting),
    ("GET|PATCH", r"/v1/Webhooks/Settings/[^/]+", WebhookSetting),
    ("POST", r"/v1/Webhooks/Rules", AcceptedRule),
    ("GET", r"/v1/Webhooks/Rules/[^/]+", WebhookRule),
    ("PATCH", r"/v1/Webhooks/Rules/[^/]+", AcceptedRule),
    ("GET", r"/v1/Webhooks/Operations/[^/]+", WebhookOperation),
    ("POST", r"/v1/Webhooks/Tests", WebhookTrial),
    ("GET|POST|PUT", r"/v2/AccountDefaultConfiguration/Recording", AccountRecordingDefault),
    ("GET|POST", r"/v2/PhoneNumbers/[^/]+", Route),
    ("GET", r"/v1/Sinks", Sinks),
    ("GET", r"/v1/Subscriptions", Subscriptions),
    ("POST", r"/v1/AuthTokens/Secondary", SecondaryToken),
    ("POST", r"/v1/AuthTokens/Promote", PromotedToken),
)
