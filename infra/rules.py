"""A team's rules (``voicehooks:rules``), which ``voicehooks plan`` checks for every change."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .settings_model import SettingsModel

__all__ = ["CountriesRule", "HostsRule", "RetriesRule", "Rules"]

Level = Literal["error", "warning"]


class RetriesRule(SettingsModel):
    """How often Twilio must retry."""

    at_least: Annotated[int, Field(ge=0, le=5)] = Field(
        description="The minimum number of retries of a number's webhooks."
    )
    level: Level = Field("error", description="Whether breaking it fails the plan.")


class CountriesRule(SettingsModel):
    """The countries to which calls may be allowed."""

    only: list[Annotated[str, Field(pattern="^[A-Z]{2}$")]] = Field(
        description="The only countries that dialing permissions may name, by ISO code."
    )
    level: Level = Field("error", description="Whether breaking it fails the plan.")


class HostsRule(SettingsModel):
    """The hosts of a number's URLs."""

    only: list[str] = Field(description="The only hosts that URLs may have, in addition to the project's own.")
    level: Level = Field("error", description="Whether breaking it fails the plan.")


class Rules(SettingsModel):
    """Rules for every change. Absent: not checked. An error fails the plan, a warning is shown."""

    https: Level | None = Field(None, description="Every URL of a number is https.")
    callbacks: Level | None = Field(None, description="Every number that answers calls has a status callback.")
    fallback: Level | None = Field(None, description="Every number that answers calls has a fallback URL.")
    own_project: Level | None = Field(None, description="No URL belongs to another Supabase project.")
    retries: RetriesRule | None = Field(None, description="How often Twilio must retry.")
    hosts: HostsRule | None = Field(None, description="The hosts that a number's URLs may have.")
    countries: CountriesRule | None = Field(
        None, description="The countries that dialing permissions may name."
    )
