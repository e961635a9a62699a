"""VoiceSettings and VoiceInsightsSettings: the account's voice settings that have an API.

Both are one object that always exists: creating adopts it, deleting restores its previous values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.table import MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import is_given, outputs_unknown, wrap

from .account import HOME, TwilioAccount
from .client import TwilioError
from .fields import FieldSet, describe, remembered

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi_provider_kit.request import (
        CreateRequest,
        DeleteRequest,
        DiffRequest,
        ReadRequest,
        UpdateRequest,
    )
    from pulumi_provider_kit.values import PropertyMap

    from .fields import Fields

__all__ = ["VoiceInsightsSettings", "VoiceSettings"]

_REMEMBERED = (
    Property("original", MapOf(Scalar.STRING), "The previous values, by Twilio's field names.", output=True),
    Property(
        "lastWritten", MapOf(Scalar.STRING), "The values of the last update, by the same names.", output=True
    ),
)


class _AccountSettings(Resource[TwilioAccount]):
    """A settings object of the account.

    Attributes:
        host: the product whose host serves it.
        path: its path.
    """

    host = ""
    path = ""

    def __init__(self) -> None:
        self._fields = FieldSet(self.table.properties)

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the settings object, of which an account has one."""
        if not operation.connected:
            return []
        account = operation.client.api.account_sid
        return [Singleton(f"twilio:{account}{self.path}", f"{self.table.name} of the account {account}")]

    async def diff(self, operation: Operation[TwilioAccount], request: DiffRequest) -> Difference:
        """Compare; removing a property that has its previous value changes nothing."""
        changes = diff_inputs(self.table, request.old_inputs, request.inputs)
        self._fields.drop_undone(
            changes, request.old_inputs, request.inputs, remembered(request.state, "original")
        )
        return Difference(changes)

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Report the changes."""
        inputs = request.inputs
        live, wanted = await self._get(operation), self._fields.wanted(inputs)
        await operation.warn_renamed(self.singletons(operation, inputs)[0], unchanged=False)
        changes = [(f, live[f], value) for f, value in wanted.items() if live[f] != value]
        if changes:
            await operation.info(f"exists, nothing is created; {describe(changes)}")
        return {**outputs_unknown(self.table, inputs), **self._fields.unmanaged(live, inputs)}

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Adopt the settings."""
        live = await self._get(operation)
        past = operation.past(self.singletons(operation, request.inputs)[0])
        original, wanted = remembered(past, "original") or live, self._fields.wanted(request.inputs)
        state = self._state(request.inputs, live, original, wanted)
        await self._set_and_keep(operation, live, wanted, state)
        return operation.client.api.account_sid, state

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the settings; an account has one such object, so an import names the account."""
        account = operation.client.api.account_sid
        if not request.inputs and request.id != account:
            raise PropertyError(
                "id",
                f"{request.id} is not the account of these credentials; import {self.table.name} by {account}",
            )
        live = await self._get(operation)
        found = {
            name: value
            for name, value in self._fields.unmanaged(live, {}).items()
            if not request.inputs or is_given(request.inputs, name)
        }
        original = remembered(request.state, "original") or live
        new_state = self._state(found, live, original, None)
        carried = {"lastWritten": request.state["lastWritten"]} if "lastWritten" in request.state else {}
        return ReadResult(operation.client.api.account_sid, {**new_state, **carried}, found)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write the program's values; restore the previous value of each removed property."""
        inputs = request.inputs
        live, original = await self._get(operation), remembered(request.state, "original")
        left = self._fields.given(request.old_inputs) - self._fields.given(inputs)
        back = {field: original[field] for field in left if field in original}
        wanted, original = self._fields.wanted(inputs), original or live
        attempted = self._state(
            inputs, live, original, {**self._last(request.state, request.old_inputs), **wanted}
        )
        await self._set_and_keep(operation, live, {**back, **wanted}, attempted)
        return self._state(inputs, live, original, wanted)

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Restore each setting that was not changed outside this stack since the last update."""
        live, last = await self._get(operation), self._last(request.state, request.old_inputs)
        before = {**live, **remembered(request.state, "original")}
        changed = [field for field, value in last.items() if live[field] not in (value, before[field])]
        if changed:
            names = ", ".join(changed)
            await operation.warn(
                f"{names} was changed outside this stack since the last update; it stays as it is"
            )
        await self._set(operation, live, {field: before[field] for field in last if field not in changed})

    async def _get(self, operation: Operation[TwilioAccount]) -> Fields:
        return self._fields.of(await operation.client.api.get(self.path, host=self.host))

    async def _set(self, operation: Operation[TwilioAccount], live: Fields, wanted: Fields) -> None:
        if any(live[field] != value for field, value in wanted.items()):
            await operation.client.api.post(self.path, self._fields.form(wanted), host=self.host)

    async def _set_and_keep(
        self, operation: Operation[TwilioAccount], live: Fields, wanted: Fields, attempted: PropertyMap
    ) -> None:
        """Write; if the answer is lost, keep ``attempted`` as the state.

        Raises:
            ProviderError: Twilio refused it.
            InitializationFailed: the answer was lost.
        """
        try:
            await self._set(operation, live, wanted)
        except ProviderError as error:
            if isinstance(error, TwilioError) and error.status < 500:
                raise
            reason = f"{error}; run pulumi up again"
            raise InitializationFailed(operation.client.api.account_sid, attempted, [reason]) from None

    def _last(self, state: PropertyMap, old_inputs: PropertyMap) -> Fields:
        """Return the values of the last update; older states have only the inputs, which a refresh changes."""
        given = is_given(state, "lastWritten")
        return remembered(state, "lastWritten") if given else self._fields.wanted(old_inputs)

    def _state(
        self, inputs: PropertyMap, live: Fields, original: Fields, written: Fields | None
    ) -> dict[str, PropertyValue]:
        unmanaged: dict[str, Any] = self._fields.unmanaged(live, inputs)
        last = {} if written is None else {"lastWritten": wrap(written)}
        return {**unmanaged, **inputs, "original": wrap(original), **last}


class VoiceSettings(_AccountSettings):
    """The account's voice settings."""

    host = "voice"
    path = "/v1/Settings"
    table = ResourceTable(
        name="VoiceSettings",
        doc=(
            "The account's voice settings that have an API, which is one setting. The rest of the console's "
            "page Voice, Settings, General (for example, a status callback for the whole account) does not "
            "exist as a setting: see ``Application``."
        ),
        properties=(
            Property(
                "dialingPermissionsInheritance",
                Scalar.BOOLEAN,
                "Whether a subaccount inherits its parent account's dialing permissions.",
                wire="DialingPermissionsInheritance",
                computed=True,
                source="Twilio docs: Voice dialing permissions settings",
            ),
            *HOME,
            *_REMEMBERED,
        ),
        example="""\
import pulumi_twilio as twilio

twilio.VoiceSettings("voice", dialing_permissions_inheritance=True)
""",
        import_id="the account's SID",
        rights="Voice settings: read, update",
    )


class VoiceInsightsSettings(_AccountSettings):
    """The account's Voice Insights settings."""

    host = "insights"
    path = "/v1/Voice/Settings"
    table = ResourceTable(
        name="VoiceInsightsSettings",
        doc="The account's Voice Insights settings. Twilio bills advanced features per call.",
        properties=(
            Property(
                "advancedFeatures",
                Scalar.BOOLEAN,
                "Whether Voice Insights Advanced Features are on.",
                wire="AdvancedFeatures",
                computed=True,
                source="Twilio docs: Voice Insights settings",
            ),
            Property(
                "voiceTrace",
                Scalar.BOOLEAN,
                "Whether Twilio keeps packet traces of calls.",
                wire="VoiceTrace",
                computed=True,
                source="Twilio docs: Voice Insights settings",
            ),
            *HOME,
            *_REMEMBERED,
        ),
        example="""\
import pulumi_twilio as twilio

twilio.VoiceInsightsSettings("insights", advanced_features=True)
""",
        import_id="the account's SID",
        rights="Insights voice settings: read, update",
    )
