"""What a SIP domain and a SIP trunk have in common: created by a program, or taken over with its consent.

An object that the program created is deleted with it. One that it took over, or that was imported, is never
deleted: each field and each part goes back to what it was.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi_provider_kit.adoption import Adoption, adoption_of, keep_attempted, outputs_of
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.table import MapOf, Property, Scalar
from pulumi_provider_kit.values import flag, is_given, outputs_unknown, text, wrap

from ..account import TwilioAccount
from ..client import TwilioError
from ..fields import NOT_IMPORTED, FieldSet, describe, leave_out_refused

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

    from ..fields import Fields
    from .parts import Parts

__all__ = ["ADOPT_EXISTING", "RECORDS", "SipObject"]

ADOPT_EXISTING = Property(
    "adoptExisting",
    Scalar.BOOLEAN,
    "Whether an object of that name that the account already has may be taken over. By default (false) the "
    "preview fails and names it. A destroy restores what was taken over and never deletes it.",
)
RECORDS = (
    Property(
        "created", Scalar.BOOLEAN, "Whether this program created it; if not, it is never deleted.", output=True
    ),
    Property(
        "original",
        MapOf(Scalar.STRING),
        "What was found when it was taken over, by Twilio's field names.",
        output=True,
        secret=True,
    ),
    Property(
        "lastWritten",
        MapOf(Scalar.STRING),
        "What this resource has written, by the same names.",
        output=True,
        secret=True,
    ),
)
"""What each resource of such an object keeps for its end."""


class SipObject(Resource[TwilioAccount]):
    """An object with fields and parts.

    Attributes:
        what: what a message calls it, ``SIP domain``.
        name_property: the property by which it is found.
        sid_output: the output that has its SID.
        sid_prefix: of its SID.
        defaults: Twilio's values of unset fields, which a removed property of a created object gets again.
        parts: what belongs to it and has requests of its own.
        consents: the properties that only allow a create or an update something.
    """

    what: ClassVar[str]
    name_property: ClassVar[str]
    sid_output: ClassVar[str]
    sid_prefix: ClassVar[str]
    defaults: ClassVar[Fields]
    parts: ClassVar[tuple[Parts, ...]]
    consents: ClassVar[tuple[str, ...]] = ("adoptExisting",)

    def __init__(self) -> None:
        self._fields = FieldSet(self.table.properties)

    @abstractmethod
    async def named(self, account: TwilioAccount, name: str) -> list[dict[str, Any]]:
        """Return the account's objects of that name."""

    @abstractmethod
    async def fetch(self, account: TwilioAccount, sid: str) -> dict[str, Any] | None:
        """Return an object as Twilio has it; None where there is none."""

    @abstractmethod
    async def post(self, account: TwilioAccount, sid: str, fields: Fields) -> dict[str, Any]:
        """Create an object (with an empty SID), or change fields of one; return it as Twilio has it then."""

    @abstractmethod
    async def remove(self, operation: Operation[TwilioAccount], sid: str, written: Fields) -> None:
        """Delete an object that this program created."""

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the claim on the object, by its name: two resources may not manage the same one."""
        name = text(values, self.name_property)
        if name is None or not operation.connected:
            return []
        key = f"twilio:{self.table.name}:{operation.client.api.account_sid}:{name}"
        return [Singleton(key, f"the {self.what} {name}", self.name_property)]

    async def diff(self, operation: Operation[TwilioAccount], request: DiffRequest) -> Difference:
        """Compare; removing a property that has its previous value changes nothing."""
        changes = diff_inputs(self.table, request.old_inputs, request.inputs)
        for name in self.consents:
            changes.pop(name, None)
        adoption = self._adoption(request.state, {})
        self._fields.drop_undone(changes, request.old_inputs, request.inputs, adoption)
        return Difference(changes)

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Say what a create would take over and change; fail where it would."""
        inputs = request.inputs
        found = await self._existing(operation, inputs)
        live: Fields = dict(self.defaults)
        if found is not None:
            wanted = self._wanted(inputs)
            live = await self._live(operation.client, found, wanted)
            changes = [(f, live.get(f, ""), v) for f, v in wanted.items() if live.get(f, "") != v]
            if changes:
                await operation.info(f"{found['sid']} exists, nothing is created; {describe(changes)}")
        await self.check_parts(operation, inputs, found["sid"] if found else "", {})
        shown = self._fields.unmanaged({**dict.fromkeys(self._fields.names.values(), ""), **live}, inputs)
        return {**outputs_unknown(self.table, inputs), **shown}

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Create the object, or take over one that exists. A creation is not repeated."""
        inputs, account = request.inputs, operation.client
        wanted = self._wanted(inputs)
        found = await self._existing(operation, inputs)
        await self.check_parts(operation, inputs, found["sid"] if found else "", {})
        past = self._past(operation, inputs)
        created = found is None or flag(past, "created")
        if found is None:
            try:
                found = await self.post(account, "", {f: v for f, v in wanted.items() if "/" not in f})
            except TwilioError as error:
                raise self.explained(error, wanted) from None
        live = await self._live(account, found, wanted)
        records = adoption_of(past)
        known = Adoption(records.original or ({} if created else live), records.written)
        adoption = Adoption(self._with_parts(known, live, wanted).original, wanted)
        state = self._state(inputs, found, live, adoption, created=created)
        try:
            live = await self._apply(operation, found["sid"], live, wanted)
        except ProviderError as error:
            raise InitializationFailed(found["sid"], state, [f"{error}; run pulumi up again"]) from None
        return found["sid"], self._state(inputs, found, live, adoption, created=created)

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the object by SID, or, for an import, by name."""
        inputs, account = request.inputs, operation.client
        found = await self._find(operation, request.id)
        if found is None:
            return None
        adoption = adoption_of(request.state)
        live = await self._live(account, found, {**adoption.written, **self._wanted(inputs)})
        given = self._fields.inputs_from(live, inputs)
        for part in self.parts:
            keys = part.wanted(inputs) if inputs else part.own(live)
            if is_given(inputs, part.property) or (not inputs and any(live.get(key) for key in keys)):
                given[part.property] = part.input_from(live, keys, inputs.get(part.property))
        if not inputs:
            for reason in leave_out_refused(given):
                await operation.warn(f"{found['sid']}: {reason}; {NOT_IMPORTED}")
            adoption = Adoption(live, {})
        elif adoption.differs_from(live) or _has_unknown_parts(adoption, live):
            adoption = adoption.arrived(self._wanted(await operation.attempted()), live)
        given |= {name: inputs[name] for name in self.consents if name in inputs}
        created = flag(request.state, "created")
        return ReadResult(found["sid"], self._state(given, found, live, adoption, created=created), given)

    async def preview_update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Fail where an update would."""
        await self.check_parts(operation, request.inputs, request.id, dict(adoption_of(request.state).written))
        return await super().preview_update(operation, request)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write the program's values; restore the previous value of each removed property and part."""
        inputs, account = request.inputs, operation.client
        found = await self._find(operation, request.id)
        if found is None:
            raise ProviderError(f"the {self.what} {request.id} is gone; run pulumi up --refresh")
        wanted, known = self._wanted(inputs), dict(adoption_of(request.state).written)
        await self.check_parts(operation, inputs, request.id, known)
        live = await self._live(account, found, {**known, **wanted})
        adoption = self._with_parts(self._adoption(request.state, live), live, wanted)
        back = adoption.leaving(self._wanted(request.old_inputs), {*self._fields.given(inputs), *wanted})
        created = flag(request.state, "created")

        def state(now: Fields, records: Adoption[str, str]) -> dict[str, PropertyValue]:
            return self._state(inputs, found, now, self._records(records, created=created), created=created)

        with keep_attempted(request.id, state(live, adoption.attempting(wanted, back))):
            live = await self._apply(operation, request.id, live, {**back, **wanted})
        return state(live, adoption.after(wanted, back))

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Delete what this program created; restore everything else."""
        found = await self._find(operation, request.id)
        if found is None:
            return
        records = adoption_of(request.state)
        live = await self._live(operation.client, found, dict(records.written))
        adoption = self._with_parts(self._adoption(request.state, live), live, dict(records.written))
        if flag(request.state, "created"):
            await self.before_removal(operation, request.id, live, adoption)
            await self.remove(operation, request.id, dict(records.written))
            return
        await operation.info(f"the {self.what} {request.id} is not deleted, because it was not created here")
        restoration = adoption.restoration({**dict.fromkeys(records.written, ""), **live})
        if restoration.changed:
            changes = describe((f, adoption.written[f], value) for f, value in restoration.changed.items())
            await operation.warn(
                f"the {self.what} {request.id} was changed outside this stack since the last update "
                f"({changes}); that stays as it is"
            )
        await self._apply(operation, request.id, live, restoration.back)

    async def check_parts(
        self, operation: Operation[TwilioAccount], inputs: PropertyMap, sid: str, written: Fields
    ) -> None:
        """Fail where a part may not be taken; by default each may.

        Args:
            operation: the operation.
            inputs: the program's.
            sid: the object's SID, empty if there is none yet.
            written: what this resource has written already.
        """

    async def before_removal(
        self, operation: Operation[TwilioAccount], sid: str, live: Fields, adoption: Adoption[str, str]
    ) -> None:
        """Do what comes before the deletion of a created object, or refuse it; by default nothing."""

    def explained(self, error: TwilioError, fields: Fields) -> ProviderError:
        """Return an error of a write of these fields at the property that Twilio means."""
        return self._fields.at_property(error, fields)

    async def _existing(
        self, operation: Operation[TwilioAccount], inputs: PropertyMap
    ) -> dict[str, Any] | None:
        """Return the object that a create takes over, if any.

        Raises:
            PropertyError: there is one of that name, and the program does not say that it may be taken over.
        """
        past = self._past(operation, inputs)
        if sid := text(past, self.sid_output):
            thing = self.singletons(operation, inputs)[0]
            await operation.warn_renamed(thing, unchanged=False)
            if found := await self.fetch(operation.client, sid):
                return found
        name = text(inputs, self.name_property)
        found_named = await self.named(operation.client, name) if name else []
        if not found_named:
            return None
        sids = ", ".join(entry["sid"] for entry in found_named)
        command = f"pulumi import {operation.urn.split('::')[2]} {operation.name} {found_named[0]['sid']}"
        if len(found_named) > 1:
            raise PropertyError(
                self.name_property,
                f"{len(found_named)} objects of the account have this name ({sids}); {command}",
            )
        if not flag(inputs, "adoptExisting"):
            raise PropertyError(
                self.name_property,
                f"the account already has a {self.what} {name} ({sids}), which this program did not create; "
                f"set adoptExisting to true to take it over, or import it: {command}",
            )
        return found_named[0]

    def _past(self, operation: Operation[TwilioAccount], inputs: PropertyMap) -> PropertyMap:
        things = self.singletons(operation, inputs)
        return operation.past(things[0]) if things else {}

    async def _find(self, operation: Operation[TwilioAccount], key: str) -> dict[str, Any] | None:
        if key.startswith(self.sid_prefix) and len(key) == 34:
            return await self.fetch(operation.client, key)
        found = await self.named(operation.client, key)
        if len(found) > 1:
            sids = ", ".join(entry["sid"] for entry in found)
            raise ProviderError(f"{len(found)} objects are named {key}; import one by SID: {sids}")
        return found[0] if found else None

    def _wanted(self, inputs: PropertyMap) -> Fields:
        fields = self._fields.wanted(inputs)
        for part in self.parts:
            fields |= part.wanted(inputs)
        return fields

    async def _live(self, account: TwilioAccount, found: dict[str, Any], fields: Fields) -> Fields:
        live = self._fields.of(found)
        for part in self.parts:
            live |= await part.live(account, found["sid"], part.own(fields))
        return live

    async def _apply(
        self, operation: Operation[TwilioAccount], sid: str, live: Fields, wanted: Fields
    ) -> Fields:
        """Write what differs, parts last; return what is live then."""
        changes = {f: v for f, v in wanted.items() if live.get(f, "") != v}
        scalars = {f: v for f, v in changes.items() if "/" not in f}
        if scalars:
            try:
                live = {**live, **self._fields.of(await self.post(operation.client, sid, scalars))}
            except TwilioError as error:
                raise self.explained(error, scalars) from None
        for part in self.parts:
            for field in part.own(changes):
                try:
                    await part.set(operation.client, sid, field, changes[field])
                except TwilioError as error:
                    at_part = PropertyError(part.property, str(error))
                    at_part.refused = error.refused and not scalars
                    raise at_part from None
                live = {**live, field: changes[field]}
        return live

    def _adoption(self, state: PropertyMap, live: Fields) -> Adoption[str, str]:
        """Return the records; what was not found at first goes back to Twilio's default."""
        records = adoption_of(state)
        defaults = self.defaults if flag(state, "created") else {}
        return Adoption({**defaults, **records.original}, records.written)

    def _with_parts(self, adoption: Adoption[str, str], live: Fields, wanted: Fields) -> Adoption[str, str]:
        """Return the records with what was there before of parts that are new to this resource."""
        fresh = {f: live.get(f, "") for f in wanted if "/" in f and f not in adoption.written}
        known = {f: "" for f in adoption.written if "/" in f}
        return Adoption({**known, **fresh, **adoption.original}, adoption.written)

    def _records(self, adoption: Adoption[str, str], *, created: bool) -> Adoption[str, str]:
        """Return the records without Twilio's defaults, which are no findings."""
        if not created:
            return adoption
        return Adoption({f: v for f, v in adoption.original.items() if "/" in f}, adoption.written)

    def _state(
        self,
        inputs: PropertyMap,
        found: dict[str, Any],
        live: Fields,
        adoption: Adoption[str, str],
        *,
        created: bool,
    ) -> dict[str, PropertyValue]:
        return {
            **self._fields.unmanaged(live, inputs),
            **inputs,
            self.sid_output: wrap(found["sid"]),
            "created": wrap(created),
            **outputs_of(adoption, is_secret=True),
        }


def _has_unknown_parts(adoption: Adoption[str, str], live: Fields) -> bool:
    """Return whether there are parts that, by the state, were neither found at first nor written."""
    return any("/" in f and f not in adoption.original and f not in adoption.written for f in live)
