"""Recording documents.

Sources: Twilio docs, "Recordings resource"; twilio-oai, twilio_api_v2010.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import errors
from ..calls.models import moment_filters
from ..dates import rfc2822
from ..ownership import owned
from ..sids import new_sid
from ..store import Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..clock import Clock
    from ..store import Document, Store

KIND = "recording"
# Callbacks name this source; the resource's own list of sources does not have it (twilio-oai).
_RESOURCE_SOURCES = {"StartCallRecordingTwiML": "StartCallRecordingAPI"}


class Recordings:
    """The recordings of all accounts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(
        self,
        call: Document,
        *,
        source: str,
        channels: int,
        track: str,
        moment: float,
        conference_sid: str | None = None,
    ) -> Document:
        """A recording that begins now, of the call this leg belongs to, or of the conference it is in."""
        recording: Document = {
            "sid": new_sid("RE"),
            "account_sid": call["account_sid"],
            "call_sid": call["sid"],
            "conference_sid": conference_sid,
            "created": moment,
            "updated": moment,
            "started": moment,
            "duration": -1,
            "channels": channels,
            "track": track,
            "source": source,
            "status": "in-progress",
            "error_code": None,
            "price": None,
            "deleted": False,
        }
        self._store.add(KIND, [recording], search_key="call_sid")
        return recording

    def save(self, recording: Document) -> None:
        """Remember a recording's changes."""
        self._store.save(KIND, recording)

    def get(self, account_sid: str, sid: str, path: str, *, deleted_too: bool = False) -> Document:
        """One recording of an account.

        Raises:
            TwilioError: 20404.
        """
        recording = owned(self._store, KIND, account_sid, sid, path)
        if recording["deleted"] and not deleted_too:
            raise errors.not_found(path)
        return recording

    def delete(self, recording: Document) -> None:
        """Delete the audio; the metadata is kept and shown on request (Twilio: for 40 days)."""
        recording.update(deleted=True, status="deleted", updated=self._clock.now())
        self.save(recording)


def filters(query: Mapping[str, str]) -> list[Where]:
    """The list filters.

    Raises:
        TwilioError: 20001 for a date that is none.
    """
    where = moment_filters(query, "DateCreated", "created")
    for name, key in (("CallSid", "call_sid"), ("ConferenceSid", "conference_sid")):
        if value := query.get(name):
            where.append(Where.equals(key, value))
    if query.get("IncludeSoftDeleted", "").lower() != "true":
        where.append(Where.equals("deleted", 0))
    return where


def recording_uri(recording: Document) -> str:
    """Path of the recording, without extension: what callbacks tell as its URL."""
    return f"/2010-04-01/Accounts/{recording['account_sid']}/Recordings/{recording['sid']}"


def encode(recording: Document, base_url: str) -> Document:
    """The recording as the account's list shows it."""
    uri = recording_uri(recording)
    return _common(recording) | {
        "uri": f"{uri}.json",
        "media_url": base_url + uri,
        "subresource_uris": {
            "add_on_results": f"{uri}/AddOnResults.json",
            "transcriptions": f"{uri}/Transcriptions.json",
        },
    }


def encode_of_call(recording: Document) -> Document:
    """The recording as a sub-resource of its call shows it."""
    return _common(recording) | {
        "track": recording["track"],
        "uri": (
            f"/2010-04-01/Accounts/{recording['account_sid']}/Calls/{recording['call_sid']}"
            f"/Recordings/{recording['sid']}.json"
        ),
    }


def encode_of_conference(recording: Document) -> Document:
    """The recording as a sub-resource of its conference shows it."""
    return _common(recording) | {
        "uri": (
            f"/2010-04-01/Accounts/{recording['account_sid']}/Conferences/{recording['conference_sid']}"
            f"/Recordings/{recording['sid']}.json"
        ),
    }


def _common(recording: Document) -> Document:
    return {
        "account_sid": recording["account_sid"],
        "api_version": "2010-04-01",
        "call_sid": recording["call_sid"],
        "conference_sid": recording["conference_sid"],
        "channels": recording["channels"],
        "date_created": rfc2822(recording["created"]),
        "date_updated": rfc2822(recording["updated"]),
        "start_time": rfc2822(recording["started"]),
        "price": recording["price"],
        "price_unit": "USD",
        "duration": str(recording["duration"]),
        "sid": recording["sid"],
        "source": _RESOURCE_SOURCES.get(recording["source"], recording["source"]),
        "status": recording["status"],
        "error_code": recording["error_code"],
        "encryption_details": None,
    }
