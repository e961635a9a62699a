"""Transcriptions of recordings: the resource.

Sources: Twilio docs, "Transcriptions resource"; twilio-oai, twilio_api_v2010.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import errors
from ..dates import rfc2822
from ..ownership import owned
from ..sids import new_sid

if TYPE_CHECKING:
    from ..clock import Clock
    from ..store import Document, Store

KIND = "transcription"


class Transcriptions:
    """The transcriptions of all accounts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(self, recording: Document, text: str, moment: float) -> Document:
        """The transcription of a recording; without a text it has failed."""
        transcription: Document = {
            "sid": new_sid("TR"),
            "account_sid": recording["account_sid"],
            "recording_sid": recording["sid"],
            "duration": recording["duration"],
            "status": "completed" if text else "failed",
            "text": text,
            "created": moment,
            "updated": moment,
        }
        self._store.add(KIND, [transcription], search_key="recording_sid")
        return transcription

    def get(self, account_sid: str, sid: str, path: str, recording_sid: str | None = None) -> Document:
        """One transcription of an account, and of a recording if one is named.

        Raises:
            TwilioError: 20404.
        """
        transcription = owned(self._store, KIND, account_sid, sid, path)
        if recording_sid not in {None, transcription["recording_sid"]}:
            raise errors.not_found(path)
        return transcription

    def delete(self, transcription: Document) -> None:
        """Remove it."""
        self._store.delete(KIND, transcription["sid"])


def encode(transcription: Document) -> Document:
    """The transcription as Twilio's JSON shows it."""
    account = f"/2010-04-01/Accounts/{transcription['account_sid']}"
    minutes = -(-transcription["duration"] // 60)
    return {
        "account_sid": transcription["account_sid"],
        "api_version": "2010-04-01",
        "date_created": rfc2822(transcription["created"]),
        "date_updated": rfc2822(transcription["updated"]),
        "duration": str(transcription["duration"]),
        "price": f"{-minutes * 0.05:.5f}" if transcription["status"] == "completed" else None,
        "price_unit": "USD",
        "recording_sid": transcription["recording_sid"],
        "sid": transcription["sid"],
        "status": transcription["status"],
        "transcription_text": transcription["text"],
        "type": "fast",
        "uri": f"{account}/Transcriptions/{transcription['sid']}.json",
    }
