"""The subaccounts of an account: found with few requests, and their auth tokens.

An auth token that Twilio returns is held in this process's memory, and never in a state or a log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import HomeGone, ProviderError

from .client import NotFound
from .directory import Directory, Entry

if TYPE_CHECKING:
    from .client import TwilioClient

__all__ = ["AccountDirectory", "account_path"]

_LIST = "/2010-04-01/Accounts.json"


def account_path(sid: str) -> str:
    """Return the path of an account itself, at its owner's or at its own credentials."""
    return f"/2010-04-01/Accounts/{sid}.json"


class AccountDirectory(Directory):
    """The subaccounts of an account.

    Args:
        client: of the account that owns them, with its own credentials.
    """

    def __init__(self, client: TwilioClient) -> None:
        super().__init__(client, _LIST, "accounts", ("sid",))

    async def read(self, key: str) -> Entry | None:
        """Return the account as it is now."""
        try:
            return self.keep(await self._client.get(account_path(key)))
        except NotFound:
            return None

    async def named(self, name: str) -> list[Entry]:
        """Return the subaccounts with exactly that name that are not closed."""
        page = await self._client.get(_LIST, FriendlyName=name, PageSize=50)
        return [
            self.keep(entry)
            for entry in page["accounts"]
            if entry["friendly_name"] == name and entry["status"] != "closed"
        ]

    async def create(self, name: str) -> Entry:
        """Create a subaccount. The request is not repeated, because that could create a second one."""
        return self.keep(await self._client.post(_LIST, {"FriendlyName": name}, repeatable=False))

    async def update(self, sid: str, form: dict[str, str]) -> Entry:
        """Change a subaccount; return Twilio's answer."""
        self.forget(sid)
        return self.keep(await self._client.post(account_path(sid), form))

    async def token(self, sid: str, refused: str = "") -> str:
        """Return a subaccount's auth token; another one than ``refused``, which Twilio did not accept."""
        account = await self.find(sid)
        if account is not None and refused and account.get("auth_token") == refused:
            account = await self.read(sid)
        self._ensure_usable(sid, account)
        token = (account or {}).get("auth_token")
        if not token:
            raise ProviderError(
                f"Twilio did not return the auth token of the subaccount {sid}, which this resource needs; "
                f"sign in with the auth token of the account {self._client.account_sid}"
            )
        return str(token)

    async def ensure_usable(self, sid: str) -> None:
        """Raise an error that explains it if a subaccount is closed, suspended or not one of this account.

        Raises:
            HomeGone: it is closed, and its phone numbers are released.
            ProviderError: it is suspended, or another account's.
        """
        account = await self.find(sid)
        if account is not None and account["status"] == "active":
            return
        self._ensure_usable(sid, await self.read(sid))

    def _ensure_usable(self, sid: str, account: Entry | None) -> None:
        owner = self._client.account_sid
        if account is None:
            raise ProviderError(
                f"{sid} is not a subaccount of {owner}, whose credentials the provider has; correct "
                "accountSid, or use the credentials of the account that owns it"
            )
        if account["status"] == "closed":
            raise HomeGone(f"the subaccount {sid} ({account['friendly_name']}) is closed")
        if account["status"] != "active":
            raise ProviderError(
                f"the subaccount {sid} ({account['friendly_name']}) is suspended, so nothing in it can be read "
                "or changed; activate it first"
            )
