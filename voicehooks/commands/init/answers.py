"""Asking for what an environment needs: from a flag, a variable, or the person at the terminal."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from voicehooks.commands.init.recognition import looks_secret
from voicehooks.output.consent import can_ask
from voicehooks.output.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Asker", "Flags", "Question", "say"]


@dataclass(frozen=True)
class Flags:
    """What the command line gives; secrets are never part of it."""

    account_sid: str | None
    api_key: str | None
    project: str | None
    public_url: str | None
    numbers: tuple[str, ...]
    state: str | None
    origin: str | None
    purposes: str
    page: str
    sandbox: bool


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
                "the environment was not created",
                f"there is no terminal, and these are missing: {', '.join(sources)}",
                "give them, or run it in a terminal",
            )

    def ask(
        self,
        question: Question,
        value: str,
        check: Callable[[str], str] | None = None,
        *,
        default: str = "",
        read: Callable[[str], str] = str.strip,
    ) -> str:
        """Return the answer: the given one, else what is typed, asked again while `check` objects.

        Args:
            question: what is asked.
            value: what was given already; empty to ask.
            check: returns why an answer is not valid, or an empty string. It must not repeat the answer.
            default: the answer of a person who only presses Enter.
            read: finds the answer in what was given or typed, for example in a pasted URL.

        Raises:
            CommandError: the given answer is not valid, and there is nobody to ask.
        """
        value = read(value) if value else ""
        while True:
            objection = check(value) if check and value else ""
            if objection and not self.in_terminal:
                raise CommandError(
                    f"{question.what} is not valid", objection, "correct it and run the command again"
                )
            if objection:
                say(f"  {objection}")
            elif value or not self.in_terminal:
                return value
            typed = str(
                typer.prompt(
                    question.what,
                    default=default if default or question.optional else None,
                    show_default=bool(default),
                    hide_input=question.hidden,
                    err=True,
                )
            ).strip()
            value = read(typed)
            if not value and question.optional:
                return ""
            if not question.hidden and looks_secret(value) and (check is None or check(value)):
                forget_last_line()
                say(f"{question.what}: ****")
                say("  that may be a secret, so it is not shown; it was not used")
                value = ""


def forget_last_line() -> None:
    """Remove the line that was typed last from the screen, where the terminal can."""
    if os.environ.get("TERM", "dumb") != "dumb":
        typer.echo("\x1b[1A\x1b[2K", err=True, nl=False)


def say(line: str) -> None:
    """Tell the person at the terminal; standard output is for the result."""
    typer.echo(line, err=True)
