"""Inbound processing Regions of numbers.

Source: Twilio docs, "Inbound call processing": each Region has its own configuration record of a number, and
the record of the Region that processes the call is used. This sandbox has the records of us1 only.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .. import errors
from ..dates import iso8601

if TYPE_CHECKING:
    from ..clock import Clock
    from ..store import Document, Store

HOME = "us1"
_REGION = re.compile(r"[a-z]{2}[0-9]")


class Regions:
    """The Region of each number."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def of(self, number: Document) -> str:
        """The Region that processes a number's incoming calls."""
        return str(self.route(number)["voice_region"])

    def route(self, number: Document) -> Document:
        """A number's route; of one that was never changed, its default."""
        known: Document | None = self._store.value(f"route-{number['sid']}")
        if known is not None:
            return known
        created = number.get("created", 0)
        return {"sid": "QQ" + number["sid"][2:], "friendly_name": "", "voice_region": HOME} | {
            "created": created,
            "updated": created,
        }

    def change(self, number: Document, region: str, friendly_name: str) -> Document:
        """Process a number's calls in another Region, at once here (Twilio: within five minutes).

        Raises:
            TwilioError: 20001 for what is not a Region.
        """
        route = self.route(number)
        if region:
            if not _REGION.fullmatch(region):
                raise errors.invalid_parameter("VoiceRegion", region)
            route["voice_region"] = region
        route |= {"friendly_name": friendly_name or route["friendly_name"], "updated": self._clock.now()}
        self._store.set_value(f"route-{number['sid']}", route)
        return route


def encode(number: Document, route: Document, base_url: str) -> Document:
    """A number's route as Twilio's JSON shows it."""
    return {
        "phone_number": number["phone_number"],
        "url": f"{base_url}/v2/PhoneNumbers/{number['phone_number']}",
        "sid": route["sid"],
        "account_sid": number["account_sid"],
        "friendly_name": route["friendly_name"],
        "voice_region": route["voice_region"],
        "date_created": iso8601(route["created"]),
        "date_updated": iso8601(route["updated"]),
    }
