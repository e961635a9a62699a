"""The provider's client: one account, what is known of its numbers, and who configures which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .numbers import NumberDirectory

if TYPE_CHECKING:
    from .client import TwilioClient

__all__ = ["TwilioAccount"]


class TwilioAccount:
    """One account, for as long as a plugin's process lives.

    Attributes:
        api: the REST API.
        numbers: its phone numbers.
    """

    def __init__(self, api: TwilioClient) -> None:
        self.api = api
        self.numbers = NumberDirectory(api)
        self._claims: dict[str, str] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self.api.close()

    def claim(self, sid: str, urn: str) -> str | None:
        """Note that a resource of the program configures a number.

        Returns:
            The URN of another resource that already does, or None.
        """
        holder = self._claims.setdefault(sid, urn)
        return None if holder == urn else holder

    def claimed_by(self, sid: str) -> str | None:
        """Return the URN of the resource that configures the number in this run, or None."""
        return self._claims.get(sid)
