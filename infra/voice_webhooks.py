"""The component that points numbers at the webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_twilio as twilio

from .account_numbers import application_name
from .number_settings import NumberSettings
from .originals import own_urls
from .settings_model import ActsOn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .originals import NumberOriginals
    from .settings import Settings

__all__ = ["VoiceWebhooks"]


class VoiceWebhooks(pulumi.ComponentResource):
    """The voice configuration of every number that an environment names.

    A number's resource always has its E.164 number as its name and this component as its parent. With another
    name or parent, the engine would see one number removed and another one added. To change either, add
    an alias for the old one.

    Args:
        name: the component's name.
        settings: the environment's settings.
        numbers: each number with the settings that differ from the defaults.
        environment: the environment's name.
        originals: the numbers' previous configuration.
        after: the resources that must exist before a number points at them.

    Attributes:
        numbers: the numbers' resources by E.164 number.
        application: the TwiML App that they share, or None if each number has its own URLs.
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
        # A diverted number keeps its temporary URL, and the outputs show it.
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
        """Return the app if the number shares it, or the number's own URLs if one of them differs."""
        if self.application is None or not own.model_fields_set.isdisjoint(
            NumberSettings.acting_on(ActsOn.NUMBER)
        ):
            return _urls(settings, effective)
        return {"voice_application_sid": self.application.application_sid}

    @property
    def in_force(self) -> dict[str, pulumi.Output[dict[str, Any]]]:
        """Every effective property by E.164 number: the configuration at Twilio and the handler's settings."""
        return {
            number: _with_settings(self._settings[number], _at_twilio(resource))
            for number, resource in self.numbers.items()
        }


def _with_settings(
    settings: NumberSettings, at_twilio: pulumi.Output[dict[str, Any]]
) -> pulumi.Output[dict[str, Any]]:
    own = settings.model_dump(mode="json", by_alias=True, exclude_none=True)
    return at_twilio.apply(lambda live: {**own, **live})


def _urls(settings: Settings, number: NumberSettings) -> dict[str, Any]:
    """Return the URL arguments of some settings; an absent setting gives no argument."""
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
    """Return the arguments that a diverted number needs in addition to its URL."""
    diversion = settings.diverted.get(number)
    if diversion is None:
        return {}
    return {"voice_method": diversion.method, "voice_application_sid": ""}


def _ownership(number: NumberSettings) -> dict[str, Any]:
    """Return the arguments that say what may be replaced and what a deletion restores."""
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
