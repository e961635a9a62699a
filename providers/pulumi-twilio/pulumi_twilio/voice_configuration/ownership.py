"""Which number a resource configures, and whether another resource does so too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.errors import PropertyError
from pulumi_provider_kit.values import text

if TYPE_CHECKING:
    from pulumi_provider_kit.resource import Operation
    from pulumi_provider_kit.values import PropertyMap

    from ..account import TwilioAccount
    from ..numbers import Number

__all__ = ["number_claim", "owned_number", "past_of"]


def number_claim(key: str, label: str) -> Singleton:
    """Return the claim on a number, by its SID or its E.164 number."""
    return Singleton(f"twilio:number:{key}", label, "phoneNumber")


def past_of(operation: Operation[TwilioAccount], number: Number) -> PropertyMap:
    """Return what this run has read of the number's state in another resource, or before a replacement."""
    return operation.past(number_claim(number["sid"], number["phone_number"]))


async def owned_number(
    operation: Operation[TwilioAccount], inputs: PropertyMap, resource_id: str = ""
) -> Number:
    """Return the number, which no other resource of this program configures.

    Raises:
        PropertyError: another resource does, the account does not own the number, it cannot take calls, or it
            was bought again since the last update.
    """
    key = text(inputs, "phoneNumber") or ""
    number = await operation.client.numbers.find(key)
    if number is None:
        raise PropertyError(
            "phoneNumber",
            f"{key} is not a number of account {operation.client.api.account_sid}; correct it, or buy it "
            "in the Twilio console first (nothing here buys a number)",
        )
    sid, e164 = number["sid"], number["phone_number"]
    if not (number.get("capabilities") or {}).get("voice"):
        raise PropertyError(
            "phoneNumber", f"{e164} has no voice capability at Twilio; remove it from the program"
        )
    if resource_id and sid != resource_id:
        raise PropertyError(
            "phoneNumber",
            f"{e164} was released and bought again: its SID is {sid} now and was {resource_id}; run "
            "pulumi up --refresh",
        )
    operation.ensure_sole([number_claim(sid, e164), number_claim(e164, e164)])
    return number
