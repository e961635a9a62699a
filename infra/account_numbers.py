"""The numbers of an environment: those that it names, and with "*" the others that are not in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_twilio as twilio
from pulumi_twilio import delivery
from pulumi_twilio.webhook_url import is_demo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .number_settings import NumberSettings
    from .settings import Settings

__all__ = ["application_name", "numbers_of", "why_not"]


def application_name(environment: str) -> str:
    """Return the name of the environment's shared TwiML App."""
    return f"voicehooks {environment}"


def numbers_of(settings: Settings, environment: str) -> dict[str, NumberSettings]:
    """Return every number of the environment with the settings that differ from the defaults.

    With "*" this lists the account's numbers, and reports each number that it leaves out with the reason.
    """
    numbers = dict(settings.named_numbers)
    if "*" not in settings.numbers:
        return numbers
    apps = twilio.get_applications().applications
    ours = {a["applicationSid"] for a in apps if a["friendlyName"] == application_name(environment)}
    skipped = []
    for number in twilio.get_phone_numbers().phone_numbers:
        e164 = number["phoneNumber"]
        if e164 in numbers:
            continue
        reason = why_not(number, settings.webhook_url, ours)
        if reason is None:
            numbers[e164] = settings.numbers["*"]
        else:
            skipped.append(f"{e164} ({reason})")
    if skipped:
        pulumi.log.info(f'"*" leaves out {len(skipped)}: {", ".join(skipped)}')
    return numbers


def why_not(number: Mapping[str, Any], webhook_url: str, our_applications: set[str]) -> str | None:
    """Return why "*" does not include a number, or None if it does.

    Args:
        number: as ``get_phone_numbers`` returns it.
        webhook_url: the environment's own webhook URL.
        our_applications: SIDs of the environment's own TwiML App.
    """
    if not number["voice"]:
        return "no voice"
    if number["trunkSid"]:
        return f"trunk {number['trunkSid']}"
    app = number["voiceApplicationSid"]
    if app and app not in our_applications:
        return f"TwiML App {app}"
    url = delivery.split(number["voiceUrl"])[0]
    if url and not app and url != webhook_url and not is_demo(url):
        return "another voice URL"
    return None
