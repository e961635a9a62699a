"""Queue documents: creation, listing, and the form Twilio shows them in.

Sources: Twilio docs, "Queue resource"; twilio-oai, twilio_api_v2010.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import errors
from ..dates import rfc2822
from ..ownership import owned
from ..sids import new_sid
from ..store import Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..clock import Clock
    from ..store import Document, Store

KIND = "queue"
LARGEST = 5000
_DEFAULT_SIZE = 100


class Queues:
    """The queues of all accounts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(self, account_sid: str, form: Mapping[str, str]) -> Document:
        """A queue of an account, which has no other one of that name.

        Raises:
            TwilioError: 20001 for the name or the size.
        """
        name = form.get("FriendlyName", "")
        self._check_name(account_sid, name)
        queue = self._new(account_sid, name)
        queue["max_size"] = _size(form, _DEFAULT_SIZE)
        self._store.add(KIND, [queue])
        return queue

    def on_demand(self, account_sid: str, name: str) -> Document:
        """The queue of this name; created if there is none."""
        queue = self.find(account_sid, name)
        if queue is None:
            queue = self._new(account_sid, name)
            self._store.add(KIND, [queue])
        return queue

    def find(self, account_sid: str, name: str) -> Document | None:
        """The queue of this name, or None."""
        found = self._store.page(KIND, account_sid, [Where.equals("friendly_name", name)], limit=1)
        return found[0] if found else None

    def get(self, account_sid: str, sid: str, path: str) -> Document:
        """One queue of an account.

        Raises:
            TwilioError: 20404, also where another account owns it.
        """
        return owned(self._store, KIND, account_sid, sid, path)

    def update(self, queue: Document, form: Mapping[str, str]) -> None:
        """Change its name or its largest size.

        Raises:
            TwilioError: 20001 for one of them.
        """
        name = form.get("FriendlyName", queue["friendly_name"])
        if name != queue["friendly_name"]:
            self._check_name(queue["account_sid"], name)
        size = _size(form, queue["max_size"])
        queue.update(friendly_name=name, max_size=size, updated=self._clock.now())
        self._store.save(KIND, queue)

    def delete(self, queue: Document) -> None:
        """Remove it."""
        self._store.delete(KIND, queue["sid"])

    def _check_name(self, account_sid: str, name: str) -> None:
        if not 0 < len(name) <= 64 or self.find(account_sid, name) is not None:
            raise errors.invalid_parameter("FriendlyName", name)

    def _new(self, account_sid: str, name: str) -> Document:
        now = self._clock.now()
        return {
            "sid": new_sid("QU"),
            "account_sid": account_sid,
            "friendly_name": name,
            "max_size": _DEFAULT_SIZE,
            "created": now,
            "updated": now,
        }


def _size(form: Mapping[str, str], default: int) -> int:
    text = form.get("MaxSize", "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= LARGEST):
        raise errors.invalid_parameter("MaxSize", text)
    return int(text)


def encode(queue: Document, size: int, average: int) -> Document:
    """The queue as Twilio's JSON shows it.

    Args:
        queue: the queue.
        size: how many calls wait in it.
        average: how long these have waited on average, seconds.
    """
    uri = f"/2010-04-01/Accounts/{queue['account_sid']}/Queues/{queue['sid']}"
    return {
        "account_sid": queue["account_sid"],
        "average_wait_time": average,
        "current_size": size,
        "date_created": rfc2822(queue["created"]),
        "date_updated": rfc2822(queue["updated"]),
        "friendly_name": queue["friendly_name"],
        "max_size": queue["max_size"],
        "sid": queue["sid"],
        "uri": f"{uri}.json",
    }
