"""What every command shows in the same way: amounts, identifiers, and questions to a person."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from voicehooks.output.counting import count
from voicehooks.output.identifiers import shorten


@pytest.mark.parametrize(
    ("words", "amount", "text"),
    [
        (("number",), 0, "0 numbers"),
        (("number",), 1, "1 number"),
        (("number",), 1234, "1,234 numbers"),
        (("retry",), 2, "2 retries"),
        (("delay",), 2, "2 delays"),
        (("row is", "rows are"), 1, "1 row is"),
        (("row is", "rows are"), 3, "3 rows are"),
    ],
)
def test_amounts(words: tuple[str, ...], amount: int, text: str) -> None:
    """Nouns follow the amount, and words that differ more are given."""
    assert count(amount, *words) == text


def test_identifiers() -> None:
    """The kind of a SID and its end; of a secret the end alone."""
    assert shorten("AC" + "0" * 28 + "4f1e") == "AC..4f1e"
    assert shorten("abcdefghijklmnop", head=4) == "abcd..mnop"
    assert shorten("secret-token", head=0) == "..oken"


PROGRAM = """
from voicehooks.output.consent import can_ask, confirm, confirm_name
from voicehooks.output.errors import CommandError
otherwise = CommandError("nothing was done", "there is no terminal to confirm in", "--yes")
try:
    print({call})
except CommandError as error:
    print(error)
"""


def asked(call: str, typed: str = "", *, terminal: bool = True, ci: str = "") -> str:
    """What a call in a program of its own comes to, with a real terminal at its input and errors or without."""
    ours, theirs = os.openpty()
    try:
        os.write(ours, typed.encode())
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(call=call)],
            stdin=theirs if terminal else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs if terminal else subprocess.DEVNULL,
            env={**os.environ, "CI": ci},
            text=True,
            check=True,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("call", "typed", "result"),
    [
        ('confirm("Go on?", yes=False, otherwise=otherwise)', "y\n", "True"),
        ('confirm("Go on?", yes=False, otherwise=otherwise)', "n\n", "False"),
        ('confirm_name("prod", yes=False, otherwise=otherwise)', "prod\n", "True"),
        ('confirm_name("prod", yes=False, otherwise=otherwise)', "y\n", "False"),
    ],
)
def test_a_person_answers(call: str, typed: str, result: str) -> None:
    """At a terminal the answer counts."""
    assert asked(call, typed) == result


@pytest.mark.parametrize("function", ['confirm("Go on?"', 'confirm_name("prod"'])
def test_where_nobody_can_be_asked(function: str) -> None:
    """In a pipe, and in a CI job whatever its terminal, only --yes is an answer."""
    refused = "nothing was done: there is no terminal to confirm in; --yes"
    assert asked(f"{function}, yes=False, otherwise=otherwise)", terminal=False) == refused
    assert asked(f"{function}, yes=False, otherwise=otherwise)", ci="true") == refused
    assert asked(f"{function}, yes=True, otherwise=otherwise)", terminal=False) == "True"
