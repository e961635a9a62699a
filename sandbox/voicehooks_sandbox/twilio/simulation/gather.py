"""``<Gather>``: prompts, listens for keys or speech, and asks ``action`` with what it heard.

Source: Twilio docs, "TwiML <Gather>"; error dictionary 13310, 13313, 13314. ``FinishedOnKey`` and ``msg``
are not on that page; webhook requests that were recorded in public code have them next to ``Digits``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .interruptions import Pressed, Spoken
from .prompts import play_prompt, speaking_seconds

if TYPE_CHECKING:
    from ..twiml.document import Verb
    from .instructions import Page
    from .leg import Leg
    from .live_call import LiveCall
    from .scenario import Turn

KEYS = "0123456789*#"
_SECONDS_A_KEY = 0.5
_TIMEOUT = 5
# "auto" ends at a pause in the speech, of a length that Twilio does not document.
_AUTO_SECONDS = 1


@dataclass(frozen=True)
class _Attributes:
    """What a ``<Gather>`` asks for.

    Attributes:
        inputs: ``dtmf``, ``speech`` or both.
        finish_key: the key that submits the digits; empty for none.
        digits: how many keys submit themselves; 0 for any number.
        timeout: seconds of silence after the prompts or the last key.
        speech_timeout: seconds of silence after speech.
        barge_in: whether speech interrupts the prompts.
    """

    inputs: frozenset[str]
    finish_key: str
    digits: int
    timeout: int
    speech_timeout: int
    barge_in: bool


class _Input(Exception):
    """The input is complete."""


class _Gather:
    """One ``<Gather>`` while it listens.

    Attributes:
        sid: of the leg that it listens to.
        digits: keys that were pressed, without the one that finished.
        finished_on: that one; empty when the input ended in another way.
        speech: what was said.
    """

    def __init__(self, call: LiveCall, leg: Leg, attributes: _Attributes) -> None:
        self._call = call
        self._leg = leg
        self._attributes = attributes
        self._prompting = True
        self._after_prompts: Spoken | None = None
        self.sid = leg.sid
        self.digits = ""
        self.finished_on = ""
        self.speech: Spoken | None = None

    async def run(self, page: Page, verb: Verb, turn: Turn | None) -> None:
        """Prompt and listen until the input is complete or the time is over."""
        self._call.listening = self
        try:
            await self._prompt(page, verb)
            self._prompting = False
            if self._after_prompts is not None:
                await self._listen_to(self._after_prompts)
            if turn is not None:
                await self._play(turn)
            while True:
                await self._silence()
        except _Input:
            pass
        finally:
            self._call.listening = None

    def hears(self, command: Pressed | Spoken) -> bool:
        """Whether this cuts short what the call does; what is not heard is noted."""
        if command.sid != self.sid:
            return False
        kind = "dtmf" if isinstance(command, Pressed) else "speech"
        if kind not in self._attributes.inputs:
            self._note(f"{kind} is not heard: <Gather> takes {' '.join(sorted(self._attributes.inputs))}")
            return False
        if isinstance(command, Spoken):
            if self._prompting and not self._attributes.barge_in:
                self._after_prompts = command
                return False
            return True
        return bool(self._submitting(command.digits))

    async def _prompt(self, page: Page, verb: Verb) -> None:
        """Say and play what is nested; a key or speech interrupts it."""
        for prompt in verb.nouns:
            self._call.note(self.sid, "twiml", f"<Gather><{prompt.name}> {prompt.text[:60]}".rstrip())
            try:
                await play_prompt(self._call, page, prompt, self._leg)
            except Pressed as pressed:
                self._press(pressed.digits)
                return
            except Spoken as spoken:
                await self._listen_to(spoken)

    async def _play(self, turn: Turn) -> None:
        """What the scenario has the party do."""
        if turn.speech:
            spoken = Spoken(self.sid, turn.speech, turn.confidence)
            if self.hears(spoken):
                await self._listen_to(spoken)
        for key in turn.digits:
            await self._wait(_SECONDS_A_KEY)
            if self.hears(Pressed(self.sid, key)):
                self._press(key)

    async def _silence(self) -> None:
        """Nothing happens for as long as ``timeout`` allows, or a key starts that time again."""
        pressed = len(self.digits)
        await self._wait(self._attributes.timeout)
        if len(self.digits) == pressed:
            raise _Input

    async def _wait(self, seconds: float) -> None:
        try:
            await self._call.wait(seconds)
        except Pressed as pressed:
            self._press(pressed.digits)
        except Spoken as spoken:
            await self._listen_to(spoken)

    def _submitting(self, keys: str) -> str:
        """The keys that count: "finishOnKey only works when a digit sequence precedes it"."""
        finish = self._attributes.finish_key
        return keys if self.digits or not finish else keys.lstrip(finish)

    def _press(self, keys: str) -> None:
        for key in self._submitting(keys):
            if key == self._attributes.finish_key:
                self.finished_on = key
                raise _Input
            self.digits += key
            if len(self.digits) == self._attributes.digits:
                raise _Input

    async def _listen_to(self, spoken: Spoken) -> None:
        """Hear it to the end, which is a silence; keys take precedence over speech."""
        try:
            await self._call.wait(speaking_seconds(spoken.text) + self._attributes.speech_timeout)
        except Pressed as pressed:
            self._press(pressed.digits)
            return
        except Spoken as more:
            await self._listen_to(Spoken(spoken.sid, f"{spoken.text} {more.text}", more.confidence))
        self.speech = spoken
        raise _Input

    def _note(self, text: str) -> None:
        self._call.note(self.sid, "note", text)


async def gather(call: LiveCall, page: Page, verb: Verb, leg: Leg, turn: Turn | None) -> dict[str, str] | None:
    """Execute a ``<Gather>`` on a leg.

    Args:
        call: the call.
        page: the document that the verb is in.
        verb: the ``<Gather>``.
        leg: whose keys and speech it hears.
        turn: what the party does, or None: nothing, unless somebody presses keys through the control plane.

    Returns:
        The parameters for ``action``, or None: there was no input, and the next verb follows.

    Raises:
        CallOver: the caller hung up; no action is asked then.
    """
    attributes = _attributes(call, page, verb)
    call.note_ignored(leg.sid, verb)
    listening = _Gather(call, leg, attributes)
    await listening.run(page, verb, turn)
    if listening.digits:
        call.note(leg.sid, "note", f"<Gather> hears the keys {listening.digits}")
        return {"Digits": listening.digits, "FinishedOnKey": listening.finished_on, "msg": "Gather End"}
    if listening.speech is not None:
        call.note(leg.sid, "note", f"<Gather> hears: {listening.speech.text}")
        return {"SpeechResult": listening.speech.text, "Confidence": str(listening.speech.confidence)}
    call.note(leg.sid, "note", "<Gather> hears nothing")
    if verb.get("actionOnEmptyResult") != "true":
        return None
    empty = {"dtmf": "Digits", "speech": "SpeechResult"}
    return {empty[kind]: "" for kind in sorted(attributes.inputs)}


def _attributes(call: LiveCall, page: Page, verb: Verb) -> _Attributes:
    """The attributes, with a warning for each that Twilio would not take."""
    inputs = frozenset(verb.get("input", "dtmf").split()) & {"dtmf", "speech"}
    # Unlike elsewhere, an empty value is a value: no key ends the input.
    finish_key = verb.attributes.get("finishOnKey", "#")
    if len(finish_key) > 1 or finish_key not in KEYS:
        call.complain(13310, f"Gather: Invalid finishOnKey value: {finish_key}", level="warning", url=page.url)
        finish_key = "#"
    for name, code in (("timeout", 13313), ("numDigits", 13314)):
        value = verb.get(name)
        if value and value != "auto" and not (value.isdecimal() and int(value) > 0):
            call.complain(code, f"Gather: Invalid {name} value: {value}", level="warning", url=page.url)
    timeout = verb.number("timeout", _TIMEOUT, low=1)
    automatic = verb.get("speechTimeout") == "auto"
    return _Attributes(
        inputs=inputs or frozenset({"dtmf"}),
        finish_key=finish_key,
        digits=verb.number("numDigits", 0),
        timeout=timeout,
        speech_timeout=_AUTO_SECONDS if automatic else verb.number("speechTimeout", timeout, low=1),
        barge_in=verb.get("bargeIn") != "false",
    )
