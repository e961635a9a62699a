"""A Pulumi backend in a folder of this machine: what its files tell that the CLI does not.

The layout is that of Pulumi's self-managed backends (Pulumi docs: Managing state and backends): locks in
`.pulumi/locks`, and for every update a pair of files in `.pulumi/history`, its description and its state.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import yaml  # type: ignore[import-untyped]

from voicehooks import project

if TYPE_CHECKING:
    from voicehooks.engine import Engine

__all__ = ["FileBackend"]


class FileBackend:
    """One stack in such a folder.

    Args:
        folder: the backend's folder.
        project_name: the name in Pulumi.yaml.
        stack: the stack's name.
    """

    def __init__(self, folder: Path, project_name: str, stack: str) -> None:
        self._pulumi = folder / ".pulumi"
        self._project = project_name
        self._stack = stack.rpartition("/")[2]

    @classmethod
    def of(cls, engine: Engine) -> FileBackend | None:
        """The backend of a stack, or None where it is a bucket or Pulumi Cloud.

        Raises:
            CommandError: nobody is logged in to a backend.
        """
        address = urlsplit(engine.backend_url())
        if address.scheme != "file":
            return None
        folder = Path(unquote(address.netloc + address.path)).expanduser()
        root = project.root(engine.folder)
        definition = yaml.safe_load((root / "Pulumi.yaml").read_text(encoding="utf-8"))
        return cls(root / folder, str(definition["name"]), engine.stack)

    def locks(self) -> list[dict[str, Any]]:
        """The locks on the stack: pid, username, hostname, timestamp; empty ones where a file is unreadable."""
        folder = self._pulumi / "locks" / "organization" / self._project / self._stack
        return [_json(path) or {} for path in sorted(folder.glob("*.json"))]

    def states(self) -> list[dict[str, Any] | None]:
        """The state after each update, oldest first, one for each row of the history; None: it is lost."""
        folder = self._pulumi / "history" / self._project / self._stack
        described = sorted(folder.glob("*.history.json*"))
        described = [path for path in described if not path.name.endswith(".attrs")]
        return [self._state(path) for path in described]

    def _state(self, description: Path) -> dict[str, Any] | None:
        name = description.name.partition(".history.json")[0]
        for suffix in ("json", "json.gz"):
            found = _json(description.with_name(f"{name}.checkpoint.{suffix}"))
            if found is not None:
                latest: dict[str, Any] | None = (found.get("checkpoint") or {}).get("latest")
                return latest
        return None


def _json(path: Path) -> dict[str, Any] | None:
    try:
        content = path.read_bytes()
        read: dict[str, Any] = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    except (OSError, ValueError):
        return None
    return read
