"""One channel: a topic that a socket has joined, with its configuration, rights and subscriptions."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from typing import TYPE_CHECKING, Any, Protocol

import psycopg

from voicehooks_sandbox.supabase.realtime import subscriptions
from voicehooks_sandbox.supabase.realtime.filters import FilterError
from voicehooks_sandbox.supabase.realtime.frames import Broadcast, Message
from voicehooks_sandbox.supabase.realtime.rates import PresenceCalls, Rate
from voicehooks_sandbox.supabase.realtime.replay import Replay
from voicehooks_sandbox.supabase.realtime.tokens import TokenError, identify

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.realtime.feed import Feed
    from voicehooks_sandbox.supabase.realtime.rates import Rates
    from voicehooks_sandbox.supabase.realtime.tokens import Identity
    from voicehooks_sandbox.supabase.realtime.topics import TopicKey, Topics

PREFIX = "realtime:"
_LARGEST_BROADCAST = 256 * 1024
_CONNECT_SECONDS = 10.0
_NO_READ = "You do not have permissions to read from this Channel topic: {}"
_NO_MORE_READ = "You no longer have permission to read from this Channel topic: {}"


class ChannelSocket(Protocol):
    """What a channel asks of its socket.

    Attributes:
        headers: The upgrade request's headers as JSON, for policies.
    """

    headers: str

    def send(self, message: Message) -> None:
        """Send a message."""

    def send_change(self, topic: str, ids: list[int], data: str) -> None:
        """Send a changed row, whose data is JSON."""

    def send_broadcast(self, topic: str, broadcast: Broadcast) -> None:
        """Send a broadcast."""

    def reply(
        self, message: Message, status: str, response: dict[str, Any], *, join_ref: str | None = None
    ) -> None:
        """Answer a message."""

    def close_channel(self, channel: Channel) -> None:
        """End a channel, and say so."""


class JoinRefused(Exception):
    """A join that is answered with an error; the message is its reason."""


class Channel:
    """A joined topic.

    Args:
        socket: Its socket.
        join: The message that joined it.
        topics: All topics.
        feed: What the database announces.
        identity: Who the socket acts for.
        rates: What the project's limits allow.
    """

    def __init__(
        self,
        socket: ChannelSocket,
        join: Message,
        topics: Topics,
        feed: Feed,
        identity: Identity,
        *,
        rates: Rates,
    ) -> None:
        payload = join.payload if isinstance(join.payload, dict) else {}
        config = _mapping(payload.get("config"))
        broadcast, presence = _mapping(config.get("broadcast")), _mapping(config.get("presence"))
        self.topic = join.topic
        self.name = join.topic.removeprefix(PREFIX)
        self.join_ref = join.join_ref
        self.is_private = _flag(config.get("private"))
        self.wants_own_broadcasts = _flag(broadcast.get("self"))
        self.presence_key = str(presence.get("key") or uuid.uuid1())
        self._acknowledges = _flag(broadcast.get("ack"))
        self._wants_replication = _flag(broadcast.get("replication_ready"))
        self._replay = broadcast.get("replay")
        self._past: list[Broadcast] = []
        self._has_presence = _flag(presence.get("enabled")) or bool(presence.get("key"))
        entries = config.get("postgres_changes")
        self._entries = [entry for entry in entries or [] if isinstance(entry, dict)]
        self._socket = socket
        self._topics = topics
        self._feed = feed
        self._rates = rates
        self._presence_calls = PresenceCalls(rates)
        self._tracked: dict[str, Any] | None = None
        self._identity = identity
        self._token = str(payload.get("access_token") or payload.get("user_token") or "")
        self._reads = {"broadcast": True, "presence": True}
        self._writes: dict[str, bool] | None = None
        self._subscribing: asyncio.Task[None] | None = None
        self._expiry: asyncio.TimerHandle | None = None

    @property
    def key(self) -> TopicKey:
        """The topic in whose world it is."""
        return self.name, self.is_private

    async def join(self) -> dict[str, Any]:
        """Check the token and the rights, and begin; returns the answer to the join.

        Raises:
            JoinRefused: With the reason.
        """
        if not self.name:
            msg = "TopicNameRequired: You must provide a topic name"
            raise JoinRefused(msg)
        try:
            if self._token and not self._token.startswith("sb_"):
                self._identity = identify(self._token)
        except TokenError as error:
            msg = f"{error.code}: {error.message}"
            raise JoinRefused(msg) from error
        # Hosted may lose what is committed between the answer and the first poll; here the answer waits.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._feed.connected(), _CONNECT_SECONDS)
        if self.is_private and not await self._may_read():
            msg = f"Unauthorized: {_NO_READ.format(self.name)}"
            raise JoinRefused(msg)
        if self._replay is not None:
            self._past = await self._read_past()
        self._topics.join(self)
        self._expect_expiry()
        answers = [{**entry, "id": subscriptions.subscription_id(entry)} for entry in self._entries]
        return {"postgres_changes": answers}

    def joined(self) -> None:
        """Go on after the answer to the join: past broadcasts, presence, the subscriptions in the database."""
        if self._reads["broadcast"]:  # what is replayed does not count against the limits
            for broadcast in self._past:
                self._socket.send_broadcast(self.topic, broadcast)
        self._past = []
        if self._has_presence and self._reads["presence"]:
            if not self._rates.take(Rate.PRESENCE):
                self.end_with(Rate.PRESENCE.message)
                return
            self.send_presence("presence_state", self._topics.presence_state(self))
        if self._wants_replication:
            self._send_system("system", "ok", "Replication connection established")
        self._subscribe()

    async def receive(self, message: Message) -> None:
        """Take a message of the client."""
        payload = message.payload if isinstance(message.payload, dict) else {}
        match message.event:
            case "broadcast":
                await self._receive_broadcast(message, payload)
            case "presence":
                await self._receive_presence(message, payload)
            case "access_token":
                await self._change_token(payload.get("access_token"))
            case _:
                self._reply(message, "error", {"reason": "unmatched event"})

    def leave(self) -> None:
        """End it without a message."""
        self._feed.unsubscribe(self)
        self._topics.leave(self)
        for ending in (self._subscribing, self._expiry):
            if ending is not None:
                ending.cancel()

    def send_broadcast(self, broadcast: Broadcast) -> None:
        """Send a broadcast to the client, if it may read them."""
        if self._reads["broadcast"]:
            self._socket.send_broadcast(self.topic, broadcast)
            if not self._rates.take(Rate.MESSAGES):
                self.end_with(Rate.MESSAGES.message)

    def send_presence(self, event: str, payload: dict[str, Any]) -> None:
        """Send a message about presence, if the client may read them."""
        if self._reads["presence"] and (self._has_presence or event == "presence_diff"):
            if event == "presence_diff":
                self._rates.add(Rate.PRESENCE)
            self._socket.send(Message(self.topic, event, payload))

    def end_with(self, message: str, *, status: str = "error") -> None:
        """Say why, and close the channel."""
        self._send_system("system", status, message)
        self._socket.close_channel(self)

    async def _read_past(self) -> list[Broadcast]:
        """The broadcasts of the database that the client asks to have again.

        Raises:
            JoinRefused: The channel is public, or the parameters are wrong.
        """
        if not self.is_private:
            msg = "UnableToReplayMessages: Replay is not allowed for public channels"
            raise JoinRefused(msg)
        try:
            replay = Replay.parse(self._replay)
        except ValueError as error:
            msg = f"UnableToReplayMessages: {error}"
            raise JoinRefused(msg) from error
        return await replay.read(self.name, self._feed.rows)

    async def _may_read(self) -> bool:
        reader = (self._identity.role, self._identity.claims)
        self._reads = await self._feed.rows.may("read", self.name, reader, self._socket.headers)
        return any(self._reads.values())

    async def _may_write(self, extension: str) -> bool:
        if not self.is_private:
            return True
        if self._writes is None:
            reader = (self._identity.role, self._identity.claims)
            self._writes = await self._feed.rows.may("write", self.name, reader, self._socket.headers)
        return self._writes[extension]

    async def _receive_broadcast(self, message: Message, payload: dict[str, Any]) -> None:
        content = payload.get("payload")
        size = len(content) if isinstance(content, bytes) else len(json.dumps(content))
        if size > _LARGEST_BROADCAST:
            if self._acknowledges:
                self._reply(message, "error", {})
            return
        if await self._may_write("broadcast"):
            if not self._rates.take(Rate.MESSAGES):
                self.end_with(Rate.MESSAGES.message)
                return
            broadcast = Broadcast(str(payload.get("event", "")), content, {})
            self._topics.broadcast(self.key, broadcast, self)
        if self._acknowledges:
            self._reply(message, "ok", {})

    async def _receive_presence(self, message: Message, payload: dict[str, Any]) -> None:
        if not self._presence_calls.take():
            self.end_with(PresenceCalls.MESSAGE)
            return
        event, content = str(payload.get("event", "")).lower(), payload.get("payload", {})
        if event == "track" and not isinstance(content, dict):
            self._reply(message, "error", {"reason": "Presence track payload must be a map"})
            return
        if event not in ("track", "untrack"):
            self._reply(message, "error", {"reason": f"Unknown presence event: {event}"})
            return
        if await self._may_write("presence"):
            if event == "untrack":
                self._tracked = None
                self._topics.untrack(self)
            elif content != self._tracked:  # the same again is nothing new, and does not count
                if not self._rates.take(Rate.PRESENCE):
                    self.end_with(Rate.PRESENCE.message)
                    return
                self._tracked = content
                self._has_presence = True
                self._topics.track(self, content)
        self._reply(message, "ok", {})

    async def _change_token(self, token: object) -> None:
        if not isinstance(token, str) or token.startswith("sb_") or token == self._identity.token:
            return
        try:
            self._identity = identify(token)
        except TokenError as error:
            self.end_with(error.message)
            return
        self._expect_expiry()
        self._writes = None
        if self.is_private and not await self._may_read():
            self.end_with(_NO_MORE_READ.format(self.name))
            return
        self._subscribe()

    def _expect_expiry(self) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        left = max(0.0, self._identity.expires_at - time.time())
        # The event loop cannot wait for years: a key's token ends with the process.
        if left < 7 * 24 * 3600:
            self._expiry = asyncio.get_running_loop().call_later(left, self._expire)

    def _expire(self) -> None:
        seconds = max(0, int(time.time() - self._identity.expires_at))
        self.end_with(f"Token has expired {seconds} seconds ago")

    def _subscribe(self) -> None:
        if not self._entries:
            return
        if self._subscribing is not None:
            self._subscribing.cancel()
        self._subscribing = asyncio.create_task(self._subscribe_in_database())

    async def _subscribe_in_database(self) -> None:
        reader = (self._identity.role, self._identity.claims)
        while True:
            try:
                made = [await subscriptions.checked(entry, reader, self._feed.rows) for entry in self._entries]
                await self._feed.subscribe(self, made, self._send_change)
                break
            except FilterError as error:
                self._send_system("postgres_changes", "error", str(error))
                return
            except psycopg.Error:
                await self._feed.connected()
                await asyncio.sleep(1.0)
        self._send_system("postgres_changes", "ok", "Subscribed to PostgreSQL")

    def _send_change(self, ids: list[int], data: str) -> None:
        if self._rates.take(Rate.CHANGES):
            self._socket.send_change(self.topic, ids, data)

    def _send_system(self, extension: str, status: str, message: str) -> None:
        payload = {"extension": extension, "status": status, "message": message, "channel": self.name}
        self._socket.send(Message(self.topic, "system", payload))

    def _reply(self, message: Message, status: str, response: dict[str, Any]) -> None:
        self._socket.reply(message, status, response, join_ref=self.join_ref)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _flag(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.lower() == "true")
