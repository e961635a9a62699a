"""Numbers of things: "1 number", "1,234 numbers"."""

from __future__ import annotations

import re

__all__ = ["count", "times"]


def count(amount: int, singular: str, plural: str = "") -> str:
    """Return an amount with its noun, or with any words whose form depends on it.

    Args:
        amount: how many.
        singular: the words for one.
        plural: the words for any other amount; left out, the singular with -s, or with -ies for -y.

    >>> count(1, "retry"), count(1200, "retry"), count(2, "row is", "rows are")
    ('1 retry', '1,200 retries', '2 rows are')
    """
    if amount == 1:
        return f"1 {singular}"
    return f"{amount:,} {plural or re.sub(r'(?<![aeiou])y$', 'ie', singular) + 's'}"


def times(amount: int) -> str:
    """Return how often: "once", "1,200 times"."""
    return "once" if amount == 1 else f"{amount:,} times"
