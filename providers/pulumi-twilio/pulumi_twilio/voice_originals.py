"""VoiceOriginals: the voice configuration that numbers had before the program wrote anything to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.resource import Operation, ReadResult, Resource
from pulumi_provider_kit.table import ListOf, MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import is_known, outputs_unknown, plain, strings, wrap

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
        "Reads the voice configuration of phone numbers and remembers it; writes nothing at Twilio.\n\n"
        "Give each ``VoiceConfiguration`` its part as ``original``. The configuration is then in the state "
        "before anything is written, so that it can be restored even where the update that wrote the number "
        "was killed, or its answer lost. What was read once is kept: a number that is added later is read "
        "then, and the others stay as they are. The resource's name and parent should never change."
    ),
    properties=(
        Property(
            "phoneNumbers",
            ListOf(Scalar.STRING),
            "The numbers in E.164 format. One that the account does not own is left out.",
            required=True,
        ),
        Property(
            "ownUrls",
            ListOf(Scalar.STRING),
            "The program's own URLs. A number that has one already had another configuration before, which "
            "nobody knows any more: such a field is left out of the record.",
        ),
        *HOME,
        Property(
            "configurations",
            MapOf(MapOf(Scalar.STRING)),
            "By number, its voice configuration by Twilio's field names, and its SID.",
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
    original=originals.configurations.apply(lambda found: found.get(number)),
)
""",
    import_id="numbers in E.164 format, joined by commas; what they have then is remembered",
    rights="IncomingPhoneNumbers: list, read; Applications: read",
)


class VoiceOriginals(Resource[TwilioAccount]):
    """What numbers had before."""

    table = TABLE

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Read as a create does, so that what depends on it is known in the preview."""
        if not _is_readable(request.inputs):
            return outputs_unknown(self.table, request.inputs)
        return await _state(operation, request.inputs, {})

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Read the numbers."""
        return operation.client.api.account_sid, await _state(operation, request.inputs, {})

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Carry the record on unchanged; on an import, read the numbers that the ID names."""
        if request.inputs:
            return ReadResult(request.id, request.state, request.inputs)
        found = {"phoneNumbers": wrap(request.id.split(","))}
        return ReadResult(operation.client.api.account_sid, await _state(operation, found, {}), found)

    async def preview_update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Read as an update does."""
        if not _is_readable(request.inputs):
            return outputs_unknown(self.table, request.inputs)
        return await _state(operation, request.inputs, _remembered(request.state))

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Read the numbers that are new; those that left are forgotten."""
        return await _state(operation, request.inputs, _remembered(request.state))

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Forget; there is nothing at Twilio."""


def _is_readable(inputs: PropertyMap) -> bool:
    return is_known(inputs.get("phoneNumbers")) and is_known(inputs.get("ownUrls"))


def _remembered(state: PropertyMap) -> dict[str, Fields]:
    value = state.get("configurations")
    if value is None or not is_known(value) or value.value is None:
        return {}
    return {str(number): fields for number, fields in plain(value).items()}


async def _state(
    operation: Operation[TwilioAccount], inputs: PropertyMap, known: dict[str, Fields]
) -> dict[str, PropertyValue]:
    """Return the state: what is known already, and the new numbers as they are at this moment."""
    # Not the account's own directory, whose look-ups the numbers use later: this one's are then minutes old.
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
    return {**inputs, "configurations": wrap(found, is_secret=True)}


async def _answers_with(operation: Operation[TwilioAccount], sid: str, own_urls: list[str]) -> bool:
    """Tell whether a TwiML App is the program's: it answers with one of the program's URLs."""
    try:
        app = await operation.client.api.get(operation.client.api.account(f"Applications/{sid}.json"))
    except NotFound:
        return False
    return is_own(app.get("voice_url") or "", own_urls)
