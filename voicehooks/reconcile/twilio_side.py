"""Twilio's own lists, page by page, and single entries."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.errors import ProviderError
from pulumi_twilio.client import NotFound

from voicehooks.errors import CommandError
from voicehooks.reconcile.entries import CallEntry, RecordingEntry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pulumi_twilio.client import TwilioClient

    from voicehooks.reconcile.window import Window

__all__ = ["TwilioLists"]

_PAGE_SIZE = 1000  # Twilio's maximum


class TwilioLists:
    """The calls and recordings of one account (not of its subaccounts, which are accounts of their own).

    Args:
        client: signed in.
        api_url: where the 2010 API is.
    """

    def __init__(self, client: TwilioClient, api_url: str) -> None:
        self._client = client
        self._api_url = api_url

    async def calls(self, window: Window) -> AsyncIterator[list[CallEntry]]:
        """Yield pages of calls of the window's days in both directions, newest first.

        Raises:
            CommandError: Twilio refuses or cannot be reached.
        """
        async for page in self._pages("Calls.json", "calls", window.filters("StartTime")):
            yield [CallEntry(body) for body in page]

    async def recordings(self, window: Window) -> AsyncIterator[list[RecordingEntry]]:
        """Yield pages of recordings of the window's days, newest first, deleted ones included.

        Raises:
            CommandError: Twilio refuses or cannot be reached.
        """
        # What is deleted stays in the list for 40 days, where one asks for it (Twilio docs, Recordings).
        filters = {**window.filters("DateCreated"), "IncludeSoftDeleted": "true"}
        async for page in self._pages("Recordings.json", "recordings", filters):
            yield [RecordingEntry(body, self._api_url) for body in page]

    async def call(self, sid: str) -> CallEntry | None:
        """Return one call, or None where the account has no such call."""
        body = await self._one(f"Calls/{sid}.json")
        return CallEntry(body) if body else None

    async def recording(self, sid: str) -> RecordingEntry | None:
        """Return one recording, deleted or not, or None where Twilio knows nothing of it any more."""
        body = await self._one(f"Recordings/{sid}.json", IncludeSoftDeleted="true")
        return RecordingEntry(body, self._api_url) if body else None

    async def _one(self, path: str, **parameters: str) -> dict[str, Any] | None:
        try:
            return await self._client.get(self._client.account(path), **parameters)
        except NotFound:
            return None
        except ProviderError as error:
            raise _failed(path, error) from None

    async def _pages(self, path: str, key: str, filters: dict[str, str]) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield pages; the next one is on its way while one is being worked on."""
        first = self._client.account(path)
        following: asyncio.Task[dict[str, Any]] | None = asyncio.create_task(
            self._client.get(first, **filters, PageSize=_PAGE_SIZE)
        )
        try:
            while following is not None:
                try:
                    page = await following
                except ProviderError as error:
                    raise _failed(path, error) from None
                uri = page.get("next_page_uri")
                following = asyncio.create_task(self._client.get(uri)) if uri else None
                yield page[key]
        finally:
            if following is not None:
                following.cancel()


def _failed(path: str, error: ProviderError) -> CommandError:
    what = path.partition("/")[0].removesuffix(".json").lower()
    return CommandError(f"Twilio's {what} cannot be read", str(error))
