"""The one key of a test call: q hangs up."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["hang_up_key"]


@contextmanager
def hang_up_key() -> Iterator[asyncio.Event]:
    """An event that is set when q is pressed; without a terminal it never is. Ctrl-C stays Ctrl-C."""
    pressed = asyncio.Event()
    try:
        import termios  # noqa: PLC0415 - not on every system
        import tty  # noqa: PLC0415

        before = termios.tcgetattr(sys.stdin)
    except (ImportError, OSError, ValueError, termios.error):
        yield pressed
        return
    loop = asyncio.get_running_loop()

    def read() -> None:
        # All of it: what stays in a buffer of Python's makes the descriptor readable no more.
        if b"q" in os.read(sys.stdin.fileno(), 1024).lower():
            pressed.set()

    tty.setcbreak(sys.stdin)
    loop.add_reader(sys.stdin, read)
    try:
        yield pressed
    finally:
        loop.remove_reader(sys.stdin)
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
