"""Faults on demand: what goes wrong next, and how often.

A fault is one dictionary: ``fault`` names it, ``times`` says how often it strikes (absent: until cleared),
the other keys narrow what it strikes. They are kept with the state, so a restart does not cure them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from . import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .store import Document, Store

_VALUE = "faults"
WEBHOOK_FAULTS = {
    "drop": "the request is never sent",
    "duplicate": "the request is sent twice",
    "delay": "the request is sent `seconds` (real) later",
    "reorder": "the request is held back until the next one of the same call has been answered",
    "wrong-signature": "the request carries a signature made with another token",
    "no-signature": "the request carries no signature",
}
REST_FAULTS = {
    "rest-error": "the answer is `status` (500) with `code` and `message`; nothing was done",
    "rest-delay": "the answer comes `seconds` (real) later",
    "too-many-requests": "the answer is 429 with code 20429; nothing was done",
}
_MATCHERS = {"kind", "url", "callStatus", "recordingStatus", "method", "path"}
_SETTINGS = {"fault", "times", "seconds", "status", "code", "message"}


class Faults:
    """The faults in force."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._active: list[Document] = []
        self.reload()

    def reload(self) -> None:
        """Take up the faults that the state has."""
        self._active = self._store.value(_VALUE) or []

    def active(self) -> list[Document]:
        """The faults in force, ``times`` counting down."""
        return list(self._active)

    def add(self, faults: Iterable[Document]) -> None:
        """Order faults.

        Raises:
            ValueError: one of them is not a fault the sandbox knows.
        """
        checked = [_checked(fault) for fault in faults]
        self._active.extend(checked)
        self._keep()

    def clear(self) -> None:
        """Heal everything."""
        self._active.clear()
        self._keep()

    def strike(self, names: Iterable[str], **facts: str) -> Document | None:
        """The oldest fault of these names that strikes a thing with these facts; its ``times`` count down."""
        wanted = set(names)
        struck = next(
            (fault for fault in self._active if fault["fault"] in wanted and _matches(fault, facts)), None
        )
        if struck is not None and struck.get("times") is not None:
            struck["times"] -= 1
            self._active = [fault for fault in self._active if fault.get("times") is None or fault["times"] > 0]
            self._keep()
        return struck

    async def meet_request(self, method: str, path: str) -> None:
        """Let the faults strike that were ordered for a REST request.

        Raises:
            TwilioError: the error that was ordered.
        """
        if delay := self.strike(["rest-delay"], method=method, path=path):
            await asyncio.sleep(delay.get("seconds", 1))
        fault = self.strike(["rest-error", "too-many-requests"], method=method, path=path)
        if fault is None:
            return
        if fault["fault"] == "too-many-requests":
            raise errors.too_many_requests()
        raise errors.TwilioError(
            fault.get("status", 500),
            fault.get("code", 20500),
            fault.get("message", "An internal server error has occurred"),
        )

    def _keep(self) -> None:
        self._store.set_value(_VALUE, self._active)


def _checked(fault: Any) -> Document:
    known = {**WEBHOOK_FAULTS, **REST_FAULTS}
    if not isinstance(fault, dict) or fault.get("fault") not in known:
        msg = f'A fault is an object whose "fault" is one of {", ".join(sorted(known))}; got {fault!r}.'
        raise ValueError(msg)
    if strange := sorted(set(fault) - _MATCHERS - _SETTINGS):
        msg = f"The fault {fault['fault']} has unknown keys: {', '.join(strange)}."
        raise ValueError(msg)
    return dict(fault)


def _matches(fault: Document, facts: dict[str, str]) -> bool:
    """Whether a fault is meant for this; ``url`` and ``path`` match as parts, the rest exactly."""
    for key in _MATCHERS & fault.keys():
        fact = facts.get(key, "")
        if (fault[key] not in fact) if key in {"url", "path"} else (fault[key] != fact):
            return False
    return True
