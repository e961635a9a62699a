"""SIP domains and trunks of the settings: they point at our functions, and somebody can call through them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_twilio.delivery import split
from pulumi_twilio.sip.parts import listed
from pulumi_twilio.webhook_url import mask

from voicehooks.commands.doctor import links
from voicehooks.commands.doctor.model import Check, Finding, Result
from voicehooks.output.counting import count

if TYPE_CHECKING:
    from infra.settings import Settings
    from voicehooks.commands.doctor.context import Context

__all__ = ["CHECKS"]


async def _domains(context: Context) -> Result:
    """Twilio docs, "SIP Domain resource": its voice URL answers, and its lists say who may call."""
    settings = await context.settings()
    if not settings.sip_domains:
        return Result("the settings name no SIP domain")
    client = await context.twilio()
    found = await listed(client, client.account("SIP/Domains.json"))
    live = {domain["domain_name"]: domain for domain in found}
    findings = [f for name in settings.sip_domains for f in _of_domain(context, settings, name, live.get(name))]
    return Result(count(len(settings.sip_domains), "SIP domain"), findings)


def _of_domain(context: Context, settings: Settings, name: str, domain: dict[str, Any] | None) -> list[Finding]:
    def finding(what: str, observed: str, wanted: str) -> Finding:
        return Finding(
            what, context.up, subject=name, observed=observed, wanted=wanted, link=links.TWILIO_SIP_DOMAINS
        )

    if domain is None:
        return [finding("the account has no such SIP domain: its phones cannot call", "none", name)]
    findings = []
    for field, what in (
        ("voice_url", "its calls are answered by"),
        ("voice_status_callback_url", "the end of its calls is reported to"),
    ):
        url = split(str(domain[field] or ""))[0]
        if url != settings.webhook_url:
            place = mask(url) if url else "nobody"
            findings.append(finding(f"{what} {place}", place, settings.webhook_url))
    if not domain["auth_type"]:
        findings.append(
            Finding(
                "no list says who may call, so Twilio refuses every call with 403",
                do="give the domain credentialLists, ipAccessControlLists or networks in the settings",
                subject=name,
                observed="no list",
                wanted="a credential list or an IP access control list",
                link=links.TWILIO_SIP_DOMAINS,
            )
        )
    return findings


async def _trunks(context: Context) -> Result:
    """Twilio docs, "Trunk resource": its calls go to a PBX, and to a TwiML URL if that cannot be reached."""
    settings = await context.settings()
    if not settings.trunks:
        return Result("the settings name no SIP trunk")
    client = await context.twilio()
    live = {trunk["friendly_name"]: trunk for trunk in await listed(client, "/v1/Trunks", host="trunking")}
    findings = []
    for name, own in settings.trunks.items():
        trunk = live.get(name)
        if trunk is None:
            findings.append(
                Finding(
                    "the account has no such SIP trunk",
                    context.up,
                    subject=name,
                    observed="none",
                    wanted=name,
                    link=links.TWILIO_TRUNKS,
                )
            )
            continue
        default = own.disaster_recovery_url == "default"
        wanted = settings.fallback_function_url if default else own.disaster_recovery_url
        url = str(trunk["disaster_recovery_url"] or "")
        if wanted is not None and url != wanted:
            findings.append(
                Finding(
                    "its calls are lost if the PBX is down: the disaster recovery URL is not the one of the "
                    "settings",
                    context.up,
                    subject=name,
                    observed=mask(url) if url else "none",
                    wanted=mask(wanted) if wanted else "none",
                    link=links.TWILIO_TRUNKS,
                )
            )
        origins = await listed(client, f"/v1/Trunks/{trunk['sid']}/OriginationUrls", host="trunking")
        if not any(origin["enabled"] for origin in origins):
            findings.append(
                Finding(
                    "it has no origination URL that is enabled, so every call goes to disaster recovery",
                    do="give the trunk origins in the settings, or enable one in the console",
                    subject=name,
                    observed="none enabled",
                    wanted="an origination URL",
                    link=links.TWILIO_TRUNKS,
                )
            )
    return Result(count(len(settings.trunks), "SIP trunk"), findings)


CHECKS = (
    Check(
        "sip-domains",
        "The SIP domains of the settings point at the handler, and a list says who may call.",
        _domains,
        depends_on=("twilio-credentials", "account", "settings"),
        explains=("connecting", "updates"),
    ),
    Check(
        "sip-trunks",
        "The SIP trunks of the settings lead to a PBX, and to the fallback if that is down.",
        _trunks,
        depends_on=("twilio-credentials", "account", "settings"),
        explains=("connecting",),
    ),
)
