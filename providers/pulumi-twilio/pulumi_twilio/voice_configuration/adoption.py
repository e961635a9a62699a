"""Taking over a number: what would be replaced, and whether the program said that it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.errors import PropertyError

from ..webhook_url import mask
from .fields import ROUTING

if TYPE_CHECKING:
    from collections.abc import Collection

    from .fields import Fields

__all__ = ["ensure_voice", "refuse_foreign", "stronger_routes", "with_cleared_routes"]

# What Twilio itself puts on a number that was just bought; nobody's configuration is lost with it.
_TWILIO_DEMO = "https://demo.twilio.com/"
_CLAIMED = (*ROUTING, "voice_fallback_url", "status_callback")
_NOUNS = {
    "trunk_sid": "is routed to the trunk",
    "voice_application_sid": "belongs to the TwiML App",
    "voice_url": "is answered by",
    "voice_fallback_url": "has the fallback URL",
    "status_callback": "reports its calls to",
}


def with_cleared_routes(wanted: Fields, live: Fields) -> Fields:
    """Add what has to be cleared so that the wanted route takes effect.

    Twilio ignores a voice URL while an application or a trunk is set; whoever asks for the URL asks for
    those to go.
    """
    routes = [name for name in ROUTING if wanted.get(name)]
    if not routes:
        return wanted
    in_the_way = stronger_routes(routes[0])
    if routes[0] == "trunk_sid":
        in_the_way = ("voice_application_sid",)  # Twilio clears it; noted here so that it can be given back
    return {**{name: "" for name in in_the_way if live[name] and name not in wanted}, **wanted}


def stronger_routes(route: str) -> tuple[str, ...]:
    """Return the routes that go before this one."""
    return ROUTING[: ROUTING.index(route)]


def refuse_foreign(number: str, wanted: Fields, live: Fields, ours: Collection[str]) -> None:
    """Refuse to replace what somebody else configured.

    Args:
        number: the number, for the message.
        wanted: the fields about to be written.
        live: the fields as they are.
        ours: the fields that this resource manages already.

    Raises:
        PropertyError: a field about to be replaced holds another value from elsewhere.
    """
    foreign = [
        name
        for name in _CLAIMED
        if name in wanted
        and name not in ours
        and live[name]
        and live[name] != wanted[name]
        and not live[name].startswith(_TWILIO_DEMO)
    ]
    if not foreign:
        return
    found = " and ".join(f"{_NOUNS[name]} {mask(live[name])}" for name in foreign)
    raise PropertyError(
        "replaceExisting",
        f"{number} {found} today, which this stack did not set; if it may be replaced, add "
        "replace_existing=True to its VoiceConfiguration (destroy brings the old configuration back)",
    )


def ensure_voice(number: str, capabilities: dict[str, bool]) -> None:
    """Refuse a number that cannot take calls.

    Raises:
        PropertyError: the number has no voice capability.
    """
    if not capabilities.get("voice", False):
        raise PropertyError(
            "phoneNumber", f"{number} has no voice capability at Twilio; take it out of the program"
        )
