"""Which of an account's calls are the environment's: those of its numbers, and the legs they dialed.

An account may have other numbers, other environments' too, and its lists hold all of them.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicehooks.commands.reconcile.entries import CallEntry
    from voicehooks.commands.reconcile.twilio_side import TwilioLists

__all__ = ["REMEMBERED", "Ownership", "Recent"]

# How many calls are remembered: many pages of them, some ten megabytes.
REMEMBERED = 50_000
# A dialed leg may itself dial; nobody nests deeper than this.
_DEEPEST = 5

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The values of the keys that were set last, a limited number of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[str, Value] = OrderedDict()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str) -> Value | None:
        """Return the value of a key, or None."""
        return self._values.get(key)

    def put(self, key: str, value: Value) -> None:
        """Remember a value; the oldest one is forgotten where there are too many."""
        self._values[key] = value
        if len(self._values) > self._limit:
            self._values.popitem(last=False)


class Ownership:
    """Tells whose a call is.

    Args:
        numbers: the environment's, E.164.
        lists: for calls that are not on the page at hand.
        remember: of how many calls the answer is kept.
    """

    def __init__(self, numbers: Iterable[str], lists: TwilioLists, remember: int) -> None:
        self._numbers = frozenset(numbers)
        self._lists = lists
        self._known: Recent[bool] = Recent(remember)

    async def ours(self, page: list[CallEntry]) -> list[CallEntry]:
        """Return those calls of a page that are the environment's.

        Raises:
            CommandError: Twilio cannot be asked about a leg's call.
        """
        by_sid = {call.sid: call for call in page}
        return [call for call in page if await self._is_ours(call, by_sid)]

    async def is_ours(self, sid: str) -> bool:
        """Return whether a call is the environment's; false where Twilio does not know it.

        Raises:
            CommandError: Twilio cannot be asked.
        """
        return await self._sid_is_ours(sid, {}, _DEEPEST)

    async def _is_ours(self, call: CallEntry, page: dict[str, CallEntry], depth: int = _DEEPEST) -> bool:
        # A dialed leg may show any number as its caller: its call decides.
        if call.parent and depth > 0:
            answer = await self._sid_is_ours(call.parent, page, depth - 1)
        else:
            answer = call.caller in self._numbers or call.to in self._numbers
        self._known.put(call.sid, answer)
        return answer

    async def _sid_is_ours(self, sid: str, page: dict[str, CallEntry], depth: int) -> bool:
        known = self._known.get(sid)
        if known is not None:
            return known
        call = page.get(sid) or await self._lists.call(sid)
        if call is None:
            self._known.put(sid, False)
            return False
        return await self._is_ours(call, page, depth)
