"""Settings of one part of the project, as they are kept in the state folder."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from voicehooks_sandbox.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Settings(Protocol):
    """A frozen dataclass whose fields have the vendor's names."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def changed(self: _T, changes: Mapping[str, Any]) -> _T:
        """The settings with some values changed.

        Raises:
            ValueError: A name is unknown, or a value is wrong; the message is for the client.
        """


_T = TypeVar("_T", bound=Settings)


class SettingsFile(Generic[_T]):
    """The settings in force, and the file that keeps them.

    Args:
        path: The file; it holds what differs from the defaults.
        default: The defaults.
    """

    def __init__(self, path: Path, default: _T) -> None:
        self._path = path
        self._default = default
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            kept = {}
        self.current = dataclasses.replace(default, **kept)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change some values and keep them.

        Raises:
            ValueError: As `Settings.changed`.
        """
        self.current = self.current.changed(changes)
        default = dataclasses.asdict(self._default)
        current = dataclasses.asdict(self.current)
        differing = {name: value for name, value in current.items() if value != default[name]}
        write_atomically(self._path, json.dumps(differing))

    def reset(self) -> None:
        """Go back to the defaults."""
        self.current = self._default
        self._path.unlink(missing_ok=True)
