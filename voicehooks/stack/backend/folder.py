"""The files of a backend in a folder of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Folder"]


class Folder:
    """Such a folder; see `Files`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self, folder: str) -> list[str]:
        """Return the files in a folder, with that folder's name; none where there is no such folder."""
        try:
            return [f"{folder}/{file.name}" for file in (self._path / folder).iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unreadable(f"{self._path / folder} cannot be read ({error.strerror})") from None

    def read(self, name: str) -> bytes:
        """Return a file's content."""
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise Unreadable(f"{self._path / name} cannot be read ({error.strerror})") from None
