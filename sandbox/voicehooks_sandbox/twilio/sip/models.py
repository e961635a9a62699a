"""The rules of SIP domains.

Sources: Twilio docs, "SIP Domain resource", "SIP CredentialListMapping resource"; twilio-python,
``rest/api/v2010/account/sip``. A deleted name stays reserved (Twilio support, "Why Is My Deleted SIP Domain
Name Still Unavailable?").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..dates import rfc2822
from ..ownership import owned
from ..parameters import Field, decode, initial, invalid_webhook_field
from ..sids import new_sid
from ..store import Where
from . import errors as sip_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..clock import Clock
    from ..store import Document, Store

KIND, MAPPING, RESERVED = "sip-domain", "sip-mapping", "sip-reserved-name"
CALLS_CREDENTIALS, CALLS_ADDRESSES = "calls-credential-list", "calls-ip-access-control-list"
REGISTRATIONS_CREDENTIALS = "registrations-credential-list"
RESERVED_SECONDS = 30 * 86_400.0
FIELDS = (
    Field("DomainName", "domain_name"),
    Field("FriendlyName", "friendly_name", "name", None),
    Field("VoiceUrl", "voice_url", "url"),
    Field("VoiceMethod", "voice_method", "method", "POST", "POST"),
    Field("VoiceFallbackUrl", "voice_fallback_url", "url", None),
    Field("VoiceFallbackMethod", "voice_fallback_method", "method", "POST", "POST"),
    Field("VoiceStatusCallbackUrl", "voice_status_callback_url", "url", None),
    Field("VoiceStatusCallbackMethod", "voice_status_callback_method", "method", "POST", "POST"),
    Field("SipRegistration", "sip_registration", "bool", initial=False, cleared=False),
    Field("EmergencyCallingEnabled", "emergency_calling_enabled", "bool", initial=False, cleared=False),
    Field("Secure", "secure", "bool", initial=False, cleared=False),
    Field("ByocTrunkSid", "byoc_trunk_sid", "sid", None, None, prefix="BY"),
    Field("EmergencyCallerSid", "emergency_caller_sid", "sid", None, None, prefix="PN"),
)
_NAME = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+sip\.twilio\.com")
_LOCALIZED = re.compile(r"\.sip\.[a-z0-9-]+\.twilio\.com$")


class SipDomains:
    """The SIP domains of all accounts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(self, account_sid: str, form: Mapping[str, str]) -> Document:
        """A new domain, which nobody may call through until a list is mapped to it.

        Raises:
            TwilioError: its name is missing, not valid or taken, or another value is not one Twilio takes.
        """
        if not form.get("DomainName"):
            raise sip_errors.domain_name_missing()
        now = self._clock.now()
        document: Document = {
            "sid": new_sid("SD"),
            "account_sid": account_sid,
            "api_version": "2010-04-01",
            **initial(FIELDS),
            **self._decoded(form, None),
            "created": now,
            "updated": now,
        }
        self._store.add(KIND, [document], search_key="domain_name")
        return document

    def get(self, account_sid: str, sid: str, path: str) -> Document:
        """One domain of an account.

        Raises:
            TwilioError: 20404, also where another account owns it.
        """
        return owned(self._store, KIND, account_sid, sid, path)

    def at(self, host: str) -> Document | None:
        """The domain that a call to this host reaches; ``crm.sip.us1.twilio.com`` is ``crm.sip.twilio.com``."""
        return self._store.find(KIND, _LOCALIZED.sub(".sip.twilio.com", host.lower()))

    def update(self, document: Document, form: Mapping[str, str]) -> Document:
        """Change what the form names, nothing else.

        Raises:
            TwilioError: a value Twilio does not take, or a name that is taken.
        """
        before = document["domain_name"]
        document.update(self._decoded(form, document), updated=self._clock.now())
        if document["domain_name"] == before:
            self._store.save(KIND, document)
        else:  # the store finds a document by its name
            self._reserve(before, document["account_sid"])
            self._store.delete(KIND, document["sid"])
            self._store.add(KIND, [document], search_key="domain_name")
        return document

    def delete(self, document: Document) -> None:
        """Remove it with its mappings; the lists stay."""
        for mapping in self.mappings(document["sid"]):
            self._store.delete(MAPPING, mapping["sid"])
        self._reserve(document["domain_name"], document["account_sid"])
        self._store.delete(KIND, document["sid"])

    def mappings(self, domain_sid: str, use: str | None = None) -> list[Document]:
        """The lists that are mapped to a domain, oldest first; for one use or for all."""
        where = [Where.equals("domain_sid", domain_sid)]
        if use is not None:
            where.append(Where.equals("use", use))
        return self._store.page(MAPPING, None, where, limit=1000)[::-1]

    def map(self, domain: Document, use: str, access_list: Document) -> Document:
        """Map a list to a domain.

        Raises:
            TwilioError: it is mapped already.
        """
        if any(item["list_sid"] == access_list["sid"] for item in self.mappings(domain["sid"], use)):
            raise sip_errors.already_mapped(access_list["sid"])
        now = self._clock.now()
        mapping: Document = {
            "sid": f"{domain['sid']}-{use}-{access_list['sid']}",
            "account_sid": domain["account_sid"],
            "domain_sid": domain["sid"],
            "use": use,
            "list_sid": access_list["sid"],
            "friendly_name": access_list["friendly_name"],
            "created": now,
            "updated": now,
        }
        self._store.add(MAPPING, [mapping])
        return mapping

    def mapping(self, domain: Document, use: str, list_sid: str, path: str) -> Document:
        """One mapping.

        Raises:
            TwilioError: 20404.
        """
        return owned(self._store, MAPPING, domain["account_sid"], f"{domain['sid']}-{use}-{list_sid}", path)

    def unmap(self, mapping: Document) -> None:
        """Take a list out of a domain."""
        self._store.delete(MAPPING, mapping["sid"])

    def uses(self, list_sid: str) -> bool:
        """Whether a domain uses a list."""
        return bool(self._store.page(MAPPING, None, [Where.equals("list_sid", list_sid)], limit=1))

    def _decoded(self, form: Mapping[str, str], document: Document | None) -> Document:
        changes = decode(form, FIELDS, invalid_webhook_field)
        if "domain_name" in changes:
            name = changes["domain_name"] = str(changes["domain_name"]).lower()
            if not _NAME.fullmatch(name):
                raise sip_errors.domain_name_invalid(name)
            if (document is None or document["domain_name"] != name) and self._is_taken(name):
                raise sip_errors.domain_name_taken(name)
        return changes

    def _is_taken(self, name: str) -> bool:
        if self._store.find(KIND, name) is not None:
            return True
        reserved = self._store.get(RESERVED, name)
        return reserved is not None and self._clock.now() < reserved["until"]

    def _reserve(self, name: str, account_sid: str) -> None:
        self._store.delete(RESERVED, name)
        until = self._clock.now() + RESERVED_SECONDS
        self._store.add(RESERVED, [{"sid": name, "account_sid": account_sid, "until": until}])


def encode(document: Document, auth_type: str) -> Document:
    """The domain as Twilio's JSON shows it."""
    uri = f"/2010-04-01/Accounts/{document['account_sid']}/SIP/Domains/{document['sid']}"
    shown = {key: value for key, value in document.items() if key not in {"created", "updated"}}
    return {
        **shown,
        "auth_type": auth_type,
        "date_created": rfc2822(document["created"]),
        "date_updated": rfc2822(document["updated"]),
        "uri": f"{uri}.json",
        "subresource_uris": {
            "credential_list_mappings": f"{uri}/CredentialListMappings.json",
            "ip_access_control_list_mappings": f"{uri}/IpAccessControlListMappings.json",
        },
    }


def encode_mapping(mapping: Document) -> Document:
    """A mapping below ``Auth`` as Twilio's JSON shows it: its SID is the list's."""
    return {
        "account_sid": mapping["account_sid"],
        "date_created": rfc2822(mapping["created"]),
        "date_updated": rfc2822(mapping["updated"]),
        "friendly_name": mapping["friendly_name"],
        "sid": mapping["list_sid"],
    }
