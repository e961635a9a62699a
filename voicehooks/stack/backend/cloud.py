"""Pulumi Cloud, and what speaks its interface: old states come from the CLI, locks show when they are met."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from voicehooks.output.errors import CommandError
from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from voicehooks.stack.engine import Engine

__all__ = ["Cloud"]

_AT_ONCE = 4  # each is a process


class Cloud:
    """One stack there, through the CLI that is logged in."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def locks(self) -> None:
        """Return None: the service refuses an update while another one runs, and shows nothing before."""

    def states(self, numbers: Collection[int], updates: int) -> dict[int, Mapping[str, Any]]:
        """Return the states that updates left; see `Backend`. The service numbers updates itself."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            exports = dict(zip(numbers, pool.map(self._export, numbers), strict=True))
        states = {n: found for n, found in exports.items() if not isinstance(found, CommandError)}
        if not states:
            for refused in exports.values():
                if isinstance(refused, CommandError):
                    raise Unreadable(refused.why, refused.do)
        return states

    def _export(self, number: int) -> Mapping[str, Any] | CommandError:
        try:
            return self._engine.export(version=number).get("deployment") or {}
        except CommandError as error:
            return error
