"""`voicehooks:dialingPermissions`: the countries that the account may call."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pydantic import Field

from .settings_model import SettingsModel

if TYPE_CHECKING:
    from pulumi_twilio import CountryPermissionsArgs

__all__ = ["CountryPermissions"]


class CountryPermissions(SettingsModel):
    """The callable numbers of a country (Twilio docs: Voice dialing permissions). Absent: unchanged."""

    low_risk: bool | None = Field(None, description="Ordinary numbers.")
    high_risk_special: bool | None = Field(None, description="Special service numbers, often expensive.")
    high_risk_tollfraud: bool | None = Field(None, description="Numbers that are known for toll fraud.")

    def permissions(self) -> CountryPermissionsArgs:
        """Return the given settings by the names of pulumi-twilio's ``countries``."""
        return cast("CountryPermissionsArgs", self.model_dump(by_alias=True, exclude_none=True))
