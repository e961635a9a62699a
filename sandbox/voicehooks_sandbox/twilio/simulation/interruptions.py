"""What cuts a call short: raised where it waits, caught where it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .instructions import Instructions


class CallOver(Exception):
    """The first leg is to end now.

    Attributes:
        status: that it ends with, if it was not answered; an answered leg always completes.
        caller: whether a person hung up, and not the API.
    """

    def __init__(self, status: str, *, caller: bool = False) -> None:
        super().__init__(status)
        self.status = status
        self.caller = caller


class LegOver(Exception):
    """One dialed leg is to end now; the call goes on.

    Attributes:
        sid: of the leg.
    """

    def __init__(self, sid: str) -> None:
        super().__init__(sid)
        self.sid = sid


class LegRedirected(LegOver):
    """One dialed leg is to go on by itself with another document; the call goes on with its next verb.

    Attributes:
        instructions: where that document comes from.
    """

    def __init__(self, sid: str, instructions: Instructions) -> None:
        super().__init__(sid)
        self.instructions = instructions


class PartyChanged(Exception):
    """A number of the account that a leg rings has answered, or its call is over.

    Attributes:
        sid: of the leg.
        status: of the call that the number received.
    """

    def __init__(self, sid: str, status: str) -> None:
        super().__init__(sid, status)
        self.sid = sid
        self.status = status


class ConferenceChanged(Exception):
    """The conference that a leg is in has started or ended, or the API removed the leg from it.

    Attributes:
        sid: of the leg.
    """

    def __init__(self, sid: str) -> None:
        super().__init__(sid)
        self.sid = sid


class QueueChanged(Exception):
    """A call that waits in a queue, or dials one, is connected, or its conversation is over.

    Attributes:
        sid: of its first leg.
    """

    def __init__(self, sid: str) -> None:
        super().__init__(sid)
        self.sid = sid


class Pressed(Exception):
    """A party presses keys.

    Attributes:
        sid: of its leg.
        digits: the keys.
    """

    def __init__(self, sid: str, digits: str) -> None:
        super().__init__(sid, digits)
        self.sid = sid
        self.digits = digits


class Spoken(Exception):
    """A party says something.

    Attributes:
        sid: of its leg.
        text: what it says.
        confidence: of the recognition, from 0 to 1.
    """

    def __init__(self, sid: str, text: str, confidence: float) -> None:
        super().__init__(sid, text)
        self.sid = sid
        self.text = text
        self.confidence = confidence


class StreamClosed(Exception):
    """The server of a Media Stream has closed the connection.

    Attributes:
        stream_sid: of the stream.
    """

    def __init__(self, stream_sid: str) -> None:
        super().__init__(stream_sid)
        self.stream_sid = stream_sid


class TimeOver(Exception):
    """The time that was set for what the call does is over."""


class Redirected(Exception):
    """The call is to go on with another document."""

    def __init__(self, instructions: Instructions) -> None:
        super().__init__("redirected")
        self.instructions = instructions
