"""SipIpAccessControlList: the networks from which SIP phones and PBXs call."""

from __future__ import annotations

import ipaddress
from typing import Any

from pulumi_provider_kit.table import MapOf, Property, ResourceTable, Scalar

from .access_list import LIST_RECORDS, AccessList, list_name

__all__ = ["SipIpAccessControlList"]


def _network_problem(text: str) -> str | None:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError:
        return f"{text!r} is not an IPv4 network, such as 203.0.113.0/24; its address is the network's first"
    return None if str(network) == text else f"{text!r} is written {network}"


def _names_problem(names: dict[str, str]) -> str | None:
    wrong = next((network for network, name in names.items() if not 1 <= len(name) <= 255), None)
    return None if wrong is None else f"has no name for {wrong}, 1 to 255 characters"


TABLE = ResourceTable(
    name="SipIpAccessControlList",
    doc=(
        "A list of IPv4 networks from which calls through a SIP domain, or to a trunk, may come.\n\n"
        "Networks that the program does not name stay as they are. A list that this program created is deleted "
        "with it, unless it has such networks or a domain uses it.\n\n"
        "Never tried by this project on a real account."
    ),
    properties=(
        list_name(),
        Property(
            "addresses",
            MapOf(Scalar.STRING, _network_problem),
            "The name in the console of each network: ``203.0.113.10/32``.",
            check=_names_problem,
            source="Twilio docs: SIP IpAddress resource",
        ),
        *LIST_RECORDS,
    ),
    example="""\
import pulumi
import pulumi_twilio as twilio

office = twilio.SipIpAccessControlList(
    "office",
    friendly_name="office",
    addresses={"203.0.113.10/32": "PBX"},
)
pulumi.export("list", office.list_sid)
""",
    import_id="the list's SID (AL...) or its name, where only one list has it",
    rights="SIP: list, read, create, update, delete",
)


class SipIpAccessControlList(AccessList):
    """An IP access control list."""

    table = TABLE
    folder = "IpAccessControlLists"
    members = "IpAddresses"
    members_property = "addresses"
    sid_prefix = "AL"
    hidden = False

    def key_of(self, member: dict[str, Any]) -> str:
        """Return the network."""
        return str(
            ipaddress.IPv4Network(f"{member['ip_address']}/{member['cidr_prefix_length']}", strict=False)
        )

    def form(self, key: str, value: str, *, existing: bool) -> dict[str, str]:
        """Return the name, and for a new one the network."""
        address, _, length = key.partition("/")
        network = {} if existing else {"IpAddress": address, "CidrPrefixLength": length}
        return {"FriendlyName": value, **network}

    def shown(self, member: dict[str, Any]) -> str:
        """Return its name."""
        return str(member["friendly_name"] or "")
