"""Asking for what an environment needs: from a flag, a variable, or the person at the terminal."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from voicehooks.output.consent import can_ask
from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Asker", "Flags", "Question", "say"]

_TRIES = 3


@dataclass(frozen=True)
class Flags:
    """What the command line gives; secrets are never part of it."""

    account_sid: str | None = None
    api_key: str | None = None
    project: str | None = None
    public_url: str | None = None
    numbers: tuple[str, ...] = ()
    state: str | None = None
    origin: str | None = None


@dataclass(frozen=True)
class Question:
    """One thing to know.

    Attributes:
        what: what is asked for, as the prompt says it.
        flag: the option that gives it; empty for a secret, which is never part of a command line.
        variable: the variable that gives it.
        hidden: whether typing shows nothing.
        optional: whether an empty answer will do.
    """

    what: str
    flag: str
    variable: str
    hidden: bool = False
    optional: bool = False


class Asker:
    """Answers to questions.

    Attributes:
        in_terminal: whether there is somebody to ask.
    """

    def __init__(self) -> None:
        self.in_terminal = can_ask()

    def given(self, question: Question, value: str | None) -> str:
        """Return what a flag or a variable says, or an empty string."""
        return (value or os.environ.get(question.variable, "")).strip()

    def require(self, answers: list[tuple[Question, str]]) -> None:
        """Without a terminal, make sure that everything was given.

        Raises:
            CommandError: names all that was not.
        """
        lacking = [q for q, value in answers if not value and not q.optional]
        if lacking and not self.in_terminal:
            sources = [f"{q.what} ({' or '.join(s for s in (q.flag, q.variable) if s)})" for q in lacking]
            raise CommandError(
                "the environment was not made",
                f"there is no terminal to ask in, and these are missing: {', '.join(sources)}",
                "give them, or run it in a terminal",
            )

    def ask(self, question: Question, value: str, check: Callable[[str], str] | None = None) -> str:
        """Return the answer: the given one, else what is typed, asked again while `check` objects.

        Args:
            question: what is asked.
            value: what was given already; empty to ask.
            check: returns why an answer is not valid, or an empty string.

        Raises:
            CommandError: the given answer is not valid, or none of three typed ones is.
        """
        if value or not self.in_terminal:
            objection = check(value) if check and value else ""
            if objection:
                raise CommandError(f"{question.what} is not valid", objection, "correct it and run this again")
            return value
        for _ in range(_TRIES):
            typed = str(
                typer.prompt(
                    question.what,
                    default="" if question.optional else None,
                    show_default=False,
                    hide_input=question.hidden,
                    err=True,
                )
            ).strip()
            objection = check(typed) if check and typed else ""
            if not objection:
                return typed
            say(f"  {objection}")
        raise CommandError(f"{question.what} is not valid", "three answers were refused", "run this again")


def say(line: str) -> None:
    """Tell the person at the terminal; standard output is for the result."""
    typer.echo(line, err=True)
