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
    ("GET|POST|PUT", r"/v2/AccountDefaultConfiguration/Recording", AccountRecordingDefault),
    ("GET|POST", r"/v2/PhoneNumbers/[^/]+", Route),
    ("GET", r"/v1/Sinks", Sinks),
    ("GET", r"/v1/Subscriptions", Subscriptions),
    ("POST", r"/v1/AuthTokens/Secondary", SecondaryToken),
    ("POST", r"/v1/AuthTokens/Promote", PromotedToken),
)
