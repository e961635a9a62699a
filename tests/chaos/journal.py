"""What a run does, said as it happens; several threads write."""

from __future__ import annotations

import threading
import time
from collections import Counter

__all__ = ["Journal"]


class Journal:
    """Prints each step with the seconds since the run began, and counts them by kind."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._began = time.monotonic()
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """How long the run has been going on."""
        return time.monotonic() - self._began

    def say(self, kind: str, text: str) -> None:
        """Note one step."""
        with self._lock:
            self.counts[kind] += 1
            print(f"{self.seconds:7.1f}  {kind:18} {text}", flush=True)
