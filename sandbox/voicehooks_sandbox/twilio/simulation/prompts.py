"""What a party only listens to, ``<Say>``, ``<Play>`` and ``<Pause>``, and the time that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..twiml.document import Verb
    from .leg import Leg
    from .live_call import LiveCall

PROMPTS = frozenset({"Say", "Play", "Pause"})
_CHARACTERS_A_SECOND = 15
_PLAY_SECONDS = 2.0


def speaking_seconds(text: str) -> float:
    """How long it takes to say a text."""
    return max(1.0, len(text) / _CHARACTERS_A_SECOND)


async def play_prompt(call: LiveCall, leg: Leg, verb: Verb) -> None:
    """Let the time of a ``<Say>``, ``<Play>`` or ``<Pause>`` pass; with ``loop=0`` until the call ends."""
    if verb.name == "Pause":
        await call.wait(verb.number("length", 1))
        return
    seconds = _PLAY_SECONDS if verb.name == "Play" else speaking_seconds(verb.text)
    loops = verb.number("loop", 1)
    if loops == 0:
        call.note(leg.sid, "note", "repeats until the call ends")
        await call.wait(float("inf"))
    for _ in range(loops):
        await call.wait(seconds)
