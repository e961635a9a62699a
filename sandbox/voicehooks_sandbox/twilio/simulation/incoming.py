"""An incoming call: what its number is configured for, and what it goes through.

What answers: a trunk before a TwiML App before the number's own URLs (Twilio docs, "IncomingPhoneNumber
resource"). The status callback of number or app hears of the end only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..regions.models import HOME
from .instructions import Instructions
from .interruptions import CallOver, PartyChanged
from .live_call import LiveCall
from .performer import perform
from .scenario import FOREVER
from .sip_call import accept, as_source
from .subscription import Subscription
from .trunk_call import to_origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..store import Document
    from .leg import Leg
    from .switchboard import Switchboard


def receive(switchboard: Switchboard, wire: Mapping[str, Any], base_url: str) -> Document:
    """Let somebody call a number, a TwiML App or a SIP domain; the call goes on by itself.

    Args:
        switchboard: takes the call.
        wire: ``from``, ``to`` (a number, the SID of a TwiML App, or a SIP URI) and the keys of a scenario.
        base_url: under which the sandbox is reached.

    Raises:
        ValueError: no account owns that number, the SIP domain refuses the caller, or the scenario is not
            valid.
    """
    script = dict(wire)
    to, caller = str(script.pop("to", "")), str(script.pop("from", "+15557654321"))
    forwarded_from, caller_name = script.pop("forwardedFrom", None), script.pop("callerName", None)
    if to.startswith("AP"):
        return _receive_softphone(switchboard, to, str(wire.get("from", "client:softphone")), script, base_url)
    if to.startswith(("sip:", "sips:")):
        return _receive_sip(switchboard, to, wire.get("from"), script, base_url)
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


_DEEPEST = 10


def ring(switchboard: Switchboard, caller: LiveCall, leg: Leg, number: Document) -> None:
    """Let a leg of another call ring a number of the account: a second call, which comes in.

    The leg is answered when that call is, and each ends with the other.
    """
    if caller.depth >= _DEEPEST:
        text = f"{_DEEPEST} numbers of the account have called each other in a row: the sandbox stops here"
        caller.note(leg.sid, "not-emulated", text)
        caller.timeline.post(PartyChanged(leg.sid, "failed"), caller.now)
        return
    application = number["sid"].startswith("AP")
    to = str(number["to"] if application else number["phone_number"])
    script = caller.scenario.for_destination(leg.document["to"])
    # The caller's own turns and its hanging up are of the call that it makes, not of the one that comes in.
    scenario = replace(
        script,
        caller_hangs_up_after=FOREVER,
        gather=None if script is caller.scenario else script.gather,
        legs=caller.scenario.legs,
        parameters=number["parameters"] if application else {},
    )
    document = switchboard.state.calls.create(
        account_sid=number["account_sid"],
        to=to,
        caller=leg.document["from"],
        direction="inbound",
        status="ringing",
        moment=caller.now,
        phone_number_sid=None if application else number["sid"],
        trunk_sid=None if application else number["trunk_sid"],
        application_sid=number["sid"] if application else None,
        parameters=dict(scenario.parameters),
    )
    document["started"] = document["created"]
    call = LiveCall(switchboard.state, document, scenario, caller.base_url)
    call.depth = caller.depth + 1
    call.timeline.join(caller.timeline)
    call.changed = lambda status: leg.call.timeline.post(PartyChanged(leg.sid, status), call.now)
    leg.ended = lambda: call.timeline.post(CallOver("no-answer", caller=True), leg.call.now)
    what = "a TwiML App" if application else "a number of this account"
    caller.note(leg.sid, "note", f"{leg.document['to']} is {what}, which receives call {document['sid']}")
    switchboard.run(call, _to_application(call, number) if application else _incoming(call, number))


def _receive_softphone(
    switchboard: Switchboard, sid: str, caller: str, script: Mapping[str, Any], base_url: str
) -> Document:
    """A call that a Voice SDK client makes through a TwiML App.

    Source: Twilio docs, "Voice JavaScript SDK: Twilio.Device", connect: the parameters that the client passes
    come with the request to the app's voice URL. Such a call has no destination of its own.
    """
    application = switchboard.state.applications.find(sid)
    if application is None:
        msg = f"The account of this sandbox has no TwiML App {sid!r}."
        raise ValueError(msg)
    if not caller.startswith("client:"):
        msg = f'Only a softphone calls a TwiML App: "from" is client:NAME, not {caller!r}.'
        raise ValueError(msg)
    scenario = switchboard.scenario(script)
    document = switchboard.state.calls.create(
        account_sid=application["account_sid"],
        to="",
        caller=caller,
        direction="inbound",
        status="ringing",
        moment=switchboard.state.clock.now(),
        application_sid=sid,
        parameters=dict(scenario.parameters),
    )
    document["started"] = document["created"]
    call = LiveCall(switchboard.state, document, scenario, base_url)
    switchboard.run(call, _to_application(call, application))
    return document


def _receive_sip(
    switchboard: Switchboard, to: str, caller: object, script: dict[str, Any], base_url: str
) -> Document:
    """A call that a SIP phone or a PBX makes through a SIP domain."""
    domain, own, parameters = accept(switchboard.state, to, script)
    scenario = switchboard.scenario(script)
    document = switchboard.state.calls.create(
        account_sid=domain["account_sid"],
        to=to,
        caller=str(caller or own),
        direction="inbound",
        status="ringing",
        moment=switchboard.state.clock.now(),
        parameters={**parameters, **scenario.parameters},
    )
    document["started"] = document["created"]
    call = LiveCall(switchboard.state, document, scenario, base_url)
    switchboard.run(call, _to_domain(call, domain))
    return document


async def _to_domain(call: LiveCall, domain: Document) -> None:
    call.note(
        call.root.sid,
        "note",
        f"{call.root.document['from']} calls through the SIP domain {domain['domain_name']}",
    )
    _check_account(call)
    call.keep(call.root.document)
    await _ask(call, as_source(domain))


async def _to_application(call: LiveCall, application: Document) -> None:
    call.note(call.root.sid, "note", f"{call.root.document['from']} calls through {application['sid']}")
    _check_account(call)
    call.keep(call.root.document)
    await _ask(call, application)


async def _incoming(call: LiveCall, number: Document) -> None:
    """From the first request to the end of the TwiML."""
    state, leg = call.state, call.root
    call.note(leg.sid, "note", f"{leg.document['from']} calls {leg.document['to']}")
    _check_account(call)
    if number["trunk_sid"]:
        trunk = state.trunks.find(number["trunk_sid"])
        if trunk is None:
            call.note(leg.sid, "not-emulated", f"this sandbox has no trunk {number['trunk_sid']}")
            raise CallOver("failed")
        await to_origin(call, trunk)
        return
    if (region := state.regions.of(number)) != HOME:
        text = f"the call is processed in {region}, whose record of the number this sandbox does not have"
        call.note(leg.sid, "not-emulated", text)
        raise CallOver("failed")
    source = number
    if number["voice_application_sid"]:
        source = state.applications.find(number["voice_application_sid"]) or number
        leg.document["application_sid"] = number["voice_application_sid"]
    call.keep(leg.document)
    token = {"CallToken": f"%7B%22parentCallInfoToken%22%3A%22{leg.sid}%22%7D"}
    await _ask(call, source, token)


def _check_account(call: LiveCall) -> None:
    account = call.state.accounts.get(call.root.document["account_sid"])
    if account is None or account["status"] != "active":
        call.note(
            call.root.sid, "note", "the account is not active: the call is refused, no webhook is requested"
        )
        raise CallOver("failed")


async def _ask(call: LiveCall, source: Document, extra: Mapping[str, str] | None = None) -> None:
    """Run the TwiML of a number or a TwiML App."""
    leg = call.root
    _subscribe_to_end(leg, source)
    if not source["voice_url"]:
        name = source.get("phone_number") or source["sid"]
        call.complain(11100, f"{name} has no voice URL")
        raise CallOver("failed")
    call.instructions = Instructions(
        source["voice_url"],
        source["voice_method"],
        source["voice_fallback_url"] or "",
        source["voice_fallback_method"],
    )
    await perform(call, await call.fetch(call.instructions, extra=extra))


def _subscribe_to_end(leg: Leg, source: Document) -> None:
    if source["status_callback"]:
        events = frozenset({"completed"})
        leg.subscriptions = (Subscription(source["status_callback"], source["status_callback_method"], events),)
