"""Numbers that `voicehooks divert` sends to another URL: their record in the settings, and what `up` does.

A diversion is deliberate, so no deploy undoes it silently. The program stops until an operator undoes it or
sets `keep`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from .settings_model import SettingsModel

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Before", "Diversion", "open_questions"]


class Before(SettingsModel):
    """The number's previous configuration, which `voicehooks divert NUMBER --undo` restores."""

    voice_url: str = Field("", description="The voice URL.")
    voice_method: str = Field("POST", description="The method of the voice URL.")
    voice_application_sid: str = Field("", description="The TwiML App that handled its calls.")


class Diversion(SettingsModel):
    """A number that temporarily has another voice URL. Written by `voicehooks divert`."""

    to: str = Field(description="The temporary voice URL.")
    method: str = Field("POST", description="The method of the temporary voice URL.")
    since: str = Field("", description="The time of the diversion, UTC.")
    by: str = Field("", description="The person who diverted the number.")
    keep: bool = Field(
        False, description="Whether `pulumi up` may deploy everything else and leave the number diverted."
    )
    before: Before = Field(default_factory=Before, description="The previous configuration.")


def open_questions(diverted: Mapping[str, Diversion], stack: str) -> str:
    """Return why the program must stop: one sentence for each diverted number without `keep`, or ""."""
    return "\n".join(
        f"{number} was diverted to {diversion.to}{f' by {diversion.by}' if diversion.by else ''}"
        f"{f' at {diversion.since}' if diversion.since else ''}; undo it with: voicehooks divert {number} "
        f"--undo --stack {stack}, or deploy everything else and keep it diverted with: "
        f"voicehooks divert {number} --keep --stack {stack}"
        for number, diversion in diverted.items()
        if not diversion.keep
    )
