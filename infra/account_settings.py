"""The account's default recording configuration, where the settings manage it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_twilio as twilio

from .handler_settings import RECORDING_EVENTS, delivery_fragment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .originals import AccountRecord
    from .settings import Settings

__all__ = ["recording_defaults"]


def recording_defaults(settings: Settings, record: AccountRecord, *, after: Sequence[pulumi.Resource]) -> None:
    """Let all recordings of the account report to the handler, and say how they are made, as the settings do.

    Args:
        settings: the environment's settings.
        record: what the account had before.
        after: the functions, which must be able to take the callbacks.
    """
    account = settings.account
    if not account.is_managed:
        return
    url = settings.webhook_url + delivery_fragment(settings.defaults) if account.recording_callback else None
    events = RECORDING_EVENTS if url else None
    twilio.AccountRecordingDefaults(
        "recording-defaults",
        call_recording_status_callback=url,
        call_recording_status_callback_events=events,
        conference_recording_status_callback=url,
        conference_recording_status_callback_events=events,
        channels=account.channels,
        trim=account.trim,
        replace_existing=account.replace_existing or None,
        original=record.recording_defaults,
        opts=pulumi.ResourceOptions(depends_on=list(after)),
    )
