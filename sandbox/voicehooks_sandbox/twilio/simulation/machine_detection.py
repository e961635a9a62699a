"""Answering machine detection: what it reports, and how long it takes.

Source: Twilio docs, "Answering Machine Detection". With ``Enable`` a machine is ``machine_start``; with
``DetectMessageEnd`` it is ``machine_end_beep``, ``machine_end_silence`` or ``machine_end_other``; after
``MachineDetectionTimeout`` the result is ``unknown``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .live_call import LiveCall
    from .scenario import Scenario
    from .subscription import Subscription

_ENDS = ("machine_end_beep", "machine_end_silence", "machine_end_other")


@dataclass(frozen=True)
class MachineDetection:
    """Machine detection as ordered.

    Attributes:
        to_message_end: whether a machine's greeting is listened to until its end.
        timeout: seconds after which the result is ``unknown``.
        callback: where the result goes while the call continues; None if the call waits for it.
    """

    to_message_end: bool
    timeout: int
    callback: Subscription | None

    def result(self, script: Scenario) -> str:
        """What is reported about a party, with the value that this mode has for it."""
        if script.detection_seconds > self.timeout:
            return "unknown"
        said = script.answered_by
        if self.to_message_end:
            return _ENDS[0] if said == "machine_start" else said
        return "machine_start" if said in _ENDS else said


async def detect(call: LiveCall, order: MachineDetection, script: Scenario) -> dict[str, str]:
    """Wait for the result, or have it reported later; the parameters for the TwiML request."""
    seconds = min(script.detection_seconds, order.timeout)
    told = {
        "AnsweredBy": order.result(script),
        "MachineDetectionDuration": str(round(seconds * 1000)),
    }
    document = call.root.document

    def finish() -> None:
        document["answered_by"] = told["AnsweredBy"]
        call.keep(document)
        call.note(call.root.sid, "note", f"machine detection: {told['AnsweredBy']}")

    if order.callback is None:
        await call.wait(seconds)
        finish()
        call.end_parameters |= told
        return told
    callback = order.callback

    def report() -> None:
        if call.root.over:
            told["AnsweredBy"] = "unknown"  # the call ended before
        finish()
        params = {"CallSid": call.root.sid, "AccountSid": document["account_sid"], **told}
        call.tell("status", callback.url, callback.method, params, document)

    call.at(call.now + seconds, report)
    return {}
