"""The files of Pulumi's self-managed backends, the same in a folder and in every bucket.

Locks are in `.pulumi/locks`, and each update leaves a pair of files in `.pulumi/history`, its description and
its state (Pulumi docs: Managing state and backends). Their names sort by time. They may be compressed, each by
itself, since the setting for it may have changed in the meantime.
"""

from __future__ import annotations

import gzip
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from voicehooks.stack.backend.protocol import Files

__all__ = ["SelfManaged"]

_AT_ONCE = 8
_DESCRIPTION = re.compile(r"(.+)\.history\.json(\.gz|\.zst)?")


class SelfManaged:
    """One stack of such a backend.

    Args:
        files: where its files lie.
        project: the name in Pulumi.yaml.
        stack: the stack's name, with or without organization and project.
    """

    def __init__(self, files: Files, project: str, stack: str) -> None:
        self._files = files
        self._project = project
        self._stack = stack.rpartition("/")[2]

    def locks(self) -> list[Mapping[str, Any]]:
        """Return the locks on the stack; see `Backend`."""
        folder = f".pulumi/locks/organization/{self._project}/{self._stack}"
        names = sorted(name for name in self._files.names(folder) if name.endswith(".json"))
        return [content for content in self._contents(names) if content is not None]

    def states(self, numbers: Collection[int], updates: int) -> dict[int, Mapping[str, Any]]:
        """Return the states that updates left; see `Backend`. The folder is listed once."""
        if not numbers:
            return {}
        names = set(self._files.names(f".pulumi/history/{self._project}/{self._stack}"))
        found = (match.group(1) for match in map(_DESCRIPTION.fullmatch, sorted(names)) if match)
        described = list(dict.fromkeys(found))
        # An update's number is its place in the row; with a file too few, no file's place is known.
        if len(described) != updates:
            raise Unreadable(
                f"the history has {updates} updates and the backend keeps files of {len(described)}",
                "an update that ended just now does that, then run this again; else files were taken out",
            )
        kept = {number: _state_file(described[number - 1], names) for number in sorted(numbers)}
        there = {number: name for number, name in kept.items() if name}
        contents = zip(there, self._contents(there.values()), strict=True)
        states = {n: ((content or {}).get("checkpoint") or {}).get("latest") for n, content in contents}
        return {number: state for number, state in states.items() if state is not None}

    def _contents(self, names: Iterable[str]) -> list[dict[str, Any] | None]:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(self._json, names))

    def _json(self, name: str) -> dict[str, Any] | None:
        """A file's content: None where it is gone by now, empty where it is not JSON."""
        if name.endswith(".zst"):
            raise Unreadable("its files are compressed with Zstandard (PULUMI_DIY_BACKEND_ZSTD), not read here")
        try:
            content = self._files.read(name)
            read: dict[str, Any] = json.loads(gzip.decompress(content) if name.endswith(".gz") else content)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, ValueError):
            return {}
        return read


def _state_file(described: str, names: Collection[str]) -> str | None:
    candidates = (f"{described}.checkpoint.json{suffix}" for suffix in ("", ".gz", ".zst"))
    return next((name for name in candidates if name in names), None)
