"""EventSubscription: which of the account's events a sink receives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.adoption import remembered
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.errors import PropertyError, ProviderError
from pulumi_provider_kit.resource import Operation, ReadResult, Resource
from pulumi_provider_kit.table import MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import plain, text, wrap

from .account import HOME, TwilioAccount
from .client import NotFound, TwilioError
from .event_sink import HOST, description_of, list_events_api
from .voice_properties import sid_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.request import CreateRequest, DeleteRequest, ReadRequest, UpdateRequest
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["EventSubscription"]

_SOURCE = "Twilio docs: Subscription resource"
_PATH = "/v1/Subscriptions"
_RESTRICTED = "restricted"


def _types_problem(types: Mapping[str, int]) -> str | None:
    if not types:
        return "is empty, and Twilio requires at least one type"
    wrong = next((name for name, version in types.items() if version < 1), None)
    return None if wrong is None else f"has version {types[wrong]:g} of {wrong}; versions begin with 1"


TABLE = ResourceTable(
    name="EventSubscription",
    doc=(
        "Which of the account's events an ``EventSink`` receives.\n\n"
        "Types are added and removed one by one. A type whose status is ``restricted`` is never removed, "
        "because Twilio would not let the account subscribe to it again.\n\n"
        "A subscription that was imported is not deleted with the resource; the description and the types that "
        "it had are restored.\n\n"
        "This was never tried by this project on a real account."
    ),
    properties=(
        *description_of("subscription"),
        Property(
            "sinkSid",
            Scalar.STRING,
            "The SID of the sink, DG..., which must be active.",
            required=True,
            replaces=True,
            check=sid_check("DG", "a sink"),
            source=_SOURCE,
        ),
        Property(
            "types",
            MapOf(Scalar.INTEGER),
            "The types of events, each with the version of its schema: "
            '``{"com.twilio.error-logs.error.logged": 1}``.',
            required=True,
            check=_types_problem,
            source=_SOURCE,
        ),
        *HOME,
        Property("subscriptionSid", Scalar.STRING, "The subscription's SID, DF...", output=True),
        Property(
            "originalTypes",
            MapOf(Scalar.INTEGER),
            "The types that the subscription had when it was imported; empty if this program created it.",
            output=True,
        ),
    ),
    example="""\
import pulumi_twilio as twilio

