"""VoiceOriginals: the voice configuration of numbers from before the program's first write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.adoption import remembered
from pulumi_provider_kit.resource import Operation, ReadResult, Resource
from pulumi_provider_kit.table import ListOf, MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import is_known, outputs_unknown, strings, wrap

from .account import HOME, TwilioAccount
from .client import NotFound
from .numbers import NumberDirectory
from .voice_configuration.record import is_own, record_of

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.request import CreateRequest, DeleteRequest, ReadRequest, UpdateRequest
    from pulumi_provider_kit.values import PropertyMap

    from .fields import Fields

__all__ = ["VoiceOriginals"]

TABLE = ResourceTable(
    name="VoiceOriginals",
    doc=(
        "Records the voice configuration of phone numbers in the state. It writes nothing at Twilio.\n\n"
        "Pass each ``VoiceConfiguration`` its part as ``original``. The previous configuration is then in the "
        "state before anything is written. It can be restored even if the update that wrote the number was "
        "killed, or its answer was lost. A record never changes: a number that is added later is recorded "
        "then, and the others keep their record. Never change the resource's name or parent."
    ),
    properties=(
        Property(
            "phoneNumbers",
            ListOf(Scalar.STRING),
            "The numbers in E.164 format. The record leaves out a number that the account does not own.",
            required=True,
        ),
        Property(
            "ownUrls",
            ListOf(Scalar.STRING),
            "The program's own URLs. If a number already has one of them, its configuration from before is not "
            "known, and the record leaves that field out.",
        ),
        *HOME,
        Property(
            "configurations",
            MapOf(MapOf(Scalar.STRING)),
            "Each number's voice configuration by Twilio's field names, and its SID.",
            output=True,
            secret=True,
        ),
    ),
    example="""\
import pulumi_twilio as twilio

number = "+15551234567"
originals = twilio.VoiceOriginals("originals", phone_numbers=[number])
twilio.VoiceConfiguration(
    number,
    phone_number=number,
    voice_url="https://crm.example.com/twilio/voice",
    original=originals.configurations[number],
)
""",
    import_id="numbers in E.164 format, separated by commas; records their configuration at that time",
    rights="IncomingPhoneNumbers: list, read; Applications: read",
)


class VoiceOriginals(Resource[TwilioAccount]):
    """The previous configuration of numbers."""

    table = TABLE

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Read as in a create, so that dependent values are known in the preview."""
        if not _is_readable(request.inputs):
            return outputs_unknown(self.table, request.inputs)
        return await _state(operation, request.inputs, {})

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Read the numbers."""
        return operation.client.api.account_sid, await _state(operation, request.inputs, {})

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Keep the record unchanged; for an import, read the numbers that the ID names."""
        if request.inputs:
            return ReadResult(request.id, request.state, request.inputs)
        found = {"phoneNumbers": wrap(request.id.split(","))}
        return ReadResult(operation.client.api.account_sid, await _state(operation, found, {}), found)

    async def preview_update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Read as in an update."""
        if not _is_readable(request.inputs):
            return outputs_unknown(self.table, request.inputs)
        return await _state(operation, request.inputs, remembered(request.state, "configurations"))

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Read the new numbers, and forget the removed ones."""
        return await _state(operation, request.inputs, remembered(request.state, "configurations"))

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Delete the record; nothing changes at Twilio."""


def _is_readable(inputs: PropertyMap) -> bool:
    return is_known(inputs.get("phoneNumbers")) and is_known(inputs.get("ownUrls"))


async def _state(
    operation: Operation[TwilioAccount], inputs: PropertyMap, known: dict[str, Fields]
) -> dict[str, PropertyValue]:
    """Return the state: the existing record, and the new numbers with their current configuration."""
    # Not the account's shared directory: the numbers use its look-ups later, when these would be minutes old.
    directory = NumberDirectory(operation.client.api)
    own_urls, own_apps = strings(inputs, "ownUrls"), dict[str, bool]()
    found: dict[str, Fields] = {}
    for e164 in strings(inputs, "phoneNumbers"):
        if e164 in known:
            found[e164] = known[e164]
        elif (number := await directory.find(e164)) is not None:
            record = record_of(number, own_urls)
            app = record["voice_application_sid"]
            if app and own_urls and app not in own_apps:
                own_apps[app] = await _answers_with(operation, app, own_urls)
            if own_apps.get(app):
                del record["voice_application_sid"]
            found[e164] = record
    return {**inputs, "configurations": wrap(found)}


async def _answers_with(operation: Operation[TwilioAccount], sid: str, own_urls: list[str]) -> bool:
    """Return whether a TwiML App belongs to the program: it has one of the program's URLs."""
    try:
        app = await operation.client.api.get(operation.client.api.account(f"Applications/{sid}.json"))
    except NotFound:
        return False
    return is_own(app.get("voice_url") or "", own_urls)
