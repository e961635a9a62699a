"""A Media Stream: a call's audio over a WebSocket to a server, and the server's audio back.

Source: Twilio docs, "Media Streams: WebSocket messages", "TwiML <Stream>"; error dictionary 31901 to 31950. The
audio is silence: frames of 20 ms in mu-law with 8,000 samples per second. Of what the server sends, only the
length counts: a ``mark`` comes back when the audio before it would have been played.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import math
import ssl
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from voicehooks_sandbox.tasks import end_all

from ..dates import iso8601
from ..sids import new_sid
from ..webhooks.signature import signature
from .hosts import is_loopback
from .interruptions import Pressed, Spoken, StreamClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from websockets.asyncio.client import ClientConnection

    from ..clock import Timeline
    from ..state import TwilioState
    from ..store import Document
    from ..webhooks.exchange import Kind
    from .leg import Leg
    from .stream_order import StreamOrder

_FRAME_SECONDS = 0.02
_SAMPLES_A_SECOND = 8000
_SILENCE = base64.b64encode(b"\xff" * 160).decode()
_OPEN_SECONDS = 5.0
_CLOSE_SECONDS = 5.0
# Audio that a server does not read is dropped, as on a line; 20 s of it are kept.
_MOST_WAITING = 1000
# The first of these classes that a failure has says its code.
_CODES: dict[type[Exception], int] = {
    TimeoutError: 31901,
    ConnectionRefusedError: 31902,
    ssl.SSLError: 31910,
    InvalidHandshake: 31920,
    InvalidURI: 31923,
    ValueError: 31923,
    OSError: 31901,
}


class StreamedCall(Protocol):
    """What a stream asks of the call that it belongs to."""

    @property
    def state(self) -> TwilioState:
        """Where the account is kept."""

    @property
    def timeline(self) -> Timeline[Any]:
        """The call's time."""

    @property
    def now(self) -> float:
        """The moment that the call has reached, seconds since 1970."""

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Have something done at a moment of the call."""

    def note(self, call_sid: str, kind: str, text: str, moment: float | None = None) -> None:
        """Add a step to the call's story."""

    def complain(self, code: int, text: str, *, level: str = "error", url: str = "") -> None:
        """Record something wrong."""

    def tell(self, kind: Kind, url: str, method: str, params: Mapping[str, str], leg: Document) -> None:
        """Send a callback."""


