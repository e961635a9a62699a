"""The functions' secrets, kept on disk."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from voicehooks_sandbox.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Secret:
    """One secret; `updated_at` in ISO 8601."""

    name: str
    value: str
    updated_at: str

    @property
    def digest(self) -> str:
        """SHA-256 of the value in hex: all that the Management API gives away."""
        return hashlib.sha256(self.value.encode()).hexdigest()


class SecretStore:
    """All secrets of the project.

    Args:
        file: Where they are kept (private to the user).
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._secrets: dict[str, Secret] = {}
        if file.exists():
            for entry in json.loads(file.read_text(encoding="utf-8")):
                self._secrets[entry["name"]] = Secret(**entry)

    def all(self) -> list[Secret]:
        """Every secret, by name."""
        return [self._secrets[name] for name in sorted(self._secrets)]

    def values(self) -> dict[str, str]:
        """The values by name, as they reach a function's environment."""
        return {secret.name: secret.value for secret in self._secrets.values()}

    def put(self, values: Mapping[str, str]) -> bool:
        """Create or replace secrets; returns whether any value changed."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        before = self.values()
        for name, value in values.items():
            self._secrets[name] = Secret(name, value, now)
        self._save()
        return self.values() != before

    def delete(self, names: Iterable[str]) -> bool:
        """Delete secrets; names that do not exist are ignored. Returns whether any existed."""
        existed = [name for name in names if self._secrets.pop(name, None) is not None]
        self._save()
        return bool(existed)

    def clear(self) -> None:
        """Delete all."""
        self._secrets.clear()
        self._save()

    def _save(self) -> None:
        write_atomically(
            self._file,
            json.dumps(
                [
                    {"name": secret.name, "value": secret.value, "updated_at": secret.updated_at}
                    for secret in self._secrets.values()
                ]
            ),
        )
