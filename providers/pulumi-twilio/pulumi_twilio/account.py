"""The provider's client: one account, its known numbers and subaccounts, and the outputs that identify it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pulumi_provider_kit.table import Property, Scalar
from pulumi_provider_kit.values import text

from .directory import Lookups
from .family import AccountDirectory
from .numbers import NumberDirectory
from .voice_properties import sid_check

if TYPE_CHECKING:
    from pulumi_provider_kit.values import PropertyMap

    from .client import TwilioClient

__all__ = ["HOME", "IN_ACCOUNT", "REGION", "TwilioAccount"]

_SUBACCOUNTS = "Twilio docs: Subaccounts"
_IMPORTED_BELOW = re.compile(r"(AC[0-9a-fA-F]{32})(?:/(.+))?", re.DOTALL)

REGION = Property("region", Scalar.STRING, "The Twilio Region that stores it, ``us1`` by default.", output=True)
HOME = (
    Property(
        "accountSid",
        Scalar.STRING,
        "The account that the resource is in, AC... The default is the account of the provider's credentials. "
        "Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main "
        "account's auth token: Twilio denies its API keys access to subaccounts.",
        computed=True,
        replaces=True,
        check=sid_check("AC", "an account"),
        home=True,
        source=_SUBACCOUNTS,
    ),
    REGION,
)
"""What every resource has to say where it is. Credentials of another account or Region are refused."""

IN_ACCOUNT = Property(
    "accountSid",
    Scalar.STRING,
    "The account to look in, AC...: that of the provider's credentials by default, or one of its subaccounts.",
    check=sid_check("AC", "an account"),
    source=_SUBACCOUNTS,
)
"""The same for a function."""


class TwilioAccount:
    """One account, for the lifetime of a plugin's process.

    Args:
        api: the REST API.
        main: for a subaccount, the account of the credentials.

    Attributes:
        api: the REST API.
        lookups: how many look-ups there were, in all accounts together.
        numbers: its phone numbers.
        subaccounts: the subaccounts of the account of the credentials.
        home: the account and its Region, by output name.
    """

    def __init__(self, api: TwilioClient, main: TwilioAccount | None = None) -> None:
        self.api = api
        self._main = main or self
        self.lookups: Lookups = main.lookups if main else Lookups()
        self._below: dict[str, TwilioAccount] = {}
        self.numbers = NumberDirectory(api, self.lookups)
        self.subaccounts: AccountDirectory = main.subaccounts if main else AccountDirectory(api)
        self.home = {"accountSid": api.account_sid, "region": api.region}

    def at(self, values: PropertyMap) -> TwilioAccount:
        """Return the account that inputs or a state name; that of the credentials where they name none."""
        return self._main.below(text(values, "accountSid"))

    def of_import(self, resource_id: str) -> tuple[TwilioAccount, str]:
        """Return the account of an import's ID, and the ID there.

        In a subaccount that is ``AC.../ID``. The settings of an account have its SID as their ID.
        """
        named = _IMPORTED_BELOW.fullmatch(resource_id)
        if named is None:
            return self._main, resource_id
        return self._main.below(named[1]), named[2] or resource_id

    def below(self, sid: str | None) -> TwilioAccount:
        """Return a subaccount; this account itself for its own SID or none. Makes no request."""
        if sid is None or sid == self.api.account_sid:
            return self
        if sid not in self._below:
            self._below[sid] = TwilioAccount(self.api.below(sid, self.subaccounts), self)
        return self._below[sid]

    async def close(self) -> None:
        """Close the connections."""
        await self.api.close()
