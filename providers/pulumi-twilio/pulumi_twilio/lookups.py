"""The functions, with which a program looks up numbers and apps of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.errors import PropertyError, ProviderError
from pulumi_provider_kit.resource import Function, Operation
from pulumi_provider_kit.table import FunctionTable, ListOf, ObjectType, Property, Scalar
from pulumi_provider_kit.values import secret, text, wrap

from .account import IN_ACCOUNT, TwilioAccount
from .application import all_applications, applications_named
from .client import NotFound
from .webhook_url import is_sensitive

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["GetApplication", "GetApplications", "GetPhoneNumber", "GetPhoneNumbers"]

_URLS = (
    Property(
        "voiceUrl",
        Scalar.STRING,
        "The URL that Twilio requests for TwiML when a call comes in; empty if not set.",
    ),
    Property("voiceMethod", Scalar.STRING, "Its HTTP method."),
    Property(
        "voiceFallbackUrl",
        Scalar.STRING,
        "The URL that Twilio requests if the voice URL fails; empty if not set.",
    ),
    Property("voiceFallbackMethod", Scalar.STRING, "Its HTTP method."),
    Property(
        "statusCallback", Scalar.STRING, "The URL that Twilio requests when a call ends; empty if not set."
    ),
    Property("statusCallbackMethod", Scalar.STRING, "Its HTTP method."),
    Property("voiceCallerIdLookup", Scalar.BOOLEAN, "Whether Twilio looks up the caller's name."),
)
_NUMBER = (
    Property("phoneNumberSid", Scalar.STRING, "The number's SID, PN..."),
    Property("phoneNumber", Scalar.STRING, "The number in E.164 format."),
    Property("friendlyName", Scalar.STRING, "The name in the console."),
    Property("voice", Scalar.BOOLEAN, "Whether the number can receive and make calls."),
    *_URLS,
    Property("voiceApplicationSid", Scalar.STRING, "The number's TwiML App, AP...; empty if not set."),
    Property("trunkSid", Scalar.STRING, "The number's trunk, TK...; empty if not set."),
)
_APPLICATION = (
    Property("applicationSid", Scalar.STRING, "The app's SID, AP..."),
    Property("friendlyName", Scalar.STRING, "The app's name."),
    *_URLS,
)
_FIELDS = {
    "voiceUrl": "voice_url",
    "voiceMethod": "voice_method",
    "voiceFallbackUrl": "voice_fallback_url",
    "voiceFallbackMethod": "voice_fallback_method",
    "statusCallback": "status_callback",
    "statusCallbackMethod": "status_callback_method",
    "voiceApplicationSid": "voice_application_sid",
    "trunkSid": "trunk_sid",
    "friendlyName": "friendly_name",
}


def _wrapped(value: Any) -> PropertyValue:
    shown = str(value or "")
    return secret(wrap(shown)) if is_sensitive(shown) else wrap(shown)


def _number(number: dict[str, Any]) -> dict[str, PropertyValue]:
    return {
        "phoneNumberSid": wrap(number["sid"]),
        "phoneNumber": wrap(number["phone_number"]),
        "voice": wrap(bool((number.get("capabilities") or {}).get("voice"))),
        "voiceCallerIdLookup": wrap(bool(number.get("voice_caller_id_lookup"))),
        **{name: _wrapped(number.get(field)) for name, field in _FIELDS.items()},
    }


def _application(app: dict[str, Any]) -> dict[str, PropertyValue]:
    urls = {n: f for n, f in _FIELDS.items() if n not in {"voiceApplicationSid", "trunkSid"}}
    return {
        "applicationSid": wrap(app["sid"]),
        "voiceCallerIdLookup": wrap(bool(app.get("voice_caller_id_lookup"))),
        **{name: _wrapped(app.get(field)) for name, field in urls.items()},
    }


class GetPhoneNumber(Function[TwilioAccount]):
    """One number."""

    table = FunctionTable(
        name="getPhoneNumber",
        doc="Looks up a phone number that the account owns.",
        inputs=(
            Property("phoneNumber", Scalar.STRING, "The E.164 number or the SID (PN...).", required=True),
            IN_ACCOUNT,
        ),
        outputs=_NUMBER,
        example="""\
