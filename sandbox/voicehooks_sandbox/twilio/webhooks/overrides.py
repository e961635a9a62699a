"""Connection overrides: retries and timeouts that a URL's fragment asks for.

Source: Twilio docs, "Webhooks connection overrides". Times are milliseconds; 15 s is the cap over
everything for requests that belong to a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

_RANGES = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
_POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})
_EDGES = frozenset(["ashburn", "dublin", "frankfurt", "sao-paulo", "singapore", "sydney", "tokyo", "umatilla"])


class InvalidOverride(ValueError):
    """A fragment that Twilio refuses; the request is not made."""


@dataclass(frozen=True)
class Overrides:
    """How one webhook request is made.

    Attributes:
        connect: for TCP and TLS, ms.
        read: for the first byte, and between packets, ms.
        total: for all attempts together, ms.
        retries: attempts beyond the first.
        policy: what is retried: ``4xx``, ``5xx``, ``ct`` (connect or TLS failed), ``rt`` (read timed out).
    """

    connect: int = 5_000
    read: int = 15_000
    total: int = 15_000
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    def retries_on(self, failure: str) -> bool:
        """Whether a failure (``ct``, ``rt``, ``4xx``, ``5xx``) is worth another attempt."""
        return failure in self.policy or "all" in self.policy


def parse_overrides(url: str) -> Overrides:
    """The overrides of a URL; a fragment that is none of them is an ordinary fragment.

    Raises:
        InvalidOverride: a value out of its range.
    """
    values = {}
    for pair in urlsplit(url).fragment.split("&"):
        key, _, value = pair.partition("=")
        values[key] = value
    numbers = {key: _number(key, values[key]) for key in _RANGES if key in values}
    policy = frozenset({"ct"})
    if "rp" in values:
        policy = frozenset(values["rp"].split(","))
        if not policy <= _POLICIES:
            msg = f"HTTP retry policy is invalid: rp={values['rp']}"
            raise InvalidOverride(msg)
    if "e" in values and any(edge.removesuffix("-ix") not in _EDGES for edge in values["e"].split(",")):
        msg = f"edge location is invalid: e={values['e']}"
        raise InvalidOverride(msg)
    if "sni" in values and values["sni"] not in {"y", "n"}:
        msg = f"SNI flag is invalid: sni={values['sni']}"
        raise InvalidOverride(msg)
    return Overrides(
        connect=numbers.get("ct", 5_000),
        read=numbers.get("rt", 15_000),
        total=numbers.get("tt", 15_000),
        retries=numbers.get("rc", 1),
        policy=policy,
    )


def _number(key: str, text: str) -> int:
    low, high = _RANGES[key]
    if not text.isdecimal() or not low <= int(text) <= high:
        msg = f"{key} must be a number from {low} to {high}: {key}={text}"
        raise InvalidOverride(msg)
    return int(text)
