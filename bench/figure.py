"""What a benchmark answers with."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Figure", "Goal"]


@dataclass(frozen=True)
class Goal:
    """What a figure should be.

    Attributes:
        bound: the limit, in the figure's unit.
        at_most: whether the figure has to stay below it; otherwise above.
    """

    bound: float
    at_most: bool

    def is_met(self, value: float) -> bool:
        """Tell whether the value keeps to the limit."""
        return value <= self.bound if self.at_most else value >= self.bound

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.bound:g}"


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes:
        benchmark: the module that measured it.
        name: what was measured, in a few words.
        value: the number, a median where it was measured several times.
        unit: `s`, `ms`, `1/s`, `x` for a ratio, `%` for a share.
        goal: what it should be, or None where it is only of interest.
        spread: the smallest and the largest of the repeats, or None.
    """

    benchmark: str
    name: str
    value: float
    unit: str
    goal: Goal | None = None
    spread: tuple[float, float] | None = None
