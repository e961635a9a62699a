"""The component that ties numbers to a webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_twilio as twilio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .settings import NumberSettings, Settings

__all__ = ["VoiceWebhooks"]


class VoiceWebhooks(pulumi.ComponentResource):
    """The voice configuration of every number that an environment names.

    A number's resource is always named by its E.164 number and always has this component as its parent:
    another name or parent would look to the engine like one number taken away and another one added. Whoever
    changes either ships an alias for the old one.

    Args:
        name: the component's name.
        settings: the environment's settings.
        after: what must stand before a number points at it.
    """

    def __init__(self, name: str, settings: Settings, *, after: Sequence[pulumi.Resource]) -> None:
        super().__init__("voicehooks:index:VoiceWebhooks", name)
        self._settings = settings
        self.numbers = {
            number: twilio.VoiceConfiguration(
                number,
                phone_number=number,
                **_voice_properties(settings, settings.number(number)),
                opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
            )
            for number in settings.numbers
        }
        self.register_outputs({})

    @property
    def in_force(self) -> dict[str, pulumi.Output[dict[str, Any]]]:
        """Every property in force, by E.164 number: what Twilio has, and what the handler is told."""
        return {
            number: _at_twilio(resource).apply(
                lambda live, own=self._settings.number(number): {
                    **own.model_dump(mode="json", by_alias=True, exclude_none=True),
                    **live,
                }
            )
            for number, resource in self.numbers.items()
        }


def _voice_properties(settings: Settings, number: NumberSettings) -> dict[str, Any]:
    """Return the arguments of a number's VoiceConfiguration; what the settings leave open is left out."""
    given: dict[str, Any] = {}
    if number.voice_url is not None:
        given["voice_url"] = number.voice_url
    elif number.answer is not None:
        given["voice_url"] = settings.webhook_url if number.answer else ""
    if number.status_callback is not None:
        given["status_callback"] = number.status_callback
    elif number.status_events is not None:
        given["status_callback"] = settings.webhook_url if "completed" in number.status_events else ""
    if number.fallback_url is not None:
        default = number.fallback_url == "default"
        given["voice_fallback_url"] = settings.fallback_function_url if default else number.fallback_url
    given |= {
        f"{url.removesuffix('_url')}_method": "POST"
        for url in ("voice_url", "voice_fallback_url", "status_callback")
        if given.get(url)
    }
    if number.delivery is not None and any(given.get(u) for u in _URLS):
        given["delivery"] = number.delivery.overrides()
    if number.replace_existing is not None:
        given["replace_existing"] = number.replace_existing
    if number.on_delete is not None:
        given["on_delete"] = number.on_delete
    return given


_URLS = ("voice_url", "voice_fallback_url", "status_callback")


def _at_twilio(number: twilio.VoiceConfiguration) -> pulumi.Output[dict[str, Any]]:
    properties: pulumi.Output[dict[str, Any]] = pulumi.Output.all(
        phoneNumberSid=number.phone_number_sid,
        voiceUrl=number.voice_url,
        voiceMethod=number.voice_method,
        voiceFallbackUrl=number.voice_fallback_url,
        voiceFallbackMethod=number.voice_fallback_method,
        statusCallback=number.status_callback,
        statusCallbackMethod=number.status_callback_method,
        voiceApplicationSid=number.voice_application_sid,
        trunkSid=number.trunk_sid,
        voiceCallerIdLookup=number.voice_caller_id_lookup,
        delivery=number.delivery,
    )
    return properties
