"""SipDomain: a SIP domain, through which phones and PBXs call, with the lists of who may."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_provider_kit.errors import PropertyError
from pulumi_provider_kit.table import ListOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import is_given, is_known, plain, text

from ..account import HOME
from ..client import NotFound
from ..fields import delivery_failures
from ..voice_properties import LOOKUP_AND_DELIVERY, URLS, sid_check
from .parts import ListMappings, listed
from .sip_object import ADOPT_EXISTING, RECORDS, SipObject

if TYPE_CHECKING:
    from pulumi.provider.experimental.provider import CheckFailure
    from pulumi_provider_kit.errors import ProviderError
    from pulumi_provider_kit.request import CheckRequest, CreateRequest
    from pulumi_provider_kit.resource import Operation
    from pulumi_provider_kit.values import PropertyMap

    from ..account import TwilioAccount
    from ..client import TwilioError
    from ..fields import Fields

__all__ = ["RESERVED", "SipDomain", "list_property"]

_SOURCE = "Twilio docs: SIP Domain resource"
RESERVED = "a deleted name stays reserved at Twilio, for everybody, for up to 30 days"
"""Source: Twilio support, "Why Is My Deleted SIP Domain Name Still Unavailable?"."""
_NAME_TAKEN = 21232
# The status callback has another name here than on a number (Twilio docs: SIP Domain resource).
_WIRES = {
    "statusCallback": "VoiceStatusCallbackUrl",
    "statusCallbackMethod": "VoiceStatusCallbackMethod",
}
_DOCS = {
    "voiceUrl": "The URL that Twilio requests for TwiML when a phone calls through the domain. https, without "
    "trailing slash, credentials or fragment; http only for loopback addresses.",
    "statusCallback": "The URL that Twilio requests when such a call ends. Twilio's name of this field is "
    "``VoiceStatusCallbackUrl``. Same rules as ``voiceUrl``.",
}


def _of_domain(prop: Property) -> Property:
    return Property(
        prop.name,
        prop.type,
        _DOCS.get(prop.name, prop.doc),
        wire=_WIRES.get(prop.name, prop.wire),
        computed=True,
        allowed=prop.allowed,
        check=prop.check,
        source=_SOURCE,
    )


def _name_problem(name: str) -> str | None:
    if re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+sip\.twilio\.com", name):
        return None
    return f"{name!r} is not a SIP domain's name; it is lower case and ends with .sip.twilio.com"


def friendly_name_problem(value: str) -> str | None:
    """Return what is wrong with a name in the console, which may be empty."""
    return None if len(value) <= 64 else f"has {len(value)} characters; Twilio takes up to 64"


def list_property(name: str, what: str, prefix: str, source: str) -> Property:
    """Return a property that names lists by SID."""
    check = sid_check(prefix, "such a list")

    def problem(sids: list[str]) -> str | None:
        wrong = next((reason for sid in sids if (reason := check(sid) or (None if sid else "is empty"))), None)
        return wrong or ("names a list twice" if len(set(sids)) < len(sids) else None)

    return Property(
        name,
        ListOf(Scalar.STRING),
        f"{what} Lists that others map stay; a list that leaves the program is taken out again.",
        check=problem,
        source=source,
    )


def _flag(name: str, doc: str) -> Property:
    return Property(name, Scalar.BOOLEAN, doc, wire=name[0].upper() + name[1:], computed=True, source=_SOURCE)


TABLE = ResourceTable(
    name="SipDomain",
    doc=(
        "A SIP domain, through which SIP phones and PBXs call: its webhooks, and the lists of who may call. "
        "Without a credential list or an IP access control list, Twilio refuses every call with 403.\n\n"
        "A domain that this program created is deleted with it; one that it took over is restored and never "
        "deleted. Twilio reserves a deleted name for up to 30 days, so a domain is renamed and moved in the "
        "program without deleting it.\n\n"
        "Never tried by this project on a real account."
    ),
    properties=(
        Property(
            "domainName",
            Scalar.STRING,
            "The domain's name, which is unique among all of Twilio's accounts: ``NAME.sip.twilio.com``. A "
            "change renames the domain, and phones that use the previous name no longer reach it.",
            wire="DomainName",
            required=True,
            check=_name_problem,
            source=_SOURCE,
        ),
        Property(
            "friendlyName",
            Scalar.STRING,
            "The name in the console, up to 64 characters.",
            wire="FriendlyName",
            computed=True,
            check=friendly_name_problem,
            source=_SOURCE,
        ),
        *(_of_domain(prop) for prop in URLS),
        LOOKUP_AND_DELIVERY[1],
        _flag("sipRegistration", "Whether phones may register, so that they can be called. Default: false."),
        _flag("secure", "Whether Twilio requires TLS and SRTP. Twilio's default is false."),
        _flag("emergencyCallingEnabled", "Whether emergency calls are possible. Twilio's default is false."),
        Property(
            "emergencyCallerSid",
            Scalar.STRING,
            "The number (PN...) that emergency services can call back.",
            wire="EmergencyCallerSid",
            computed=True,
            check=sid_check("PN", "a number"),
            source=_SOURCE,
        ),
        Property(
            "byocTrunkSid",
            Scalar.STRING,
            "The BYOC trunk (BY...) that the domain uses.",
            wire="ByocTrunkSid",
            computed=True,
            check=sid_check("BY", "a BYOC trunk"),
            source=_SOURCE,
        ),
        list_property("credentialLists", "The credential lists (CL...) whose users may call.", "CL", _SOURCE),
        list_property(
            "ipAccessControlLists",
            "The IP access control lists (AL...) from whose addresses calls may come.",
            "AL",
            _SOURCE,
        ),
        list_property(
            "registrationCredentialLists",
            "The credential lists (CL...) whose users may register.",
            "CL",
            _SOURCE,
        ),
        ADOPT_EXISTING,
        *HOME,
        Property("domainSid", Scalar.STRING, "The domain's SID, SD...", output=True),
        *RECORDS,
    ),
    example="""\
