"""The component that ties numbers to a webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_twilio as twilio

from .account_numbers import application_name
from .originals import own_urls
from .settings import NumberSettings
from .settings_model import ActsOn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .originals import NumberOriginals
    from .settings import Settings

__all__ = ["VoiceWebhooks"]


class VoiceWebhooks(pulumi.ComponentResource):
    """The voice configuration of every number that an environment names.

    A number's resource is always named by its E.164 number and always has this component as its parent:
    another name or parent would look to the engine like one number taken away and another one added. Whoever
    changes either ships an alias for the old one.

    Args:
        name: the component's name.
        settings: the environment's settings.
        numbers: each number with what differs for it from the defaults.
        environment: the environment's name.
        originals: what the numbers had before.
        after: what must stand before a number points at it.

    Attributes:
        numbers: the numbers' resources by E.164 number.
        application: the TwiML App that they share, or None where each has the URLs itself.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        numbers: Mapping[str, NumberSettings],
        environment: str,
        originals: NumberOriginals,
        *,
        after: Sequence[pulumi.Resource],
    ) -> None:
        super().__init__("voicehooks:index:VoiceWebhooks", name)
        # What `voicehooks divert` has sent elsewhere stays there, and that is what the outputs say.
        numbers = {number: own.with_diversion(settings.diverted.get(number)) for number, own in numbers.items()}
        self._settings = {number: own.with_defaults(settings.defaults) for number, own in numbers.items()}
        options = pulumi.ResourceOptions(parent=self, depends_on=list(after))
        self.application: twilio.Application | None = None
        if settings.shared_application:
            self.application = twilio.Application(
                "shared",
                friendly_name=application_name(environment),
                **_urls(settings, settings.defaults),
                own_urls=own_urls(settings),
                opts=options,
            )
        number_options = pulumi.ResourceOptions.merge(
            options, pulumi.ResourceOptions(protect=settings.protect_numbers)
        )
        self.numbers = {
            number: twilio.VoiceConfiguration(
                number,
                phone_number=number,
                own_urls=own_urls(settings),
                original=originals.of(number),
                **(self._route(settings, own, self._settings[number]) | _diverted(settings, number)),
                **_ownership(self._settings[number]),
                opts=number_options,
            )
            for number, own in numbers.items()
        }
        self.register_outputs({})

    def _route(self, settings: Settings, own: NumberSettings, effective: NumberSettings) -> dict[str, Any]:
        """Return the app for a number that shares it, its own URLs for one that differs in any of them."""
        if self.application is None or not own.model_fields_set.isdisjoint(
            NumberSettings.acting_on(ActsOn.NUMBER)
        ):
            return _urls(settings, effective)
        return {"voice_application_sid": self.application.application_sid}

    @property
    def in_force(self) -> dict[str, pulumi.Output[dict[str, Any]]]:
        """Every property in force, by E.164 number: what Twilio has, and what the handler is told."""
        return {
            number: _with_settings(self._settings[number], _at_twilio(resource))
            for number, resource in self.numbers.items()
        }


def _with_settings(
    settings: NumberSettings, at_twilio: pulumi.Output[dict[str, Any]]
) -> pulumi.Output[dict[str, Any]]:
    told = settings.model_dump(mode="json", by_alias=True, exclude_none=True)
    return at_twilio.apply(lambda live: {**told, **live})


def _urls(settings: Settings, number: NumberSettings) -> dict[str, Any]:
    """Return the URL arguments that some settings mean; what they leave open is left out."""
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
    urls = [name for name, url in given.items() if url]
    methods = {f"{name.removesuffix('_url')}_method": "POST" for name in urls}
    delivery = {"delivery": number.delivery.overrides()} if number.delivery is not None and urls else {}
    return {**given, **methods, **delivery}


def _diverted(settings: Settings, number: str) -> dict[str, Any]:
    """Return what a diverted number needs beside its URL."""
    diversion = settings.diverted.get(number)
    if diversion is None:
        return {}
    return {"voice_method": diversion.method, "voice_application_sid": ""}


def _ownership(number: NumberSettings) -> dict[str, Any]:
    """Return the arguments that say what may be taken over and what is given back."""
    return number.model_dump(include=set(NumberSettings.acting_on(ActsOn.RESOURCE)), exclude_none=True)


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
