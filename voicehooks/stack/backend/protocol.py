"""What commands ask a backend for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

__all__ = ["Backend", "Unreadable"]


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
            Unreadable: none can be had.
        """

    def locks(self) -> Sequence[Mapping[str, Any]] | None:
        """Return the locks on the stack: `pid`, `username`, `hostname`, `timestamp`; an empty one is broken.

        Returns:
            None where this kind of backend does not show its locks.

        Raises:
            Unreadable: it would show them, but cannot be read.
        """
