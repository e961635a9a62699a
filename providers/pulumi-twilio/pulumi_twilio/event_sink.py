"""EventSink: where Event Streams sends the account's events.

Twilio changes only a sink's description, so another destination is another sink: it is created, the
subscriptions are created again with it, and then the old one is deleted (twilio-oai, twilio_events_v1).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.errors import PropertyError, ProviderError
from pulumi_provider_kit.resource import Operation, ReadResult, Resource
from pulumi_provider_kit.table import Property, ResourceTable, Scalar
from pulumi_provider_kit.values import outputs_unknown, text, wrap

from .account import HOME, TwilioAccount
from .client import NotFound, TwilioError
from .webhook_url import mask, problem

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.request import CreateRequest, DeleteRequest, ReadRequest, UpdateRequest
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["HOST", "EventSink", "description_of", "list_events_api"]

HOST = "events"
"""The product whose host serves Event Streams."""

_SOURCE = "Twilio docs: Sink resource"
_PATH = "/v1/Sinks"
_ACTIVE = "active"


def _description(value: str) -> str | None:
    return None if value.strip() else "is empty, and Twilio requires one"


def description_of(what: str) -> tuple[Property, ...]:
    """Return the description, and what it was when the object was imported."""
    return (
        Property(
            "description",
            Scalar.STRING,
            f"What the {what} is for; no personal data.",
            wire="Description",
            required=True,
            check=_description,
        ),
        Property(
            "originalDescription",
            Scalar.STRING,
            f"The description that the {what} had when it was imported; empty if this program created it.",
            output=True,
        ),
    )


TABLE = ResourceTable(
    name="EventSink",
    doc=(
        "A webhook to which Twilio's Event Streams sends the events that an ``EventSubscription`` names. "
        "Twilio sends each at least once, in no promised order, and sends it again for up to four hours after "
        "an answer with 429 or 5xx; any other 4xx discards it.\n\n"
        "A sink that was imported is not deleted with the resource; its description is restored. A sink that "
        "a subscription still uses is not deleted: that subscription would lose its events.\n\n"
        "This was never tried by this project on a real account."
    ),
    properties=(
        *description_of("sink"),
        Property(
            "destination",
            Scalar.STRING,
            "The URL to which Twilio posts the events. Connection overrides have no effect here.",
            required=True,
            replaces=True,
            check=problem,
            source=_SOURCE,
        ),
        *HOME,
        Property("sinkSid", Scalar.STRING, "The sink's SID, DG...", output=True),
        Property(
            "status",
            Scalar.STRING,
            "Twilio's status: ``active``, or ``failed`` if Twilio sends it no more events.",
            output=True,
        ),
    ),
    example="""\
import pulumi_twilio as twilio

