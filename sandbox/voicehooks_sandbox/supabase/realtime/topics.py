"""The topics of the project: which channels are on them, and what is sent to all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from voicehooks_sandbox.supabase.realtime.presence import Presence

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.realtime.frames import Broadcast

TopicKey = tuple[str, bool]
"""A name without `realtime:`, and whether it is private: two worlds of one name."""


class Subscriber(Protocol):
    """A channel, as its topic knows it.

    Attributes:
        wants_own_broadcasts: whether it receives what it broadcasts itself.
        presence_key: under which it is present.
    """

    wants_own_broadcasts: bool
    presence_key: str

    @property
    def key(self) -> TopicKey:
        """Its topic."""

    def send_broadcast(self, broadcast: Broadcast) -> None:
        """Send a broadcast to the client."""

    def send_presence(self, event: str, payload: dict[str, Any]) -> None:
        """Send an event of presence to the client."""


class Topics:
    """All topics that somebody is on."""

    def __init__(self) -> None:
        self._channels: dict[TopicKey, set[Subscriber]] = {}
        self._presence: dict[TopicKey, Presence] = {}

    def join(self, channel: Subscriber) -> None:
        """Put a channel on its topic."""
        self._channels.setdefault(channel.key, set()).add(channel)

    def leave(self, channel: Subscriber) -> None:
        """Take a channel off its topic; the others learn that it is not present any more."""
        others = self._channels.get(channel.key)
        if others is None or channel not in others:
            return
        others.discard(channel)
        self.untrack(channel)
        if not others:
            self._channels.pop(channel.key, None)
            self._presence.pop(channel.key, None)

    def broadcast(self, key: TopicKey, broadcast: Broadcast, sender: Subscriber | None = None) -> None:
        """Send a broadcast to a topic; not to its sender, unless that wants its own."""
        for channel in [*self._channels.get(key, ())]:
            if sender is None or channel is not sender or channel.wants_own_broadcasts:
                channel.send_broadcast(broadcast)

    def presence_state(self, channel: Subscriber) -> dict[str, Any]:
        """Who is present on a channel's topic."""
        presence = self._presence.get(channel.key)
        return {} if presence is None else presence.state()

    def track(self, channel: Subscriber, payload: dict[str, Any]) -> None:
        """Make a channel present."""
        presence = self._presence.setdefault(channel.key, Presence())
        self._tell(channel, presence.track(channel, channel.presence_key, payload))

    def untrack(self, channel: Subscriber) -> None:
        """Make a channel absent."""
        if (presence := self._presence.get(channel.key)) is not None:
            self._tell(channel, presence.untrack(channel))

    def _tell(self, channel: Subscriber, difference: dict[str, Any] | None) -> None:
        if difference is not None:
            for other in [*self._channels.get(channel.key, ())]:
                other.send_presence("presence_diff", difference)
