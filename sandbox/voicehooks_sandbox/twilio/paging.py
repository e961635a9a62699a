"""Pages of lists in Twilio's two shapes: API 2010-04-01 (host-relative links) and v1 (``meta``, absolute)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from . import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

    from .store import Document, Store, Where

_PAGING = frozenset({"PageSize", "Page", "PageToken"})
_HIGHEST = 2**31 - 1


@dataclass(frozen=True)
class PageRequest:
    """Which page of a list a request asks for.

    Attributes:
        size: items a page, 1 to 1,000 (default 50).
        number: the page's number, from 0.
        after: SID of the last item of the page before, from ``PageToken``.
    """

    path: str
    filters: tuple[tuple[str, str], ...]
    size: int
    number: int
    after: str | None

    @classmethod
    def of(cls, request: Request, path: str | None = None) -> PageRequest:
        """Read the paging parameters of a request.

        Raises:
            TwilioError: 20007 for more than 1,000 items, 20001 for what is not a number, and for a page other
                than the first without its token, or with one that no page has.
        """
        query = request.query_params
        size, number = _number(query.get("PageSize"), "PageSize", 50), _number(query.get("Page"), "Page", 0)
        if size > 1000:
            raise errors.page_size_too_large(size)
        token = query.get("PageToken") or ""
        if number > 0 and not token:
            raise errors.page_token_required()
        if token and not token.startswith(("PA", "PB")):
            raise errors.invalid_parameter("PageToken", token)
        return cls(
            path=path or request.url.path,
            filters=tuple((key, value) for key, value in query.multi_items() if key not in _PAGING),
            size=max(size, 1),
            number=number,
            after=token[2:] if token.startswith("PA") and number > 0 else None,
        )

    def select(
        self, store: Store, kind: str, account_sid: str | None, where: Sequence[Where] = ()
    ) -> tuple[list[Document], bool]:
        """The page's documents, and whether more follow."""
        skip = 0 if self.after else self.number * self.size
        found = store.page(kind, account_sid, where, limit=self.size + 1, skip=skip, after=self.after)
        return found[: self.size], len(found) > self.size

    def slice(self, items: Sequence[Any]) -> tuple[list[Any], bool]:
        """The same for a list that is in memory."""
        first = self.number * self.size
        return list(items[first : first + self.size]), len(items) > first + self.size

    def link(self, number: int, token: str | None = None) -> str:
        """The host-relative address of a page of the same list."""
        query = [*self.filters, ("PageSize", str(self.size)), ("Page", str(number))]
        if number > 0:
            query.append(("PageToken", f"PA{token}" if token else f"PB{number}"))
        return f"{self.path}?{urlencode(query)}"


def page_2010(
    page: PageRequest, key: str, items: Sequence[Document], more: bool, encode: Callable[[Document], Document]
) -> Document:
    """A page of the API 2010-04-01."""
    first = page.number * page.size
    token = items[-1].get("sid") if items else None
    return {
        "first_page_uri": page.link(0),
        "end": first + max(len(items) - 1, 0),
        "previous_page_uri": page.link(page.number - 1) if page.number > 0 else None,
        key: [encode(item) for item in items],
        "uri": page.link(page.number, page.after),
        "page_size": page.size,
        "start": first,
        "next_page_uri": page.link(page.number + 1, token) if more else None,
        "page": page.number,
    }


def page_v1(
    page: PageRequest,
    key: str,
    items: Sequence[Document],
    more: bool,
    encode: Callable[[Document], Document],
    *,
    base_url: str,
) -> Document:
    """A page of a v1 API; its links carry the sandbox's own address, as Twilio's carry Twilio's."""
    token = items[-1].get("sid") if items else None
    return {
        key: [encode(item) for item in items],
        "meta": {
            "page": page.number,
            "page_size": page.size,
            "first_page_url": base_url + page.link(0),
            "previous_page_url": base_url + page.link(page.number - 1) if page.number > 0 else None,
            "url": base_url + page.link(page.number, page.after),
            "next_page_url": base_url + page.link(page.number + 1, token) if more else None,
            "key": key,
        },
    }


def _number(text: str | None, name: str, default: int) -> int:
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 10 or int(text) > _HIGHEST:
        raise errors.invalid_parameter(name, text)
    return int(text)
