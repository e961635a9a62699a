"""A call that was ordered through the API: queued, dialed, rung, answered, and then run by its TwiML.

Source: Twilio docs, "Call resource" (statuses and status callback events).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .interruptions import CallOver, PartyChanged
from .live_call import LiveCall
from .machine_detection import detect
from .performer import perform
from .recorder import RecordingInProgress

if TYPE_CHECKING:
    from ..calls.create_request import CreateCall
    from ..store import Document
    from .scenario import Scenario
    from .switchboard import Switchboard


def place(switchboard: Switchboard, account: Document, order: CreateCall, base_url: str) -> Document:
    """Queue a call; it goes on by itself."""
    number = switchboard.state.numbers.by_number(order.caller)
    queued = switchboard.queue_seconds(account)
    document = switchboard.state.calls.create(
        account_sid=account["sid"],
        to=order.to,
        caller=order.caller,
        direction="outbound-api",
        status="queued",
        moment=switchboard.state.clock.now(),
        phone_number_sid=None if number is None else number["sid"],
        application_sid=order.application_sid or None,
        queue_time=str(round(queued * 1000)),
    )
    call = LiveCall(switchboard.state, document, switchboard.scenario({}), base_url)
    call.root.subscriptions = order.subscriptions
    call.instructions = order.instructions
    switchboard.run(call, _outgoing(call, order, queued))
    return dict(document)


async def _outgoing(call: LiveCall, order: CreateCall, queued: float) -> None:
    leg = call.root
    script = call.root_script = call.scenario.for_destination(order.to)
    call.note(leg.sid, "note", f"the API calls {order.to} from {order.caller}")
    if order.ignored:
        call.note(leg.sid, "not-emulated", f"of the API's parameters, {', '.join(order.ignored)}: skipped")
    await call.wait(queued)
    leg.initiate()
    number = call.state.numbers.by_number(order.to)
    if number is None:
        await _ring_party(call, order, script)
    else:
        await _ring_number(call, order, number)
    leg.answer()
    call.limit_at = call.now + (order.time_limit or 14_400)
    if script.caller_hangs_up_after != float("inf"):
        call.hang_up_at = call.now + script.caller_hangs_up_after
    if order.recording is not None:
        call.recording = RecordingInProgress(call, leg, order.recording)
    detected = {}
    if order.machine_detection is not None:
        detected = await detect(call, leg, order.machine_detection, script)
    await perform(call, await call.fetch(call.instructions, extra=detected))


async def _ring_number(call: LiveCall, order: CreateCall, number: Document) -> None:
    """Ring a number of this sandbox, which receives a call of its own.

    Raises:
        CallOver: it does not answer.
    """
    if call.ring_number is not None:
        call.ring_number(call, call.root, number)
    call.root.ring()
    try:
        await call.wait(order.timeout)
    except PartyChanged as changed:
        if changed.status != "in-progress":
            raise CallOver(changed.status) from None
    else:
        raise CallOver("no-answer")


async def _ring_party(call: LiveCall, order: CreateCall, script: Scenario) -> None:
    """Ring somebody, who does what the scenario says.

    Raises:
        CallOver: nobody answers.
    """
    leg = call.root
    await call.wait(script.setup_seconds)
    if script.outcome == "failed":
        raise CallOver("failed")
    rings = order.timeout if script.outcome == "no-answer" else min(script.ring_seconds, order.timeout)
    if rings > 0:
        leg.ring()
        try:
            await call.wait(rings)
        except PartyChanged as changed:  # somebody answers or declines through the control plane
            if changed.status != "in-progress":
                raise CallOver(changed.status) from None
            return
    if script.outcome == "no-answer" or script.ring_seconds > order.timeout:
        raise CallOver("no-answer")
    if script.outcome in {"busy", "canceled"}:
        raise CallOver(script.outcome)
