"""Long identifiers, shortened for a line that a person reads."""

from __future__ import annotations

__all__ = ["shorten"]


def shorten(identifier: str, head: int = 2) -> str:
    """Return the beginning and the last four characters: `AC..4f1e`.

    The default shows a SID's kind. For a secret `head` is 0: its end is enough to compare it with a console.

    Args:
        identifier: a SID, a project's ref, a token.
        head: how many characters of the beginning to show.
    """
    return f"{identifier[:head]}..{identifier[-4:]}"
