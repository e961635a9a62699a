"""The types of Twilio's answers, with the fields that this project reads (Twilio docs: the resources' pages).

The client validates each answer against the type of its path. A field is required if its absence could be
mistaken for an empty value: an answer without ``voice_url`` does not mean that the number has no voice URL.
All other fields are kept unchanged.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, NotRequired

from pydantic import AfterValidator
from typing_extensions import TypedDict

from .account_shapes import ACCOUNT_SHAPES

__all__ = ["shape_of"]


def _rfc2822(text: str | None) -> str | None:
    """Validate a date in the format of the 2010 API; ValueError if it is not one."""
    if text:
        parsedate_to_datetime(text)
    return text


def _whole(value: str | int | None) -> str | int | None:
    """Validate a number that may be written as text; ValueError if it is not one."""
    if value not in (None, ""):
        int(value)
    return value


def _amount(text: str | float) -> str | float:
    float(text)
    return text


Text = str | None
Moment = Annotated[str | None, AfterValidator(_rfc2822)]
Whole = Annotated[str | int | None, AfterValidator(_whole)]


class Voice(TypedDict):
    """The voice fields that numbers and TwiML Apps have in common."""

    sid: str
    friendly_name: Text
    voice_url: Text
    voice_method: Text
    voice_fallback_url: Text
    voice_fallback_method: Text
    status_callback: Text
    status_callback_method: Text
    voice_caller_id_lookup: bool | None


class IncomingPhoneNumber(Voice):
    """A number of the account."""

    phone_number: str
    voice_application_sid: Text
    trunk_sid: NotRequired[Text]
    sms_application_sid: NotRequired[Text]
    capabilities: NotRequired[dict[str, bool] | None]


class Application(Voice):
    """A TwiML App."""


class _Page(TypedDict):
    next_page_uri: NotRequired[Text]


class IncomingPhoneNumbers(_Page):
    """A page of numbers."""

    incoming_phone_numbers: list[IncomingPhoneNumber]


class Applications(_Page):
    """A page of TwiML Apps."""

    applications: list[Application]


class Account(TypedDict):
    """The account itself."""

    sid: str
    status: str
    type: NotRequired[Text]
    friendly_name: NotRequired[Text]
    auth_token: NotRequired[Text]


class OwnedAccount(TypedDict):
    """An account as its owner lists it."""

    sid: str
    status: str
    friendly_name: str
    owner_account_sid: NotRequired[Text]
    auth_token: NotRequired[Text]


class Accounts(_Page):
    """A page of accounts."""

    accounts: list[OwnedAccount]


class Key(TypedDict):
    """An API key; its secret is only in the answer to its creation."""

    sid: str
    friendly_name: Text


class NewKey(Key):
    """An API key that was just created."""

    secret: str


class Balance(TypedDict):
    """The balance of a prepaid account."""

    balance: Annotated[str | float, AfterValidator(_amount)]
    currency: NotRequired[Text]


Call = TypedDict(
    "Call",
    {
        "sid": str,
        "status": str,
        "from": NotRequired[Text],
        "to": NotRequired[Text],
        "account_sid": NotRequired[str],
        "direction": NotRequired[Text],
        "parent_call_sid": NotRequired[Text],
        "date_created": NotRequired[Moment],
        "date_updated": NotRequired[Moment],
        "start_time": NotRequired[Moment],
        "end_time": NotRequired[Moment],
        "duration": NotRequired[Whole],
    },
)


ListedCall = TypedDict(
    "ListedCall",
    {
        "sid": str,
        "status": str,
        "from": Text,
        "to": Text,
        "account_sid": str,
        "direction": Text,
        "parent_call_sid": NotRequired[Text],
        "date_created": Moment,
        "date_updated": NotRequired[Moment],
        "start_time": NotRequired[Moment],
        "end_time": NotRequired[Moment],
        "duration": NotRequired[Whole],
    },
)
"""A call with all fields that the list and the single resource have."""


class Calls(_Page):
    """A page of calls."""

    calls: list[ListedCall]


class Recording(TypedDict):
    """A recording."""

    sid: str
    account_sid: str
    call_sid: Text
    status: str
    date_created: Moment
    start_time: NotRequired[Moment]
    duration: NotRequired[Whole]
    channels: NotRequired[Whole]
    source: NotRequired[Text]
    track: NotRequired[Text]
    error_code: NotRequired[Whole]
    media_url: NotRequired[Text]


class Recordings(_Page):
    """A page of recordings."""

    recordings: list[Recording]


class _EventRequest(TypedDict):
    url: NotRequired[Text]
    method: NotRequired[Text]
    parameters: NotRequired[dict[str, Any] | None]


class _EventResponse(TypedDict):
    response_code: NotRequired[int | None]
    request_duration: NotRequired[Whole]
    response_body: NotRequired[Text]


class _Event(TypedDict):
    request: _EventRequest | None
    response: _EventResponse | None


class Events(_Page):
    """The requests that Twilio sent about a call."""

    events: list[_Event]


class _Notification(TypedDict):
    error_code: Whole


class Notifications(_Page):
    """The errors and warnings that Twilio recorded for a call."""

    notifications: list[_Notification]


class _CallerId(TypedDict):
    phone_number: str


class OutgoingCallerIds(_Page):
    """A page of verified caller IDs."""

    outgoing_caller_ids: list[_CallerId]


class Country(TypedDict):
    """The dialing permissions of a country."""

    iso_code: str
    low_risk_numbers_enabled: bool
    high_risk_special_numbers_enabled: bool
    high_risk_tollfraud_numbers_enabled: bool
    country_codes: NotRequired[list[str] | None]


class _Meta(TypedDict):
    next_page_url: NotRequired[Text]


class Countries(TypedDict):
    """A page of countries."""

    content: list[Country]
    meta: _Meta


class _Alert(TypedDict):
    error_code: str | int
    date_created: str
    request_url: NotRequired[Text]
    resource_sid: NotRequired[Text]


class Alerts(TypedDict):
    """A page of Twilio's alerts."""

    alerts: list[_Alert]


