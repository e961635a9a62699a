"""Numbers that `voicehooks divert` has sent elsewhere: what the settings remember of it, and what `up` does.

A diversion is deliberate, so that no deploy undoes it silently: until somebody decides, the program stops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from .settings_model import SettingsModel

if TYPE_CHECKING:
    from .settings import NumberSettings, Settings

__all__ = ["Before", "Diversion", "open_questions", "with_diversion"]


class Before(SettingsModel):
    """What the number had when it was diverted; `voicehooks divert NUMBER --undo` puts it back."""

    voice_url: str = Field("", description="Its voice URL.")
    voice_method: str = Field("POST", description="The method of that.")
    voice_application_sid: str = Field("", description="The TwiML App that answered for it.")


class Diversion(SettingsModel):
    """One number that answers elsewhere for the time being. Written by `voicehooks divert`."""

    to: str = Field(description="The voice URL that it has meanwhile.")
    method: str = Field("POST", description="The method of that.")
    since: str = Field("", description="When it was diverted, UTC.")
    by: str = Field("", description="Who did it.")
    keep: bool = Field(
        False, description="Whether pulumi up may deploy everything else and leave the number diverted."
    )
    before: Before = Field(default_factory=Before, description="What the number had, for the way back.")


def open_questions(settings: Settings, stack: str) -> str:
    """Return why the program must stop: one sentence for each number that nobody has decided about.

    Empty where there is none.
    """
    return "\n".join(
        f"{number} was diverted to {one.to}{f' by {one.by}' if one.by else ''}"
        f"{f' at {one.since}' if one.since else ''}; put it back with: voicehooks divert {number} --undo "
        f"--stack {stack}, or deploy everything else and leave it there with: "
        f"voicehooks divert {number} --keep --stack {stack}"
        for number, one in settings.diverted.items()
        if not one.keep
    )


def with_diversion(own: NumberSettings, diversion: Diversion | None) -> NumberSettings:
    """Return a number's settings with the URL that it is diverted to, which takes it out of a shared app."""
    return own if diversion is None else own.model_copy(update={"voice_url": diversion.to})
