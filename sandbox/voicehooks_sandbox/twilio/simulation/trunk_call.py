"""A call to a number of a SIP trunk rings the trunk's origination URLs; if all fail, its TwiML is requested.

Sources: Twilio docs, "Elastic SIP Trunking: Origination" (priority before weight), "Trunk resource"
(``disaster_recovery_url`` is TwiML, requested where no origination URL can be reached).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .instructions import Instructions
from .interruptions import CallOver
from .performer import perform
from .recorder import RecordingInProgress, RecordingPlan

if TYPE_CHECKING:
    from ..store import Document
    from .live_call import LiveCall
    from .scenario import Scenario


async def to_origin(call: LiveCall, trunk: Document) -> None:
    """Ring the trunk's origination URLs, the lowest priority first, until one can be reached.

    Raises:
        CallOver: the call is over.
    """
    leg = call.root
    urls = [item for item in call.state.trunks.originations(trunk["sid"]) if item["enabled"]]
    for origination in sorted(urls, key=lambda item: (item["priority"], -item["weight"])):
        script = call.scenario.for_destination(origination["sip_url"])
        call.note(leg.sid, "note", f"the trunk rings {origination['sip_url']}")
        await call.wait(script.setup_seconds)
        if script.outcome != "failed":
            await _converse(call, trunk, script)
        call.note(leg.sid, "note", f"{origination['sip_url']} cannot be reached")
    if not urls:
        call.note(leg.sid, "note", "the trunk has no origination URL that is enabled")
    if not trunk["disaster_recovery_url"]:
        call.note(leg.sid, "note", "the trunk has no disaster recovery URL")
        raise CallOver("failed")
    call.note(leg.sid, "note", "the trunk's disaster recovery URL is requested")
    call.instructions = Instructions(trunk["disaster_recovery_url"], trunk["disaster_recovery_method"])
    await perform(call, await call.fetch(call.instructions))


async def _converse(call: LiveCall, trunk: Document, script: Scenario) -> None:
    """Let the PBX answer, or decline; its answer is the call's.

    Raises:
        CallOver: always.
    """
    mode = trunk["recording"]["mode"]
    if "ringing" in mode:
        _record(call, mode)
    if script.outcome != "answered":
        await call.wait(script.ring_seconds)
        raise CallOver(script.outcome)
    await call.wait(script.ring_seconds)
    call.answer_root()
    if "answer" in mode:
        _record(call, mode)
    await call.wait(script.talk_seconds)
    call.note(call.root.sid, "note", "the PBX hangs up")
    raise CallOver("completed")


def _record(call: LiveCall, mode: str) -> None:
    channels = 2 if mode.endswith("-dual") else 1
    RecordingInProgress(call, call.root, RecordingPlan("Trunking", channels=channels))
