"""What ``POST /Calls`` asks for, checked as Twilio checks it.

Source: Twilio docs, "Call resource: create a call"; twilio-oai, twilio_api_v2010 (CreateCall).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..numbers.models import as_dialed, is_e164
from ..parameters import is_url
from ..simulation.instructions import Instructions
from ..simulation.machine_detection import MachineDetection
from ..simulation.recorder import EVENTS as RECORDING_EVENTS
from ..simulation.recorder import RecordingPlan
from ..simulation.subscription import EVENTS, Subscription
from . import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..emulator import Emulator
    from ..store import Document

_CALLBACKS = ("StatusCallback", "RecordingStatusCallback", "AsyncAmdStatusCallback")
_URLS = ("Url", "FallbackUrl", "ClientNotificationUrl", *_CALLBACKS)
_METHODS = ("Method", "FallbackMethod", *(f"{name}Method" for name in _CALLBACKS))
_CHOICES = {
    "RecordingChannels": {"mono", "dual"},
    "RecordingTrack": {"inbound", "outbound", "both"},
    "Trim": {"trim-silence", "do-not-trim"},
    "MachineDetection": {"Enable", "DetectMessageEnd"},
}
_IGNORED = (
    "Byoc",
    "CallReason",
    "CallToken",
    "CallerId",
    "ClientNotificationUrl",
    "MachineDetectionSilenceTimeout",
    "MachineDetectionSpeechEndThreshold",
    "MachineDetectionSpeechThreshold",
    "SendDigits",
    "SipAuthPassword",
    "SipAuthUsername",
    "Trim",
)
_RANGES = {
    "Timeout": (1, 600),
    "TimeLimit": (1, 86_400),
    "MachineDetectionTimeout": (3, 60),
    "MachineDetectionSpeechThreshold": (1000, 6000),
    "MachineDetectionSpeechEndThreshold": (500, 5000),
    "MachineDetectionSilenceTimeout": (2000, 10_000),
}


@dataclass(frozen=True)
class CreateCall:
    """A call as ordered.

    Attributes:
        to: E.164 number, ``client:...`` or ``sip:...``.
        caller: the caller ID.
        instructions: where its TwiML comes from.
        subscriptions: where its events are reported.
        timeout: seconds it may ring.
        time_limit: seconds it may last, None for the account's own limit.
        recording: how it is recorded, None when it is not.
        machine_detection: how it is found out who answered; None if it is not.
        application_sid: of the TwiML App it is run by, empty for none.
        ignored: parameters that the sandbox does not act on.
    """

    to: str
    caller: str
    instructions: Instructions
    subscriptions: tuple[Subscription, ...]
    timeout: int
    time_limit: int | None
    recording: RecordingPlan | None
    machine_detection: MachineDetection | None
    application_sid: str
    ignored: tuple[str, ...]


def read_create_call(
    emulator: Emulator, account: Document, form: Mapping[str, str], items: Iterable[tuple[str, str]]
) -> CreateCall:
    """Read and check the parameters; ``items`` has repeated ones in order.

    Raises:
        TwilioError: the first thing that Twilio would refuse.
    """
    _check_values(form)
    to, caller = _parties(emulator, account, form)
    events = [value for name, value in items if name == "StatusCallbackEvent"]
    application_sid = form.get("ApplicationSid", "")
    if application_sid and not form.get("Url") and not form.get("Twiml"):
        instructions, listening = _from_application(emulator, account, application_sid)
    else:
        application_sid = ""
        instructions, listening = _from_form(form, events)
    return CreateCall(
        to=to,
        caller=caller,
        instructions=instructions,
        subscriptions=listening,
        timeout=int(form.get("Timeout") or 60),
        time_limit=int(form["TimeLimit"]) if form.get("TimeLimit") else None,
        recording=_recording(form) if form.get("Record", "").lower() == "true" else None,
        machine_detection=_machine_detection(form),
        application_sid=application_sid,
        ignored=tuple(name for name in _IGNORED if form.get(name)),
    )


def check_urls(form: Mapping[str, str]) -> None:
    """Refuse URLs and methods that Twilio would not take.

    Raises:
        TwilioError: 21205 or 21207.
    """
    for name in _URLS:
        if form.get(name) and not is_url(form[name]):
            raise errors.invalid_url(form[name])
    for name in _METHODS:
        if form.get(name) and form[name].upper() not in {"GET", "POST"}:
            raise errors.invalid_method(name, form[name])


def _check_values(form: Mapping[str, str]) -> None:
    if not form.get("To"):
        raise errors.to_missing()
    if not form.get("From"):
        raise errors.from_missing()
    if not any(form.get(name) for name in ("Url", "Twiml", "ApplicationSid")):
        raise errors.instructions_missing()
    check_urls(form)
    if len(form.get("Twiml", "")) > 4000:
        raise errors.twiml_too_long()
    for name, choices in _CHOICES.items():
        if form.get(name) and form[name] not in choices:
            raise errors.invalid_value(name, form[name])
    for name, (low, high) in _RANGES.items():
        text = form.get(name, "")
        if text and not (text.isdecimal() and low <= int(text) <= high):
            raise errors.invalid_value(name, text)
    if not re.fullmatch(r"[0-9*#wW]{0,32}", form.get("SendDigits", "")):
        raise errors.invalid_value("SendDigits", form["SendDigits"])
    if len(form.get("CallReason", "")) > 50:
        raise errors.invalid_value("CallReason", form["CallReason"])


def _parties(emulator: Emulator, account: Document, form: Mapping[str, str]) -> tuple[str, str]:
    to, caller = form["To"], form["From"]
    if to.startswith("client:") or re.match(r"sips?:[^@\s]+@[^@\s]+$", to):
        return to, caller
    to, caller = as_dialed(to), as_dialed(caller)
    if not is_e164(to):
        raise errors.invalid_to(form["To"])
    if not is_e164(caller):
        raise errors.invalid_from(form["From"])
    owned = emulator.numbers.by_number(caller)
    if (owned is None or owned["account_sid"] != account["sid"]) and caller not in account["verified_numbers"]:
        raise errors.from_not_owned(caller)
    if not emulator.permissions.allows(to):
        raise errors.country_not_enabled(to)
    if account["type"] == "Trial" and to not in account["verified_numbers"]:
        raise errors.trial_to_not_verified(to)
    return to, caller


def _from_application(
    emulator: Emulator, account: Document, sid: str
) -> tuple[Instructions, tuple[Subscription, ...]]:
    """With an application, the form's own URLs, methods and events are ignored (Twilio docs)."""
    application = emulator.applications.find(sid)
    if application is None or application["account_sid"] != account["sid"]:
        raise errors.application_missing(sid)
    if not application["voice_url"]:
        raise errors.instructions_missing()
    instructions = Instructions(
        application["voice_url"],
        application["voice_method"],
        application["voice_fallback_url"] or "",
        application["voice_fallback_method"],
    )
    callback = application["status_callback"]
    events = frozenset({"completed"})
    return instructions, (
        Subscription(callback, application["status_callback_method"], events),
    ) if callback else ()


