"""The rules of trunks, with their origination URLs and recording.

Sources: Twilio docs, "Elastic SIP Trunking API"; twilio-oai, twilio_trunking_v1. A deleted domain name stays
reserved (Twilio support, "Unable to Reuse Deleted Elastic SIP Trunk Termination SIP URI Domains").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..dates import iso8601
from ..errors import invalid_parameter
from ..ownership import owned
from ..parameters import Field, decode, initial, invalid_webhook_field
from ..sids import new_sid
from ..store import Where
from . import errors as trunk_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..clock import Clock
    from ..store import Document, Store

KIND, ORIGINATION, LINK, RESERVED = "trunk", "trunk-origination-url", "trunk-list", "trunk-reserved-name"
RESERVED_SECONDS = 30 * 86_400.0
RECORD_MODES = (
    "do-not-record",
    "record-from-ringing",
    "record-from-answer",
    "record-from-ringing-dual",
    "record-from-answer-dual",
)
_TRIMS = ("trim-silence", "do-not-trim")
FIELDS = (
    Field("FriendlyName", "friendly_name", "name"),
    Field("DomainName", "domain_name", initial=None, cleared=None),
    Field("DisasterRecoveryUrl", "disaster_recovery_url", "url", None, None),
    Field("DisasterRecoveryMethod", "disaster_recovery_method", "method", "POST", "POST"),
    Field(
        "TransferMode",
        "transfer_mode",
        "choice",
        "disable-all",
        "disable-all",
        choices=("disable-all", "enable-all", "sip-only"),
    ),
    Field(
        "TransferCallerId",
        "transfer_caller_id",
        "choice",
        "from-transferee",
        "from-transferee",
        choices=("from-transferee", "from-transferor"),
    ),
    Field("Secure", "secure", "bool", initial=False, cleared=False),
    Field("CnamLookupEnabled", "cnam_lookup_enabled", "bool", initial=False, cleared=False),
)
_NAME = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+pstn\.twilio\.com")
_ORIGINATION_FORM = ("Weight", "Priority", "Enabled", "FriendlyName", "SipUrl")


class Trunks:
    """The trunks of all accounts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(self, account_sid: str, form: Mapping[str, str]) -> Document:
        """A new trunk; nothing is required.

        Raises:
            TwilioError: a value Twilio does not take.
        """
        fields = {
            **initial(FIELDS),
            **self._decoded(form, None),
            "recording": {"mode": "do-not-record", "trim": "do-not-trim"},
        }
        return self._add(KIND, "TK", account_sid, fields)

    def get(self, account_sid: str, sid: str, path: str) -> Document:
        """One trunk of an account.

        Raises:
            TwilioError: 20404, also where another account owns it.
        """
        return owned(self._store, KIND, account_sid, sid, path)

    def find(self, sid: str) -> Document | None:
        """A trunk of whichever account, or None."""
        return self._store.get(KIND, sid)

    def update(self, trunk: Document, form: Mapping[str, str]) -> Document:
        """Change what the form names, nothing else.

        Raises:
            TwilioError: a value Twilio does not take.
        """
        before = trunk["domain_name"]
        changes = self._decoded(form, trunk)
        if before and changes.get("domain_name", before) != before:
            self._reserve(before, trunk["account_sid"])
        return self._save(KIND, trunk, changes)

    def set_recording(self, trunk: Document, form: Mapping[str, str]) -> Document:
        """Change how its calls are recorded.

        Raises:
            TwilioError: 20001 for a value that is not one of Twilio's.
        """
        recording = dict(trunk["recording"])
        for parameter, key, allowed in (("Mode", "mode", RECORD_MODES), ("Trim", "trim", _TRIMS)):
            if form.get(parameter):
                if form[parameter] not in allowed:
                    raise invalid_parameter(parameter, form[parameter])
                recording[key] = form[parameter]
        self._save(KIND, trunk, {"recording": recording})
        return recording

    def delete(self, trunk: Document) -> None:
        """Remove it with its origination URLs."""
        for kind in (ORIGINATION, LINK):
            for part in self._parts(kind, trunk["sid"]):
                self._store.delete(kind, part["sid"])
        if trunk["domain_name"]:
            self._reserve(trunk["domain_name"], trunk["account_sid"])
        self._store.delete(KIND, trunk["sid"])

    def originations(self, trunk_sid: str) -> list[Document]:
        """The origination URLs of a trunk, oldest first."""
        return self._parts(ORIGINATION, trunk_sid)

    def add_origination(self, trunk: Document, form: Mapping[str, str]) -> Document:
        """A new origination URL; everything is required.

        Raises:
            TwilioError: 20001 for what is missing or not valid.
        """
        for name in _ORIGINATION_FORM:
            if not form.get(name):
                raise invalid_parameter(name, form.get(name, ""))
        fields = {"trunk_sid": trunk["sid"], **_origination(form)}
        return self._add(ORIGINATION, "OU", trunk["account_sid"], fields)

    def update_origination(self, origination: Document, form: Mapping[str, str]) -> Document:
        """Change what the form names, nothing else.

        Raises:
            TwilioError: 20001 for a value that is not valid.
        """
        return self._save(ORIGINATION, origination, _origination(form))

    def origination(self, trunk: Document, sid: str, path: str) -> Document:
        """One origination URL of a trunk.

        Raises:
            TwilioError: 20404.
        """
        return owned(self._store, ORIGINATION, trunk["account_sid"], sid, path)

    def delete_origination(self, origination: Document) -> None:
        """Remove it."""
        self._store.delete(ORIGINATION, origination["sid"])

    def link(self, trunk: Document, access_list: Document) -> Document:
        """Associate a credential list or an IP access control list, for calls that the trunk takes.

        Raises:
            TwilioError: it is associated already.
        """
        sid = f"{trunk['sid']}-{access_list['sid']}"
        if self._store.get(LINK, sid) is not None:
            raise trunk_errors.already_associated(access_list["sid"])
        now = self._clock.now()
        made: Document = {
            "sid": sid,
            "account_sid": trunk["account_sid"],
            "trunk_sid": trunk["sid"],
            "list_sid": access_list["sid"],
            "prefix": access_list["sid"][:2],
            "friendly_name": access_list["friendly_name"],
            "created": now,
            "updated": now,
        }
        self._store.add(LINK, [made])
        return made

    def linked(self, trunk: Document, list_sid: str, path: str) -> Document:
        """One association.

        Raises:
            TwilioError: 20404.
        """
        return owned(self._store, LINK, trunk["account_sid"], f"{trunk['sid']}-{list_sid}", path)

    def unlink(self, link: Document) -> None:
        """Remove an association; the list stays."""
        self._store.delete(LINK, link["sid"])

    def auth_types(self, trunk_sid: str) -> list[str]:
        """By what calls are accepted that the trunk takes."""
        prefixes = {link["prefix"] for link in self._parts(LINK, trunk_sid)}
        return [name for name, prefix in (("IP_ACL", "AL"), ("CREDENTIAL_LIST", "CL")) if prefix in prefixes]

    def _parts(self, kind: str, trunk_sid: str) -> list[Document]:
        return self._store.page(kind, None, [Where.equals("trunk_sid", trunk_sid)], limit=1000)[::-1]

    def _add(self, kind: str, prefix: str, account_sid: str, fields: Document) -> Document:
        now = self._clock.now()
        made: Document = {"sid": new_sid(prefix), "account_sid": account_sid, **fields}
        made |= {"created": now, "updated": now}
        self._store.add(kind, [made])
        return made

    def _save(self, kind: str, found: Document, changes: Document) -> Document:
        found.update(changes, updated=self._clock.now())
        self._store.save(kind, found)
        return found

    def _decoded(self, form: Mapping[str, str], trunk: Document | None) -> Document:
        changes = decode(form, FIELDS, invalid_webhook_field)
        if changes.get("domain_name"):
            name = changes["domain_name"] = str(changes["domain_name"]).lower()
            if not _NAME.fullmatch(name):
                raise trunk_errors.domain_name_invalid(name)
            if (trunk is None or trunk["domain_name"] != name) and self._is_taken(name):
                raise trunk_errors.domain_name_taken(name)
        return changes

    def _is_taken(self, name: str) -> bool:
        if self._store.page(KIND, None, [Where.equals("domain_name", name)], limit=1):
            return True
        reserved = self._store.get(RESERVED, name)
        return reserved is not None and self._clock.now() < reserved["until"]

    def _reserve(self, name: str, account_sid: str) -> None:
        self._store.delete(RESERVED, name)
        until = self._clock.now() + RESERVED_SECONDS
        self._store.add(RESERVED, [{"sid": name, "account_sid": account_sid, "until": until}])