class VoiceSettings(TypedDict):
    """The account's voice settings."""

    dialing_permissions_inheritance: bool


class InsightsSettings(TypedDict):
    """The account's Voice Insights settings."""

    advanced_features: bool
    voice_trace: bool


_ANYTHING = dict[str, Any]
_ACCOUNT = r"/2010-04-01/Accounts/[^/]+"
_SHAPES: tuple[tuple[str, str, Any], ...] = (
    ("GET", r"/2010-04-01/Accounts\.json", Accounts),
    ("POST", r"/2010-04-01/Accounts\.json", OwnedAccount),
    ("POST", rf"{_ACCOUNT}\.json", OwnedAccount),
    ("POST", rf"{_ACCOUNT}/Keys\.json", NewKey),
    ("GET|POST", rf"{_ACCOUNT}/Keys/[^/]+\.json", Key),
    ("GET", rf"{_ACCOUNT}\.json", Account),
    ("GET", rf"{_ACCOUNT}/Balance\.json", Balance),
    ("GET", rf"{_ACCOUNT}/IncomingPhoneNumbers\.json", IncomingPhoneNumbers),
    ("GET|POST", rf"{_ACCOUNT}/IncomingPhoneNumbers/[^/]+\.json", IncomingPhoneNumber),
    ("GET", rf"{_ACCOUNT}/Applications\.json", Applications),
    ("POST", rf"{_ACCOUNT}/Applications\.json", Application),
    ("GET|POST", rf"{_ACCOUNT}/Applications/[^/]+\.json", Application),
    ("GET", rf"{_ACCOUNT}/Calls\.json", Calls),
    ("POST", rf"{_ACCOUNT}/Calls\.json", Call),
    ("GET", rf"{_ACCOUNT}/Calls/[^/]+\.json", ListedCall),
    ("POST", rf"{_ACCOUNT}/Calls/[^/]+\.json", Call),
    ("GET", rf"{_ACCOUNT}/Calls/[^/]+/Events\.json", Events),
    ("GET", rf"{_ACCOUNT}/Calls/[^/]+/Notifications\.json", Notifications),
    ("GET", rf"{_ACCOUNT}/Recordings\.json", Recordings),
    ("GET", rf"{_ACCOUNT}/Recordings/[^/]+\.json", Recording),
    ("GET", rf"{_ACCOUNT}/OutgoingCallerIds\.json", OutgoingCallerIds),
    ("GET", r"/v1/DialingPermissions/Countries", Countries),
    ("GET", r"/v1/DialingPermissions/Countries/[^/]+", Country),
    ("GET", r"/v1/Alerts", Alerts),
    ("GET|POST", r"/v1/Settings", VoiceSettings),
    ("GET|POST", r"/v1/Voice/Settings", InsightsSettings),
    *ACCOUNT_SHAPES,
)


def shape_of(method: str, path: str) -> Any:
    """Return the type of Twilio's answer to a request; for a path that is not listed, a JSON object.

    Args:
        method: GET or POST.
        path: without a host and without a query.
    """
    for methods, pattern, shape in _SHAPES:
        if method in methods.split("|") and re.fullmatch(pattern, path):
            return shape
    return _ANYTHING
