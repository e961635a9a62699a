"""Who is present on a topic: one entry per channel, grouped by key."""

from __future__ import annotations

import secrets
from typing import Any


class Presence:
    """The presence of one topic."""

    def __init__(self) -> None:
        self._entries: dict[object, tuple[str, dict[str, Any]]] = {}

    def state(self) -> dict[str, Any]:
        """Everybody who is present: {key: {"metas": [...]}}."""
        state: dict[str, Any] = {}
        for key, meta in self._entries.values():
            state.setdefault(key, {"metas": []})["metas"].append(meta)
        return state

    def track(self, channel: object, key: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Add or change a channel's entry.

        Returns:
            The difference for all: {"joins", "leaves"}.
        """
        meta = {"phx_ref": secrets.token_urlsafe(9), **payload}
        leaves: dict[str, Any] = {}
        if (before := self._entries.get(channel)) is not None:
            old = before[1]
            meta = {**meta, "phx_ref_prev": old["phx_ref"]}
            leaves = {before[0]: {"metas": [old]}}
        self._entries[channel] = (key, meta)
        return {"joins": {key: {"metas": [meta]}}, "leaves": leaves}

    def untrack(self, channel: object) -> dict[str, Any] | None:
        """Remove a channel's entry; returns the difference for all, None if there was none."""
        before = self._entries.pop(channel, None)
        if before is None:
            return None
        return {"joins": {}, "leaves": {before[0]: {"metas": [before[1]]}}}

    def __len__(self) -> int:
        """How many are present."""
        return len(self._entries)
