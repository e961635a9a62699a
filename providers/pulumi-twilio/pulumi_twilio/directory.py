"""Finds an account's objects of one kind with few requests.

The first look-ups are one request each. When look-ups overlap, as they do when the engine refreshes many
objects, or from the third look-up on, whole pages of 1,000 are fetched and cached for this process. So a
stack of 1,000 numbers needs a few requests. If single requests are cheaper, no more pages are fetched, for
example for ten numbers of an account that owns 100,000.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import TwilioClient

__all__ = ["Directory", "Entry", "Lookups"]

Entry = dict[str, Any]
"""An object as Twilio returns it."""

_PAGE_SIZE = 1000  # Twilio's maximum
# A page costs one request and answers up to 1,000 look-ups. The next page is worth it after this many look-ups.
_LOOKUPS_A_PAGE = 8
# On a slow machine the engine's look-ups may never overlap. Only this many are answered one by one.
_SINGLE_LOOKUPS = 2


@dataclass
class Lookups:
    """How many look-ups there were and are in this process, in all accounts together.

    A program with many subaccounts looks up a few numbers in each, and then the first page of each is as
    cheap as the first number.
    """

    active: int = 0
    begun: int = 0

    @property
    def are_few(self) -> bool:
        """Whether single requests are the better choice for now."""
        return self.active == 1 and self.begun <= _SINGLE_LOOKUPS


class Directory(ABC):
    """The known objects of a list by their keys, for the lifetime of the process.

    Args:
        client: of the account.
        list_path: the path of the list.
        list_name: the key of its entries in an answer.
        keys: the fields by which an object is found; each is unique.
        lookups: those of the process.
    """

    def __init__(
        self,
        client: TwilioClient,
        list_path: str,
        list_name: str,
        keys: tuple[str, ...],
        lookups: Lookups | None = None,
    ) -> None:
        self._client = client
        self._list_path = list_path
        self._list_name = list_name
        self._keys = keys
        self._lookups = lookups or Lookups()
        self._known: dict[str, Entry] = {}
        self._paging = asyncio.Lock()
        self._next_page: str | None = None
        self._paged = False
        self._complete = False
        self._lookups_since_page = 0

    @abstractmethod
    async def read(self, key: str) -> Entry | None:
        """Return the object as it is now, without using the cache; None if it is not there."""

    async def find(self, key: str) -> Entry | None:
        """Return the object with that key, or None if the account does not have it."""
        self._lookups.active += 1
        self._lookups.begun += 1
        try:
            return await self._find(key)
        finally:
            self._lookups.active -= 1

    def keep(self, entry: Entry) -> Entry:
        """Remember an object as Twilio has just returned it."""
        self._known |= {entry[key]: entry for key in self._keys}
        return entry

    def forget(self, key: str) -> None:
        """Remove an object from the cache, because it is about to change."""
        if (entry := self._known.get(key)) is not None:
            for name in self._keys:
                self._known.pop(entry[name], None)

    async def _find(self, key: str) -> Entry | None:
        self._lookups_since_page += 1
        if key in self._known:
            return self._known[key]
        if not self._paged and self._lookups.are_few:
            return await self.read(key)
        async with self._paging:
            while key not in self._known and self._next_page_is_worth_it():
                await self._fetch_page()
            if key in self._known:
                return self._known[key]
        # Not on the fetched pages: it may be on a later page, or was made a moment ago.
        return await self.read(key)

    def _next_page_is_worth_it(self) -> bool:
        return not self._complete and (not self._paged or self._lookups_since_page >= _LOOKUPS_A_PAGE)

    async def _fetch_page(self) -> None:
        if self._next_page is None:
            page = await self._client.get(self._list_path, PageSize=_PAGE_SIZE)
        else:
            page = await self._client.get(self._next_page)
        for entry in page[self._list_name]:
            self.keep(entry)
        self._paged = True
        self._next_page = page.get("next_page_uri")
        self._complete = self._next_page is None
        self._lookups_since_page = 0
