"""SipTrunk: an Elastic SIP trunk, which takes the calls of its numbers to a PBX."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.errors import PropertyError, ProviderError
from pulumi_provider_kit.table import ListOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import flag, strings, text

from ..account import HOME
from ..client import NotFound
from ..destinations import is_e164
from ..voice_configuration.ownership import number_claim
from ..webhook_url import is_demo, mask, problem
from .domain import RESERVED, friendly_name_problem, list_property
from .parts import ListMappings, listed
from .sip_object import ADOPT_EXISTING, RECORDS, SipObject
from .trunk_parts import ATTACHED, ORIGINATION_URL, Numbers, OriginationUrls, origination_problem

if TYPE_CHECKING:
    from pulumi_provider_kit.adoption import Adoption
    from pulumi_provider_kit.request import CheckRequest
    from pulumi_provider_kit.resource import Operation
    from pulumi_provider_kit.values import PropertyMap

    from ..account import TwilioAccount
    from ..client import TwilioError
    from ..fields import Fields

__all__ = ["SipTrunk"]

_SOURCE = "Twilio docs: Trunk resource"
_HOST = "trunking"
_NAME_TAKEN = 21248
_RECORDING = {"recording_mode": "Mode", "recording_trim": "Trim"}


def _domain_problem(name: str) -> str | None:
    if not name or re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+pstn\.twilio\.com", name):
        return None
    return f"{name!r} is not a trunk's domain name; it is lower case and ends with .pstn.twilio.com"


def _name_problem(value: str) -> str | None:
    return friendly_name_problem(value) if value else "is empty; a trunk is found by its name"


def _numbers_problem(numbers: list[str]) -> str | None:
    wrong = next((number for number in numbers if not is_e164(number)), None)
    if wrong is not None:
        return f"{wrong!r} is not a phone number in E.164 format, such as +15551234567"
    return "names a number twice" if len(set(numbers)) < len(numbers) else None


def _choice(name: str, doc: str, *values: str) -> Property:
    return Property(
        name,
        Scalar.STRING,
        doc,
        wire=name[0].upper() + name[1:],
        computed=True,
        allowed=values,
        source=_SOURCE,
    )


TABLE = ResourceTable(
    name="SipTrunk",
    doc=(
        "An Elastic SIP trunk: where the calls of its numbers go (origination URLs), what Twilio requests if "
        "none of these can be reached (``disasterRecoveryUrl``), and whether it records.\n\n"
        "A number of a trunk requests no webhook of its own. Its calls are reported by the recording default "
        "of the account (``AccountRecordingDefaults``) and by Event Streams only.\n\n"
        "Numbers, lists and origination URLs that the program does not name stay as they are. A trunk that "
        "this program created is deleted with it, unless numbers use it that the program did not attach; a "
        "trunk that it took over is restored and never deleted.\n\n"
        "Never tried by this project on a real account."
    ),
    properties=(
        Property(
            "friendlyName",
            Scalar.STRING,
            "The trunk's name, 1 to 64 characters. Twilio does not require a unique name; this resource does.",
            wire="FriendlyName",
            required=True,
            check=_name_problem,
            source=_SOURCE,
        ),
        Property(
            "domainName",
            Scalar.STRING,
            "The address to which a PBX sends its outgoing calls, unique among all of Twilio's accounts: "
            "``NAME.pstn.twilio.com``.",
            wire="DomainName",
            computed=True,
            check=_domain_problem,
            source=_SOURCE,
        ),
        Property(
            "disasterRecoveryUrl",
            Scalar.STRING,
            "The URL that Twilio requests for TwiML if no origination URL can be reached. https, without "
            "trailing slash, credentials or fragment; http only for loopback addresses.",
            wire="DisasterRecoveryUrl",
            computed=True,
            check=problem,
            source=_SOURCE,
        ),
        _choice("disasterRecoveryMethod", "The HTTP method for it. Twilio's default is POST.", "GET", "POST"),
        _choice(
            "recordingMode",
            "Whether the trunk records calls, and from when on. Twilio sends no callback for these recordings "
            "but that of the account's default. Twilio's default is do-not-record.",
            "do-not-record",
            "record-from-ringing",
            "record-from-answer",
            "record-from-ringing-dual",
            "record-from-answer-dual",
        ),
        _choice("recordingTrim", "Whether silence at both ends is cut off.", "trim-silence", "do-not-trim"),
        _choice(
            "transferMode",
            "Which transfers a PBX may ask for. Twilio's default is disable-all.",
            "disable-all",
            "enable-all",
            "sip-only",
        ),
        _choice(
            "transferCallerId",
            "The caller ID of a transfer.",
            "from-transferee",
            "from-transferor",
        ),
        Property(
            "secure",
            Scalar.BOOLEAN,
            "Whether Twilio requires TLS and SRTP. Twilio's default is false.",
            wire="Secure",
            computed=True,
            source=_SOURCE,
        ),
        Property(
            "cnamLookupEnabled",
            Scalar.BOOLEAN,
            "Whether Twilio looks up callers' names, which is billed per call. Twilio's default is false.",
            wire="CnamLookupEnabled",
            computed=True,
            source=_SOURCE,
        ),
        Property(
            "originationUrls",
            ListOf(ORIGINATION_URL),
            "Where calls to the trunk's numbers go: the lowest priority first, of equal ones by weight.",
            check=origination_problem,
            source="Twilio docs: OriginationUrl resource",
        ),
        Property(
            "phoneNumbers",
            ListOf(Scalar.STRING),
            "Numbers (E.164) whose calls go to the trunk. A number that a ``VoiceConfiguration`` of the "
            "program configures is refused: both sides are one association. A number that leaves the program "
            "leaves the trunk and has its previous trunk or TwiML App again.",
            check=_numbers_problem,
            source="Twilio docs: Trunk PhoneNumber resource",
        ),
        list_property(
            "credentialLists", "The credential lists (CL...) with which a PBX signs in.", "CL", _SOURCE
        ),
        list_property(
            "ipAccessControlLists", "The IP access control lists (AL...) from which a PBX calls.", "AL", _SOURCE
        ),
        Property(
            "replaceExisting",
            Scalar.BOOLEAN,
            "Whether numbers may be attached that another trunk, a TwiML App or a voice URL answers. By "
            "default (false) the preview fails and says what answers the number.",
        ),
        ADOPT_EXISTING,
        *HOME,
        Property("trunkSid", Scalar.STRING, "The trunk's SID, TK...", output=True),
        *RECORDS,
    ),
    example="""\
