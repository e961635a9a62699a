"""The files that ``<Play>`` names: fetched where that stays on this machine or was allowed, noted elsewhere.

Source: Twilio docs, "TwiML <Play>" (media types); error dictionary 11200, 12300.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..webhooks.reading import Finding
from .hosts import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..store import Store
    from ..webhooks.exchange import Outcome
    from .leg import Leg
    from .live_call import LiveCall

_HOSTS = "media-hosts"
# Twilio docs, "TwiML <Play>": supported audio file types.
_TYPES = frozenset(
    f"audio/{name}"
    for name in "mpeg wav wave x-wav aiff x-aifc x-aiff x-gsm gsm ulaw".split()  # noqa: SIM905 - as on the page
)


def media_hosts(store: Store) -> list[str]:
    """The hosts besides loopback from which files are fetched."""
    return list(store.value(_HOSTS) or [])


def set_media_hosts(store: Store, hosts: Iterable[str]) -> None:
    """Replace them."""
    store.set_value(_HOSTS, sorted(set(hosts)))


async def fetch_media(call: LiveCall, leg: Leg, url: str) -> None:
    """Fetch a file that is played; what is wrong with it is an alert, and the call goes on."""
    hosts = frozenset(media_hosts(call.state.store))

    def allowed(address: str) -> bool:
        host = urlsplit(address).hostname or ""
        return is_loopback(host) or host in hosts

    if not allowed(url):
        call.note(
            leg.sid,
            "not-emulated",
            f"<Play> does not fetch {url}: its host is not on this machine and not listed",
        )
        return
    webhook = call.webhook("media", url, "GET", {}, leg.document, redirects_to=allowed)
    outcome = await call.courier.fetch_media(webhook, read_media)
    if outcome.status is not None and 300 <= outcome.status < 400:
        call.note(leg.sid, "not-emulated", f"<Play> does not follow {url} to a host that is not listed")


def read_media(outcome: Outcome) -> list[Finding]:
    """What Twilio notes about a file's answer."""
    if outcome.error_code is not None:
        return [Finding("error", outcome.error_code, outcome.error_text)]
    if outcome.status is not None and 300 <= outcome.status < 400:
        return []
    if not outcome.ok:
        return [Finding("error", 11200, f"Got HTTP {outcome.status} response to {outcome.url}")]
    if outcome.content_type not in _TYPES:
        shown = outcome.content_type or "no Content-Type"
        return [Finding("error", 12300, f"Invalid Content-Type: {shown} from {outcome.url}")]
    return []
