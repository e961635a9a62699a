"""The base of all settings models: how keys are written, and where a setting acts."""

from __future__ import annotations

from enum import Enum

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

__all__ = ["ActsOn", "SettingsModel"]


class ActsOn(Enum):
    """Where a setting acts. A field names its places in its annotation, and every list is derived from that.

    The value is what the reference page shows.
    """

    NUMBER = "number"
    """The phone number at Twilio, or the TwiML App that it shares."""
    HANDLER = "handler"
    """The answers of the deployed functions, which read their ``settings.json``."""
    CREATED_CALLS = "created calls"
    """Calls created through Twilio's API: the stack output ``callOptions``. Taken from the defaults."""
    RESOURCE = "resource"
    """How Pulumi treats the number's resource."""


class SettingsModel(BaseModel):
    """A part of the settings: unknown keys are errors, keys are camelCase as in Pulumi's own files."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)

    @classmethod
    def acting_on(cls, place: ActsOn) -> tuple[str, ...]:
        """Return the names of the fields that act at a place, in the model's order."""
        return tuple(name for name, field in cls.model_fields.items() if place in field.metadata)

    @classmethod
    def keys_acting_on(cls, place: ActsOn) -> tuple[str, ...]:
        """Return the same as the keys of a settings file: ``ringSeconds``."""
        return tuple(to_camel(name) for name in cls.acting_on(place))

    @classmethod
    def setting_keys(cls) -> tuple[str, ...]:
        """Return every key of this part as in a settings file, in the model's order."""
        return tuple(to_camel(name) for name in cls.model_fields)
