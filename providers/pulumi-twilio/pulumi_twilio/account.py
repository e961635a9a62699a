"""The provider's client: one account, what is known of its numbers, and the outputs that name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.table import Property, Scalar

from .numbers import NumberDirectory

if TYPE_CHECKING:
    from .client import TwilioClient

__all__ = ["HOME", "TwilioAccount"]

HOME = (
    Property("accountSid", Scalar.STRING, "The account that the resource is in, AC...", output=True),
    Property(
        "region", Scalar.STRING, "The Twilio Region that keeps it, ``us1`` unless configured.", output=True
    ),
)
"""Outputs of every resource; credentials of another account or Region are refused."""


class TwilioAccount:
    """One account, for as long as a plugin's process lives.

    Attributes:
        api: the REST API.
        numbers: its phone numbers.
        home: the account and its Region, by output.
    """

    def __init__(self, api: TwilioClient) -> None:
        self.api = api
        self.numbers = NumberDirectory(api)
        self.home = {"accountSid": api.account_sid, "region": api.region}

    async def close(self) -> None:
        """Close the connections."""
        await self.api.close()
