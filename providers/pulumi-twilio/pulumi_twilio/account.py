"""The provider's client: one account, its known numbers, and the outputs that identify it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.table import Property, Scalar

from .numbers import NumberDirectory

if TYPE_CHECKING:
    from .client import TwilioClient

__all__ = ["HOME", "TwilioAccount"]

HOME = (
    Property("accountSid", Scalar.STRING, "The account that the resource is in, AC...", output=True),
    Property("region", Scalar.STRING, "The Twilio Region that stores it, ``us1`` by default.", output=True),
)
"""Outputs of every resource, used to refuse credentials of another account or Region."""


class TwilioAccount:
    """One account, for the lifetime of a plugin's process.

    Attributes:
        api: the REST API.
        numbers: its phone numbers.
        home: the account and its Region, by output name.
    """

    def __init__(self, api: TwilioClient) -> None:
        self.api = api
        self.numbers = NumberDirectory(api)
        self.home = {"accountSid": api.account_sid, "region": api.region}

    async def close(self) -> None:
        """Close the connections."""
        await self.api.close()
