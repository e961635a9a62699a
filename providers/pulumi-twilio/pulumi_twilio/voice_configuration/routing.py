"""Where a number's calls go: which field takes precedence, and whether a program may replace a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import PropertyError

from ..webhook_url import is_demo, mask

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..fields import Fields

__all__ = ["CLAIMED", "ROUTING", "refuse_foreign", "sendable", "stronger_routes", "with_cleared_routes"]

ROUTING = ("trunk_sid", "voice_application_sid", "voice_url")
"""The fields that decide how a call is routed, the strongest first (Twilio docs: IncomingPhoneNumber
resource)."""

CLAIMED = (*ROUTING, "voice_fallback_url", "status_callback")
"""The fields whose values belong to the party that set them."""

_NOUNS = {
    "trunk_sid": "is routed to the trunk",
    "voice_application_sid": "belongs to the TwiML App",
    "voice_url": "is answered by",
    "voice_fallback_url": "has the fallback URL",
    "status_callback": "reports its calls to",
}


def with_cleared_routes(wanted: Fields, live: Fields) -> Fields:
    """Add what has to be cleared so that the wanted route takes effect.

    Twilio ignores a voice URL while an application or a trunk is set, so a program that sets the URL also
    removes those.
    """
    routes = [name for name in ROUTING if wanted.get(name)]
    if not routes:
        return wanted
    in_the_way = stronger_routes(routes[0])
    if routes[0] == "trunk_sid":
        in_the_way = ("voice_application_sid",)  # Twilio clears it; recorded here so that it can be restored
    return {**{name: "" for name in in_the_way if live[name]}, **wanted}


def stronger_routes(route: str) -> tuple[str, ...]:
    """Return the routes that take precedence over this one."""
    return ROUTING[: ROUTING.index(route)]


def sendable(fields: Fields) -> Fields:
    """Leave out the changes that Twilio makes itself.

    A trunk and an application exclude each other: Twilio clears one when the other is set. Sending both, one of
    them empty, would be contradictory.
    """
    pair = ("trunk_sid", "voice_application_sid")
    left_out = {a for a, b in (pair, pair[::-1]) if fields.get(b) and not fields.get(a)}
    return {name: value for name, value in fields.items() if name not in left_out}


def refuse_foreign(
    number: str, wanted: Fields, live: Fields, ours: Collection[str], pending: Collection[str] = ()
) -> None:
    """Refuse to replace a configuration that this resource does not manage.

    Args:
        number: the number, for the message.
        wanted: the fields about to be written.
        live: the fields as they are.
        ours: the fields that this resource already manages.
        pending: fields about to be written whose values are known only later.

    Raises:
        PropertyError: a field that would be replaced, or made ineffective, has a value that is not ours.
    """
    replaced = {name for name, value in wanted.items() if value != live[name]} | set(pending)
    overridden = _overridden_by(replaced, wanted, pending)
    foreign = [
        name
        for name in CLAIMED
        if (name in replaced or name in overridden)
        and name not in ours
        and live[name]
        and not is_demo(live[name])
    ]
    if not foreign:
        return
    found = " and ".join(f"{_NOUNS[name]} {mask(live[name])}" for name in foreign)
    raise PropertyError(
        "replaceExisting",
        f"{number} {found} today, which this stack did not set; if it may be replaced, add "
        "replace_existing=True to its VoiceConfiguration (destroy restores the old configuration)",
    )


def _overridden_by(replaced: set[str], wanted: Fields, pending: Collection[str]) -> tuple[str, ...]:
    """Return the fields that Twilio ignores once a new route is set."""
    if "trunk_sid" in replaced and (wanted.get("trunk_sid") or "trunk_sid" in pending):
        return ("voice_application_sid", "voice_url", "voice_fallback_url")
    app = "voice_application_sid"
    if app in replaced and (wanted.get(app) or app in pending):
        return ("voice_url", "voice_fallback_url", "status_callback")
    return ()