import pulumi_twilio as twilio

twilio.SipTrunk(
    "pbx",
    friendly_name="pbx",
    disaster_recovery_url="https://crm.example.com/twilio/fallback",
    recording_mode="record-from-answer-dual",
    origination_urls=[{"sip_url": "sip:pbx.example.com", "priority": 10, "weight": 10}],
)
""",
    import_id="the trunk's SID (TK...) or its name, where only one trunk has it",
    rights="Trunks: read, update; IncomingPhoneNumbers: list, read, update (with ``phoneNumbers``)",
)


class SipTrunk(SipObject):
    """An Elastic SIP trunk."""

    table = TABLE
    what = "SIP trunk"
    name_property = "friendlyName"
    sid_output = "trunkSid"
    sid_prefix = "TK"
    defaults: ClassVar[Fields] = {
        "domain_name": "",
        "disaster_recovery_url": "",
        "disaster_recovery_method": "POST",
        "recording_mode": "do-not-record",
        "recording_trim": "do-not-trim",
        "transfer_mode": "disable-all",
        "transfer_caller_id": "from-transferee",
        "secure": "false",
        "cnam_lookup_enabled": "false",
    }
    parts = (
        OriginationUrls("originationUrls"),
        ListMappings("credentialLists", "/v1/Trunks/{sid}/CredentialLists", "CredentialListSid", _HOST),
        ListMappings(
            "ipAccessControlLists", "/v1/Trunks/{sid}/IpAccessControlLists", "IpAccessControlListSid", _HOST
        ),
        Numbers("phoneNumbers"),
    )
    consents = ("adoptExisting", "replaceExisting")

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the claims on the trunk and on its numbers, which a VoiceConfiguration claims as well."""
        numbers = [number_claim(number, number) for number in strings(values, "phoneNumbers")]
        at_property = [Singleton(claim.key, claim.label, "phoneNumbers") for claim in numbers]
        return [*super().singletons(operation, values, resource_id), *at_property]

    async def check(
        self, operation: Operation[TwilioAccount], request: CheckRequest
    ) -> tuple[PropertyMap, list[CheckFailure]]:
        """Refuse a method without a URL."""
        inputs = request.inputs
        if "disasterRecoveryMethod" in inputs and text(inputs, "disasterRecoveryUrl") == "":
            return inputs, [
                CheckFailure("disasterRecoveryMethod", "is the method of disasterRecoveryUrl, which is empty")
            ]
        return inputs, []

    async def named(self, account: TwilioAccount, name: str) -> list[dict[str, Any]]:
        """Return the account's trunks of that name."""
        found = await listed(account.api, "/v1/Trunks", host=_HOST)
        return [_flat(trunk) for trunk in found if trunk["friendly_name"] == name]

    async def fetch(self, account: TwilioAccount, sid: str) -> dict[str, Any] | None:
        """Return a trunk."""
        try:
            return _flat(await account.api.get(f"/v1/Trunks/{sid}", host=_HOST))
        except NotFound:
            return None

    async def post(self, account: TwilioAccount, sid: str, fields: Fields) -> dict[str, Any]:
        """Create or change a trunk; how it records is a resource of its own."""
        api, path = account.api, f"/v1/Trunks/{sid}" if sid else "/v1/Trunks"
        own = {f: v for f, v in fields.items() if f not in _RECORDING}
        if not sid:  # what has requests of its own follows
            return _flat(await api.post(path, self._fields.form(own), host=_HOST, repeatable=False))
        if own:
            await api.post(path, self._fields.form(own), host=_HOST)
        recording = {_RECORDING[f]: v for f, v in fields.items() if f in _RECORDING}
        if recording:
            await api.post(f"{path}/Recording", recording, host=_HOST)
        return _flat(await api.get(path, host=_HOST))

    async def check_parts(
        self, operation: Operation[TwilioAccount], inputs: PropertyMap, sid: str, written: Fields
    ) -> None:
        """Refuse numbers that the account does not own, or that something else answers."""
        known = {f for f, value in written.items() if value == ATTACHED}
        for e164 in strings(inputs, "phoneNumbers"):
            if f"phone_numbers/{e164}" in known:
                continue
            number = await operation.client.numbers.find(e164)
            if number is None:
                raise PropertyError(
                    "phoneNumbers", f"{e164} is not a number of account {operation.client.api.account_sid}"
                )
            answered = _answered_by(number, sid)
            if answered and not flag(inputs, "replaceExisting"):
                raise PropertyError(
                    "phoneNumbers",
                    f"{e164} is answered by {answered}, which this trunk would replace; set replaceExisting "
                    "to true to let it",
                )

    async def before_removal(
        self, operation: Operation[TwilioAccount], sid: str, live: Fields, adoption: Adoption[str, str]
    ) -> None:
        """Give the program's own numbers back; refuse while other numbers use the trunk."""
        attached = [f.removeprefix("phone_numbers/") for f, v in live.items() if v == ATTACHED]
        others = [e164 for e164 in attached if f"phone_numbers/{e164}" not in adoption.written]
        if others:
            raise ProviderError(
                f"the SIP trunk {sid} also takes the calls of {', '.join(sorted(others)[:10])}, which this "
                "program did not attach; take them off the trunk first"
            )
        back = {f: v for f, v in adoption.original.items() if live.get(f) == ATTACHED}
        await self._apply(operation, sid, live, back)

    async def remove(self, operation: Operation[TwilioAccount], sid: str, written: Fields) -> None:
        """Delete a trunk."""
        if written.get("domain_name"):
            await operation.info(f"{written['domain_name']} is deleted; {RESERVED}")
        try:
            await operation.client.api.delete(f"/v1/Trunks/{sid}", host=_HOST)
        except NotFound:
            return

    def explained(self, error: TwilioError, fields: Fields) -> ProviderError:
        """Say of a domain name that is taken by whom it may be."""
        if error.code != _NAME_TAKEN:
            return super().explained(error, fields)
        taken = PropertyError(
            "domainName",
            f"{fields['domain_name']} is taken; choose another name. If you deleted its trunk: {RESERVED}",
        )
        taken.refused = True
        return taken


def _answered_by(number: dict[str, Any], sid: str) -> str:
    """Return what answers a number in words; empty if nothing does, or this trunk."""
    if number.get("trunk_sid"):
        return "" if number["trunk_sid"] == sid else f"the trunk {number['trunk_sid']}"
    if number.get("voice_application_sid"):
        return f"the TwiML App {number['voice_application_sid']}"
    url = number.get("voice_url") or ""
    return "" if is_demo(url) else mask(url)


def _flat(trunk: dict[str, Any]) -> dict[str, Any]:
    """Return a trunk with its recording's two fields among its own."""
    recording = trunk.get("recording") or {}
    return {**trunk, **{f: recording.get(name.lower()) or "" for f, name in _RECORDING.items()}}
