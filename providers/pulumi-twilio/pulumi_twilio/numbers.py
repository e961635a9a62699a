"""Finds and changes an account's phone numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client import NotFound
from .directory import Directory, Entry

if TYPE_CHECKING:
    from .client import TwilioClient
    from .directory import Lookups

__all__ = ["Number", "NumberDirectory", "number_path"]

Number = Entry
"""An IncomingPhoneNumber as Twilio returns it."""

_LIST = "IncomingPhoneNumbers.json"
_NAME = "incoming_phone_numbers"


def number_path(client: TwilioClient, sid: str) -> str:
    """Return the path of one number."""
    return client.account(f"IncomingPhoneNumbers/{sid}.json")


class NumberDirectory(Directory):
    """The known numbers of the account by SID and by E.164 number, for the lifetime of the process."""

    def __init__(self, client: TwilioClient, lookups: Lookups | None = None) -> None:
        super().__init__(client, client.account(_LIST), _NAME, ("sid", "phone_number"), lookups)

    async def read(self, key: str) -> Number | None:
        """Return the number's current configuration, without using the cache."""
        if key.startswith("PN"):
            try:
                return self.keep(await self._client.get(number_path(self._client, key)))
            except NotFound:
                return None
        page = await self._client.get(self._client.account(_LIST), PhoneNumber=key, PageSize=50)
        # The filter also finds numbers that contain these digits.
        found = [n for n in page[_NAME] if n["phone_number"] == key]
        return self.keep(found[0]) if found else None

    async def all(self) -> list[Number]:
        """Return every number of the account, in Twilio's order."""
        return [n async for page in self._client.pages(self._client.account(_LIST), _NAME) for n in page]

    async def update(self, sid: str, form: dict[str, str]) -> Number:
        """Change a number; return Twilio's answer."""
        self.forget(sid)
        return self.keep(await self._client.post(number_path(self._client, sid), form))
