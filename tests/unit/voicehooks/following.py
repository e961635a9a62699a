"""Running a command that follows something, without its pauses and to an end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

import pytest

__all__ = ["followed"]


class _Stopped(Exception):
    """The user has seen enough."""


@contextmanager
def followed(
    monkeypatch: pytest.MonkeyPatch, command: ModuleType, is_enough: Callable[[], bool]
) -> Iterator[None]:
    """Expect that the block follows a hosted project until there is enough, with the command's own pause."""

    async def sleep(seconds: float) -> None:
        if is_enough():
            raise _Stopped
        assert seconds == command._HOSTED_PAUSE

    monkeypatch.setattr(command, "asyncio", SimpleNamespace(sleep=sleep, run=asyncio.run))
    with pytest.raises(_Stopped):
        yield
