"""VoiceConfiguration: adopt, read, update, restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.adoption import Adoption, adoption_of, keep_attempted, outputs_of
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.request import UpdateRequest
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.values import flag, is_given, is_known, outputs_unknown, plain, text, wrap

from ..account import TwilioAccount
from ..client import TwilioError
from ..fields import (
    NOT_IMPORTED,
    delivery_failures,
    describe,
    ensure_taken,
    leave_out_refused,
)
from .ownership import number_claim, owned_number, past_of
from .record import VOICE as _VOICE
from .restoring import masked, restore, restores
from .routing import ROUTING, refuse_foreign, sendable, stronger_routes, with_cleared_routes
from .state import first_of, identity, read_back, state_of
from .table import TABLE

if TYPE_CHECKING:
    from pulumi_provider_kit.claims import Singleton
    from pulumi_provider_kit.request import (
        CheckRequest,
        CreateRequest,
        DeleteRequest,
        DiffRequest,
        ReadRequest,
    )
    from pulumi_provider_kit.values import PropertyMap

    from ..fields import Fields
    from ..numbers import Number

__all__ = ["VoiceConfiguration"]

# Properties that only say how the number is restored; changing them changes nothing at Twilio.
_NOT_COMPARED = {"restores", "original", "ownUrls"}
_EXCLUSIVE = ("voiceUrl", "voiceApplicationSid", "trunkSid")


class VoiceConfiguration(Resource[TwilioAccount]):
    """A phone number's voice configuration."""

    table = TABLE

    def singletons(
        self, operation: Operation[TwilioAccount], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the claim on the number, by its SID and its E.164 number as far as they are known."""
        key, e164 = text(values, "phoneNumber"), text(values, "e164")
        keys = [key] if not resource_id or key not in (None, resource_id, e164) else [resource_id, e164]
        return [number_claim(k, e164 or k) for k in dict.fromkeys(keys) if k]

    async def has_moved(
        self, operation: Operation[TwilioAccount], resource_id: str, state: PropertyMap
    ) -> bool:
        """Return whether the account owns the number with this SID, which a moved number keeps."""
        same_region = text(state, "region") in (None, operation.client.home["region"])
        return same_region and await operation.client.numbers.find(resource_id) is not None

    async def check(
        self, operation: Operation[TwilioAccount], request: CheckRequest
    ) -> tuple[PropertyMap, list[CheckFailure]]:
        """Refuse two routes for one number, and a delivery without a URL."""
        inputs = request.inputs
        failures = []
        routes = [n for n in _EXCLUSIVE if is_given(inputs, n) and text(inputs, n) != ""]
        if len(routes) > 1:
            failures.append(
                CheckFailure(routes[1], f"and {routes[0]} exclude each other at Twilio; set only one of them")
            )
        failures += delivery_failures(inputs)
        restores = await self._restores(operation, inputs, request.old_inputs)
        return {**inputs, **restores}, failures

    async def _restores(
        self, operation: Operation[TwilioAccount], inputs: PropertyMap, old_inputs: PropertyMap
    ) -> PropertyMap:
        """Return what a delete would restore, as an input: the engine's preview of a delete shows inputs."""
        key = text(inputs, "phoneNumber")
        if "restores" in old_inputs and key == text(old_inputs, "phoneNumber"):
            return {"restores": wrap(masked(plain(old_inputs["restores"])))}
        number = await operation.client.numbers.find(key) if operation.connected and key else None
        return {"restores": wrap(restores(first_of(inputs, number)))} if number else {}

    async def diff(self, operation: Operation[TwilioAccount], request: DiffRequest) -> Difference:
        """Compare, leaving out what changes nothing at Twilio.

        Naming the same number by its SID instead of its E.164 number changes nothing. Neither does removing a
        property that has its previous value.
        """
        changes = {
            path: change
            for path, change in diff_inputs(self.table, request.old_inputs, request.inputs).items()
            if path.partition(".")[0] not in _NOT_COMPARED
        }
        if text(request.inputs, "phoneNumber") in (request.id, text(request.state, "e164")):
            changes.pop("phoneNumber", None)
        _VOICE.drop_undone(changes, request.old_inputs, request.inputs, adoption_of(request.state))
        return Difference(changes)

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Report what would be adopted; fail if a create would.

        A number that another resource names is looked up once its name is known.
        """
        inputs = request.inputs
        if not is_known(inputs["phoneNumber"]):
            return outputs_unknown(self.table, inputs)
        number = await owned_number(operation, inputs)
        await self._adopt(operation, number, inputs)
        unknown = outputs_unknown(self.table, inputs)
        return {**unknown, **_VOICE.unmanaged(_VOICE.of(number), inputs), **identity(number)}

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Adopt the number and write what differs."""
        inputs = request.inputs
        number = await owned_number(operation, inputs)
        adoption = Adoption(adoption_of(past_of(operation, number)).original or first_of(inputs, number), {})
        wanted, back = await self._adopt(operation, number, inputs)
        number = await self._write(
            operation, number, {**back, **wanted}, inputs, adoption.attempting(wanted, back)
        )
        state = state_of(inputs, number, Adoption(adoption.original, read_back(number, wanted)))
        ensure_taken(number["sid"], state, {**back, **wanted}, _VOICE.of(number))
        return number["sid"], state

    async def read(self, operation: Operation[TwilioAccount], request: ReadRequest) -> ReadResult | None:
        """Read the number; the record of its previous configuration does not change."""
        state = request.state
        number = await operation.client.numbers.find(request.id)
        if number is None:
            return None
        live = _VOICE.of(number)
        found = _VOICE.inputs_from(live, _given(request.inputs))
        if not request.inputs:
            for reason in leave_out_refused(found):
                await operation.warn(f"{number['phone_number']}: {reason}; {NOT_IMPORTED}")
            found["phoneNumber"] = wrap(number["phone_number"])
            found["restores"] = wrap(restores(live))
            return ReadResult(number["sid"], state_of(found, number, Adoption(live, {})), found)
        kept = {n: v for n, v in request.inputs.items() if n not in _VOICE.names}
        original = adoption_of(state).original
        if original:
            kept["restores"] = wrap(restores(original))
        past = {n: state[n] for n in ("original", "lastWritten") if n in state}
        adoption = adoption_of(state)
        if adoption.differs_from(live) and (attempted := _VOICE.wanted(await operation.attempted())):
            earlier = {**live, **adoption.original, **adoption.written}
            adoption = adoption.arrived(with_cleared_routes(attempted, earlier), live)
            past = outputs_of(adoption, is_secret=True)
        live_inputs = {**kept, **found}
        state = {**_VOICE.unmanaged(live, live_inputs), **live_inputs, **identity(number), **past}
        return ReadResult(number["sid"], state, live_inputs)

    async def preview_update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Report which fields are restored; fail if an update would."""
        number = await owned_number(operation, request.inputs, request.id)
        await self._changed(operation, number, request)
        return await super().preview_update(operation, request)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write the program's values, and restore removed properties."""
        inputs = request.inputs
        number = await owned_number(operation, inputs, request.id)
        wanted, back = await self._changed(operation, number, request)
        adoption = adoption_of(request.state)
        adoption = Adoption(adoption.original or first_of(inputs, number), adoption.written)
        number = await self._write(
            operation, number, {**back, **wanted}, inputs, adoption.attempting(wanted, back)
        )
        written = read_back(number, adoption.after(wanted, back).written)
        state = state_of(inputs, number, Adoption(adoption.original, written))
        ensure_taken(number["sid"], state, {**back, **wanted}, _VOICE.of(number))
        return state

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Restore the number's previous configuration, as ``onDelete`` says."""
        policy = text(request.old_inputs, "onDelete") or text(request.state, "onDelete")
        name = text(request.state, "e164") or request.id
        if policy == "keep":
            await operation.info(f"{name} keeps its configuration (on_delete is keep)")
            return
        number = await operation.client.numbers.read(request.id)
        if number is None:
            account = operation.client.api.account_sid
            await operation.info(f"{name} is not in the account {account} any more; nothing is restored")
            return
        await restore(operation, number, request, policy)

    async def _adopt(
        self,
        operation: Operation[TwilioAccount],
        number: Number,
        inputs: PropertyMap,
    ) -> tuple[Fields, Fields]:
        """Report what is adopted; return the fields to write and those to restore.

        Raises:
            PropertyError: a field has a value that this stack did not set, and that may not be replaced.
        """
        live, e164 = _VOICE.of(number), number["phone_number"]
        if past := past_of(operation, number):
            await operation.warn_renamed(number_claim(e164, e164), unchanged=False)
            return await self._changed(operation, number, UpdateRequest(number["sid"], past, {}, inputs))
        if is_known(record := inputs.get("original")) and plain(record) == {}:
            await operation.warn(
                f"{e164} is not in the record of previous configurations, because this update leaves out "
                "VoiceOriginals. If the update is killed, the number's previous configuration is lost. To "
                "record it first: pulumi up --target '**VoiceOriginals**'"
            )
        wanted = with_cleared_routes(_VOICE.wanted(inputs), live)
        pending = [f for n, f in _VOICE.names.items() if n in inputs and not is_known(inputs[n])]
        if not flag(inputs, "replaceExisting"):
            refuse_foreign(e164, wanted, live, (), pending)
        changes = [(name, live[name], value) for name, value in wanted.items() if live[name] != value]
        parts = [describe(changes), *(f"{name} -> (known after other resources)" for name in pending)]
        does = "; ".join(part for part in parts if part) or "it is configured so already, nothing changes"
        await operation.info(f"{e164} ({number['sid']}) exists, nothing is bought; {does}")
        first = first_of(inputs, number)
        # After a killed update the number has this configuration, but the record says what it had before.
        is_recorded = any(name in first and first[name] != live[name] for name in wanted)
        unchanged = bool(wanted) and not changes and not pending and not is_recorded
        await operation.warn_renamed(number_claim(e164, e164), unchanged=unchanged)
        return wanted, {}

    async def _changed(
        self,
        operation: Operation[TwilioAccount],
        number: Number,
        request: UpdateRequest,
    ) -> tuple[Fields, Fields]:
        """Return the fields that an update writes: the program's values, and the values to restore."""
        inputs, live, adoption = request.inputs, _VOICE.of(number), adoption_of(request.state)
        before = _VOICE.given(request.old_inputs)
        wanted = with_cleared_routes(_VOICE.wanted(inputs), live)
        if not flag(inputs, "replaceExisting"):
            refuse_foreign(number["phone_number"], wanted, live, {*adoption.written, *before})
        # A route that was cleared to make room for the wanted one stays cleared.
        cleared = {other for route in ROUTING if wanted.get(route) for other in stronger_routes(route)}
        back = adoption.leaving(before, {*wanted, *_VOICE.given(inputs), *cleared})
        undone = [(f, live[f], value) for f, value in back.items() if live[f] != value]
        if undone:
            await operation.info(
                f"{number['phone_number']} gets back what left the program: {describe(undone)}"
            )
        return wanted, back

    async def _write(
        self,
        operation: Operation[TwilioAccount],
        number: Number,
        fields: Fields,
        inputs: PropertyMap,
        attempted: Adoption[str, str],
    ) -> Number:
        """Write what differs, and return the number as it is then.

        Raises:
            ProviderError: Twilio refused it, and nothing was written.
            InitializationFailed: it is not known whether it was written. The state keeps ``attempted``, so that
                the next update, or a delete, compares it with what is live.
        """
        live = _VOICE.of(number)
        changes = {name: value for name, value in fields.items() if live[name] != value}
        if not changes:
            return number
        advice = (
            f"{number['phone_number']} may have been changed all the same. What it had before is kept: run "
            "pulumi up again"
        )
        with keep_attempted(number["sid"], state_of(inputs, number, attempted), advice):
            try:
                return await operation.client.numbers.update(number["sid"], _VOICE.form(sendable(changes)))
            except TwilioError as error:
                raise _VOICE.at_property(error, fields) from None


def _given(inputs: PropertyMap) -> PropertyMap:
    return {n: v for n, v in inputs.items() if v.value is not None}