import pulumi
import pulumi_twilio as twilio

number = twilio.get_phone_number(phone_number="+15551234567")
pulumi.export("answeredBy", number.voice_url)
""",
        rights="IncomingPhoneNumbers: list, read",
    )

    async def invoke(self, operation: Operation[TwilioAccount], arguments: PropertyMap) -> PropertyMap:
        """Return the number's voice configuration."""
        key = text(arguments, "phoneNumber") or ""
        number = await operation.client.numbers.find(key)
        if number is None:
            raise PropertyError(
                "phoneNumber", f"{key} is not a number of account {operation.client.api.account_sid}"
            )
        return _number(number)


class GetPhoneNumbers(Function[TwilioAccount]):
    """All numbers."""

    table = FunctionTable(
        name="getPhoneNumbers",
        doc="Lists the phone numbers that the account owns, sorted by number.",
        inputs=(IN_ACCOUNT,),
        outputs=(
            Property(
                "phoneNumbers",
                ListOf(ObjectType("PhoneNumber", "A phone number of the account.", _NUMBER)),
                "The numbers.",
            ),
        ),
        example="""\
import pulumi
import pulumi_twilio as twilio

account = twilio.get_phone_numbers()
pulumi.export("numbers", account.phone_numbers)
""",
        rights="IncomingPhoneNumbers: list",
    )

    async def invoke(self, operation: Operation[TwilioAccount], arguments: PropertyMap) -> PropertyMap:
        """Return every number's voice configuration."""
        numbers = await operation.client.numbers.all()
        return {"phoneNumbers": wrap([_number(n) for n in sorted(numbers, key=lambda n: n["phone_number"])])}


class GetApplications(Function[TwilioAccount]):
    """All TwiML Apps."""

    table = FunctionTable(
        name="getApplications",
        doc="Lists the TwiML Apps of the account, sorted by name and SID.",
        inputs=(IN_ACCOUNT,),
        outputs=(
            Property(
                "applications",
                ListOf(ObjectType("ApplicationSummary", "A TwiML App of the account.", _APPLICATION)),
                "The apps.",
            ),
        ),
        example="""\
import pulumi
import pulumi_twilio as twilio

account = twilio.get_applications()
pulumi.export("apps", account.applications)
""",
        rights="Applications: list",
    )

    async def invoke(self, operation: Operation[TwilioAccount], arguments: PropertyMap) -> PropertyMap:
        """Return every app."""
        apps = await all_applications(operation.client)
        ordered = sorted(apps, key=lambda app: (app["friendly_name"], app["sid"]))
        return {"applications": wrap([_application(app) for app in ordered])}


class GetApplication(Function[TwilioAccount]):
    """One TwiML App."""

    table = FunctionTable(
        name="getApplication",
        doc="Looks up a TwiML App by its name or SID.",
        inputs=(
            Property("application", Scalar.STRING, "The name or the SID (AP...).", required=True),
            IN_ACCOUNT,
        ),
        outputs=_APPLICATION,
        example="""\
import pulumi
import pulumi_twilio as twilio

app = twilio.get_application(application="crm")
pulumi.export("applicationSid", app.application_sid)
""",
        rights="Applications: list, read",
    )

    async def invoke(self, operation: Operation[TwilioAccount], arguments: PropertyMap) -> PropertyMap:
        """Return the app."""
        key, api = text(arguments, "application") or "", operation.client.api
        if key.startswith("AP") and len(key) == 34:
            try:
                found = [await api.get(api.account(f"Applications/{key}.json"))]
            except NotFound:
                found = []
        else:
            found = await applications_named(operation.client, key)
        if len(found) != 1:
            what = "no TwiML App is" if not found else f"{len(found)} TwiML Apps are"
            raise ProviderError(f"{what} named {key} in account {api.account_sid}; give the SID of one")
        return _application(found[0])
