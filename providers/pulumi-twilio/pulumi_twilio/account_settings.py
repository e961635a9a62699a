"""VoiceSettings and VoiceInsightsSettings: settings objects that each account has.

Both are one object that always exists: creating adopts it, deleting restores its previous values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.adoption import Adoption, adoption_of, keep_attempted, outputs_of, remembered
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.errors import PropertyError
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.table import MapOf, Property, ResourceTable, Scalar
from pulumi_provider_kit.values import is_given, outputs_unknown

from .account import HOME, TwilioAccount
from .fields import FieldSet, describe

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

__all__ = ["REMEMBERED", "AccountSettings", "VoiceInsightsSettings", "VoiceSettings"]

REMEMBERED = (
    Property(
        "original",
        MapOf(Scalar.STRING),
        "The previous values, by Twilio's field names. Give the record of ``AccountOriginals`` to have it "
        "recorded before anything is written. It counts when the resource is created; what is in the state "
        "already takes precedence.",
        computed=True,
    ),
    Property(
        "lastWritten", MapOf(Scalar.STRING), "The values of the last update, by the same names.", output=True
    ),
)
"""What each resource of such an object keeps for its end."""


class AccountSettings(Resource[TwilioAccount]):
    """A settings object of the account.

    Attributes:
        host: the product whose host serves it.
        path: its path.
        sensitive: whether its values are kept as secrets: a URL may contain a password.
    """

    host = ""
    path = ""
    sensitive = False

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
        changes = {path: change for path, change in changes.items() if path.partition(".")[0] != "original"}
        self._fields.drop_undone(changes, request.old_inputs, request.inputs, adoption_of(request.state))
        return Difference(changes)

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Report the changes."""
        inputs = request.inputs
        live, wanted = await self.live(operation), self._fields.wanted(inputs)
        await operation.warn_renamed(self.singletons(operation, inputs)[0], unchanged=False)
        changes = [(f, live[f], value) for f, value in wanted.items() if live[f] != value]
        if changes:
            await operation.info(f"exists, nothing is created; {describe(changes)}")
        return {**outputs_unknown(self.table, inputs), **self._fields.unmanaged(live, inputs)}

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Adopt the settings."""
        live, wanted = await self.live(operation), self._fields.wanted(request.inputs)
        past = adoption_of(operation.past(self.singletons(operation, request.inputs)[0]))
        original = past.original or remembered(request.inputs, "original") or live
        state = self._state(request.inputs, live, Adoption(original, wanted))
        with keep_attempted(operation.client.api.account_sid, state):
            await self._set(operation, live, wanted)
        return operation.client.api.account_sid, state

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the settings; an account has one such object, so an import names the account."""
        account = operation.client.api.account_sid
        if not request.inputs and request.id != account:
            raise PropertyError(
                "id",
                f"{request.id} is not the account of these credentials; import {self.table.name} by {account}",
            )
        live = await self.live(operation)
        found = {
            name: value
            for name, value in self._fields.unmanaged(live, {}).items()
            if not request.inputs or is_given(request.inputs, name)
        }
        if "original" in request.inputs:
            found["original"] = request.inputs["original"]
        adoption = adoption_of(request.state)
        adoption = Adoption(adoption.original or live, adoption.written)
        if request.inputs and adoption.differs_from(live):
            adoption = adoption.arrived(self._fields.wanted(await operation.attempted()), live)
        state = self._state(found, live, adoption)
        return ReadResult(account, state, found)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write the program's values; restore the previous value of each removed property."""
        live = await self.live(operation)
        adoption = self._adoption(request, live)
        wanted, given = self._fields.wanted(request.inputs), self._fields.given(request.inputs)
        back = adoption.leaving(self._fields.given(request.old_inputs), given)
        attempted = self._state(request.inputs, live, adoption.attempting(wanted, back))
        with keep_attempted(request.id, attempted):
            await self._set(operation, live, {**back, **wanted})
        return self._state(request.inputs, live, adoption.after(wanted, back))

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Restore each setting that was not changed outside this stack since the last update."""
        live = await self.live(operation)
        restoration = self._adoption(request, live).restoration(live)
        if restoration.changed:
            names = ", ".join(restoration.changed)
            await operation.warn(
                f"{names} was changed outside this stack since the last update; it stays as it is"
            )
        await self._set(operation, live, restoration.back)

    async def live(self, operation: Operation[TwilioAccount]) -> Fields:
        """Return the settings as they are."""
        return self._fields.of(await operation.client.api.get(self.path, host=self.host))

    async def _set(self, operation: Operation[TwilioAccount], live: Fields, wanted: Fields) -> None:
        if any(live[field] != value for field, value in wanted.items()):
            await operation.client.api.post(self.path, self._fields.form(wanted), host=self.host)

    def _adoption(self, request: UpdateRequest | DeleteRequest, live: Fields) -> Adoption[str, str]:
        """Return the records; states of earlier versions have only inputs, which a refresh changes."""
        adoption = adoption_of(request.state, otherwise=self._fields.wanted(request.old_inputs))
        return Adoption(adoption.original or live, adoption.written)

    def _state(
        self, inputs: PropertyMap, live: Fields, adoption: Adoption[str, str]
    ) -> dict[str, PropertyValue]:
        return {
            **self._fields.unmanaged(live, inputs),
            **inputs,
            **outputs_of(adoption, is_secret=self.sensitive),
        }


class VoiceSettings(AccountSettings):
    """The account's voice settings."""

    host = "voice"
    path = "/v1/Settings"
    table = ResourceTable(
        name="VoiceSettings",
        doc=(
            "The account's voice settings in the resource of that name: one setting. A voice webhook or "
            "a status callback for the whole account does not exist as a setting: see ``Application``."
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
            *REMEMBERED,
        ),
        example="""\
import pulumi_twilio as twilio

twilio.VoiceSettings("voice", dialing_permissions_inheritance=True)
""",
        import_id="the account's SID",
        rights="Voice settings: read, update",
    )


class VoiceInsightsSettings(AccountSettings):
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
            *REMEMBERED,
        ),
        example="""\
import pulumi_twilio as twilio

twilio.VoiceInsightsSettings("insights", advanced_features=True)
""",
        import_id="the account's SID",
        rights="Insights voice settings: read, update",
    )
