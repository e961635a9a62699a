"""`voicehooks:account`: settings of the whole Twilio account."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .settings_model import SettingsModel

__all__ = ["Account"]


class Account(SettingsModel):
    """Settings of the whole Twilio account, of which each exists once: one environment can have them."""

    recording_callback: bool = Field(
        False,
        description="Whether all recordings of the account report to this environment's handler: those of "
        "conferences, of trunks and of calls that other programs make, too. Starts no recording.",
    )
    channels: Literal["mono", "dual"] | None = Field(
        None, description="The channels of recordings that do not say otherwise."
    )
    trim: Literal["trim-silence", "do-not-trim"] | None = Field(
        None, description="Whether silence at both ends of such recordings is cut off."
    )
    replace_existing: bool = Field(
        False,
        description="Whether a recording callback of the account that this stack did not set, another "
        "environment's for example, may be replaced.",
    )

    @property
    def is_managed(self) -> bool:
        """Whether anything of the account's default recording configuration is given."""
        return self.recording_callback or self.channels is not None or self.trim is not None
