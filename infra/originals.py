"""What was there before this stack, recorded before anything is written.

The resources' names and their place at the top of the stack never change: what they remember is needed as long
as the stack exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_twilio as twilio

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pulumi

    from .settings import Settings

__all__ = ["NumberOriginals", "own_urls"]

NAME = "originals"
"""The logical name of each record."""


class NumberOriginals:
    """The voice configuration that the environment's numbers had.

    Args:
        settings: the environment's settings.
        numbers: the environment's numbers, in E.164 format.
    """

    def __init__(self, settings: Settings, numbers: Iterable[str]) -> None:
        self._record = twilio.VoiceOriginals(NAME, phone_numbers=list(numbers), own_urls=own_urls(settings))

    def of(self, number: str) -> pulumi.Output[dict[str, str]]:
        """Return a number's part, secret; empty for a number that the record does not have."""
        part: pulumi.Output[dict[str, str]] = self._record.configurations.apply(
            lambda found: dict((found or {}).get(number) or {})
        )
        return part


def own_urls(settings: Settings) -> list[str]:
    """Return the URLs that are gone once the stack is destroyed.

    An adopted function is not: its earlier files are put back, and a number may have used it before.
    """
    if settings.adopt_function:
        return []
    return [settings.webhook_url, settings.fallback_function_url]
