"""Answering machine detection: what it reports, and how long it takes.

Source: Twilio docs, "Answering Machine Detection", "TwiML <Number>", "<Sip>"; error dictionary 21262. With
``Enable`` a machine is ``machine_start``; with ``DetectMessageEnd`` it is ``machine_end_beep``,
``machine_end_silence`` or ``machine_end_other``; after ``MachineDetectionTimeout`` the result is ``unknown``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .instructions import http_method, resolve
from .subscription import Subscription

if TYPE_CHECKING:
    from ..twiml.document import Verb
    from .instructions import Page
    from .leg import Leg
    from .live_call import LiveCall
    from .scenario import Scenario

_ENDS = ("machine_end_beep", "machine_end_silence", "machine_end_other")


@dataclass(frozen=True)
class MachineDetection:
    """Machine detection as ordered.

    Attributes:
        to_message_end: whether a machine's greeting is listened to until its end.
        timeout: seconds after which the result is ``unknown``.
        blocking: whether the call waits for the result.
        callback: where the result goes while the call continues; None for nowhere.
    """

    to_message_end: bool
    timeout: int
    blocking: bool
    callback: Subscription | None = None

    def result(self, script: Scenario) -> str:
        """What is reported about a party, with the value that this mode has for it."""
        if script.detection_seconds > self.timeout:
            return "unknown"
        said = script.answered_by
        if self.to_message_end:
            return _ENDS[0] if said == "machine_start" else said
        return "machine_start" if said in _ENDS else said


async def detect(call: LiveCall, leg: Leg, order: MachineDetection, script: Scenario) -> dict[str, str]:
    """Wait for the result, or have it reported later.

    Args:
        call: the call.
        leg: whose party it is about.
        order: how it is detected.
        script: what the party is.

    Returns:
        The parameters for the TwiML request; none if the result comes later.
    """
    seconds = min(script.detection_seconds, order.timeout)
    result = {
        "AnsweredBy": order.result(script),
        "MachineDetectionDuration": str(round(seconds * 1000)),
    }
    document = leg.document

    def finish() -> None:
        document["answered_by"] = result["AnsweredBy"]
        call.keep(document)
        call.note(leg.sid, "note", f"machine detection: {result['AnsweredBy']}")

    if order.blocking:
        await call.wait(seconds)
        finish()
        call.end_parameters |= result
        return result

    def report() -> None:
        if leg.over:
            result["AnsweredBy"] = "unknown"  # the call ended before
        finish()
        if order.callback is not None:
            params = {"CallSid": leg.sid, "AccountSid": document["account_sid"], **result}
            call.tell("status", order.callback.url, order.callback.method, params, document)

    if order.callback is None:
        call.complain(21262, "No AMD status callback URL provided", level="warning")
    call.at(call.now + seconds, report)
    return {}


def dialed_detection(page: Page, noun: Verb) -> MachineDetection | None:
    """The machine detection that a ``<Number>`` or a ``<Sip>`` asks for; the conversation does not wait."""
    mode = noun.get("machineDetection")
    if mode not in {"Enable", "DetectMessageEnd"}:
        return None
    url = noun.get("amdStatusCallback")
    method = http_method(noun.get("amdStatusCallbackMethod"))
    return MachineDetection(
        to_message_end=mode == "DetectMessageEnd",
        timeout=noun.number("machineDetectionTimeout", 30, low=3, high=60),
        blocking=False,
        callback=Subscription(resolve(page, url), method, frozenset()) if url else None,
    )