def _from_form(form: Mapping[str, str], events: list[str]) -> tuple[Instructions, tuple[Subscription, ...]]:
    instructions = Instructions(
        form.get("Url", ""),
        _method(form, "Method"),
        form.get("FallbackUrl", ""),
        _method(form, "FallbackMethod"),
        "" if form.get("Url") else form.get("Twiml", ""),
    )
    if not form.get("StatusCallback"):
        return instructions, ()
    # Each event is a parameter of its own; "initiated ringing" in one names no event, and none is sent.
    wanted = frozenset(events or ["completed"]) & frozenset(EVENTS)
    return instructions, (Subscription(form["StatusCallback"], _method(form, "StatusCallbackMethod"), wanted),)


def _recording(form: Mapping[str, str]) -> RecordingPlan:
    events = frozenset((form.get("RecordingStatusCallbackEvent") or "completed").split())
    return RecordingPlan(
        source="OutboundAPI",
        channels=2 if form.get("RecordingChannels") == "dual" else 1,
        track=form.get("RecordingTrack") or "both",
        callback=form.get("RecordingStatusCallback", ""),
        method=_method(form, "RecordingStatusCallbackMethod"),
        events=events & frozenset(RECORDING_EVENTS),
    )


def _machine_detection(form: Mapping[str, str]) -> MachineDetection | None:
    # Twilio docs: SendDigits disables machine detection.
    if not form.get("MachineDetection") or form.get("SendDigits"):
        return None
    return MachineDetection(
        to_message_end=form["MachineDetection"] == "DetectMessageEnd",
        timeout=int(form.get("MachineDetectionTimeout") or 30),
        blocking=form.get("AsyncAmd", "").lower() != "true",
        callback=_detection_callback(form),
    )


def _detection_callback(form: Mapping[str, str]) -> Subscription | None:
    if not form.get("AsyncAmdStatusCallback"):
        return None
    method = _method(form, "AsyncAmdStatusCallbackMethod")
    return Subscription(form["AsyncAmdStatusCallback"], method, frozenset())


def _method(form: Mapping[str, str], name: str) -> str:
    return (form.get(name) or "POST").upper()
