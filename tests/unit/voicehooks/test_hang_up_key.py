"""`voicehooks call`: the key that hangs up, on a real terminal."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Iterator

import pytest

from tests.support.waiting import PATIENCE
from voicehooks.commands.call.keyboard import hang_up_key

termios = pytest.importorskip("termios")
FLAGS = 3


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The end of a terminal at which somebody types; the other one is the standard input."""
    typed, read = os.openpty()
    with os.fdopen(read, encoding="utf-8") as standard_input:
        monkeypatch.setattr(sys, "stdin", standard_input)
        yield typed
    os.close(typed)


def pressed(keyboard: int, *keys: bytes) -> bool:
    """Press keys one after the other; tells whether the call is to be hung up."""

    async def press() -> bool:
        with hang_up_key() as key:
            for each in keys:
                os.write(keyboard, each)
                await asyncio.sleep(0.05)
            return key.is_set()

    return asyncio.run(press())


@pytest.mark.parametrize("key", [b"q", b"Q"])
def test_q_hangs_up(keyboard: int, key: bytes) -> None:
    """At once, without the return key, and whatever was pressed before."""
    before = termios.tcgetattr(sys.stdin)

    async def press() -> None:
        with hang_up_key() as event:
            during = termios.tcgetattr(sys.stdin)
            assert during[FLAGS] & termios.ISIG  # Ctrl-C stays Ctrl-C
            assert not during[FLAGS] & (termios.ICANON | termios.ECHO)
            os.write(keyboard, b"x")
            os.write(keyboard, key)
            await asyncio.wait_for(event.wait(), PATIENCE)

    asyncio.run(press())
    assert termios.tcgetattr(sys.stdin) == before


def test_other_keys_do_nothing(keyboard: int) -> None:
    """Not even the return key."""
    assert not pressed(keyboard, b"x", b" ", b"\n", b"h")


def test_the_terminal_is_as_before_an_error(keyboard: int) -> None:
    """What was typed for the shell meanwhile is not read any more."""
    before = termios.tcgetattr(sys.stdin)

    async def fail() -> None:
        with hang_up_key():
            raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(fail())
    assert termios.tcgetattr(sys.stdin) == before


@pytest.mark.parametrize("kind", ["a file", "no file"])
def test_without_a_terminal_there_is_no_key(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """In a workflow: a pipe, or nothing that has a descriptor. What it has stays unread."""
    read, written = os.pipe()
    os.write(written, b"q")
    os.close(written)
    with os.fdopen(read, encoding="utf-8") as pipe:
        standard_input = pipe if kind == "a file" else io.StringIO("q")
        monkeypatch.setattr(sys, "stdin", standard_input)

        async def look() -> bool:
            with hang_up_key() as key:
                await asyncio.sleep(0.05)
                return key.is_set()

        assert not asyncio.run(look())
        assert standard_input.read() == "q"
