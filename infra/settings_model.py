"""What every part of the settings has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

__all__ = ["SettingsModel"]


class SettingsModel(BaseModel):
    """A part of the settings: unknown keys are errors, keys are camelCase as in Pulumi's own files."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)
