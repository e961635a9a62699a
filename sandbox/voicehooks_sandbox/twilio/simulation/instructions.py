"""Where a call gets its TwiML, and what a document's URLs and methods mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from .subscription import Subscription

if TYPE_CHECKING:
    from ..twiml.document import TwimlDocument


@dataclass(frozen=True)
class Instructions:
    """Where a call gets its TwiML.

    Attributes:
        url: to fetch it from; empty when ``twiml`` is given.
        method: GET or POST.
        fallback_url: asked when that fails; empty for none.
        twiml: the document itself.
    """

    url: str = ""
    method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    twiml: str = ""


@dataclass(frozen=True)
class Page:
    """A document that a call executes, and the address that relative URLs in it refer to."""

    document: TwimlDocument
    url: str


def http_method(text: str) -> str:
    """A method attribute as it is meant: GET where it says so, else POST."""
    return "GET" if text.upper() == "GET" else "POST"


def resolve(page: Page, url: str) -> str:
    """An absolute URL for one in a document, which may be relative to the document's own."""
    return urljoin(page.url, url) if page.url else url


def subscriptions(page: Page, url: str, method: str, events: str) -> list[Subscription]:
    """The subscription that statusCallback attributes ask for; none without a URL."""
    if not url:
        return []
    wanted = frozenset(events.split()) or frozenset({"completed"})
    return [Subscription(resolve(page, url), http_method(method), wanted)]
