"""Twilio's own lists, page by page, and single entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks.commands.reconcile.entries import CallEntry, RecordingEntry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from voicehooks.commands.reconcile.window import Window
    from voicehooks.vendors.twilio import Twilio

__all__ = ["TwilioLists"]

_CALLS = "Twilio's calls cannot be read"
_RECORDINGS = "Twilio's recordings cannot be read"


class TwilioLists:
    """The calls and recordings of one account (not of its subaccounts, which are accounts of their own).

    Args:
        twilio: the account.
        api_url: where the 2010 API is.
    """

    def __init__(self, twilio: Twilio, api_url: str) -> None:
        self._twilio = twilio
        self._api_url = api_url

    async def calls(self, window: Window) -> AsyncIterator[list[CallEntry]]:
        """Yield pages of calls of the window's days in both directions, newest first.

        Raises:
            CommandError: Twilio refuses or cannot be reached.
        """
        async for page in self._twilio.pages(_CALLS, "Calls.json", "calls", **window.filters("StartTime")):
            yield [CallEntry(body) for body in page]

    async def recordings(self, window: Window) -> AsyncIterator[list[RecordingEntry]]:
        """Yield pages of recordings of the window's days, newest first, deleted ones included.

        Raises:
            CommandError: Twilio refuses or cannot be reached.
        """
        # What is deleted stays in the list for 40 days, where one asks for it (Twilio docs, Recordings).
        filters = {**window.filters("DateCreated"), "IncludeSoftDeleted": "true"}
        async for page in self._twilio.pages(_RECORDINGS, "Recordings.json", "recordings", **filters):
            yield [RecordingEntry(body, self._api_url) for body in page]

    async def call(self, sid: str) -> CallEntry | None:
        """Return one call, or None where the account has no such call."""
        body = await self._twilio.find(_CALLS, f"Calls/{sid}.json")
        return CallEntry(body) if body else None

    async def recording(self, sid: str) -> RecordingEntry | None:
        """Return one recording, deleted or not, or None where Twilio knows nothing of it any more."""
        body = await self._twilio.find(_RECORDINGS, f"Recordings/{sid}.json", IncludeSoftDeleted="true")
        return RecordingEntry(body, self._api_url) if body else None
