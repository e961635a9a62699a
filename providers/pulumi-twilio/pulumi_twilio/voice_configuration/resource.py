"""VoiceConfiguration: adopt, read, update, restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi.provider.experimental.provider import CheckFailure
from pulumi_provider_kit.claims import Singleton
from pulumi_provider_kit.diff import diff_inputs
from pulumi_provider_kit.errors import PropertyError, ProviderError
from pulumi_provider_kit.request import UpdateRequest
from pulumi_provider_kit.resource import Difference, Operation, ReadResult, Resource
from pulumi_provider_kit.values import flag, is_given, is_known, outputs_unknown, plain, text, wrap

from ..account import TwilioAccount
from ..client import TwilioError
from ..fields import (
    NOT_IMPORTED,
    URL_PROPERTIES,
    delivery_failures,
    describe,
    leave_out_refused,
    remembered,
)
from .adoption import (
    ROUTING,
    ensure_voice,
    masked,
    refuse_foreign,
    restores,
    sendable,
    stronger_routes,
    with_cleared_routes,
)
from .record import VOICE as _VOICE
from .restoring import restore
from .state import ensure_taken, first_of, identity, outcome_unknown, read_back, state_of
from .table import TABLE

if TYPE_CHECKING:
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
        return [_number(k, e164 or k) for k in dict.fromkeys(keys) if k]

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
                CheckFailure(routes[1], f"and {routes[0]} exclude each other at Twilio; give one of them")
            )
        failures += delivery_failures(inputs)
        restores = await self._restores(operation, inputs, request.old_inputs)
        if request.old_inputs:  # the state already has the original, and one copy is enough
            inputs = {name: value for name, value in inputs.items() if name != "original"}
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
        _VOICE.drop_undone(changes, request.old_inputs, request.inputs, remembered(request.state, "original"))
        return Difference(changes)

    async def preview_create(self, operation: Operation[TwilioAccount], request: CreateRequest) -> PropertyMap:
        """Report what would be adopted; fail if a create would."""
        inputs = request.inputs
        number = await self._owned(operation, inputs)
        await self._adopt(operation, number, inputs)
        unknown = outputs_unknown(self.table, inputs)
        return {**unknown, **_VOICE.unmanaged(_VOICE.of(number), inputs), **identity(number)}

    async def create(
        self, operation: Operation[TwilioAccount], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Adopt the number and write what differs."""
        inputs = request.inputs
        number = await self._owned(operation, inputs)
        original = remembered(_past(operation, number), "original") or first_of(inputs, number)
        wanted, back = await self._adopt(operation, number, inputs)
        sid, live, fields = number["sid"], _VOICE.of(number), {**back, **wanted}
        if any(live[name] != value for name, value in fields.items()):
            attempted = state_of(inputs, number, original, fields)
            number = await self._write(operation, number, fields, attempted)
        state = state_of(inputs, number, original, read_back(number, wanted))
        ensure_taken(sid, state, fields, _VOICE.of(number))
        return sid, state

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
            return ReadResult(number["sid"], state_of(found, number, live, {}), found)
        kept = {n: v for n, v in request.inputs.items() if n not in _VOICE.names and n != "delivery"}
        original = remembered(state, "original")
        if original:
            kept["restores"] = wrap(restores(original))
        past = {n: state[n] for n in ("original", "lastWritten") if n in state}
        live_inputs = {**kept, **found}
        state = {**_VOICE.unmanaged(live, live_inputs), **live_inputs, **identity(number), **past}
        return ReadResult(number["sid"], state, live_inputs)

    async def preview_update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Report which fields are restored; fail if an update would."""
        number = await self._owned(operation, request.inputs, request.id)
        await self._changed(operation, number, request)
        return await super().preview_update(operation, request)

    async def update(self, operation: Operation[TwilioAccount], request: UpdateRequest) -> PropertyMap:
        """Write the program's values, and restore removed properties."""
        inputs = request.inputs
        number = await self._owned(operation, inputs, request.id)
        wanted, back = await self._changed(operation, number, request)
        fields, live = {**back, **wanted}, _VOICE.of(number)
        original = remembered(request.state, "original") or first_of(inputs, number)
        # This resource no longer manages a field that has its previous value again.
        last = remembered(request.state, "lastWritten")
        if any(live[name] != value for name, value in fields.items()):
            attempted = state_of(inputs, number, original, {**last, **fields})
            number = await self._write(operation, number, fields, attempted)
        ours = {n for n in {*last, *wanted} if n not in back}
        new_state = state_of(inputs, number, original, read_back(number, ours))
        ensure_taken(number["sid"], new_state, fields, _VOICE.of(number))
        return new_state

    async def delete(self, operation: Operation[TwilioAccount], request: DeleteRequest) -> None:
        """Restore the number's previous configuration, as ``onDelete`` says."""
        policy = text(request.old_inputs, "onDelete") or text(request.state, "onDelete") or "restore"
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

    async def _owned(
        self, operation: Operation[TwilioAccount], inputs: PropertyMap, resource_id: str = ""
    ) -> Number:
        """Return the number, which no other resource of this program configures.

        Raises:
            PropertyError: another resource does, or the number was bought again since the last update.
        """
        key = text(inputs, "phoneNumber") or ""
        number = await operation.client.numbers.find(key)
        if number is None:
            raise PropertyError(
                "phoneNumber",
                f"{key} is not a number of account {operation.client.api.account_sid}; correct it, or buy it "
                "in the Twilio console first (nothing here buys a number)",
            )
        ensure_voice(number["phone_number"], number.get("capabilities") or {})
        sid, e164 = number["sid"], number["phone_number"]
        if resource_id and sid != resource_id:
            raise PropertyError(
                "phoneNumber",
                f"{e164} was released and bought again: its SID is {sid} now and was {resource_id}; run "
                "pulumi up --refresh",
            )
        operation.ensure_sole([_number(sid, e164), _number(e164, e164)])
        return number

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
        if past := _past(operation, number):
            await operation.warn_renamed(_number(e164, e164), unchanged=False)
            return await self._changed(operation, number, UpdateRequest(number["sid"], past, {}, inputs))
        wanted = with_cleared_routes(_VOICE.wanted(inputs), live)
        pending = [f for n, f in _VOICE.names.items() if n in inputs and not is_known(inputs[n])]
        if not flag(inputs, "replaceExisting"):
            refuse_foreign(e164, wanted, live, (), pending)
        changes = [(name, live[name], value) for name, value in wanted.items() if live[name] != value]
        parts = [describe(changes), *(f"{name} -> (known after other resources)" for name in pending)]
        does = "; ".join(part for part in parts if part) or "it is configured so already, nothing changes"
        await operation.info(f"{e164} ({number['sid']}) exists, nothing is bought; {does}")
        unchanged = bool(wanted) and not changes and not pending
        await operation.warn_renamed(_number(e164, e164), unchanged=unchanged)
        return wanted, {}

    async def _changed(
        self,
        operation: Operation[TwilioAccount],
        number: Number,
        request: UpdateRequest,
    ) -> tuple[Fields, Fields]:
        """Return the fields that an update writes: the program's values, and the values to restore."""
        state, inputs = request.state, request.inputs
        live, original = _VOICE.of(number), remembered(state, "original")
        ours = {*remembered(state, "lastWritten"), *_VOICE.given(request.old_inputs)}
        wanted = with_cleared_routes(_VOICE.wanted(inputs), live)
        if not flag(inputs, "replaceExisting"):
            refuse_foreign(number["phone_number"], wanted, live, ours)
        given = _VOICE.given(inputs)
        leaving = {f for f in ours if f not in wanted and f not in given and f in original}
        # A route that was cleared for this one stays cleared.
        for route in ROUTING:
            if wanted.get(route):
                leaving -= set(stronger_routes(route))
        back = {field: original[field] for field in sorted(leaving)}
        undone = [(f, live[f], value) for f, value in back.items() if live[f] != value]
        if undone:
            await operation.info(
                f"{number['phone_number']} gets back what left the program: {describe(undone)}"
            )
        return wanted, back

    async def _write(
        self, operation: Operation[TwilioAccount], number: Number, fields: Fields, attempted: PropertyMap
    ) -> Number:
        """Write what differs.

        Raises:
            ProviderError: Twilio refused it, and nothing was written.
            InitializationFailed: the answer was lost. ``attempted`` is kept as the state, so that the next
                update, or a delete, compares it with the live configuration.
        """
        live = _VOICE.of(number)
        form = _VOICE.form(sendable({n: value for n, value in fields.items() if live[n] != value}))
        try:
            return await operation.client.numbers.update(number["sid"], form)
        except TwilioError as error:
            if error.status < 500:
                raise _at_property(error, fields) from None
            raise outcome_unknown(number, attempted, error) from None
        except ProviderError as error:
            raise outcome_unknown(number, attempted, error) from None


def _number(key: str, label: str) -> Singleton:
    """Return the claim on a number, by its SID or its E.164 number."""
    return Singleton(f"twilio:number:{key}", label, "phoneNumber")


def _past(operation: Operation[TwilioAccount], number: Number) -> PropertyMap:
    """Return the number's state in another resource, or before a replacement, as read in this run."""
    past = operation.past(_number(number["sid"], number["phone_number"]))
    return past if text(past, "phoneNumberSid") == number["sid"] else {}


def _at_property(error: TwilioError, fields: Fields) -> Exception:
    """Return the error with the property that Twilio's code or message names, if it names one."""
    named = _VOICE.property_at(error.detail)
    if named is None and error.code == 21402:  # invalid URL (Twilio docs: error 21402)
        urls = [n for n in URL_PROPERTIES if fields.get(_VOICE.names[n])]
        named = urls[0] if len(urls) == 1 else None
    return PropertyError(named, str(error)) if named else error


def _given(inputs: PropertyMap) -> PropertyMap:
    return {n: v for n, v in inputs.items() if v.value is not None}
