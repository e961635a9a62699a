"""AccountOriginals: the account-wide settings that were there before the program wrote anything to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.adoption import remembered
from pulumi_provider_kit.resource import Operation, ReadResult, Resource, type_of
from pulumi_provider_kit.table import ListOf, MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import is_given, is_known, outputs_unknown, strings, text, wrap

from .account import HOME, TwilioAccount
from .account_recording_defaults import AccountRecordingDefaults
from .account_settings import VoiceInsightsSettings, VoiceSettings
from .country_permissions import by_country, country_problem, read_permissions
from .dialing_permissions import DialingPermissions

if TYPE_CHECKING:
    from typing import Any

    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.request import CreateRequest, DeleteRequest, ReadRequest, UpdateRequest
    from pulumi_provider_kit.values import PropertyMap

    from .account_settings import AccountSettings

__all__ = ["AccountOriginals"]

_SETTINGS: dict[str, type[AccountSettings]] = {
    "voiceSettings": VoiceSettings,
    "voiceInsightsSettings": VoiceInsightsSettings,
    "recordingDefaults": AccountRecordingDefaults,
}

TABLE = ResourceTable(
    name="AccountOriginals",
    doc=(
        "Reads dialing permissions and account settings and remembers them; writes nothing at Twilio.\n\n"
        "Give ``dialingPermissions`` to ``DialingPermissions`` as ``original``, ``recordingDefaults`` to "
        "``AccountRecordingDefaults``, and ``voiceSettings`` or ``voiceInsightsSettings`` to the resource of "
        "that name. What was there before is then in the state "
        "before anything is written, so that it can be restored even where the update was killed, or its "
        "answer lost. What was read once is kept. The resource's name and parent should never change."
    ),
    properties=(
        Property(
            "countries",
            ListOf(Scalar.STRING),
            "The countries whose dialing permissions are recorded, ISO 3166-1 alpha-2, two capital letters.",
            check=country_problem,
        ),
        Property(
            "settings",
            ListOf(Scalar.STRING),
            "The account settings that are recorded: ``voiceSettings``, ``voiceInsightsSettings``, "
            "``recordingDefaults``.",
            check=lambda names: next(
                (f"{name!r} is not one of {', '.join(_SETTINGS)}" for name in names if name not in _SETTINGS),
                None,
            ),
        ),
        *HOME,
        Property(
            "dialingPermissions",
            MapOf(MapOf(Scalar.BOOLEAN)),
            "The dialing permissions by country and Twilio's field names.",
            output=True,
        ),
        Property(
            "voiceSettings",
            MapOf(Scalar.STRING),
            "The voice settings by Twilio's field names; empty where they are not recorded.",
            output=True,
        ),
        Property(
            "voiceInsightsSettings",
            MapOf(Scalar.STRING),
            "The Voice Insights settings by Twilio's field names; empty where they are not recorded.",
            output=True,
        ),
        Property(
            "recordingDefaults",
            MapOf(Scalar.STRING),
            "The default recording configuration by field names; empty where it is not recorded.",
            output=True,
        ),
    ),
    example="""\
import pulumi_twilio as twilio

originals = twilio.AccountOriginals("originals", countries=["US"])
twilio.DialingPermissions(
    "dialing", countries={"US": {"low_risk": True}}, original=originals.dialing_permissions
)
""",
    import_id="the account's SID; the program's countries and settings are then read by the next update",
    rights="for what is recorded: Voice dialing permissions, Voice settings, Insights voice settings: read",
)


class AccountOriginals(Resource[TwilioAccount]):
    """What the account had before."""

    table = TABLE

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Read as a create does, so that what depends on it is known in the preview."""
        return await self._state(operation, request.inputs, {})

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Read the account; of a resource that is in the state already, what that one found at first."""
        return operation.client.api.account_sid, await self._state(operation, request.inputs, {})

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Carry the record on unchanged; an import begins with an empty one."""
        if request.inputs or request.state:
            return ReadResult(request.id, request.state, request.inputs)
        return ReadResult(operation.client.api.account_sid, await self._state(operation, {}, {}), {})

    async def preview_update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Read as an update does."""
        return await self._state(operation, request.inputs, request.state)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Read what is new; what left the program is forgotten."""
        return await self._state(operation, request.inputs, request.state)

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Forget; there is nothing at Twilio."""

    async def _state(
        self, operation: Operation[TwilioAccount], inputs: PropertyMap, state: PropertyMap
    ) -> dict[str, PropertyValue]:
        """Return the state: what is known already, and what is new as it is at this moment."""
        if not all(is_known(inputs[name]) for name in ("countries", "settings") if is_given(inputs, name)):
            return outputs_unknown(self.table, inputs)
        codes, known = strings(inputs, "countries"), remembered(state, "dialingPermissions")
        if not state:
            known = await _original_of(operation, DialingPermissions)
        new = [code for code in codes if code not in known]
        live = by_country(await read_permissions(operation.client.api, new)) if new else {}
        found: dict[str, PropertyValue] = {
            "dialingPermissions": wrap({code: known.get(code) or live[code] for code in codes})
        }
        for name, kind in _SETTINGS.items():
            wanted = name in strings(inputs, "settings")
            before = remembered(state, name) or (await _original_of(operation, kind) if wanted else {})
            values = (before or await kind().live(operation)) if wanted else {}
            found[name] = wrap(values, is_secret=kind.sensitive and wanted)
        return {**inputs, **found}


async def _original_of(
    operation: Operation[TwilioAccount], kind: type[Resource[TwilioAccount]]
) -> dict[str, Any]:
    """Return what resources of a type, which an earlier version created without a record, found at first."""
    found: dict[str, Any] = {}
    home = operation.client.api.account_sid
    for past in await operation.stack.resources(operation.urn):
        here = text(past.state, "accountSid") in (None, home)
        if here and type_of(past.urn) == f"twilio:index:{kind.table.name}":
            found |= remembered(past.state, "original")
    return found
