"""Call documents: creation, listing, and the form Twilio shows them in.

Sources: Twilio docs, "Call resource"; twilio-oai, twilio_api_v2010.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import errors
from ..dates import day_of, parse_day_or_moment, rfc2822
from ..numbers.models import formatted
from ..ownership import owned
from ..sids import new_sid
from ..store import Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..clock import Clock
    from ..store import Document, Store

KIND = "call"
JOURNAL = "call"
FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
STATUSES = FINAL | {"queued", "ringing", "in-progress"}
PRICE_PER_MINUTE = {"inbound": 0.0085, "outbound-api": 0.014, "outbound-dial": 0.014}
_SUBRESOURCES = {
    "notifications": "Notifications",
    "recordings": "Recordings",
    "payments": "Payments",
    "events": "Events",
    "siprec": "Siprec",
    "streams": "Streams",
    "transcriptions": "Transcriptions",
    "user_defined_message_subscriptions": "UserDefinedMessageSubscriptions",
    "user_defined_messages": "UserDefinedMessages",
}


class Calls:
    """The calls of all accounts, one document a leg."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def create(
        self,
        *,
        account_sid: str,
        to: str,
        caller: str,
        direction: str,
        status: str,
        moment: float,
        **more: Any,
    ) -> Document:
        """A new leg, dated ``moment``; ``more`` are further keys of the document."""
        call: Document = {
            "sid": new_sid("CA"),
            "account_sid": account_sid,
            "parent_call_sid": None,
            "to": to,
            "from": caller,
            "direction": direction,
            "status": status,
            "phone_number_sid": None,
            "created": moment,
            "updated": moment,
            "started": None,
            "answered": None,
            "ended": None,
            "duration": None,
            "queue_time": "0",
            "answered_by": None,
            "forwarded_from": None,
            "caller_name": None,
            "group_sid": None,
            "trunk_sid": None,
            "application_sid": None,
            "price": None,
            "parameters": {},
            **more,
        }
        self._store.add(KIND, [call])
        self._log(call)
        return call

    def save(self, call: Document) -> None:
        """Remember a leg's changes."""
        before = self._store.get(KIND, call["sid"])
        self._store.save(KIND, call)
        if before is not None and before["status"] != call["status"]:
            self._log(call)

    def _log(self, call: Document) -> None:
        self._store.log(JOURNAL, call["parent_call_sid"] or call["sid"], encode(call))

    def get(self, account_sid: str, sid: str, path: str) -> Document:
        """One leg of an account.

        Raises:
            TwilioError: 20404, also where another account owns it.
        """
        return owned(self._store, KIND, account_sid, sid, path)

    def find(self, sid: str) -> Document | None:
        """A leg of whichever account, or None."""
        return self._store.get(KIND, sid)

    def children(self, sid: str) -> list[Document]:
        """The legs that a call dialed, oldest first."""
        return self._store.page(KIND, None, [Where.equals("parent_call_sid", sid)], limit=1000)[::-1]

    def delete(self, call: Document) -> None:
        """Forget a leg."""
        self._store.delete(KIND, call["sid"])

    def close_interrupted(self) -> None:
        """End the calls that were in progress when the sandbox stopped: their parties are gone."""
        now = self._clock.now()
        for status in STATUSES - FINAL:
            while found := self._store.page(KIND, None, [Where.equals("status", status)], limit=1000):
                for call in found:
                    call.update(status="failed", ended=now, updated=now, duration=0)
                    self.save(call)


def filters(query: Mapping[str, str]) -> list[Where]:
    """The list filters; ``StartTime>`` and its like are keys of their own and mean "on or after".

    Raises:
        TwilioError: 20001 for a date that is none, or a status that no call has.
    """
    where = []
    if query.get("Status") and query["Status"] not in STATUSES:
        raise errors.invalid_parameter("Status", query["Status"])
    for name, key in (
        ("To", "to"),
        ("From", "from"),
        ("ParentCallSid", "parent_call_sid"),
        ("Status", "status"),
    ):
        if value := query.get(name):
            where.append(Where.equals(key, value))
    for name, key in (("StartTime", "started"), ("EndTime", "ended")):
        where.extend(moment_filters(query, name, key))
    return where


def moment_filters(query: Mapping[str, str], name: str, key: str) -> list[Where]:
    """Filters ``Name`` ("on this date"), ``Name<`` ("before") and ``Name>`` ("on or after").

    A value is a date, or what the official clients send: a date with a time of day, of which ``Name`` takes
    the date. Source: twilio-oai, twilio_api_v2010, the parameters of ListCall; twilio-python's
    ``serialize.iso8601_datetime``.

    Raises:
        TwilioError: 20001 when the value is no date.
    """
    where = []
    for sign in ("", "<", ">"):
        text = query.get(name + sign, "")
        if not text:
            continue
        span = parse_day_or_moment(text)
        if span is None:
            raise errors.invalid_parameter(name + sign, text)
        first, _ = span
        match sign:
            case "<":
                where.append(Where.before(key, first))
            case ">":
                where.append(Where.between(key, first, None))
            case _:
                where.append(Where.between(key, *day_of(first)))
    return where


def encode(call: Document) -> Document:
    """The leg as Twilio's JSON shows it: numbers as strings, dates in RFC 2822."""
    uri = f"/2010-04-01/Accounts/{call['account_sid']}/Calls/{call['sid']}"
    return {
        "sid": call["sid"],
        "date_created": rfc2822(call["created"]),
        "date_updated": rfc2822(call["updated"]),
        "parent_call_sid": call["parent_call_sid"],
        "account_sid": call["account_sid"],
        "to": call["to"],
        "to_formatted": formatted(call["to"]),
        "from": call["from"],
        "from_formatted": formatted(call["from"]),
        "phone_number_sid": call["phone_number_sid"],
        "status": call["status"],
        "start_time": rfc2822(call["started"]),
        "end_time": rfc2822(call["ended"]),
        "duration": None if call["duration"] is None else str(call["duration"]),
        "price": call["price"],
        "price_unit": "USD",
        "direction": call["direction"],
        "answered_by": call["answered_by"],
        "api_version": "2010-04-01",
        "forwarded_from": call["forwarded_from"],
        "group_sid": call["group_sid"],
        "caller_name": call["caller_name"],
        "queue_time": call["queue_time"],
        "trunk_sid": call["trunk_sid"],
        "uri": f"{uri}.json",
        "subresource_uris": {key: f"{uri}/{name}.json" for key, name in _SUBRESOURCES.items()},
    }


def price(direction: str, seconds: int) -> str:
    """What a leg cost, as Twilio writes it: negative, by started minutes."""
    minutes = -(-seconds // 60)
    return f"{-minutes * PRICE_PER_MINUTE.get(direction, 0.0):.5f}"
