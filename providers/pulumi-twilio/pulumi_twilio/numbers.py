"""Finds an account's phone numbers with few requests.

The first look-ups are one request each. When look-ups overlap, as they do when the engine refreshes many
numbers, or from the third look-up on, whole pages of 1,000 are fetched and cached for this process. So a
stack of 1,000 numbers needs a few requests. If single requests are cheaper, no more pages are fetched, for
example for ten numbers of an account that owns 100,000.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .client import NotFound

if TYPE_CHECKING:
    from .client import TwilioClient

__all__ = ["Number", "NumberDirectory", "number_path"]

Number = dict[str, Any]
"""An IncomingPhoneNumber as Twilio returns it."""

_PAGE_SIZE = 1000  # Twilio's maximum
# A page costs one request and answers up to 1,000 look-ups. The next page is worth it after this many look-ups.
_LOOKUPS_A_PAGE = 8
# On a slow machine the engine's look-ups may never overlap. Only this many are answered one by one.
_SINGLE_LOOKUPS = 2


def number_path(client: TwilioClient, sid: str) -> str:
    """Return the path of one number."""
    return client.account(f"IncomingPhoneNumbers/{sid}.json")


class NumberDirectory:
    """The known numbers of the account by SID and by E.164 number, for the lifetime of the process."""

    def __init__(self, client: TwilioClient) -> None:
        self._client = client
        self._known: dict[str, Number] = {}
        self._active = 0
        self._paging = asyncio.Lock()
        self._next_page: str | None = None
        self._pages = 0
        self._complete = False
        self._lookups_since_page = 0

    async def find(self, key: str) -> Number | None:
        """Return the number with that SID or E.164 number, or None if the account does not own it."""
        self._active += 1
        try:
            return await self._find(key, alone=self._active == 1)
        finally:
            self._active -= 1

    async def read(self, key: str) -> Number | None:
        """Return the number's current configuration, without using the cache."""
        if key.startswith("PN"):
            try:
                number = await self._client.get(number_path(self._client, key))
            except NotFound:
                return None
        else:
            page = await self._client.get(
                self._client.account("IncomingPhoneNumbers.json"), PhoneNumber=key, PageSize=50
            )
            # The filter also finds numbers that contain these digits.
            found = [n for n in page["incoming_phone_numbers"] if n["phone_number"] == key]
            if not found:
                return None
            number = found[0]
        self._keep(number)
        return number

    async def all(self) -> list[Number]:
        """Return every number of the account, in Twilio's order."""
        path = self._client.account("IncomingPhoneNumbers.json")
        return [n async for page in self._client.pages(path, "incoming_phone_numbers") for n in page]

    async def update(self, sid: str, form: dict[str, str]) -> Number:
        """Change a number; return Twilio's answer."""
        self.forget(sid)
        number = await self._client.post(number_path(self._client, sid), form)
        self._keep(number)
        return number

    def forget(self, sid: str) -> None:
        """Remove a number from the cache, because it is about to change."""
        number = self._known.pop(sid, None)
        if number is not None:
            self._known.pop(number["phone_number"], None)

    async def _find(self, key: str, *, alone: bool) -> Number | None:
        self._lookups_since_page += 1
        if key in self._known:
            return self._known[key]
        if alone and self._pages == 0 and self._lookups_since_page <= _SINGLE_LOOKUPS:
            return await self.read(key)
        async with self._paging:
            while key not in self._known and self._next_page_is_worth_it():
                await self._fetch_page()
            if key in self._known:
                return self._known[key]
        # Not on the fetched pages: it may be on a later page, or was bought a moment ago.
        return await self.read(key)

    def _next_page_is_worth_it(self) -> bool:
        return not self._complete and (self._pages == 0 or self._lookups_since_page >= _LOOKUPS_A_PAGE)

    async def _fetch_page(self) -> None:
        if self._next_page is None:
            path = self._client.account("IncomingPhoneNumbers.json")
            page = await self._client.get(path, PageSize=_PAGE_SIZE)
        else:
            page = await self._client.get(self._next_page)
        for number in page["incoming_phone_numbers"]:
            self._keep(number)
        self._pages += 1
        self._next_page = page.get("next_page_uri")
        self._complete = self._next_page is None
        self._lookups_since_page = 0

    def _keep(self, number: Number) -> None:
        self._known[number["sid"]] = number
        self._known[number["phone_number"]] = number