sink = twilio.EventSink("events", description="crm", destination="https://crm.example.com/twilio/events")
twilio.EventSubscription(
    "errors",
    description="crm",
    sink_sid=sink.sink_sid,
    types={"com.twilio.error-logs.error.logged": 1},
)
""",
    import_id="the sink's SID (DG...)",
    rights="Event Streams sinks: list, read, create, update, delete; subscriptions: list (before a delete)",
)


async def list_events_api(account: TwilioAccount, path: str, key: str, **filters: str) -> list[dict[str, Any]]:
    """Return a whole list of Event Streams.

    Args:
        account: whose.
        path: of the list, ``/v1/Sinks``.
        key: the key of its entries in an answer.
        **filters: query parameters.
    """
    query: dict[str, str] = {"PageSize": "100", **filters}
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    while True:
        page = await account.api.get(path, host=HOST, **query)
        found += page[key]
        following = str((page.get("meta") or {}).get("next_page_url") or "")
        if not following:
            return found
        if following in seen:
            raise ProviderError(f"Twilio's list of {key} has no end; run the command again later")
        seen.add(following)
        query = dict(parse_qsl(urlsplit(following).query))


class EventSink(Resource[TwilioAccount]):
    """A webhook sink."""

    table = TABLE

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the claim on the sink, once it exists: two resources may have imported the same one."""
        return [Singleton(f"twilio:sink:{resource_id}", f"the sink {resource_id}")] if resource_id else []

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Warn if the account already has a sink with that destination."""
        await self._announce(operation, request.inputs)
        return outputs_unknown(self.table, request.inputs)

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Create the sink. The request is not repeated, because that could create a second one."""
        inputs = request.inputs
        await self._announce(operation, inputs)
        destination = text(inputs, "destination") or ""
        form = {
            "Description": text(inputs, "description") or "",
            "SinkType": "webhook",
            "SinkConfiguration": json.dumps({"destination": destination, "method": "POST"}),
        }
        try:
            sink = await operation.client.api.post(_PATH, form, host=HOST, repeatable=False)
        except TwilioError as error:
            if error.refused:
                raise
            raise ProviderError(
                f"{error}; the sink may have been created all the same: look for {mask(destination)} among the "
                "account's sinks, and if it is there take it over with pulumi import "
                f"twilio:index:EventSink {operation.name} DG..."
            ) from None
        await _report(operation, sink)
        return sink["sid"], _state(inputs, sink, "")

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the sink by its SID."""
        try:
            sink = await operation.client.api.get(f"{_PATH}/{request.id}", host=HOST)
        except NotFound:
            return None
        if sink["sink_type"] != "webhook":
            raise PropertyError(
                "id", f"{request.id} is a {sink['sink_type']} sink; only webhook sinks are managed"
            )
        await _report(operation, sink)
        inputs = {
            "description": wrap(str(sink["description"] or "")),
            "destination": wrap(_destination(sink)),
        }
        original = text(request.state, "originalDescription") or ""
        if not request.inputs:
            original = str(sink["description"] or "")
        return ReadResult(sink["sid"], _state(inputs, sink, original), inputs)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write the description."""
        form = {"Description": text(request.inputs, "description") or ""}
        sink = await operation.client.api.post(f"{_PATH}/{request.id}", form, host=HOST)
        return _state(request.inputs, sink, text(request.state, "originalDescription") or "")

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Delete the sink if no subscription uses it. An imported sink gets its description back instead."""
        api, path = operation.client.api, f"{_PATH}/{request.id}"
        if original := text(request.state, "originalDescription"):
            await operation.info(f"the sink {request.id} is not deleted, because it was not created here")
            try:
                await api.post(path, {"Description": original}, host=HOST)
            except NotFound:
                return
            return
        using = await list_events_api(
            operation.client, "/v1/Subscriptions", "subscriptions", SinkSid=request.id
        )
        if using:
            names = ", ".join(str(item["sid"]) for item in using[:10])
            raise ProviderError(
                f"the subscription {names} still sends to the sink {request.id}; delete it, or let it send to "
                "another sink, first: its events would be lost"
            )
        try:
            await api.delete(path, host=HOST)
        except NotFound:
            return

    async def _announce(self, operation: Operation[TwilioAccount], inputs: PropertyMap) -> None:
        destination = text(inputs, "destination")
        if not destination:
            return
        sinks = await list_events_api(operation.client, _PATH, "sinks")
        same = [sink["sid"] for sink in sinks if _destination(sink) == destination]
        if same:
            await operation.warn(
                f"the account has a sink with this destination already ({same[0]}), perhaps from an update "
                "that was killed; this creates another one, and events of both arrive twice. Delete the one "
                "that is not used, or take it over before this one is created: pulumi import "
                f"twilio:index:EventSink {operation.name} {same[0]}"
            )


async def _report(operation: Operation[TwilioAccount], sink: dict[str, Any]) -> None:
    if sink["status"] != _ACTIVE:
        await operation.warn(
            f"Twilio says that the sink {sink['sid']} is {sink['status']}, so it receives no events; check its "
            "destination, then create it again: pulumi up --replace and the resource's URN"
        )


def _destination(sink: dict[str, Any]) -> str:
    configuration = sink.get("sink_configuration") or {}
    if isinstance(configuration, str):
        configuration = json.loads(configuration)
    return str(configuration.get("destination") or "")


def _state(inputs: PropertyMap, sink: dict[str, Any], original: str) -> dict[str, PropertyValue]:
    return {
        **inputs,
        "sinkSid": wrap(sink["sid"]),
        "status": wrap(str(sink["status"])),
        "originalDescription": wrap(original),
    }
