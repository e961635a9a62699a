"""A team's rules (``voicehooks:rules``): what ``voicehooks plan`` holds every change against."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .settings_model import SettingsModel

__all__ = ["CountriesRule", "HostsRule", "RetriesRule", "Rules"]

Level = Literal["error", "warning"]


class RetriesRule(SettingsModel):
    """How often Twilio has to try."""

    at_least: Annotated[int, Field(ge=0, le=5)] = Field(
        description="The fewest retries of a number's webhooks."
    )
    level: Level = Field("error", description="Whether breaking it fails the plan.")


class CountriesRule(SettingsModel):
    """Which countries may be opened."""

    only: list[Annotated[str, Field(pattern="^[A-Z]{2}$")]] = Field(
        description="The only countries that dialing permissions may name, by ISO code."
    )
    level: Level = Field("error", description="Whether breaking it fails the plan.")


class HostsRule(SettingsModel):
    """Where a number's URLs may be."""

    only: list[str] = Field(description="The only hosts of URLs beside the project's own.")
    level: Level = Field("error", description="Whether breaking it fails the plan.")


class Rules(SettingsModel):
    """What holds for every change. Absent: not looked at. An error fails the plan, a warning is shown."""

    https: Level | None = Field(None, description="Every URL of a number is https.")
    callbacks: Level | None = Field(None, description="Every number that answers reports how calls end.")
    fallback: Level | None = Field(None, description="Every number that answers has a fallback URL.")
    own_project: Level | None = Field(None, description="No URL of another Supabase project.")
    retries: RetriesRule | None = Field(None, description="How often Twilio has to try.")
    hosts: HostsRule | None = Field(None, description="Where a number's URLs may be.")
    countries: CountriesRule | None = Field(None, description="Which countries may be opened.")
