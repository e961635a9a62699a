"""The numbers whose calls come to the environment's handler, from what the last update put in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_twilio import delivery

from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.stack.environment import Environment

__all__ = ["handled_numbers"]


def handled_numbers(environment: Environment) -> dict[str, bool]:
    """Return the numbers, each with whether its calls are forwarded to somebody.

    Raises:
        CommandError: nothing is deployed, or none of the numbers comes to the handler.
    """
    outputs = environment.engine.outputs()
    in_force: Mapping[str, Mapping[str, Any]] = outputs.get("numbers") or {}
    what = f"nothing to reconcile in {environment.name}"
    if not in_force:
        raise CommandError(
            what, "the stack has no numbers deployed", f"deploy it first: pulumi up --stack {environment.name}"
        )
    settings = environment.settings
    handled = {
        number: bool(properties.get("forwardTo"))
        for number, properties in in_force.items()
        if _comes(properties, settings.webhook_url, shared=settings.shared_application)
    }
    if not handled:
        raise CommandError(
            what, "none of its numbers has the handler as its voice URL, app or status callback", ""
        )
    return handled


def _comes(properties: Mapping[str, Any], webhook_url: str, *, shared: bool) -> bool:
    """Whether calls of a number come to the handler; `#` begins Twilio's connection overrides."""
    if properties.get("voiceApplicationSid"):  # takes the place of the number's own URLs
        return shared
    urls = (properties.get("voiceUrl"), properties.get("statusCallback"))
    return any(delivery.split(str(url))[0] == webhook_url for url in urls if url)
