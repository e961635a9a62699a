"""The limits of a project's plan, as far as the sandbox holds Realtime to them.

Values and errors: Supabase docs, guides/realtime/limits. Names: the Management API's (.../config/realtime),
and for one client's calls those of supabase/realtime.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class RealtimeLimits:
    """Limits; 0 is none. Those per second are averages over 60 seconds.

    Without rates by default, so that nobody's development stops at the free plan.

    Attributes:
        max_concurrent_users: Sockets of the project at a time.
        max_channels_per_client: Channels of one socket.
        max_joins_per_second: Joins of channels, in the whole project.
        max_events_per_second: Broadcasts, each counted when it is sent and for each receiver; apart from
            them, changed rows, counted for each receiver.
        max_presence_events_per_second: Presence tracked, and states and differences sent.
        max_client_presence_events_per_window: Presence calls of one channel in `client_presence_window_ms`.
        client_presence_window_ms: Milliseconds after the first of these calls until they count from 0 again.
    """

    max_concurrent_users: int = 200
    max_channels_per_client: int = 100
    max_joins_per_second: int = 0
    max_events_per_second: int = 0
    max_presence_events_per_second: int = 0
    max_client_presence_events_per_window: int = 0
    client_presence_window_ms: int = 30_000

    def changed(self, changes: Mapping[str, Any]) -> RealtimeLimits:
        """The limits with some values changed; `plan` selects all of a plan (null: the defaults).

        Raises:
            ValueError: A name is unknown, or a value is wrong; the message is for the client.
        """
        values = dict(changes)
        base = self
        if "plan" in values:
            plan = values.pop("plan")
            if not (plan is None or (isinstance(plan, str) and plan in PLANS)):
                msg = f"plan: must be one of {', '.join(PLANS)}, or null for the sandbox's defaults"
                raise ValueError(msg)
            base = RealtimeLimits() if plan is None else PLANS[plan]
        for name, value in values.items():
            if name not in NAMES:
                msg = f"{name}: is not emulated; the sandbox knows plan, {', '.join(NAMES)}"
                raise ValueError(msg)
            if type(value) is not int or value < 0:
                msg = f"{name}: must be a whole number, 0 for no limit"
                raise ValueError(msg)
        return dataclasses.replace(base, **values)


NAMES = tuple(field.name for field in dataclasses.fields(RealtimeLimits))
PLANS = {
    "free": RealtimeLimits(
        max_concurrent_users=200,
        max_channels_per_client=100,
        max_joins_per_second=100,
        max_events_per_second=100,
        max_presence_events_per_second=20,
        max_client_presence_events_per_window=5,
        client_presence_window_ms=30_000,
    )
}
SCHEMA = {
    "type": "object",
    "properties": {
        "plan": {"enum": [*PLANS, None]},
        **{name: {"type": "integer", "minimum": 0} for name in NAMES},
    },
}
"""JSON Schema of a change."""
