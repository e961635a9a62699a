"""What answers an environment's numbers now, as Twilio and Supabase have it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pulumi_twilio import delivery
from pulumi_twilio.webhook_url import mask

from voicehooks.output.identifiers import shorten
from voicehooks.vendors.errors import reported
from voicehooks.vendors.routes import route_source, voice_url_of
from voicehooks.vendors.supabase import open_supabase
from voicehooks.vendors.twilio import open_twilio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.settings import Settings
    from voicehooks.stack.environment import Environment

__all__ = ["Live", "read_live"]


@dataclass(frozen=True)
class Live:
    """What is live.

    Attributes:
        settings: the environment's settings, which say where the handler is.
        numbers: the account's numbers by E.164, as Twilio answers them.
        applications: its TwiML Apps by SID.
        functions: the project's Edge Functions by slug.
    """

    settings: Settings
    numbers: Mapping[str, Mapping[str, Any]]
    applications: Mapping[str, Mapping[str, Any]]
    functions: Mapping[str, Mapping[str, Any]]

    def is_answered(self, number: str) -> bool:
        """Whether the handler takes a number's calls."""
        return voice_url_of(self.numbers[number], self.applications) == self.settings.webhook_url

    def answered_by(self, number: str) -> str:
        """What takes a number's calls, in a few words: a function with its version, a URL, a trunk, nobody."""
        found = self.numbers[number]
        if found.get("trunk_sid"):
            return f"trunk {shorten(str(found['trunk_sid']))}"
        url = voice_url_of(found, self.applications)
        if not url and found.get("voice_application_sid"):
            app = self.applications.get(str(found["voice_application_sid"])) or {}
            return f"TwiML App {app.get('friendly_name') or shorten(str(found['voice_application_sid']))}"
        return self.place(url) or "nobody"

    def fallback(self, number: str) -> str:
        """What answers if that fails; empty where nothing does."""
        source = route_source(self.numbers[number], self.applications)
        return self.place(delivery.split(str(source.get("voice_fallback_url") or ""))[0])

    def place(self, url: str) -> str:
        """A function of the project by its name and version, any other URL in full without its password."""
        slug = url.removeprefix(f"{self.settings.functions_url}/")
        if slug == url:
            return mask(url)
        function = self.functions.get(slug)
        return f"{slug} v{function['version']}" if function else f"{slug}, which is not deployed"


async def read_live(environment: Environment) -> Live:
    """Read it.

    Raises:
        CommandError: a credential is missing, or a vendor refuses.
    """
    settings = environment.settings

    async def functions() -> list[dict[str, Any]]:
        with reported("the functions cannot be read"):
            async with open_supabase(environment) as api:
                answer = await api.get(settings.supabase_project, "/functions", "edge_functions_read")
        found: list[dict[str, Any]] = answer.json()
        return found

    async with open_twilio(environment) as twilio:
        numbers, apps, deployed = await asyncio.gather(
            twilio.numbers("the numbers cannot be read"),
            twilio.applications("the TwiML Apps cannot be read"),
            functions(),
        )
    return Live(
        settings,
        {str(number["phone_number"]): number for number in numbers},
        {str(app["sid"]): app for app in apps},
        {str(function["slug"]): function for function in deployed},
    )
