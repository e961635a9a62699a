"""`voicehooks:account`: settings of the whole Twilio account."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

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
    event_streams: bool = Field(
        False,
        description="Whether Twilio's Event Streams reports every call of the account and every error to this "
        "environment's function `twilio-events`. `voicehooks doctor` and `status` then name the calls whose "
        "callbacks are missing, and `reconcile` fetches those. Summaries of calls may need Voice Insights "
        "Advanced Features, which Twilio bills.",
    )
    replace_existing: bool = Field(
        False,
        description="Whether a recording callback or a webhook rule of the account that this stack did not "
        "set, another environment's for example, may be replaced.",
    )
    webhook_rules: bool = Field(
        False,
        description="Beta, never tried on a real account. Whether Twilio signs the requests to the project's "
        "functions with a key of their own, by a webhook rule that also has `defaults.delivery`. The rule "
        "is for every function of the project, also for those of other programs.",
    )
    signing_key: Annotated[str, Field(pattern="^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")] = Field(
        "1",
        description="The name of that key. Another name makes another key, and deletes the previous one once "
        "nothing uses it.",
    )
    signature: Literal["key-only"] | None = Field(
        None,
        description="`key-only`: the functions refuse requests that the account's auth token signed. The "
        "webhook rule must be in effect first. With a `functionsApiKeySid` they then hold no auth token. "
        "Absent: the token and the key are both accepted.",
    )

    @model_validator(mode="after")
    def _key_only_needs_a_rule(self) -> Account:
        if self.signature is not None and not self.webhook_rules:
            raise ValueError("signature: key-only needs webhookRules: true")
        if self.signature is not None and self.event_streams:
            raise ValueError(
                "signature: key-only is not possible with eventStreams, because nobody could confirm that "
                "webhook rules also apply to Event Streams: its events would be refused and lost; remove one "
                "of the two"
            )
        return self

    @property
    def is_managed(self) -> bool:
        """Whether anything of the account's default recording configuration is given."""
        return self.recording_callback or self.channels is not None or self.trim is not None
