"""Who may place calls through the function place-call (``voicehooks:callers``)."""

from __future__ import annotations

from pydantic import Field, model_validator

from .settings_model import SettingsModel

__all__ = ["OPEN_TO_EVERYBODY", "Callers"]

OPEN_TO_EVERYBODY = (
    "place-call lets every user who signs in to the Supabase project place calls, because "
    "voicehooks:callers is not set. If people can sign up by themselves, they can call at your expense. "
    "Name a claim, for example voicehooks:callers: {claim: role, anyOf: [agent]}, or write "
    "voicehooks:callers: {} if every signed-in user may call."
)
"""The warning if place-call is deployed and `voicehooks:callers` is not set."""


class Callers(SettingsModel):
    """Which of the signed-in users who are not anonymous may place calls. Empty: all of them."""

    claim: str | None = Field(
        None,
        min_length=1,
        description="The key in the user's `app_metadata` that decides. Only the project's operators can "
        "write `app_metadata`; a change takes effect when the user's token is renewed, within an hour. "
        "Absent: every signed-in user who is not anonymous.",
    )
    any_of: list[str | int | bool] = Field(
        [True],
        min_length=1,
        description="The values that permit calls. The key must have one of them, or a list that contains one.",
    )

    @model_validator(mode="after")
    def _values_of_a_claim(self) -> Callers:
        if "any_of" in self.model_fields_set and self.claim is None:
            raise ValueError("anyOf needs claim, the key of app_metadata that must have one of these values")
        return self
