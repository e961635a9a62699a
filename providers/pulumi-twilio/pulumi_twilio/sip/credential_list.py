"""SipCredentialList: users and passwords with which SIP phones and PBXs sign in."""

from __future__ import annotations

import re
from typing import Any

from pulumi_provider_kit.table import MapOf, Property, ResourceTable, Scalar

from .access_list import LIST_RECORDS, AccessList, list_name

__all__ = ["SipCredentialList"]

_SOURCE = "Twilio docs: SIP Credential resource"


def _user_problem(name: str) -> str | None:
    return None if 1 <= len(name) <= 32 else f"has {len(name)} characters; a user name has 1 to 32"


def _password_problem(passwords: dict[str, str]) -> str | None:
    weak = [
        user
        for user, password in passwords.items()
        if len(password) < 12 or not all(re.search(kind, password) for kind in ("[0-9]", "[a-z]", "[A-Z]"))
    ]
    if not weak:
        return None
    return (
        f"has a password that Twilio does not take ({', '.join(weak)}): at least 12 characters, with a digit "
        "and with upper and lower case letters"
    )


TABLE = ResourceTable(
    name="SipCredentialList",
    doc=(
        "A list of users who may call through a SIP domain, register at it, or use a trunk. Passwords are "
        "secrets in the state. Twilio never returns one; a password that was changed outside the program "
        "shows by the credential's date.\n\n"
        "Users that the program does not name stay as they are. A list that this program created is deleted "
        "with it, unless it has such users or a domain uses it.\n\n"
        "Never tried by this project on a real account."
    ),
    properties=(
        list_name(),
        Property(
            "credentials",
            MapOf(Scalar.STRING, _user_problem),
            "The password of each user: at least 12 characters, with a digit and with upper and lower case "
            "letters.",
            secret=True,
            check=_password_problem,
            source=_SOURCE,
        ),
        *LIST_RECORDS,
    ),
    example="""\
import pulumi
import pulumi_twilio as twilio

phones = twilio.SipCredentialList(
    "phones",
    friendly_name="phones",
    credentials={"alice": pulumi.Output.secret("Correct7Horse")},
)
pulumi.export("list", phones.list_sid)
""",
    import_id="the list's SID (CL...) or its name, where only one list has it",
    rights="SIP: list, read, create, update, delete",
)


class SipCredentialList(AccessList):
    """A credential list."""

    table = TABLE
    folder = "CredentialLists"
    members = "Credentials"
    members_property = "credentials"
    sid_prefix = "CL"
    hidden = True

    def key_of(self, member: dict[str, Any]) -> str:
        """Return the user."""
        return str(member["username"])

    def form(self, key: str, value: str, *, existing: bool) -> dict[str, str]:
        """Return the user's password, and for a new one the user."""
        return {"Password": value} if existing else {"Username": key, "Password": value}

    def shown(self, member: dict[str, Any]) -> str:
        """Return nothing: Twilio does not return a password."""
        return ""