def encode(trunk: Document, auth_types: list[str], base_url: str) -> Document:
    """A trunk as Twilio's JSON shows it."""
    url = f"{base_url}/v1/Trunks/{trunk['sid']}"
    return {
        **_dated(trunk),
        "auth_type": ",".join(auth_types),
        "auth_type_set": auth_types,
        "symmetric_rtp_enabled": False,
        "url": url,
        "links": {
            name: f"{url}/{folder}"
            for name, folder in (
                ("origination_urls", "OriginationUrls"),
                ("credential_lists", "CredentialLists"),
                ("ip_access_control_lists", "IpAccessControlLists"),
                ("phone_numbers", "PhoneNumbers"),
                ("recording", "Recording"),
            )
        },
    }


def encode_origination(origination: Document, base_url: str) -> Document:
    """An origination URL as Twilio's JSON shows it."""
    url = f"{base_url}/v1/Trunks/{origination['trunk_sid']}/OriginationUrls/{origination['sid']}"
    return {**_dated(origination), "url": url}


def encode_link(link: Document, base_url: str) -> Document:
    """An associated list as Twilio's JSON shows it: its SID is the list's."""
    folder = "CredentialLists" if link["prefix"] == "CL" else "IpAccessControlLists"
    shown = {key: value for key, value in _dated(link).items() if key not in {"list_sid", "prefix"}}
    url = f"{base_url}/v1/Trunks/{link['trunk_sid']}/{folder}/{link['list_sid']}"
    return {**shown, "sid": link["list_sid"], "url": url}


def _dated(document: Document) -> Document:
    shown = {key: value for key, value in document.items() if key not in {"created", "updated"}}
    return {
        **shown,
        "date_created": iso8601(document["created"]),
        "date_updated": iso8601(document["updated"]),
    }


def _origination(form: Mapping[str, str]) -> Document:
    changes: Document = {}
    for name, key, lowest in (("Weight", "weight", 1), ("Priority", "priority", 0)):
        if text := form.get(name, ""):
            if not (text.isascii() and text.isdecimal() and lowest <= int(text[:6]) <= 65_535):
                raise invalid_parameter(name, text)
            changes[key] = int(text)
    if form.get("Enabled"):
        changes["enabled"] = form["Enabled"].lower() == "true"
    if name := form.get("FriendlyName", ""):
        if len(name) > 64:
            raise invalid_parameter("FriendlyName", name)
        changes["friendly_name"] = name
    if url := form.get("SipUrl", ""):
        if not re.fullmatch(r"sip:[^\s]+", url):  # sips is not supported
            raise invalid_parameter("SipUrl", url)
        changes["sip_url"] = url
    return changes
