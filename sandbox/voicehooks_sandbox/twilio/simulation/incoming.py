"""An incoming call: what its number is configured for, and what it goes through.

What answers: a trunk before a TwiML App before the number's own URLs (Twilio docs, "IncomingPhoneNumber
resource"). The status callback of number or app hears of the end only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .instructions import Instructions
from .interruptions import CallOver
from .live_call import LiveCall
from .performer import perform
from .subscription import Subscription

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..store import Document
    from .leg import Leg
    from .switchboard import Switchboard


def receive(switchboard: Switchboard, wire: Mapping[str, Any], base_url: str) -> Document:
    """Let somebody call one of the account's numbers; the call goes on by itself.

    Args:
        switchboard: takes the call.
        wire: ``from``, ``to`` and the keys of a scenario.
        base_url: under which the twin is reached.

    Raises:
        ValueError: no account owns that number, or the scenario is not valid.
    """
    script = dict(wire)
    to, caller = str(script.pop("to", "")), str(script.pop("from", "+15557654321"))
    forwarded_from, caller_name = script.pop("forwardedFrom", None), script.pop("callerName", None)
    number = switchboard.state.numbers.by_number(to)
    if number is None:
        msg = f"The account of this sandbox has no number {to!r}; add it with POST /_sandbox/numbers."
        raise ValueError(msg)
    scenario = switchboard.scenario(script)
    document = switchboard.state.calls.create(
        account_sid=number["account_sid"],
        to=to,
        caller=caller,
        direction="inbound",
        status="ringing",
        moment=switchboard.state.clock.now(),
        phone_number_sid=number["sid"],
        forwarded_from=forwarded_from,
        caller_name=caller_name if number["voice_caller_id_lookup"] else None,
        trunk_sid=number["trunk_sid"],
        parameters=dict(scenario.parameters),
    )
    document["started"] = document["created"]
    call = LiveCall(switchboard.state, document, scenario, base_url)
    switchboard.run(call, _incoming(call, number))
    return document


async def _incoming(call: LiveCall, number: Document) -> None:
    """From the first request to the end of the TwiML."""
    state, leg = call.state, call.root
    call.note(leg.sid, "note", f"{leg.document['from']} calls {leg.document['to']}")
    account = state.accounts.get(number["account_sid"])
    if account is None or account["status"] != "active":
        call.note(leg.sid, "note", "the account is not active: the call is refused, no webhook is requested")
        raise CallOver("failed")
    if number["trunk_sid"]:
        call.note(
            leg.sid, "not-emulated", "the number belongs to a SIP trunk, which this sandbox does not emulate"
        )
        raise CallOver("failed")
    source = number
    if number["voice_application_sid"]:
        source = state.applications.find(number["voice_application_sid"]) or number
        leg.document["application_sid"] = number["voice_application_sid"]
    call.keep(leg.document)
    _subscribe_to_end(leg, source)
    if not source["voice_url"]:
        call.complain(11100, f"The number {leg.document['to']} has no voice URL")
        raise CallOver("failed")
    call.instructions = Instructions(
        source["voice_url"],
        source["voice_method"],
        source["voice_fallback_url"] or "",
        source["voice_fallback_method"],
    )
    token = {"CallToken": f"%7B%22parentCallInfoToken%22%3A%22{leg.sid}%22%7D"}
    await perform(call, await call.fetch(call.instructions, extra=token))


def _subscribe_to_end(leg: Leg, source: Document) -> None:
    if source["status_callback"]:
        events = frozenset({"completed"})
        leg.subscriptions = (Subscription(source["status_callback"], source["status_callback_method"], events),)
