"""What commands ask a backend for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["Backend", "Files", "Unreadable"]


@dataclass
class Unreadable(Exception):
    """A backend cannot tell.

    Attributes:
        why: a sentence without a full stop.
        do: what the user can do about it, if anything.
    """

    why: str
    do: str = ""

    def __str__(self) -> str:
        """Both in one line."""
        return self.why + (f"; {self.do}" if self.do else "")


class Backend(Protocol):
    """The backend of one stack."""

    def states(self, numbers: Collection[int], updates: int) -> Mapping[int, Mapping[str, Any]]:
        """Return the states that updates left: what `pulumi stack export` calls the deployment.

        Args:
            numbers: the updates, by their number in the history; no other state is fetched.
            updates: how many updates the history has.

        Returns:
            The states by number; one that is lost is not in it.

        Raises:
            Unreadable: none is available.
        """

    def locks(self) -> Sequence[Mapping[str, Any]] | None:
        """Return the locks on the stack: `pid`, `username`, `hostname`, `timestamp`; an empty one is broken.

        Returns:
            None where this kind of backend does not show its locks.

        Raises:
            Unreadable: it would show them, but cannot be read.
        """


class Files(Protocol):
    """Where the files of a self-managed backend are."""

    def names(self, folder: str) -> list[str]:
        """Return the files in a folder, with that folder's name; none where there is no such folder.

        Raises:
            Unreadable: it cannot be listed.
        """

    def read(self, name: str) -> bytes:
        """Return a file's content.

        Raises:
            FileNotFoundError: there is none.
            Unreadable: it cannot be read.
        """
