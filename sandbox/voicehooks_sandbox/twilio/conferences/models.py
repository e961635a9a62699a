"""Conference documents: creation, listing, and the form Twilio shows them in.

Sources: Twilio docs, "Conference resource"; twilio-oai, twilio_api_v2010.
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

KIND = "conference"
STATUSES = ("init", "in-progress", "completed")


class Conferences:
    """The conferences of all accounts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(self, account_sid: str, name: str, moment: float) -> Document:
        """A conference that has not started."""
        conference: Document = {
            "sid": new_sid("CF"),
            "account_sid": account_sid,
            "friendly_name": name,
            "status": "init",
            "created": moment,
            "updated": moment,
            "reason": None,
            "ended_by": None,
        }
        self._store.add(KIND, [conference])
        return conference

    def save(self, conference: Document, moment: float) -> None:
        """Remember a conference's changes."""
        conference["updated"] = moment
        self._store.save(KIND, conference)

    def get(self, account_sid: str, sid: str, path: str) -> Document:
        """One conference of an account.

        Raises:
            TwilioError: 20404, also where another account owns it.
        """
        return owned(self._store, KIND, account_sid, sid, path)

    def close_interrupted(self) -> None:
        """End the conferences that were in progress when the sandbox stopped."""
        now = self._clock.now()
        for status in STATUSES[:2]:
            while found := self._store.page(KIND, None, [Where.equals("status", status)], limit=1000):
                for conference in found:
                    conference["status"] = "completed"
                    self.save(conference, now)


def filters(query: Mapping[str, str]) -> list[Where]:
    """The list filters.

    Raises:
        TwilioError: 20001 for a date that is none, or a status that no conference has.
    """
    where = [
        *moment_filters(query, "DateCreated", "created"),
        *moment_filters(query, "DateUpdated", "updated"),
    ]
    if name := query.get("FriendlyName"):
        where.append(Where.equals("friendly_name", name))
    if status := query.get("Status"):
        if status not in STATUSES:
            raise errors.invalid_parameter("Status", status)
        where.append(Where.equals("status", status))
    return where


def encode(conference: Document) -> Document:
    """The conference as Twilio's JSON shows it."""
    uri = f"/2010-04-01/Accounts/{conference['account_sid']}/Conferences/{conference['sid']}"
    return {
        "account_sid": conference["account_sid"],
        "date_created": rfc2822(conference["created"]),
        "date_updated": rfc2822(conference["updated"]),
        "api_version": "2010-04-01",
        "friendly_name": conference["friendly_name"],
        "region": "us1",
        "sid": conference["sid"],
        "status": conference["status"],
        "uri": f"{uri}.json",
        "subresource_uris": {
            "participants": f"{uri}/Participants.json",
            "recordings": f"{uri}/Recordings.json",
        },
        "reason_conference_ended": conference["reason"],
        "call_sid_ending_conference": conference["ended_by"],
    }
