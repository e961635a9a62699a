"""What the modules of mutation testing share: a slip, and the result of running tests against it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["AREAS", "MutantsError", "Outcome", "Result", "Slip", "area_of"]

AREAS = {
    "providers/": 40,
    "voicehooks/": 25,
    "functions/": 15,
    "migrations/": 10,
    "infra/": 10,
}
"""The folders of the core, with their percentage of a sample."""


class MutantsError(Exception):
    """Mutation testing cannot start; the text is for the user."""


class Outcome(StrEnum):
    """What the tests, and then `make check`, said about a slip."""

    KILLED = "killed"
    CHECKED = "make check notices"
    SURVIVED = "survived"
    UNTESTED = "no test reaches it"
    BROKEN = "the tests did not run"

    @property
    def is_noticed(self) -> bool:
        """Whether continuous integration would refuse the slip."""
        return self in {Outcome.KILLED, Outcome.CHECKED}


@dataclass(frozen=True)
class Slip:
    """One small mistake in one file.

    Attributes:
        file: the path in the repository.
        line: where the mistake is, from 1.
        kind: the operator's name, or `written` for a slip of slips.yaml.
        number: tells slips of the same kind on the same line apart.
        function: the qualified name of the function around it; empty outside of functions.
        mutated: returns the file's text with the mistake.
        digest: of the file's text without it.
        reason: why a survivor matters; empty if only the code says it.
        tests: the paths that pytest gets; empty if measured coverage decides.
    """

    file: str
    line: int
    kind: str
    number: int
    function: str
    mutated: Callable[[], str] = field(repr=False, compare=False)
    digest: str = ""
    reason: str = ""
    tests: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Identify the slip across runs, as long as its file stays the same."""
        text = f"{self.file}:{self.line}:{self.kind}:{self.number}:{self.digest}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Result:
    """What happened to a slip.

    Attributes:
        key: of the slip.
        file: the path in the repository.
        line: where the mistake is.
        change: the lines before and after, as a diff.
        outcome: what the tests, and then `make check`, said.
        tests: the tests that ran, or what noticed it.
        seconds: how long they took.
        detail: the reason why it matters, or what went wrong.
    """

    key: str
    file: str
    line: int
    change: str
    outcome: Outcome
    tests: list[str]
    seconds: float
    detail: str = ""


def area_of(file: str) -> str:
    """Return the folder of the core that a file is in; empty if it is in none."""
    return next((area for area in AREAS if file.startswith(area)), "")
