"""The files of a backend in a folder of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Folder"]


class Folder:
    """Such a folder.

    Args:
        path: where it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self, folder: str) -> list[str]:
        """Return the files in a folder, with that folder's name; none where there is no such folder.

        Raises:
            Unreadable: it may not be looked into.
        """
        try:
            return [f"{folder}/{one.name}" for one in (self._path / folder).iterdir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unreadable(f"{self._path / folder} cannot be read ({error.strerror})") from None

    def read(self, name: str) -> bytes:
        """Return a file's content.

        Raises:
            FileNotFoundError: there is none.
            Unreadable: it may not be read.
        """
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise Unreadable(f"{self._path / name} cannot be read ({error.strerror})") from None
