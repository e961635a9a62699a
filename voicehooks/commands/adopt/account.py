"""What the whole account has that concerns calls, for the person who adopts its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_twilio.client import TwilioError
from pulumi_twilio.delivery import split
from pulumi_twilio.webhook_url import mask

from voicehooks.vendors.errors import reported

if TYPE_CHECKING:
    from infra.settings import Settings
    from voicehooks.vendors.twilio import Twilio

__all__ = ["notes_of"]

_PATH = "/v2/AccountDefaultConfiguration/Recording"


async def notes_of(twilio: Twilio, settings: Settings, what: str) -> tuple[str, ...]:
    """Return what is left as it is, each a sentence; empty where the settings manage it or there is nothing.

    Raises:
        CommandError: Twilio cannot be reached.
    """
    if settings.account.is_managed:
        return ()
    with reported(what):
        try:
            found = await twilio.client.get(_PATH, host="voice")
        except TwilioError as error:
            if error.status in (403, 404):  # there is none, or this account or key cannot read it
                return ()
            raise
    callback = (found["configuration"].get("callRecordingStatusCallback") or {}).get("url")
    reports = f"reports recordings to {mask(split(str(callback))[0])}" if callback else "has no callback"
    note = (
        f"the account's default recording configuration {reports}; it stays as it is "
        "(voicehooks:account would manage it)"
    )
    return (note,)
