"""Sinks and subscriptions of Event Streams.

Sources: Twilio docs, "Event Streams"; twilio-oai, twilio_events_v1. A webhook sink is active at once
("active by default"); the control plane sets another status.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .. import errors
from ..dates import iso8601
from ..ownership import owned
from ..sids import new_sid
from ..store import Where
from .events import TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..clock import Clock
    from ..store import Document, Store

SINK, SUBSCRIPTION = "event-sink", "event-subscription"
SINK_TYPES = ("kinesis", "webhook", "segment", "email")
STATUSES = ("initialized", "validating", "active", "failed")


class EventStreams:
    """The sinks and subscriptions of all accounts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def get(self, kind: str, account_sid: str, sid: str, path: str) -> Document:
        """A sink or a subscription.

        Raises:
            TwilioError: 20404.
        """
        return owned(self._store, kind, account_sid, sid, path)

    def create_sink(self, account_sid: str, description: str, kind: str, configuration: str) -> Document:
        """A new sink.

        Raises:
            TwilioError: 20001 for an unknown type or a configuration that is not a JSON object.
        """
        if kind not in SINK_TYPES:
            raise errors.invalid_parameter("SinkType", kind)
        try:
            fields = json.loads(configuration)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise errors.invalid_parameter("SinkConfiguration", configuration)
        return self._add(
            SINK,
            "DG",
            account_sid,
            {
                "description": description,
                "sink_type": kind,
                "sink_configuration": fields,
                "status": "active" if kind == "webhook" else "initialized",
            },
        )

    def subscribe(
        self, account_sid: str, description: str, sink_sid: str, types: Sequence[str], path: str
    ) -> Document:
        """A new subscription of an active sink.

        Raises:
            TwilioError: 20404 for an unknown sink; 20001 for one that is not active, or for types that are not
                JSON objects with a ``type``.
        """
        if self.get(SINK, account_sid, sink_sid, path)["status"] != "active":
            raise errors.invalid_parameter("SinkSid", sink_sid)
        events: dict[str, Document] = {}
        for text in types:
            try:
                event = json.loads(text)
                version = int(event.get("schema_version", 1))
                events[event["type"]] = {"type": event["type"], "schema_version": version}
            except (AttributeError, ValueError, KeyError, TypeError):
                raise errors.invalid_parameter("Types", text) from None
        if not events:
            raise errors.invalid_parameter("Types", "")
        fields = {"description": description, "sink_sid": sink_sid, "events": list(events.values())}
        return self._add(SUBSCRIPTION, "DF", account_sid, fields)

    def event(self, subscription: Document, kind: str, path: str) -> Document:
        """A subscribed type.

        Raises:
            TwilioError: 20404 if the subscription does not have it.
        """
        for event in subscription["events"]:
            if event["type"] == kind:
                return dict(event)
        raise errors.not_found(path)

    def set_event(self, subscription: Document, kind: str, schema_version: str | None) -> Document:
        """Subscribe to one more type, or to another version of its schema.

        Raises:
            TwilioError: 20001 for a version that is not a number, or no type.
        """
        if not kind:
            raise errors.invalid_parameter("Type", kind)
        if schema_version is not None and not schema_version.isdecimal():
            raise errors.invalid_parameter("SchemaVersion", schema_version)
        event = {"type": kind, "schema_version": int(schema_version or TYPES.get(kind, ("", 1, ""))[1])}
        others = [item for item in subscription["events"] if item["type"] != kind]
        subscription.update(events=[*others, event], updated=self._clock.now())
        self._store.save(SUBSCRIPTION, subscription)
        return event

    def remove_event(self, subscription: Document, kind: str) -> None:
        """Unsubscribe from a type."""
        others = [event for event in subscription["events"] if event["type"] != kind]
        subscription.update(events=others, updated=self._clock.now())
        self._store.save(SUBSCRIPTION, subscription)

    def in_use(self, account_sid: str) -> set[str]:
        """The SIDs of the sinks that a subscription names."""
        where = [Where.equals("account_sid", account_sid)]
        return {item["sink_sid"] for item in self._store.page(SUBSCRIPTION, None, where, limit=1000)}

    def describe(self, kind: str, found: Document, description: str) -> None:
        """Change the description, which is all that can be changed."""
        found.update(description=description, updated=self._clock.now())
        self._store.save(kind, found)

    def set_status(self, sid: str, status: str) -> Document | None:
        """Give a sink another status, as Twilio does by itself; None if there is no such sink."""
        sink = self._store.get(SINK, sid)
        if sink is not None:
            sink.update(status=status, updated=self._clock.now())
            self._store.save(SINK, sink)
        return sink

    def delete(self, kind: str, found: Document) -> None:
        """Delete it; a sink's subscriptions stay, without a place to send to."""
        self._store.delete(kind, found["sid"])

    def _add(self, kind: str, prefix: str, account_sid: str, fields: Document) -> Document:
        now = self._clock.now()
        made: Document = {"sid": new_sid(prefix), "account_sid": account_sid, **fields}
        made |= {"created": now, "updated": now}
        self._store.add(kind, [made])
        return made


def encode_type(name: str, base_url: str) -> Document:
    """A type of event as Twilio's JSON shows it."""
    schema, _, description = TYPES[name]
    return {
        "type": name,
        "schema_id": schema,
        "date_created": "2021-01-01T00:00:00Z",
        "date_updated": "2021-01-01T00:00:00Z",
        "description": description,
        "status": "available",
        "documentation_url": None,
        "url": f"{base_url}/v1/Types/{name}",
        "links": {"schema": f"{base_url}/v1/Schemas/{schema}/Versions"},
    }


def encode_sink(sink: Document, base_url: str) -> Document:
    """A sink as Twilio's JSON shows it."""
    url = f"{base_url}/v1/Sinks/{sink['sid']}"
    return {
        "date_created": iso8601(sink["created"]),
        "date_updated": iso8601(sink["updated"]),
        "description": sink["description"],
        "sid": sink["sid"],
        "sink_configuration": sink["sink_configuration"],
        "sink_type": sink["sink_type"],
        "status": sink["status"],
        "url": url,
        "links": {"sink_test": f"{url}/Test", "sink_validate": f"{url}/Validate"},
    }


def encode_subscription(subscription: Document, base_url: str) -> Document:
    """A subscription as Twilio's JSON shows it; its types have a list of their own."""
    url = f"{base_url}/v1/Subscriptions/{subscription['sid']}"
    return {
        "account_sid": subscription["account_sid"],
        "sid": subscription["sid"],
        "date_created": iso8601(subscription["created"]),
        "date_updated": iso8601(subscription["updated"]),
        "description": subscription["description"],
        "sink_sid": subscription["sink_sid"],
        "url": url,
        "links": {"subscribed_events": f"{url}/SubscribedEvents"},
    }


def encode_event(subscription: Document, event: Document, base_url: str) -> Document:
    """A subscribed type as Twilio's JSON shows it."""
    url = f"{base_url}/v1/Subscriptions/{subscription['sid']}/SubscribedEvents/{event['type']}"
    return {
        "account_sid": subscription["account_sid"],
        "type": event["type"],
        "schema_version": event["schema_version"],
        "subscription_sid": subscription["sid"],
        "url": url,
    }
