"""The checks of `voicehooks doctor` that could explain why something stayed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicehooks.environment import Environment

__all__ = ["run_checks"]


async def run_checks(environment: Environment, webhook: str) -> list[str]:  # noqa: ARG001
    """Run them; returns one line a finding, none where nothing was found."""
    return []