sink = twilio.EventSink("events", description="crm", destination="https://crm.example.com/twilio/events")
twilio.EventSubscription(
    "calls",
    description="crm",
    sink_sid=sink.sink_sid,
    types={"com.twilio.voice.insights.call-summary.complete": 1},
)
""",
    import_id="the subscription's SID (DF...)",
    rights="Event Streams subscriptions and subscribed events: list, read, create, update, delete; types: read",
)


class EventSubscription(Resource[TwilioAccount]):
    """A subscription with its types."""

    table = TABLE

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the claim on the subscription, once it exists."""
        name = f"the subscription {resource_id}"
        return [Singleton(f"twilio:subscription:{resource_id}", name)] if resource_id else []

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Create the subscription. The request is not repeated, because that could create a second one."""
        inputs = request.inputs
        types = [json.dumps({"type": t, "schema_version": v}) for t, v in sorted(_types(inputs).items())]
        form: dict[str, str | list[str]] = {
            "Description": text(inputs, "description") or "",
            "SinkSid": text(inputs, "sinkSid") or "",
            "Types": types,
        }
        try:
            made = await operation.client.api.post(_PATH, form, host=HOST, repeatable=False)
        except TwilioError as error:
            if error.refused:
                raise
            raise ProviderError(
                f"{error}; the subscription may have been created all the same: look for one of the sink "
                f"{form['SinkSid']}, and if it is there take it over with pulumi import "
                f"twilio:index:EventSubscription {operation.name} DF..."
            ) from None
        return made["sid"], _state(inputs, made["sid"], "", {})

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the subscription by its SID, with its types."""
        try:
            found = await operation.client.api.get(f"{_PATH}/{request.id}", host=HOST)
            types = await self._live(operation, request.id)
        except NotFound:
            return None
        description = str(found["description"] or "")
        inputs = {
            "description": wrap(description),
            "sinkSid": wrap(str(found["sink_sid"])),
            "types": wrap(types),
        }
        original = text(request.state, "originalDescription") or ""
        before = _original(request.state)
        if not request.inputs:
            original, before = description, types
        return ReadResult(request.id, _state(inputs, request.id, original, before), inputs)

    async def preview_update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Refuse to remove a restricted type."""
        await self._check_removed(operation, request)
        return await super().preview_update(operation, request)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write the description; add types, then remove the others."""
        await self._check_removed(operation, request)
        description = text(request.inputs, "description") or ""
        api = operation.client.api
        await api.post(f"{_PATH}/{request.id}", {"Description": description}, host=HOST)
        await self._set(operation, request.id, _types(request.inputs), remove=_types(request.old_inputs))
        original = text(request.state, "originalDescription") or ""
        return _state(request.inputs, request.id, original, _original(request.state))

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Delete the subscription. An imported one gets its description and its types back instead."""
        api, path = operation.client.api, f"{_PATH}/{request.id}"
        original = text(request.state, "originalDescription")
        before = _original(request.state)
        try:
            if not before:
                await api.delete(path, host=HOST)
                return
            await operation.info(
                f"the subscription {request.id} is not deleted, because it was not created here"
            )
            await api.post(path, {"Description": original or ""}, host=HOST)
            await self._set(operation, request.id, before, remove=_types(request.old_inputs))
        except NotFound:
            return

    async def _live(self, operation: Operation[TwilioAccount], sid: str) -> dict[str, int]:
        events = await list_events_api(operation.client, f"{_PATH}/{sid}/SubscribedEvents", "types")
        return {str(event["type"]): int(event["schema_version"]) for event in events}

    async def _set(
        self, operation: Operation[TwilioAccount], sid: str, wanted: dict[str, int], *, remove: dict[str, int]
    ) -> None:
        """Subscribe to the wanted types, then unsubscribe from those of ``remove`` that are not wanted."""
        api, path = operation.client.api, f"{_PATH}/{sid}/SubscribedEvents"
        live = await self._live(operation, sid)
        for name, version in sorted(wanted.items()):
            if name not in live:
                await api.post(path, {"Type": name, "SchemaVersion": str(version)}, host=HOST)
            elif live[name] != version:
                await api.post(f"{path}/{name}", {"SchemaVersion": str(version)}, host=HOST)
        for name in sorted(live.keys() & remove.keys() - wanted.keys()):
            if await self._is_restricted(operation, name):
                await operation.warn(f"{name} stays subscribed: Twilio would not let you subscribe to it again")
                continue
            await api.delete(f"{path}/{name}", host=HOST)

    async def _check_removed(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> None:
        """Refuse to remove what Twilio does not let an account subscribe to again (changelog, 2026-01-30)."""
        for name in sorted(_types(request.old_inputs).keys() - _types(request.inputs).keys()):
            if await self._is_restricted(operation, name):
                raise PropertyError(
                    "types",
                    f"{name} is restricted: once it is removed, Twilio does not let the account subscribe "
                    "to it again. Keep it in the program, or remove it in the Twilio console",
                )

    async def _is_restricted(self, operation: Operation[TwilioAccount], name: str) -> bool:
        try:
            found = await operation.client.api.get(f"/v1/Types/{name}", host=HOST)
        except NotFound:
            return False
        return str(found["status"]) == _RESTRICTED


def _types(inputs: PropertyMap) -> dict[str, int]:
    value = inputs.get("types")
    found: dict[str, Any] = {} if value is None or value.value is None else plain(value)
    return {name: int(version) for name, version in found.items()}


def _original(state: PropertyMap) -> dict[str, int]:
    return {name: int(version) for name, version in remembered(state, "originalTypes").items()}


def _state(inputs: PropertyMap, sid: str, description: str, types: dict[str, int]) -> dict[str, PropertyValue]:
    return {
        **inputs,
        "subscriptionSid": wrap(sid),
        "originalDescription": wrap(description),
        "originalTypes": wrap(types),
    }
