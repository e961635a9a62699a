"""What a party only listens to, ``<Say>``, ``<Play>`` and ``<Pause>``, and the time that it takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .instructions import resolve
from .media import fetch_media

if TYPE_CHECKING:
    from ..twiml.document import Verb
    from .instructions import Page
    from .leg import Leg
    from .live_call import LiveCall

PROMPTS = frozenset({"Say", "Play", "Pause"})
_CHARACTERS_A_SECOND = 15
_PLAY_SECONDS = 2.0
# Twilio docs, "TwiML <Say>": basic voices, and those of a provider, such as Polly.Joanna.
_VOICE = re.compile(r"man|woman|alice|\w+\.\S+", re.IGNORECASE)


def speaking_seconds(text: str) -> float:
    """How long it takes to say a text."""
    return max(1.0, len(text) / _CHARACTERS_A_SECOND)


async def play_prompt(call: LiveCall, page: Page, verb: Verb, leg: Leg) -> None:
    """Let the time of a ``<Say>``, ``<Play>`` or ``<Pause>`` pass; with ``loop=0`` until the call ends."""
    call.note_ignored(leg.sid, verb)
    if verb.name == "Pause":
        await call.wait(verb.number("length", 1))
        return
    voice = verb.get("voice")
    if voice and not _VOICE.fullmatch(voice):
        call.complain(13511, f"Say: Invalid voice value: {voice}", level="warning", url=page.url)
    # A document that is itself a file has been fetched already.
    if verb.name == "Play" and verb.text and verb.text != page.url:
        await fetch_media(call, leg, resolve(page, verb.text))
    seconds = _PLAY_SECONDS if verb.name == "Play" else speaking_seconds(verb.text)
    loops = verb.number("loop", 1)
    if loops == 0:
        call.note(leg.sid, "note", "repeats until the call ends")
        await call.wait(float("inf"))
    for _ in range(loops):
        await call.wait(seconds)
