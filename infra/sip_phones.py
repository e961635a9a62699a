"""The resources of `voicehooks:sipDomains` and `voicehooks:trunks`, which point at the functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_twilio as twilio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .settings import Settings
    from .sip_settings import SipDomainSettings, TrunkSettings

__all__ = ["SipPhones"]


class SipPhones(pulumi.ComponentResource):
    """Every SIP domain and trunk that an environment names.

    A resource always has the domain's or the trunk's name and this component as its parent, like a number's.

    Args:
        name: the component's name.
        settings: the environment's settings.
        after: the resources that must exist before anything points at them.
    """

    def __init__(self, name: str, settings: Settings, *, after: Sequence[pulumi.Resource]) -> None:
        super().__init__("voicehooks:index:SipPhones", name)
        options = pulumi.ResourceOptions(parent=self, depends_on=list(after))
        for domain, own in settings.sip_domains.items():
            _domain(settings, domain, own, options)
        for trunk, route in settings.trunks.items():
            _trunk(settings, trunk, route, options)
        self.register_outputs({})


def _domain(
    settings: Settings, name: str, own: SipDomainSettings, options: pulumi.ResourceOptions
) -> twilio.SipDomain:
    lists: list[Any] = list(own.ip_access_control_lists or [])
    if own.networks is not None:
        networks = twilio.SipIpAccessControlList(
            name,
            friendly_name=name[:64],
            addresses=own.networks,
            adopt_existing=own.adopt_existing or None,
            opts=pulumi.ResourceOptions(parent=options.parent),
        )
        lists.append(networks.list_sid)
    fallback, delivery = settings.defaults.fallback_url, settings.defaults.delivery
    return twilio.SipDomain(
        name,
        domain_name=name,
        friendly_name=own.friendly_name,
        voice_url=settings.webhook_url,
        voice_method="POST",
        voice_fallback_url=settings.fallback_function_url if fallback == "default" else fallback,
        voice_fallback_method="POST" if fallback else None,
        status_callback=settings.webhook_url,
        status_callback_method="POST",
        delivery=None if delivery is None else delivery.overrides(),
        sip_registration=own.registration,
        secure=own.secure,
        credential_lists=own.credential_lists,
        ip_access_control_lists=lists or own.ip_access_control_lists,
        registration_credential_lists=own.credential_lists if own.registration else None,
        adopt_existing=own.adopt_existing or None,
        opts=options,
    )


def _trunk(
    settings: Settings, name: str, own: TrunkSettings, options: pulumi.ResourceOptions
) -> twilio.SipTrunk:
    default = own.disaster_recovery_url == "default"
    return twilio.SipTrunk(
        name,
        friendly_name=name,
        domain_name=own.domain_name,
        disaster_recovery_url=settings.fallback_function_url if default else own.disaster_recovery_url,
        disaster_recovery_method="POST" if own.disaster_recovery_url else None,
        recording_mode=own.record,
        recording_trim=own.trim,
        secure=own.secure,
        origination_urls=None
        if own.origins is None
        else [
            {
                "sipUrl": origin.sip_url,
                "priority": origin.priority,
                "weight": origin.weight,
                "enabled": origin.enabled,
            }
            for origin in own.origins
        ],
        phone_numbers=own.numbers,
        adopt_existing=own.adopt_existing or None,
        replace_existing=own.replace_existing or None,
        opts=options,
    )
