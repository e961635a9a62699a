"""A number's voice URL at Twilio: read it, and write it with one request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicehooks.output.errors import CommandError
from voicehooks.output.identifiers import shorten

if TYPE_CHECKING:
    from voicehooks.vendors.twilio import Twilio

__all__ = ["Route", "TwilioNumber", "find", "write"]


@dataclass(frozen=True)
class Route:
    """What answers a number's calls.

    Attributes:
        voice_url: asked where there is no application.
        voice_method: how.
        voice_application_sid: the TwiML App that answers in its place, or empty.
    """

    voice_url: str
    voice_method: str
    voice_application_sid: str

    def __str__(self) -> str:
        """The URL or the app, for people."""
        if self.voice_application_sid:
            return f"the TwiML App {self.voice_application_sid}"
        return self.voice_url or "(nothing)"


@dataclass(frozen=True)
class TwilioNumber:
    """A number as Twilio has it."""

    number: str
    sid: str
    route: Route


async def find(twilio: Twilio, number: str) -> TwilioNumber:
    """Look a number up.

    Raises:
        CommandError: the account does not own it, its calls go to a trunk, or Twilio cannot be reached.
    """
    what = f"{number} cannot be diverted"
    found = await twilio.number(what, number)
    if found is None:
        raise CommandError(
            what,
            f"the account {shorten(twilio.account_sid)} does not own it",
            "write it as +15551234567, and see that --stack names the environment that has it",
        )
    if found.get("trunk_sid"):
        raise CommandError(
            what,
            f"its calls go to the SIP trunk {found['trunk_sid']}, whatever its voice URL is",
            "divert them at the trunk",
        )
    return TwilioNumber(
        number,
        str(found["sid"]),
        Route(found["voice_url"] or "", found["voice_method"] or "POST", found["voice_application_sid"] or ""),
    )


async def write(twilio: Twilio, number: TwilioNumber, route: Route) -> None:
    """Write what answers the number's calls, all of it in one request.

    Raises:
        CommandError: Twilio refuses it or cannot be reached.
    """
    form = {
        "VoiceUrl": route.voice_url,
        "VoiceMethod": route.voice_method,
        "VoiceApplicationSid": route.voice_application_sid,
    }
    await twilio.post(f"{number.number} was not changed", f"IncomingPhoneNumbers/{number.sid}.json", form)
