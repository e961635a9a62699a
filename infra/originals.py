"""What was there before this stack, recorded before anything is written.

The resources' names and their place at the top of the stack never change: what they remember is needed as long
as the stack exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_supabase as supabase
import pulumi_twilio as twilio

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pulumi

    from .settings import Settings

__all__ = ["FunctionOriginals", "NumberOriginals", "own_urls"]

PAGE_FUNCTIONS = ("place-call", "recording")
"""The functions that a CRM's pages call."""

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


class FunctionOriginals:
    """Which of the functions' secrets the project had, and the files of the functions that are adopted.

    Args:
        settings: the environment's settings.
        secret_names: the secrets that the program gives.

    Attributes:
        existing_secrets: the names that were there before.
    """

    def __init__(self, settings: Settings, secret_names: Iterable[str]) -> None:
        self._adopting = settings.adopt_function
        slugs = (settings.function_name, settings.fallback_function_name, *PAGE_FUNCTIONS)
        self._record = supabase.ProjectOriginals(
            NAME,
            project_ref=settings.supabase_project,
            secret_names=sorted(secret_names),
            functions=list(slugs) if self._adopting else [],
        )
        self.existing_secrets = self._record.existing_secrets

    def files_of(self, slug: str) -> pulumi.Output[str] | None:
        """Return an adopted function's earlier files, secret; empty where there was none."""
        if not self._adopting:
            return None
        part: pulumi.Output[str] = self._record.function_files.apply(
            lambda found: (found or {}).get(slug) or ""
        )
        return part


def own_urls(settings: Settings) -> list[str]:
    """Return the URLs that are gone once the stack is destroyed.

    An adopted function is not: its earlier files are put back, and a number may have used it before.
    """
    if settings.adopt_function:
        return []
    return [settings.webhook_url, settings.fallback_function_url]
