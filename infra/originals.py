"""The configuration from before this stack, recorded before anything is written.

The resources' names and their place at the top of the stack never change, because the record is needed as long
as the stack exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi_supabase as supabase
import pulumi_twilio as twilio

from .settings import EVENTS_FUNCTION, PAGE_FUNCTIONS, SOFTPHONE_FUNCTION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pulumi

    from .settings import Settings

__all__ = ["AccountRecord", "FunctionOriginals", "NumberOriginals", "own_urls"]

NAME = "originals"
"""The logical name of each record."""


class NumberOriginals:
    """The previous voice configuration of the environment's numbers.

    Args:
        settings: the environment's settings.
        numbers: the environment's numbers, in E.164 format.
    """

    def __init__(self, settings: Settings, numbers: Iterable[str]) -> None:
        self._record = twilio.VoiceOriginals(NAME, phone_numbers=list(numbers), own_urls=own_urls(settings))

    def of(self, number: str) -> pulumi.Output[dict[str, str]]:
        """Return a number's part of the record, secret; empty if the record does not contain the number."""
        part: pulumi.Output[dict[str, str]] = self._record.configurations.apply(
            lambda found: dict((found or {}).get(number) or {})
        )
        return part


class FunctionOriginals:
    """The secrets that the project already had, and the previous files of adopted functions.

    Args:
        settings: the environment's settings.
        secret_names: the names of the secrets that the program sets.

    Attributes:
        existing_secrets: the names that existed before.
    """

    def __init__(self, settings: Settings, secret_names: Iterable[str]) -> None:
        self._adopting = settings.adopt_function
        slugs = [settings.function_name, settings.fallback_function_name, *PAGE_FUNCTIONS, SOFTPHONE_FUNCTION]
        if settings.account.event_streams:
            slugs.append(EVENTS_FUNCTION)
        self._record = supabase.ProjectOriginals(
            NAME,
            project_ref=settings.supabase_project,
            secret_names=sorted(secret_names),
            functions=slugs if self._adopting else [],
        )
        self.existing_secrets = self._record.existing_secrets

    def files_of(self, slug: str) -> pulumi.Output[str] | None:
        """Return an adopted function's previous files, secret; empty if there was no such function."""
        if not self._adopting:
            return None
        part: pulumi.Output[str] = self._record.function_files.apply(
            lambda found: (found or {}).get(slug) or ""
        )
        return part


class AccountRecord:
    """What the account had before: its dialing permissions and its default recording configuration.

    Args:
        settings: the environment's settings; only what they manage is recorded.

    Attributes:
        permissions: the dialing permissions by country; None where they are not managed.
        recording_defaults: the default recording configuration, secret; None where it is not managed.
    """

    def __init__(self, settings: Settings) -> None:
        self.permissions: pulumi.Output[Mapping[str, Mapping[str, bool]]] | None = None
        self.recording_defaults: pulumi.Output[Mapping[str, str]] | None = None
        countries, recorded = list(settings.dialing_permissions), settings.account.is_managed
        if not countries and not recorded:
            return
        # A stack without the second one has the same inputs as before there was one.
        record = twilio.AccountOriginals(
            NAME, countries=countries or None, settings=["recordingDefaults"] if recorded else None
        )
        if countries:
            self.permissions = record.dialing_permissions
        if recorded:
            self.recording_defaults = record.recording_defaults


def own_urls(settings: Settings) -> list[str]:
    """Return the URLs that no longer work once the stack is destroyed.

    An adopted function still works: its previous files are restored, and a number may have used it before.
    """
    if settings.adopt_function:
        return []
    return [settings.webhook_url, settings.fallback_function_url]
