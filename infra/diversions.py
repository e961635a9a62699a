"""Numbers that `voicehooks divert` has sent elsewhere: what the settings remember of it, and what `up` does.

A diversion is deliberate, so that no deploy undoes it silently: until somebody decides, the program stops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from .settings_model import SettingsModel

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Before", "Diversion", "open_questions"]


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


def open_questions(diverted: Mapping[str, Diversion], stack: str) -> str:
    """Return why the program must stop: one sentence for each number that nobody has decided about.

    Empty where there is none.
    """
    return "\n".join(
        f"{number} was diverted to {diversion.to}{f' by {diversion.by}' if diversion.by else ''}"
        f"{f' at {diversion.since}' if diversion.since else ''}; put it back with: voicehooks divert {number} "
        f"--undo --stack {stack}, or deploy everything else and leave it there with: "
        f"voicehooks divert {number} --keep --stack {stack}"
        for number, diversion in diverted.items()
        if not diversion.keep
    )
