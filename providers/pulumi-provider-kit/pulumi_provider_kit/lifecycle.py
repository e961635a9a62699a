"""What surrounds each call of a resource, whichever resource it is.

A resource says what is asked of the vendor. Before and after that, each call makes sure that the credentials
are those of the resource's account, claims the objects that the resource manages, looks up what the state says
of objects that are new to it, and keeps a deletion away from what another resource manages.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Generic

from pulumi.provider.experimental.provider import CheckFailure

from .answers import REPLACING, without_failures
from .check import check_inputs
from .claims import Standing
from .deletion import spared_objects
from .errors import HomeGone, InitializationFailed
from .home import at_home, ensure_home, is_located, located, names_home, settle, without_false_move
from .request import CheckRequest, CreateRequest, ReadRequest
from .resource import ClientT, managed_twice, type_of
from .values import outputs_unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi.provider.experimental.property_value import PropertyValue

    from .claims import Singleton
    from .request import DeleteRequest, DiffRequest, UpdateRequest
    from .resource import Difference, Operation, ReadResult, Resource
    from .stack_state import Past, StackState
    from .values import PropertyMap

__all__ = ["Lifecycle"]


class Lifecycle(Generic[ClientT]):
    """The calls of a provider's resources.

    Args:
        state: the state that the engine works on.
    """

    def __init__(self, state: StackState) -> None:
        self._state = state
        self._pasts: dict[str, dict[str, Past]] = {}
        # What a check has taken out of the inputs that the engine keeps, by the resource's URN.
        self._transients: dict[str, PropertyMap] = {}
        # One resource can be deleted twice at once: an interrupted replacement leaves two copies in the state.
        self._deleting: dict[str, asyncio.Lock] = {}

    async def check(
        self, resource: Resource[ClientT], operation: Operation[ClientT], request: CheckRequest
    ) -> tuple[PropertyMap, Sequence[CheckFailure]]:
        """Check a program's inputs by the table, by the resource and by the claims of this run."""
        inputs, failures = check_inputs(resource.table.properties, request.inputs)
        # What is wrong by the table is left out, so that the rest is checked in the same go.
        sound = without_failures(inputs, failures)
        if is_located(resource, sound):
            operation = located(operation, sound)
        else:
            operation = replace(operation, connected=False)
        checked, more = await resource.check(operation, CheckRequest(sound, request.old_inputs))
        failures = [*failures, *more]
        operation.claims.register(operation.urn)
        if not failures and (
            taken := operation.claims.want(operation.urn, resource.singletons(operation, checked))
        ):
            thing, other = taken
            failures = [CheckFailure(thing.property, managed_twice(thing, operation.urn, other))]
        names = {p.name for p in resource.table.properties if p.transient}
        self._transients[operation.urn] = {n: v for n, v in checked.items() if n in names}
        return {n: v for n, v in checked.items() if n not in names}, failures

    async def diff(
        self, resource: Resource[ClientT], operation: Operation[ClientT], request: DiffRequest
    ) -> Difference:
        """Compare; claim what the resource goes on to manage."""
        operation, move = await settle(resource, operation, request)
        difference = await resource.diff(operation, request)
        difference = without_false_move(names_home(resource), difference, move)
        replaced = any(change.kind in REPLACING for change in difference.changes.values())
        # A refresh compares as well, also what is no longer in the program: only a check tells.
        if operation.claims.is_registered(operation.urn) and not replaced:
            had = {t.key for t in resource.singletons(operation, request.state, request.id)}
            wanted = resource.singletons(operation, {**request.state, **request.inputs}, request.id)
            operation.ensure_sole(wanted)
            managed = [thing for thing in wanted if thing.key in had]
            operation.claims.mark(operation.urn, managed, Standing.MANAGED)
        return difference

    async def create(
        self, resource: Resource[ClientT], operation: Operation[ClientT], request: CreateRequest
    ) -> tuple[str, PropertyMap]:
        """Create; return the ID and the state. In a preview the ID is empty."""
        # The engine checks a resource right before it creates it, and asks the same process.
        request = CreateRequest({**request.inputs, **self._transients.get(operation.urn, {})})
        if not is_located(resource, request.inputs):
            return "", _without_input_only(resource, outputs_unknown(resource.table, request.inputs))
        operation = located(operation, request.inputs)
        wanted = resource.singletons(operation, request.inputs)
        operation.ensure_sole(wanted)
        operation = await self._with_past(resource, operation, wanted)
        if operation.preview:
            return "", _kept_state(resource, operation, await resource.preview_create(operation, request))
        operation.cancellation.check()
        operation.claims.mark(operation.urn, wanted, Standing.FAILED)
        try:
            resource_id, state = await resource.create(operation, request)
        except InitializationFailed as error:
            _manages(resource, operation, error.state, error.resource_id)
            error.state = _kept_state(resource, operation, error.state)
            raise
        _manages(resource, operation, state, resource_id)
        return resource_id, _kept_state(resource, operation, state)

    async def read(
        self, resource: Resource[ClientT], operation: Operation[ClientT], request: ReadRequest
    ) -> ReadResult | None:
        """Read; None where the object is gone."""
        own = operation.client.home
        names = names_home(resource)
        if names and not request.inputs and not request.state:
            client, resource_id = operation.client.of_import(request.id)
            operation, request = replace(operation, client=client), ReadRequest(resource_id, {}, {})
        else:
            operation = located(operation, request.inputs)
        await ensure_home(resource, operation, request.id, request.state)
        try:
            result = await resource.read(operation, request)
        except HomeGone as error:
            await operation.warn(f"{error}; this resource is gone with it")
            return None
        if result is None:
            return None
        state = _kept_state(resource, operation, result.state)
        given = {n: request.inputs[n] for n in names if n in request.inputs}
        if not request.inputs and operation.client.home != own:  # an import, or a get
            given = {n: state[n] for n in names}
        return replace(result, state=state, inputs={**result.inputs, **given})

    async def update(
        self, resource: Resource[ClientT], operation: Operation[ClientT], request: UpdateRequest
    ) -> PropertyMap:
        """Update; return the state."""
        if not operation.preview:
            operation.cancellation.check()
        operation, _ = await settle(resource, operation, request)
        had = {thing.key for thing in resource.singletons(operation, request.state, request.id)}
        wanted = resource.singletons(operation, {**request.state, **request.inputs}, request.id)
        operation = await self._with_past(resource, operation, [t for t in wanted if t.key not in had])
        if operation.preview:
            return _kept_state(resource, operation, await resource.preview_update(operation, request))
        try:
            state = await resource.update(operation, request)
        except InitializationFailed as error:
            error.state = _kept_state(resource, operation, error.state)
            raise
        _manages(resource, operation, state, request.id)
        return _kept_state(resource, operation, state)

    async def delete(
        self, resource: Resource[ClientT], operation: Operation[ClientT], request: DeleteRequest
    ) -> None:
        """Delete, except for what another resource of this run manages."""
        operation.cancellation.check()
        async with self._deleting.setdefault(operation.urn, asyncio.Lock()):
            operation = located(operation, request.old_inputs)
            await ensure_home(resource, operation, request.id, request.state)
            had = resource.singletons(operation, {**request.old_inputs, **request.state}, request.id)
            spared = await spared_objects(operation, had)
            if had and len(spared) == len(had):
                return
            try:
                await resource.delete(replace(operation, spared=spared), request)
            except HomeGone as error:
                await operation.info(f"{error}; there is nothing to delete or restore")

    async def _with_past(
        self, resource: Resource[ClientT], operation: Operation[ClientT], new: Sequence[Singleton]
    ) -> Operation[ClientT]:
        """Return the operation with what the state says of objects that are new to a resource."""
        if not new:
            return operation
        token = type_of(operation.urn)
        if token not in self._pasts:
            self._pasts[token] = {
                thing.key: past
                for past in await self._state.resources(operation.urn)
                if type_of(past.urn) == token
                for thing in resource.singletons(located(operation, past.state), past.state, past.id)
            }
            if self._state.unreadable:
                await operation.warn(
                    "the stack's state could not be read (pulumi stack export failed), so a new resource does "
                    "not know what to restore on destroy if it takes over from a renamed or replaced one; set "
                    "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE if the passphrase is typed"
                )
        return replace(operation, pasts=self._pasts[token])


def _kept_state(
    resource: Resource[ClientT], operation: Operation[ClientT], state: PropertyMap
) -> dict[str, PropertyValue]:
    """Return what the engine keeps as the outputs: where the resource lives, and no input-only property."""
    return at_home(operation, _without_input_only(resource, state))


def _without_input_only(resource: Resource[ClientT], state: PropertyMap) -> dict[str, PropertyValue]:
    left_out = {p.name for p in resource.table.properties if p.input_only}
    return {n: v for n, v in state.items() if n not in left_out}


def _manages(
    resource: Resource[ClientT], operation: Operation[ClientT], state: PropertyMap, resource_id: str
) -> None:
    """Note what a resource of the program manages from now on."""
    objects = resource.singletons(operation, state, resource_id)
    operation.claims.mark(operation.urn, objects, Standing.MANAGED)
