"""What the people and carriers do in a simulated call.

A scenario is a dictionary on the wire (see the package's docstring); here it is read and checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTCOMES = ("answered", "busy", "no-answer", "failed", "canceled")
FOREVER = float("inf")


@dataclass(frozen=True)
class Turn:
    """What a party does at one ``<Gather>``; neither digits nor speech: nothing.

    Attributes:
        digits: the keys that it presses.
        speech: what it says.
        confidence: of the recognition of that, from 0 to 1.
    """

    digits: str = ""
    speech: str = ""
    confidence: float = 0.9


@dataclass(frozen=True)
class Scenario:
    """The script of a party that is dialed, and of the call around it. All times are seconds.

    Attributes:
        outcome: what the dialed party does; ``canceled`` means that the caller hangs up while it rings.
        setup_seconds: from dialing to the first ring.
        ring_seconds: of ringing until the outcome (``no-answer`` rings until the dial's timeout).
        talk_seconds: of conversation; ``FOREVER`` until a command ends it.
        hang_up_by: who ends the conversation, ``callee`` or ``caller``.
        caller_hangs_up_after: since the call came in, wherever it is by then.
        recording_ready_seconds: from the end of a recording until it can be fetched.
        record_seconds: how long the caller speaks into a ``<Record>``.
        record_ends_by: ``silence``, ``hangup`` or the key that is pressed.
        transcription: of what it says into a ``<Record>``; empty: nothing can be transcribed.
        gather: what it does at each ``<Gather>`` in turn; None without a list of its own.
        detection_seconds: from the answer until machine detection has its result.
        answered_by: answer of machine detection, such as ``human`` or ``machine_start``.
        recording: ``ok`` or ``absent``.
        parameters: further parameters of the requests about the incoming leg, such as StirVerstat.
        legs: scripts by destination, for those that differ.
    """

    outcome: str = "answered"
    setup_seconds: float = 0.5
    ring_seconds: float = 2.0
    talk_seconds: float = 5.0
    hang_up_by: str = "callee"
    caller_hangs_up_after: float = FOREVER
    recording_ready_seconds: float = 2.0
    record_seconds: float = 5.0
    record_ends_by: str = "silence"
    transcription: str = ""
    gather: tuple[Turn, ...] | None = None
    detection_seconds: float = 1.5
    answered_by: str = "human"
    recording: str = "ok"
    parameters: Mapping[str, str] = field(default_factory=dict)
    legs: Mapping[str, Scenario] = field(default_factory=dict)

    def for_destination(self, destination: str) -> Scenario:
        """The script of the party at this number or address."""
        return self.legs.get(destination.partition("?")[0], self)


_WIRE = {
    "scenario": "outcome",
    "setupSeconds": "setup_seconds",
    "ringSeconds": "ring_seconds",
    "talkSeconds": "talk_seconds",
    "hangUpBy": "hang_up_by",
    "callerHangsUpAfter": "caller_hangs_up_after",
    "recordingReadySeconds": "recording_ready_seconds",
    "recordSeconds": "record_seconds",
    "recordEndsBy": "record_ends_by",
    "transcription": "transcription",
    "gather": "gather",
    "detectionSeconds": "detection_seconds",
    "answeredBy": "answered_by",
    "recording": "recording",
    "parameters": "parameters",
    "legs": "legs",
}
_CHOICES = {"outcome": OUTCOMES, "hang_up_by": ("callee", "caller"), "recording": ("ok", "absent")}


def read_scenario(wire: Mapping[str, Any], base: Scenario | None = None) -> Scenario:
    """The scenario that a control-plane body describes; what it leaves out is as in ``base``.

    Raises:
        ValueError: an unknown key, or a value that is none of the key's.
    """
    base = base or Scenario()
    changes: dict[str, Any] = {}
    for key, value in wire.items():
        name = _WIRE.get(key)
        if name is None:
            msg = f"A scenario has no {key!r}; it may have {', '.join(_WIRE)}."
            raise ValueError(msg)
        changes[name] = _value(key, name, value)
    legs = changes.pop("legs", None)
    scenario = replace(base, **changes)
    if legs is None:
        return scenario
    # A leg that has no list of its own takes its turns from the call's.
    own = replace(scenario, legs={}, gather=None)
    return replace(scenario, legs={to: read_scenario(script, own) for to, script in legs.items()})


def _value(key: str, name: str, value: Any) -> Any:
    if name in _CHOICES and value not in _CHOICES[name]:
        msg = f"{key!r} is one of {', '.join(_CHOICES[name])}, not {value!r}."
        raise ValueError(msg)
    if name.endswith("_seconds") or name == "caller_hangs_up_after":
        if value is None:
            return FOREVER
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            msg = f"{key!r} is a number of seconds or null, not {value!r}."
            raise ValueError(msg)
        return float(value)
    if name == "gather":
        return _turns(value)
    if name in {"legs", "parameters"}:
        if not isinstance(value, dict):
            msg = f"{key!r} is an object, not {value!r}."
            raise ValueError(msg)
        return {str(key): (item if name == "legs" else str(item)) for key, item in value.items()}
    return str(value)


def _turns(value: Any) -> tuple[Turn, ...]:
    if not isinstance(value, list):
        msg = f"'gather' is a list of objects, one for each <Gather> in turn, not {value!r}."
        raise TypeError(msg)
    return tuple(read_turn(turn) for turn in value)


def read_turn(wire: Any) -> Turn:
    """What a party does at one ``<Gather>``.

    Raises:
        ValueError: it is none of ``{"digits"}``, ``{"speech", "confidence"?}`` and ``{"timeout": true}``.
    """
    match wire:
        case {"digits": str(digits), **rest} if not rest and re.fullmatch(r"[0-9*#]+", digits):
            return Turn(digits=digits)
        case {"speech": str(speech), **rest} if speech and not rest.keys() - {"confidence"}:
            confidence = rest.get("confidence", Turn.confidence)
            if (
                not isinstance(confidence, bool)
                and isinstance(confidence, int | float)
                and 0 <= confidence <= 1
            ):
                return Turn(speech=speech, confidence=float(confidence))
        case {"timeout": True, **rest} if not rest:
            return Turn()
    msg = (
        'What a party does at a <Gather> is {"digits": "12#"}, {"speech": "sales"}, which may have a '
        f'"confidence" from 0 to 1, or {{"timeout": true}}; not {wire!r}.'
    )
    raise ValueError(msg)


assert set(_WIRE.values()) == {known.name for known in fields(Scenario)}  # noqa: S101 - the two lists above must agree
