"""The SIP domains and trunks of the account, for the person who adopts its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_twilio.client import TwilioError
from pulumi_twilio.delivery import split
from pulumi_twilio.sip.parts import listed
from pulumi_twilio.webhook_url import mask

if TYPE_CHECKING:
    from pulumi_twilio.client import TwilioClient

    from infra.settings import Settings
    from voicehooks.vendors.twilio import Twilio

__all__ = ["sip_notes"]


async def sip_notes(twilio: Twilio, settings: Settings) -> list[str]:
    """Return a sentence for each SIP domain and trunk that the settings do not name, which stays as it is."""
    return [*await _sip_domains(twilio, settings), *await _trunks(twilio, settings)]


async def _sip_domains(twilio: Twilio, settings: Settings) -> list[str]:
    client = twilio.client
    return [
        f"the SIP domain {domain['domain_name']} is answered by "
        f"{mask(split(str(domain['voice_url']))[0]) if domain['voice_url'] else 'nobody'}; it stays as it is "
        "(voicehooks:sipDomains with adoptExisting would manage it)"
        for domain in await _all(client, client.account("SIP/Domains.json"), "api")
        if domain["domain_name"] not in settings.sip_domains
    ]


async def _trunks(twilio: Twilio, settings: Settings) -> list[str]:
    notes = []
    for trunk in await _all(twilio.client, "/v1/Trunks", "trunking"):
        if trunk["friendly_name"] in settings.trunks:
            continue
        url = trunk["disaster_recovery_url"]
        recovery = f"asks {mask(str(url))} if its PBX is down" if url else "has no disaster recovery URL"
        notes.append(
            f"the SIP trunk {trunk['friendly_name'] or trunk['sid']} {recovery}; it stays as it is "
            "(voicehooks:trunks with adoptExisting would manage it)"
        )
    return notes


async def _all(client: TwilioClient, path: str, host: str) -> list[dict[str, Any]]:
    try:
        return await listed(client, path, host=host)
    except TwilioError as error:
        if error.status in (403, 404):  # this account or key cannot read them
            return []
        raise
