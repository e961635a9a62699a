"""Calls at a steady rate, whatever happens around them."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from typing import Self

    from tests.support.clone import Clone

__all__ = ["Traffic"]

_OUTCOMES = ("answered", "answered", "answered", "busy", "no-answer")


class Traffic:
    """Somebody calls the numbers, again and again, until asked to stop.

    Args:
        clone: the environment.
        numbers: which numbers, E.164.
        seed: of what is left to chance.
        every: real seconds between two calls.
    """

    def __init__(self, clone: Clone, numbers: list[str], *, seed: int, every: float) -> None:
        self.placed: list[str] = []
        self.refused: list[str] = []
        self._clone = clone
        self._numbers = numbers
        self._chance = random.Random(seed)
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="traffic")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def stories(self) -> list[dict[str, Any]]:
        """Return every call once it is over and everybody was told."""
        return [self._clone.control("GET", f"calls/{sid}", params={"wait": 60}) for sid in self.placed]

    def _go_on(self) -> None:
        while not self._over.wait(self._every):
            call = {
                "from": f"+1555010{self._chance.randint(0, 9999):04}",
                "to": self._chance.choice(self._numbers),
                "scenario": self._chance.choice(_OUTCOMES),
                "talkSeconds": self._chance.randint(1, 60),
                "ringSeconds": self._chance.randint(1, 10),
            }
            try:
                self.placed.append(str(self._clone.control("POST", "calls", json=call)["sid"]))
            except (AssertionError, httpx.HTTPError) as error:
                self.refused.append(str(error))
