"""The rules of Studio flows, as far as somebody who points a number at one needs them.

Sources: Twilio docs, "Flow resource"; twilio-python, ``rest/studio/v2/flow``. A flow does not run here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..dates import iso8601
from ..errors import invalid_parameter
from ..ownership import owned
from ..sids import new_sid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..clock import Clock
    from ..store import Document, Store

KIND = "studio-flow"
_STATUSES = ("draft", "published")


class Flows:
    """The flows of all accounts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(self, account_sid: str, form: Mapping[str, str]) -> Document:
        """A new flow.

        Raises:
            TwilioError: 20001 for what is missing or not valid.
        """
        for name in ("FriendlyName", "Status", "Definition"):
            if not form.get(name):
                raise invalid_parameter(name, "")
        if form["Status"] not in _STATUSES:
            raise invalid_parameter("Status", form["Status"])
        try:
            definition = json.loads(form["Definition"])
        except ValueError:
            definition = None
        if not isinstance(definition, dict):
            raise invalid_parameter("Definition", form["Definition"])
        now = self._clock.now()
        made: Document = {
            "sid": new_sid("FW"),
            "account_sid": account_sid,
            "friendly_name": form["FriendlyName"],
            "status": form["Status"],
            "definition": definition,
            "commit_message": form.get("CommitMessage") or None,
            "created": now,
            "updated": now,
        }
        self._store.add(KIND, [made])
        return made

    def get(self, account_sid: str, sid: str, path: str) -> Document:
        """One flow.

        Raises:
            TwilioError: 20404.
        """
        return owned(self._store, KIND, account_sid, sid, path)

    def delete(self, flow: Document) -> None:
        """Remove it."""
        self._store.delete(KIND, flow["sid"])


def encode(flow: Document, base_url: str, *, whole: bool = True) -> Document:
    """A flow as Twilio's JSON shows it; in a list, without its definition."""
    url = f"{base_url}/v2/Flows/{flow['sid']}"
    sids = f"Accounts/{flow['account_sid']}/Flows/{flow['sid']}"
    return {
        "sid": flow["sid"],
        "account_sid": flow["account_sid"],
        "friendly_name": flow["friendly_name"],
        "status": flow["status"],
        "definition": flow["definition"] if whole else None,
        "revision": 1,
        "commit_message": flow["commit_message"],
        "valid": True,
        "errors": [],
        "warnings": [],
        "date_created": iso8601(flow["created"]),
        "date_updated": iso8601(flow["updated"]),
        "webhook_url": f"https://webhooks.twilio.com/v1/{sids}",
        "url": url,
        "links": {"revisions": f"{url}/Revisions", "executions": f"{url}/Executions"},
    }
