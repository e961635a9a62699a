"""A call that a SIP phone or a PBX makes through a SIP domain of the account.

Sources: Twilio docs, "SIP and TwiML interaction" (the parameters), "Sending SIP to Twilio" (who may call).
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from ..sids import new_sid
from ..sip.access_lists import ADDRESS, CREDENTIAL, contains
from ..sip.models import CALLS_ADDRESSES, CALLS_CREDENTIALS

if TYPE_CHECKING:
    from ..state import TwilioState
    from ..store import Document

_URI = re.compile(r"sips?:(?:(?P<user>[^@\s]+)@)?(?P<host>[A-Za-z0-9.-]+)(?P<rest>[:;?]\S*)?")
_SOURCE = "203.0.113.10"


def accept(state: TwilioState, uri: str, script: dict[str, Any]) -> tuple[Document, str, dict[str, str]]:
    """Let Twilio authenticate a call to a SIP URI.

    Args:
        state: the account's objects.
        uri: what was dialed, ``sip:+15557654321@crm.sip.twilio.com``.
        script: the call's body; ``username``, ``sourceIp`` and ``sipHeaders`` are taken out of it.

    Returns:
        The domain, the caller's own URI where the body does not say it, and the parameters that requests
        about the call have in addition.

    Raises:
        ValueError: no account has that domain, or it refuses the caller.
    """
    parts = _URI.fullmatch(uri)
    domain = None if parts is None else state.sip_domains.at(parts["host"])
    if parts is None or domain is None:
        msg = f"The account of this sandbox has no SIP domain for {uri!r}."
        raise ValueError(msg)
    user = script.pop("username", None)
    source = str(script.pop("sourceIp", _SOURCE))
    headers = script.pop("sipHeaders", {})
    _check_address(state, domain, source)
    found = _check_user(state, domain, user)
    parameters = {
        "SipDomain": domain["domain_name"],
        "SipDomainSid": domain["sid"],
        "SipCallId": f"{new_sid('')[:16]}@{source}",
        "SipSourceIp": source,
        **({"SipUsername": found} if found else {}),
        **{f"SipHeader_{name}": str(value) for name, value in headers.items() if name.lower().startswith("x-")},
    }
    return domain, f"sip:{found or 'phone'}@{domain['domain_name']}", parameters


def _check_address(state: TwilioState, domain: Document, source: str) -> None:
    lists = state.sip_domains.mappings(domain["sid"], CALLS_ADDRESSES)
    try:
        ipaddress.IPv4Address(source)
    except ValueError:
        msg = f'"sourceIp" is an IPv4 address, not {source!r}.'
        raise ValueError(msg) from None
    if not lists:
        if not state.sip_domains.mappings(domain["sid"], CALLS_CREDENTIALS):
            msg = (
                f"Twilio refuses the call with 403: {domain['domain_name']} has no credential list and no IP "
                "access control list."
            )
            raise ValueError(msg)
        return
    allowed = [a for item in lists for a in state.sip_lists.members(ADDRESS, item["list_sid"])]
    if not any(contains(address, source) for address in allowed):
        msg = f"Twilio refuses the call with 403: {source} is in no IP access control list of the domain."
        raise ValueError(msg)


def _check_user(state: TwilioState, domain: Document, user: str | None) -> str:
    """Return the authenticated user; by default the first of the domain's, empty where no list asks for one."""
    lists = state.sip_domains.mappings(domain["sid"], CALLS_CREDENTIALS)
    users = [c["username"] for item in lists for c in state.sip_lists.members(CREDENTIAL, item["list_sid"])]
    if not lists:
        return ""
    if user is None and users:
        return str(users[0])
    if user not in users:
        msg = f"Twilio refuses the call with 403: no credential list of the domain has the user {user!r}."
        raise ValueError(msg)
    return str(user)


def as_source(domain: Document) -> Document:
    """The domain's URLs by the names that a number has: only the status callback's name differs."""
    return {
        **domain,
        "status_callback": domain["voice_status_callback_url"],
        "status_callback_method": domain["voice_status_callback_method"],
    }
