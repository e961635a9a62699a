"""An assumption, and what a real account says to it. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from voicehooks.commands.doctor.context import Context

__all__ = ["Answer", "Assumption", "Outcome", "Verdict", "confirmed", "different", "unseen"]

Verdict = Literal["confirmed", "different", "not seen", "by hand", "failed"]


@dataclass(frozen=True)
class Answer:
    """What was seen.

    Attributes:
        verdict: ``confirmed``; ``different``: the assumption is wrong here; ``not seen``: the account has
            nothing that shows it.
        seen: the observation: names of fields, counts and vendors' own words, never a value of the account.
    """

    verdict: Verdict
    seen: str


def confirmed(seen: str) -> Answer:
    """Return an answer that agrees with the assumption."""
    return Answer("confirmed", seen)


def different(seen: str) -> Answer:
    """Return an answer that contradicts the assumption."""
    return Answer("different", seen)


def unseen(seen: str) -> Answer:
    """Return an answer of an account that shows nothing about the assumption."""
    return Answer("not seen", seen)


@dataclass(frozen=True)
class Assumption:
    """Something that documents do not say, or that nobody could try.

    Attributes:
        code: its name, in the report and on the page.
        what: the assumption, one sentence.
        matters: what goes wrong if it does not hold.
        probe: looks; None where only a person can.
        how: how the probe looks, or how a person can.
        writes: whether the probe writes to the number that the user names.
    """

    code: str
    what: str
    matters: str
    how: str
    probe: Callable[[Context], Awaitable[Answer]] | None = None
    writes: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of an assumption in one run."""

    assumption: Assumption
    answer: Answer
