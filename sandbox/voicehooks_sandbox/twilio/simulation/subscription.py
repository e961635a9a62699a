"""Who hears of a leg's events."""

from __future__ import annotations

from dataclasses import dataclass

EVENTS = ("initiated", "ringing", "answered", "completed")


@dataclass(frozen=True)
class Subscription:
    """A status callback of a leg.

    Attributes:
        url: absolute.
        method: GET or POST.
        events: names out of `EVENTS`.
    """

    url: str
    method: str
    events: frozenset[str]
