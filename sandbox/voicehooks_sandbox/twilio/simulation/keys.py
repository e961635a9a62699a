"""Keys that end what a party does: the star of ``hangupOnStar``, and those of ``<Record finishOnKey>``.

Source: Twilio docs, "TwiML <Dial>" and "TwiML <Record>".
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from .interruptions import Pressed, Spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .live_call import LiveCall


class Keys:
    """Hears one of some keys, pressed on a leg.

    Attributes:
        sid: of the leg.
    """

    def __init__(self, sid: str, keys: str) -> None:
        self.sid = sid
        self._keys = frozenset(keys)

    def hears(self, command: Pressed | Spoken) -> bool:
        """Whether this cuts short what the call does."""
        return isinstance(command, Pressed) and command.sid == self.sid and bool(self.first(command))

    def first(self, command: Pressed) -> str:
        """The first of the pressed keys that counts; empty for none."""
        return next((key for key in command.digits if key in self._keys), "")


@contextmanager
def listening_for(call: LiveCall, sid: str, keys: str) -> Iterator[Keys]:
    """Let one of some keys on a leg raise `Pressed` where the call waits; no keys: nothing is heard."""
    heard = Keys(sid, keys)
    before, call.listening = call.listening, heard if keys else call.listening
    try:
        yield heard
    finally:
        call.listening = before
