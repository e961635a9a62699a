"""Connection overrides: how Twilio delivers a webhook, written after the ``#`` of its URL.

Twilio removes the fragment before it sends and signs the request. Keys, ranges and defaults come from
Twilio's page "Webhooks (HTTP callbacks): Connection Overrides": ``ct``, ``rt``, ``tt`` in milliseconds,
``rc`` the number of retries, ``rp`` the failures to retry, ``e`` the edges that send the requests. For
call-related requests, all attempts together have 15 seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.table import ListOf, ObjectType, Property, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DELIVERY", "encode", "parse", "split"]

_SOURCE = "Twilio docs: Webhooks connection overrides"

RETRY_ON = {"connect": "ct", "read-timeout": "rt", "4xx": "4xx", "5xx": "5xx", "all": "all"}
EDGES = ("ashburn", "dublin", "frankfurt", "sao-paulo", "singapore", "sydney", "tokyo", "umatilla")


def _between(low: int, high: int, unit: str) -> Any:
    def check(value: int) -> str | None:
        return None if low <= value <= high else f"{value} is not between {low} and {high}{unit}"

    return check


def _retry_on(values: list[str]) -> str | None:
    wrong = [v for v in values if v not in RETRY_ON]
    return f"{wrong[0]!r} is not one of {', '.join(RETRY_ON)}" if wrong else None


def _edges(values: list[str]) -> str | None:
    wrong = [v for v in values if v.removesuffix("-ix") not in EDGES]
    return f"{wrong[0]!r} is not one of {', '.join(EDGES)} (or one of them with -ix)" if wrong else None


DELIVERY = ObjectType(
    "Delivery",
    "How Twilio delivers a webhook: what it retries and how long it waits. By default, Twilio retries once, "
    "and only if the connection fails. All attempts of a call-related request together have 15 seconds.",
    (
        Property(
            "retries",
            Scalar.INTEGER,
            "How often Twilio retries a failed request, 0 to 5. Twilio's default is 1.",
            wire="rc",
            check=_between(0, 5, " retries"),
            source=_SOURCE,
        ),
        Property(
            "retryOn",
            ListOf(Scalar.STRING),
            "The failures to retry: connect (TCP or TLS), read-timeout, 4xx, 5xx or all. Twilio's default is "
            "connect. With 4xx, Twilio also retries requests whose signature was refused.",
            wire="rp",
            check=_retry_on,
            source=_SOURCE,
        ),
        Property(
            "connectTimeout",
            Scalar.INTEGER,
            "The connection time-out in milliseconds, 100 to 10000. Twilio's default is 5000.",
            wire="ct",
            check=_between(100, 10_000, " ms"),
            source=_SOURCE,
        ),
        Property(
            "readTimeout",
            Scalar.INTEGER,
            "The time-out in milliseconds for the first byte and between packets, 100 to 15000. Twilio's "
            "default is 15000.",
            wire="rt",
            check=_between(100, 15_000, " ms"),
            source=_SOURCE,
        ),
        Property(
            "totalTimeout",
            Scalar.INTEGER,
            "The time-out in milliseconds for all attempts together, 100 to 15000. Twilio's default is 15000.",
            wire="tt",
            check=_between(100, 15_000, " ms"),
            source=_SOURCE,
        ),
        Property(
            "edges",
            ListOf(Scalar.STRING),
            "The edges that send the requests, tried in this order. Twilio's default is ashburn.",
            wire="e",
            check=_edges,
            source=_SOURCE,
        ),
    ),
)

_BY_WIRE = {p.wire: p for p in DELIVERY.properties}
_RETRY_NAMES = {code: name for name, code in RETRY_ON.items()}


def split(url: str) -> tuple[str, str]:
    """Return the URL without its fragment, and the fragment without its ``#``."""
    address, _, fragment = url.partition("#")
    return address, fragment


def encode(delivery: Mapping[str, Any]) -> str:
    """Return the fragment for a delivery (schema names), without ``#``; empty for an empty delivery.

    >>> encode({"retries": 3, "retryOn": ["connect", "5xx"]})
    'rc=3&rp=ct,5xx'
    """
    parts = []
    for prop in DELIVERY.properties:
        value = delivery.get(prop.name)
        if value is None or value == []:
            continue
        if prop.name == "retryOn":
            value = ",".join(RETRY_ON[v] for v in value)
        elif isinstance(value, list):
            value = ",".join(value)
        parts.append(f"{prop.wire}={value}")
    return "&".join(parts)


def parse(fragment: str) -> dict[str, Any] | None:
    """Return the delivery that a fragment encodes, or None if this provider would not write that fragment.

    >>> parse("rp=5xx&rc=2")
    {'retries': 2, 'retryOn': ['5xx']}
    """
    found: dict[str, Any] = {}
    for part in fragment.split("&") if fragment else []:
        key, _, value = part.partition("=")
        prop = _BY_WIRE.get(key)
        if prop is None or not value:
            return None
        if prop.name == "retryOn":
            codes = value.split(",")
            if any(code not in _RETRY_NAMES for code in codes):
                return None
            found[prop.name] = [_RETRY_NAMES[code] for code in codes]
        elif prop.name == "edges":
            found[prop.name] = value.split(",")
        elif value.isdigit():
            found[prop.name] = int(value)
        else:
            return None
        if prop.check is not None and prop.check(found[prop.name]) is not None:
            return None
    return {p.name: found[p.name] for p in DELIVERY.properties if p.name in found}