class MediaStream:
    """One Media Stream of a leg.

    Attributes:
        sid: of the leg, whose keys it passes on.
        stream_sid: its own.
        order: what was asked for.
        running: whether it is connected.
        updated: when it last began or ended, seconds since 1970.
    """

    def __init__(self, call: StreamedCall, leg: Leg, order: StreamOrder) -> None:
        self.sid = leg.sid
        self.stream_sid = new_sid("MZ")
        self.order = order
        self._call = call
        self._leg = leg
        self._messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._sequence = 0
        self._chunks = dict.fromkeys(order.tracks, 0)
        self._started = 0.0
        self._played_until = 0.0
        self._marks: deque[tuple[float, str]] = deque()
        self.running = False
        self.updated = call.timeline.current()
        self._server: ClientConnection | None = None
        self._dropped = 0
        self._complaints: set[int] = set()

    async def open(self) -> bool:
        """Connect with the server and begin; false if that fails, which is an alert."""
        if not self._has_scheme():
            self._fail(31922, f"Stream: the URL {self.order.url} is not one of wss://")
            return False
        token = self._call.state.auth_token(self._leg.document["account_sid"])
        headers = {"X-Twilio-Signature": signature(token, self.order.url, {})}
        try:
            server = await connect(
                self.order.url,
                additional_headers=headers,
                user_agent_header="TwilioProxy/1.1",
                open_timeout=_OPEN_SECONDS,
                close_timeout=_CLOSE_SECONDS,
                proxy=None,
            )
        except tuple(_CODES) as error:
            code = next(code for kind, code in _CODES.items() if isinstance(error, kind))
            self._fail(code, f"Stream: no connection with {self.order.url}: {error}")
            return False
        self.running, self._server = True, server
        self._started = self._played_until = self._call.timeline.current()
        self._call.note(self.sid, "note", f"stream {self.stream_sid} to {self.order.url} begins")
        self._messages.put_nowait({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        self._put("start", self._start())
        self._report("stream-started")
        self._tasks = [asyncio.create_task(self._send(server)), asyncio.create_task(self._receive(server))]
        self._call.at(self._started + _FRAME_SECONDS, self._tick)
        return True

    def stop(self) -> None:
        """End it: the server hears of that, and the connection is closed."""
        if not self.running:
            return
        self.running = False
        ids = {"accountSid": self._leg.document["account_sid"], "callSid": self.sid}
        self._put("stop", ids)
        self._messages.put_nowait(None)
        if self._dropped:
            text = f"stream {self.stream_sid}: {self._dropped} frames were dropped that the server did not read"
            self._call.note(self.sid, "note", text)
        self._call.note(self.sid, "note", f"stream {self.stream_sid} ends")
        self._report("stream-stopped")

    async def settle(self) -> None:
        """Wait until the server has what was sent, for a few seconds at most."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSE_SECONDS)
        await self.abort()

    async def abort(self) -> None:
        """Give up what is under way."""
        await end_all(self._tasks)
        if self._server is not None:
            self._server.transport.abort()

    def hears(self, command: Pressed | Spoken) -> bool:
        """Pass keys on to the server of a bidirectional stream; nothing cuts the call short."""
        if command.sid != self.sid:
            return False
        if isinstance(command, Spoken):
            self._call.note(self.sid, "note", "a stream has no speech: the server does not hear it")
            return False
        for digit in command.digits:
            self._put("dtmf", {"track": "inbound_track", "digit": digit})
        return False

    def _has_scheme(self) -> bool:
        """Whether the URL has Twilio's only scheme; ``ws`` is accepted on this machine, as ``http`` is."""
        with contextlib.suppress(ValueError):
            parts = urlsplit(self.order.url)
            return parts.scheme == "wss" or (parts.scheme == "ws" and is_loopback(parts.hostname or ""))
        return True  # it is malformed, which the connection says

    def _start(self) -> dict[str, Any]:
        return {
            "accountSid": self._leg.document["account_sid"],
            "streamSid": self.stream_sid,
            "callSid": self.sid,
            "tracks": list(self.order.tracks),
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": _SAMPLES_A_SECOND, "channels": 1},
            "customParameters": dict(self.order.parameters),
        }

    def _put(self, event: str, body: dict[str, Any]) -> None:
        self._sequence += 1
        message = {"event": event, "sequenceNumber": str(self._sequence), event: body}
        self._messages.put_nowait(message | {"streamSid": self.stream_sid})

    def _tick(self) -> None:
        """Send a frame of each track, and the marks that have been reached."""
        if not self.running:
            return
        now = self._call.now
        self._send_marks(now)
        for track in self.order.tracks:
            self._chunks[track] += 1
            if self._messages.qsize() >= _MOST_WAITING:
                self._dropped += 1
                continue
            media = {
                "track": track,
                "chunk": str(self._chunks[track]),
                "timestamp": str(round((now - self._started) * 1000)),
                "payload": _SILENCE,
            }
            self._put("media", media)
        self._call.at(now + _FRAME_SECONDS, self._tick)

    def _send_marks(self, moment: float) -> None:
        while self._marks and self._marks[0][0] <= moment:
            self._put("mark", {"name": self._marks.popleft()[1]})

    async def _send(self, server: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while (message := await self._messages.get()) is not None:
                await server.send(json.dumps(message))
        await server.close()

    async def _receive(self, server: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in server:
                self._take(text)
        if self.running:
            self.running = False
            self._messages.put_nowait(None)
            self._call.note(self.sid, "note", f"the server closes stream {self.stream_sid}")
            self._report("stream-stopped")
            self._call.timeline.post(StreamClosed(self.stream_sid))

    def _take(self, text: str | bytes) -> None:
        """Act on a message of the server; only a bidirectional stream has any."""
        if isinstance(text, bytes):
            self._complain(31950, "a binary message", level="warning")
            return
        try:
            message = json.loads(text)
            event = message["event"] if self.order.bidirectional else "a message to a unidirectional stream"
            if event == "media":
                self._hear(len(base64.b64decode(message["media"]["payload"], validate=True)))
            elif event == "mark":
                self._marks.append((self._played_until, str(message["mark"]["name"])))
            elif event == "clear":
                self._played_until = self._call.timeline.current()
                self._send_marks(math.inf)
            else:
                self._complain(31924, str(event))
        except (ValueError, TypeError, KeyError) as error:
            self._complain(31924, f"{type(error).__name__}: {error}")

    def _hear(self, samples: int) -> None:
        begin = max(self._played_until, self._call.timeline.current())
        self._played_until = begin + samples / _SAMPLES_A_SECOND

    def _complain(self, code: int, text: str, level: str = "error") -> None:
        """Report what the server sends, each code once per stream."""
        if code not in self._complaints:
            self._complaints.add(code)
            self._call.complain(code, f"Stream: not a valid message: {text}", level=level, url=self.order.url)

    def _fail(self, code: int, text: str) -> None:
        self._call.complain(code, text, url=self.order.url)
        self._report("stream-error", text)

    def _report(self, event: str, error: str = "") -> None:
        self.updated = self._call.timeline.current()
        if not self.order.callback:
            return
        params = {
            "AccountSid": self._leg.document["account_sid"],
            "CallSid": self.sid,
            "StreamSid": self.stream_sid,
            "StreamName": self.order.name or self.stream_sid,
            "StreamEvent": event,
            "Timestamp": iso8601(self.updated) or "",
        }
        if error:
            params["StreamError"] = error
        self._call.tell("status", self.order.callback, self.order.method, params, self._leg.document)
