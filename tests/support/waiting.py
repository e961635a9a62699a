"""Waiting for something outside the test, on a machine that may be busy."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["PATIENCE", "wait_for"]

T = TypeVar("T")

PATIENCE = 600.0
"""Seconds, far longer than anything takes on a busy machine: only a test that fails waits for so long."""
_PAUSE = 0.02


def wait_for(look: Callable[[], T], what: str) -> T:
    """Look again and again, with a pause in between, until there is something.

    Args:
        look: returns something true once it is there.
        what: what is waited for, as the failure names it.

    Returns:
        What `look` returned last.

    Raises:
        AssertionError: it was not there within `PATIENCE`.
    """
    give_up = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < give_up, f"waited {PATIENCE:.0f} s in vain: {what}"
        time.sleep(_PAUSE)
    return found
