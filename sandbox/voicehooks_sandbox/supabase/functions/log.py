"""The functions' logs, one file per function."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Supabase docs: functions/limits (a log line holds 10,000 characters).
_LONGEST_MESSAGE = 10_000
_LARGEST_FILE = 10_000_000


def log_file(folder: Path, slug: str) -> Path:
    """The log of a function: one JSON object per line."""
    return folder / f"function-{slug}.jsonl"


class FunctionLogs:
    """Appends to and reads the logs of all functions.

    Args:
        folder: Where the files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, IO[str]] = {}
        self._last_id = 0
        self.on_line: Callable[[str, dict[str, Any]], None] = lambda _slug, _entry: None
        """Called with each new line."""

    def write(self, slug: str, version: int, level: str, message: str) -> None:
        """Append one line; level is `log`, `error`, `boot` or `shutdown`."""
        file = self._files.get(slug)
        if file is None or file.tell() > _LARGEST_FILE:
            if file is not None:
                file.close()
                log_file(self._folder, slug).replace(log_file(self._folder, slug).with_suffix(".jsonl.1"))
            file = log_file(self._folder, slug).open("a", encoding="utf-8", buffering=1)
            self._files[slug] = file
        # Microseconds since 1970, but never the same twice.
        self._last_id = max(self._last_id + 1, time.time_ns() // 1000)
        entry = {
            "id": self._last_id,
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "version": version,
            "level": level,
            "message": message[:_LONGEST_MESSAGE],
        }
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self.on_line(slug, entry)

    def read(self, slug: str) -> list[dict[str, Any]]:
        """All kept lines of a function, oldest first."""
        try:
            lines = log_file(self._folder, slug).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines if line.endswith("}")]

    def clear(self) -> None:
        """Delete all logs."""
        self.close()
        for file in self._folder.glob("function-*.jsonl*"):
            file.unlink()

    def close(self) -> None:
        """Close the open files."""
        for file in self._files.values():
            file.close()
        self._files.clear()
