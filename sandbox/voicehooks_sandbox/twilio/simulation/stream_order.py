"""What a ``<Stream>`` asks for.

Source: Twilio docs, "TwiML <Stream>": ``<Connect>`` makes a bidirectional stream of the inbound track,
``<Start>`` a unidirectional one of the tracks that it names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .instructions import http_method, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..twiml.document import Verb
    from .instructions import Page

TRACKS = {
    "inbound_track": ("inbound",),
    "outbound_track": ("outbound",),
    "both_tracks": ("inbound", "outbound"),
}


@dataclass(frozen=True)
class StreamOrder:
    """A Media Stream as ordered.

    Attributes:
        url: of the server, absolute.
        name: by which ``<Stop>`` finds it; empty for none.
        tracks: ``inbound``, ``outbound`` or both.
        bidirectional: whether the server's audio is played to the caller.
        parameters: that the server receives with ``start``.
        callback: where its events are reported, absolute; empty for nowhere.
        method: GET or POST.
    """

    url: str
    name: str = ""
    tracks: tuple[str, ...] = ("inbound",)
    bidirectional: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    callback: str = ""
    method: str = "POST"


def stream_order(page: Page, noun: Verb, *, bidirectional: bool) -> StreamOrder:
    """Read a ``<Stream>`` with its ``<Parameter>`` elements."""
    callback = noun.get("statusCallback")
    return StreamOrder(
        url=resolve(page, noun.get("url")),
        name=noun.get("name"),
        tracks=("inbound",) if bidirectional else TRACKS.get(noun.get("track"), ("inbound",)),
        bidirectional=bidirectional,
        parameters={child.get("name"): child.get("value") for child in noun.nouns if child.name == "Parameter"},
        callback=resolve(page, callback) if callback else "",
        method=http_method(noun.get("statusCallbackMethod")),
    )
