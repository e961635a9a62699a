"""What the whole account has that concerns calls, for the person who adopts its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_twilio.client import TwilioError
from pulumi_twilio.delivery import split
from pulumi_twilio.webhook_api import RULES, list_all, rule_for
from pulumi_twilio.webhook_url import mask

from voicehooks.commands.adopt.sip import sip_notes
from voicehooks.output.counting import count
from voicehooks.vendors.errors import reported

if TYPE_CHECKING:
    from infra.settings import Settings
    from voicehooks.stack.deployed_state import State
    from voicehooks.vendors.twilio import Twilio

__all__ = ["RECORDING_DEFAULTS", "AccountProposal", "propose_account"]

RECORDING_DEFAULTS = "twilio:index:AccountRecordingDefaults"
_DEFAULT = "/v2/AccountDefaultConfiguration/Recording"


@dataclass(frozen=True)
class AccountProposal:
    """What would be taken over of the whole account.

    Attributes:
        settings: the keys of `voicehooks:account` that describe it; empty for nothing.
        to_import: whether the default recording configuration goes into the state.
        notes: what is left as it is, each a sentence.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    to_import: bool = False
    notes: tuple[str, ...] = ()


async def propose_account(twilio: Twilio, settings: Settings, state: State, what: str) -> AccountProposal:
    """Return what the settings can describe, and what stays as it is.

    Raises:
        CommandError: Twilio cannot be reached.
    """
    with reported(what):
        proposal = await _recording_default(twilio, settings, state)
        others = [
            *await _rule_notes(twilio, settings, state),
            *await _sink_notes(twilio, settings),
            *await sip_notes(twilio, settings),
        ]
    return AccountProposal(proposal.settings, proposal.to_import, (*proposal.notes, *others))


async def _recording_default(twilio: Twilio, settings: Settings, state: State) -> AccountProposal:
    if settings.account.is_managed or state.one(RECORDING_DEFAULTS):
        return AccountProposal()
    try:
        found = await twilio.client.get(_DEFAULT, host="voice")
    except TwilioError as error:
        if error.status in (403, 404):  # there is none, or this account or key cannot read it
            return AccountProposal()
        raise
    configuration = found["configuration"]
    callbacks = {
        split(str((configuration.get(name) or {}).get("url") or ""))[0]
        for name in ("callRecordingStatusCallback", "conferenceRecordingStatusCallback")
    }
    given: dict[str, Any] = {}
    if settings.webhook_url in callbacks:
        given["recordingCallback"] = True
    policy = configuration.get("compositionPolicy") or {}
    given |= {name: policy[name] for name in ("channels", "trim") if policy.get(name)}
    others = sorted(callbacks - {"", settings.webhook_url})
    notes = []
    if others:
        notes.append(
            f"the account's default recording configuration reports recordings to {mask(others[0])}; that "
            "stays as it is (account.recordingCallback with account.replaceExisting would change it)"
        )
    elif not given:
        notes.append("the account's default recording configuration has no callback; it stays as it is")
    return AccountProposal(given, to_import=bool(given), notes=tuple(notes))


async def _rule_notes(twilio: Twilio, settings: Settings, state: State) -> list[str]:
    """Name the webhook rule that applies to the functions; it stays, because its key's secret is not shown."""
    try:
        rules = await list_all(twilio.client, RULES)
    except TwilioError as error:
        if error.status in (403, 404):
            return []
        raise
    rule = rule_for(settings.webhook_url, rules)
    if rule is None or any(ours.id == rule["id"] for ours in state.all("twilio:index:WebhookRule")):
        return []
    name = f"{rule['friendlyName']} ({rule['id']})" if rule.get("friendlyName") else str(rule["id"])
    note = (
        f"the webhook rule {name} decides how Twilio signs and delivers the functions' requests; it stays as "
        "it is, and with a shared key in its setting the functions refuse every request"
    )
    return [note]


async def _sink_notes(twilio: Twilio, settings: Settings) -> list[str]:
    """Name the sinks of Event Streams, which stay; each could have subscriptions of other programs."""
    if settings.account.event_streams:
        return []
    try:
        sinks = (await twilio.client.get("/v1/Sinks", host="events")).get("sinks") or []
    except TwilioError as error:
        if error.status in (403, 404):
            return []
        raise
    if not sinks:
        return []
    names = ", ".join(f"{sink['sid']} ({sink['sink_type']})" for sink in sinks)
    note = (
        f"the account has {count(len(sinks), 'sink')} of Event Streams ({names}), which stay as they are "
        "(voicehooks:account: {eventStreams: true} would add one)"
    )
    return [note]
