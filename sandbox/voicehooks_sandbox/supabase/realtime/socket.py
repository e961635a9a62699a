"""One client's socket: Phoenix messages in, channels joined and left, messages out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import TYPE_CHECKING, Any

import psycopg
from starlette.websockets import WebSocketDisconnect

from voicehooks_sandbox.supabase.realtime.channel import PREFIX, Channel, JoinRefused
from voicehooks_sandbox.supabase.realtime.frames import (
    Broadcast,
    MalformedFrame,
    Message,
    decode,
    encode,
    encode_broadcast,
    encode_change,
)
from voicehooks_sandbox.supabase.realtime.rates import Rate
from voicehooks_sandbox.tasks import end_all

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

    from voicehooks_sandbox.supabase.realtime.feed import Feed
    from voicehooks_sandbox.supabase.realtime.rates import Rates
    from voicehooks_sandbox.supabase.realtime.tokens import Identity
    from voicehooks_sandbox.supabase.realtime.topics import Topics

_log = logging.getLogger(__name__)
_MOST_WAITING = 10_000
_IDLE_SECONDS = 60.0
_NORMAL, _RESTARTING = 1000, 1012


class Socket:
    """A connected client.

    Args:
        websocket: The accepted WebSocket.
        version: The protocol's version, 1 or 2.
        identity: Who it acts for unless a channel has a token of its own.
        topics: All topics.
        feed: What the database announces.
        rates: What the project's limits allow.
    """

    def __init__(
        self,
        websocket: WebSocket,
        version: int,
        identity: Identity,
        topics: Topics,
        feed: Feed,
        *,
        rates: Rates,
    ) -> None:
        self._websocket = websocket
        self._version = version
        self._identity = identity
        self._topics = topics
        self._feed = feed
        self._rates = rates
        self._channels: dict[str, Channel] = {}
        self._waiting: asyncio.Queue[str | bytes | int] = asyncio.Queue(_MOST_WAITING)
        names = ("authorization", "cookie", "apikey")
        self.headers = json.dumps({k: v for k, v in websocket.headers.items() if k not in names})
        self._receiver: asyncio.Task[None] | None = None
        self.ended = asyncio.Event()

    async def serve(self) -> None:
        """Serve it until one of the two ends it."""
        sender = asyncio.create_task(self._send_waiting())
        self._receiver = asyncio.create_task(self._receive_all())
        try:
            await asyncio.wait([sender, self._receiver], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for channel in [*self._channels.values()]:
                channel.leave()
            self._channels.clear()
            await end_all((sender, self._receiver))
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await self._websocket.close()
            self.ended.set()

    def disconnect(self) -> None:
        """End it from the server's side, as a hosted server that restarts."""
        for channel in [*self._channels.values()]:
            channel.end_with("Server requested disconnect", status="ok")
        self._put(_RESTARTING)

    def send(self, message: Message) -> None:
        """Send a message when its turn comes."""
        self._put(encode(message, self._version))

    def send_change(self, topic: str, ids: list[int], data: str) -> None:
        """Send a changed row, whose data is JSON, when its turn comes."""
        self._put(encode_change(topic, ids, data, self._version))

    def send_broadcast(self, topic: str, broadcast: Broadcast) -> None:
        """Send a broadcast when its turn comes."""
        if (frame := encode_broadcast(topic, broadcast, self._version)) is not None:
            self._put(frame)

    def reply(
        self, message: Message, status: str, response: dict[str, Any], *, join_ref: str | None = None
    ) -> None:
        """Answer a message."""
        payload = {"status": status, "response": response}
        ref = message.join_ref if join_ref is None else join_ref
        self.send(Message(message.topic, "phx_reply", payload, message.ref, ref))

    def close_channel(self, channel: Channel) -> None:
        """End a channel, and say so."""
        if self._channels.get(channel.topic) is channel:
            del self._channels[channel.topic]
        channel.leave()
        self.send(Message(channel.topic, "phx_close", {}, channel.join_ref, channel.join_ref))

    def _put(self, frame: str | bytes | int) -> None:
        """Send a frame when its turn comes; a number closes the socket with this code."""
        try:
            self._waiting.put_nowait(frame)
        except asyncio.QueueFull:
            if self._receiver is not None:  # a client that does not read is cut off
                self._receiver.cancel()

    async def _send_waiting(self) -> None:
        while not isinstance(frame := await self._waiting.get(), int):
            if isinstance(frame, str):
                await self._websocket.send_text(frame)
            else:
                await self._websocket.send_bytes(frame)
        await self._websocket.close(frame)

    async def _receive_all(self) -> None:
        while True:
            try:
                event = await asyncio.wait_for(self._websocket.receive(), _IDLE_SECONDS)
            except (TimeoutError, WebSocketDisconnect):
                return
            if event["type"] == "websocket.disconnect":
                return
            frame = event.get("text")
            try:
                message = decode(event["bytes"] if frame is None else frame, self._version)
            except MalformedFrame as error:
                _log.info("MalformedWebSocketMessage: %s", error)
                continue
            try:
                await self._receive(message)
            except psycopg.Error as error:
                _log.info("Realtime could not ask the database: %s", error)
                self.send(Message(message.topic, "phx_error", {}, message.join_ref, message.join_ref))

    async def _receive(self, message: Message) -> None:
        if (message.topic, message.event) == ("phoenix", "heartbeat"):
            self.reply(message, "ok", {})
            return
        channel = self._channels.get(message.topic)
        match message.event:
            case "phx_join":
                await self._join(message, channel)
            case "phx_leave":
                self._leave(message, channel)
            case _ if channel is None:
                self.reply(message, "error", {"reason": "unmatched topic"})
            case _ if message.join_ref in (None, channel.join_ref):
                await channel.receive(message)
            case _:
                pass  # meant for a channel that this one has replaced

    async def _join(self, message: Message, before: Channel | None) -> None:
        if before is not None:
            self.close_channel(before)
        if not message.topic.startswith(PREFIX):
            self.reply(message, "error", {"reason": "unmatched topic"})
            return
        if not self._rates.take(Rate.JOINS):
            reason = f"ClientJoinRateLimitReached: {Rate.JOINS.message}"
            self.reply(message, "error", {"reason": reason})
            self._put(_NORMAL)
            return
        most = self._rates.limits.max_channels_per_client
        if most and len(self._channels) >= most:
            self.reply(message, "error", {"reason": "ChannelRateLimitReached: Too many channels"})
            return
        channel = Channel(self, message, self._topics, self._feed, self._identity, rates=self._rates)
        try:
            answer = await channel.join()
        except JoinRefused as refused:
            self.reply(message, "error", {"reason": str(refused)})
            return
        self._channels[message.topic] = channel
        self.reply(message, "ok", answer)
        channel.joined()

    def _leave(self, message: Message, channel: Channel | None) -> None:
        self.reply(message, "ok", {}, join_ref=None if channel is None else channel.join_ref)
        if channel is not None:
            self.close_channel(channel)