import pulumi
import pulumi_twilio as twilio

phones = twilio.SipCredentialList(
    "phones",
    friendly_name="phones",
    credentials={"alice": pulumi.Output.secret("Correct7Horse")},
)
twilio.SipDomain(
    "phones",
    domain_name="example-crm.sip.twilio.com",
    voice_url="https://crm.example.com/twilio/voice",
    status_callback="https://crm.example.com/twilio/status",
    secure=True,
    credential_lists=[phones.list_sid],
)
""",
    import_id="the domain's SID (SD...) or its name",
    rights="SIP: list, read, create, update, delete",
)


class SipDomain(SipObject):
    """A SIP domain."""

    table = TABLE
    what = "SIP domain"
    name_property = "domainName"
    sid_output = "domainSid"
    sid_prefix = "SD"
    defaults: ClassVar[Fields] = {
        **dict.fromkeys(
            (
                "friendly_name",
                "voice_url",
                "voice_fallback_url",
                "voice_status_callback_url",
                "emergency_caller_sid",
                "byoc_trunk_sid",
            ),
            "",
        ),
        **dict.fromkeys(("voice_method", "voice_fallback_method", "voice_status_callback_method"), "POST"),
        **dict.fromkeys(("sip_registration", "secure", "emergency_calling_enabled"), "false"),
    }
    parts = (
        ListMappings(
            "credentialLists",
            "SIP/Domains/{sid}/Auth/Calls/CredentialListMappings.json",
            "CredentialListSid",
        ),
        ListMappings(
            "ipAccessControlLists",
            "SIP/Domains/{sid}/Auth/Calls/IpAccessControlListMappings.json",
            "IpAccessControlListSid",
        ),
        ListMappings(
            "registrationCredentialLists",
            "SIP/Domains/{sid}/Auth/Registrations/CredentialListMappings.json",
            "CredentialListSid",
        ),
    )

    async def check(
        self, operation: Operation[TwilioAccount], request: CheckRequest
    ) -> tuple[PropertyMap, list[CheckFailure]]:
        """Refuse a delivery without a URL."""
        return request.inputs, delivery_failures(request.inputs)

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Also say that nobody may call, where no list says who."""
        given = [part.property for part in self.parts[:2] if _has_lists(request.inputs, part.property)]
        if not given:
            await operation.warn(
                "without credentialLists or ipAccessControlLists, Twilio refuses every call through "
                f"{text(request.inputs, 'domainName')} with 403"
            )
        return await super().preview_create(operation, request)

    async def named(self, account: TwilioAccount, name: str) -> list[dict[str, Any]]:
        """Return the account's domain of that name."""
        found = await listed(account.api, account.api.account("SIP/Domains.json"))
        return [domain for domain in found if domain["domain_name"] == name]

    async def fetch(self, account: TwilioAccount, sid: str) -> dict[str, Any] | None:
        """Return a domain."""
        try:
            return await account.api.get(account.api.account(f"SIP/Domains/{sid}.json"))
        except NotFound:
            return None

    async def post(self, account: TwilioAccount, sid: str, fields: Fields) -> dict[str, Any]:
        """Create or change a domain."""
        path = account.api.account(f"SIP/Domains/{sid}.json" if sid else "SIP/Domains.json")
        return await account.api.post(path, self._fields.form(fields), repeatable=bool(sid))

    async def remove(self, operation: Operation[TwilioAccount], sid: str, written: Fields) -> None:
        """Delete a domain."""
        await operation.info(f"{written.get('domain_name', sid)} is deleted; {RESERVED}")
        try:
            await operation.client.api.delete(operation.client.api.account(f"SIP/Domains/{sid}.json"))
        except NotFound:
            return

    def explained(self, error: TwilioError, fields: Fields) -> ProviderError:
        """Say of a name that is taken by whom it may be."""
        if error.code != _NAME_TAKEN:
            return super().explained(error, fields)
        taken = PropertyError(
            "domainName",
            f"{fields['domain_name']} is taken, and not by this account; choose another name. If you "
            f"deleted it: {RESERVED}",
        )
        taken.refused = True
        return taken


def _has_lists(inputs: PropertyMap, name: str) -> bool:
    value = inputs.get(name)
    return is_given(inputs, name) and value is not None and (not is_known(value) or bool(plain(value)))
