"""Past broadcasts of the database, sent again to a private channel that asks for them when it is joined.

Supabase docs: guides/realtime/broadcast, "Broadcast replay". Only what is in `realtime.messages` can come
again: a broadcast of a client is not stored.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicehooks_sandbox.supabase.realtime.frames import Broadcast

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.realtime.rows import Rows

_MOST = 25
_DAYS_KEPT = 3
_READ = f"""
    select id::text, event, payload::text, binary_payload from realtime.messages
    where topic = %s and private and extension = 'broadcast'
      and inserted_at at time zone 'UTC' >= greatest(
        to_timestamp(%s::bigint / 1000.0), now() - interval '{_DAYS_KEPT} days')
    order by inserted_at desc limit %s
"""  # noqa: S608 - a constant


@dataclass(frozen=True)
class Replay:
    """What a client asks for.

    Attributes:
        since: The earliest time, in milliseconds since 1970.
        limit: The most broadcasts; the newest are sent.
    """

    since: int
    limit: int

    @classmethod
    def parse(cls, value: object) -> Replay:
        """Read the parameters of a join.

        Raises:
            ValueError: With the sentence of hosted projects.
        """
        entries: dict[str, Any] = value if isinstance(value, dict) else {}
        since, limit = entries.get("since", -1), entries.get("limit", _MOST)
        whole = all(isinstance(number, int) and not isinstance(number, bool) for number in (since, limit))
        if not whole or not 0 <= since < 2**53 or not 0 < limit <= _MOST:
            msg = "Replay params are not valid"
            raise ValueError(msg)
        return cls(since, limit)

    async def read(self, topic: str, rows: Rows) -> list[Broadcast]:
        """The broadcasts, oldest first."""
        found = await rows.fetch_all(_READ, [topic, self.since, self.limit])
        return [
            Broadcast(
                event or "",
                json.loads(payload or "null") if binary is None else binary,
                {"replayed": True, "id": message_id},
            )
            for message_id, event, payload, binary in reversed(found)
        ]
