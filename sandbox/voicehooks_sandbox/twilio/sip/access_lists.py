"""Credential lists and IP access control lists, with what they contain.

Sources: Twilio docs, "SIP CredentialList resource", "SIP Credential resource", "SIP IpAccessControlList
resource", "SIP IpAddress resource"; twilio-python, ``rest/api/v2010/account/sip``.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from .. import errors
from ..dates import rfc2822
from ..ownership import owned
from ..sids import new_sid
from ..store import Where
from . import errors as sip_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..clock import Clock
    from ..store import Document, Store

CREDENTIAL_LIST, CREDENTIAL = "sip-credential-list", "sip-credential"
ADDRESS_LIST, ADDRESS = "sip-ip-access-control-list", "sip-ip-address"
_PREFIXES = {CREDENTIAL_LIST: "CL", ADDRESS_LIST: "AL"}
_MEMBERS = {CREDENTIAL_LIST: CREDENTIAL, ADDRESS_LIST: ADDRESS}
PARENT = {CREDENTIAL: "credential_list_sid", ADDRESS: "ip_access_control_list_sid"}


class AccessLists:
    """The lists of all accounts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def get(self, kind: str, account_sid: str, sid: str, path: str) -> Document:
        """A list or one of its members.

        Raises:
            TwilioError: 20404.
        """
        return owned(self._store, kind, account_sid, sid, path)

    def create(self, kind: str, account_sid: str, name: str) -> Document:
        """A new, empty list.

        Raises:
            TwilioError: 20001 for a name that is empty or longer than 64 characters.
        """
        return self._add(kind, _PREFIXES[kind], account_sid, {"friendly_name": _checked_name(name)})

    def rename(self, kind: str, found: Document, name: str) -> None:
        """Give a list another name."""
        found.update(friendly_name=_checked_name(name), updated=self._clock.now())
        self._store.save(kind, found)

    def delete(self, kind: str, found: Document, *, in_use: bool) -> None:
        """Delete a list with its members.

        Raises:
            TwilioError: a domain uses it.
        """
        if in_use:
            raise sip_errors.list_in_use(found["sid"])
        for member in self.members(_MEMBERS[kind], found["sid"]):
            self._store.delete(_MEMBERS[kind], member["sid"])
        self._store.delete(kind, found["sid"])

    def members(self, kind: str, list_sid: str) -> list[Document]:
        """The credentials or addresses of a list, oldest first."""
        return self._store.page(kind, None, [Where.equals(PARENT[kind], list_sid)], limit=1000)[::-1]

    def add_credential(self, credential_list: Document, name: str, password: str) -> Document:
        """A user who may call.

        Raises:
            TwilioError: the name is taken, or name or password is not valid.
        """
        if not 1 <= len(name) <= 32:
            raise sip_errors.user_name_invalid()
        if any(member["username"] == name for member in self.members(CREDENTIAL, credential_list["sid"])):
            raise sip_errors.user_name_taken(name)
        _check_password(password)
        fields = {"credential_list_sid": credential_list["sid"], "username": name, "password": password}
        return self._add(CREDENTIAL, "CR", credential_list["account_sid"], fields)

    def change_password(self, credential: Document, password: str) -> None:
        """Give a user another password.

        Raises:
            TwilioError: it is not valid.
        """
        _check_password(password)
        credential.update(password=password, updated=self._clock.now())
        self._store.save(CREDENTIAL, credential)

    def add_address(self, address_list: Document, form: Mapping[str, str]) -> Document:
        """An address or a network from which calls may come.

        Raises:
            TwilioError: 20001 for a value that is not valid.
        """
        fields = {"ip_access_control_list_sid": address_list["sid"], "cidr_prefix_length": 32, **_address(form)}
        for name in ("friendly_name", "ip_address"):
            if not fields.get(name):
                raise errors.invalid_parameter({"ip_address": "IpAddress"}.get(name, "FriendlyName"), "")
        return self._add(ADDRESS, "IP", address_list["account_sid"], fields)

    def change_address(self, address: Document, form: Mapping[str, str]) -> None:
        """Change an address.

        Raises:
            TwilioError: 20001 for a value that is not valid.
        """
        address.update(_address(form), updated=self._clock.now())
        self._store.save(ADDRESS, address)

    def remove(self, kind: str, member: Document) -> None:
        """Remove a member."""
        self._store.delete(kind, member["sid"])

    def _add(self, kind: str, prefix: str, account_sid: str, fields: Document) -> Document:
        now = self._clock.now()
        made: Document = {"sid": new_sid(prefix), "account_sid": account_sid, **fields}
        made |= {"created": now, "updated": now}
        self._store.add(kind, [made])
        return made


def contains(address: Document, source: str) -> bool:
    """Whether a call from this IP address is from this entry's network."""
    network = f"{address['ip_address']}/{address['cidr_prefix_length']}"
    return ipaddress.ip_address(source) in ipaddress.ip_network(network, strict=False)


def encode_list(kind: str, found: Document) -> Document:
    """A list as Twilio's JSON shows it."""
    credentials = kind == CREDENTIAL_LIST
    folder = "CredentialLists" if credentials else "IpAccessControlLists"
    uri = f"/2010-04-01/Accounts/{found['account_sid']}/SIP/{folder}/{found['sid']}"
    members = ("credentials", "Credentials") if credentials else ("ip_addresses", "IpAddresses")
    return {
        "sid": found["sid"],
        "account_sid": found["account_sid"],
        "friendly_name": found["friendly_name"],
        "date_created": rfc2822(found["created"]),
        "date_updated": rfc2822(found["updated"]),
        "subresource_uris": {members[0]: f"{uri}/{members[1]}.json"},
        "uri": f"{uri}.json",
    }


def encode_member(kind: str, member: Document) -> Document:
    """A credential, without its password, or an address as Twilio's JSON shows it."""
    folder, members = (
        ("CredentialLists", "Credentials") if kind == CREDENTIAL else ("IpAccessControlLists", "IpAddresses")
    )
    shown = {key: value for key, value in member.items() if key not in {"created", "updated", "password"}}
    base = f"/2010-04-01/Accounts/{member['account_sid']}/SIP/{folder}/{member[PARENT[kind]]}"
    return {
        **shown,
        "date_created": rfc2822(member["created"]),
        "date_updated": rfc2822(member["updated"]),
        "uri": f"{base}/{members}/{member['sid']}.json",
    }


def _checked_name(name: str) -> str:
    if not 1 <= len(name) <= 64:
        raise errors.invalid_parameter("FriendlyName", name)
    return name


def _check_password(password: str) -> None:
    if not (
        len(password) >= 12
        and re.search(r"[0-9]", password)
        and re.search(r"[a-z]", password)
        and re.search(r"[A-Z]", password)
    ):
        raise sip_errors.password_weak()


def _address(form: Mapping[str, str]) -> Document:
    changes: Document = {}
    if "FriendlyName" in form:
        if not 1 <= len(form["FriendlyName"]) <= 255:
            raise errors.invalid_parameter("FriendlyName", form["FriendlyName"])
        changes["friendly_name"] = form["FriendlyName"]
    if "IpAddress" in form:
        try:
            changes["ip_address"] = str(ipaddress.IPv4Address(form["IpAddress"]))
        except ValueError:
            raise errors.invalid_parameter("IpAddress", form["IpAddress"]) from None
    if form.get("CidrPrefixLength"):
        text = form["CidrPrefixLength"]
        if not (text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= 32):
            raise errors.invalid_parameter("CidrPrefixLength", text)
        changes["cidr_prefix_length"] = int(text)
    return changes
