"""What a resource and a function of a provider are to the plugin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, Self, TypeVar

from .claims import Claims
from .diff import diff_inputs
from .errors import PropertyError
from .stack_state import StackState
from .values import is_given, outputs_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pulumi.provider.experimental.provider import CheckFailure, PropertyDiff

    from .cancellation import Cancellation
    from .claims import Singleton
    from .engine import Log
    from .request import CheckRequest, CreateRequest, DeleteRequest, DiffRequest, ReadRequest, UpdateRequest
    from .stack_state import Past
    from .table import FunctionTable, ResourceTable
    from .values import PropertyMap

__all__ = [
    "Client",
    "ClientT",
    "Difference",
    "Function",
    "OneHome",
    "Operation",
    "ReadResult",
    "Resource",
    "managed_twice",
    "name_of",
    "type_of",
]


class Client(Protocol):
    """What a provider connects to."""

    @property
    def home(self) -> Mapping[str, str]:
        """Where its resources live, by output: ``accountSid``.

        It is kept in each resource's state, and other credentials are refused.
        """

    def at(self, values: PropertyMap) -> Self:
        """Return the client for the home that inputs or a state name; makes no request.

        Where they name none, that is the home of the credentials.
        """

    def of_import(self, resource_id: str) -> tuple[Self, str]:
        """Return the client for the home that an import's ID names, and the ID of the object there."""

    async def close(self) -> None:
        """Close its connections."""


class OneHome:
    """A client whose resources are all where its credentials are."""

    def at(self, values: PropertyMap) -> Self:
        """Return this client."""
        return self

    def of_import(self, resource_id: str) -> tuple[Self, str]:
        """Return this client and the ID."""
        return self, resource_id


ClientT = TypeVar("ClientT", bound=Client)


@dataclass(frozen=True)
class Operation(Generic[ClientT]):
    """What an operation may use: the API client, the user's log and the user's wish to stop.

    Attributes:
        urn: the resource's URN, empty for a function.
        client: the configured API client, the same for all operations of a plugin process.
        cancellation: where waits go through.
        preview: whether nothing may be changed.
        connected: whether there is a client; a check is made without credentials too.
        claims: who manages which object in this run of the engine.
        pasts: what the state says of the objects of a new resource, by their keys: it was renamed, moved or
            replaced, and inherits what is to be restored.
        spared: keys of objects that this deletion must not touch, because another resource, or this
            resource's own replacement, manages them.
        stack: the state that the engine works on.
    """

    urn: str
    client: ClientT
    log: Log
    cancellation: Cancellation
    preview: bool = False
    connected: bool = True
    claims: Claims = field(default_factory=Claims)
    pasts: Mapping[str, Past] = field(default_factory=dict)
    spared: frozenset[str] = frozenset()
    stack: StackState = field(default_factory=lambda: StackState(None))

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return name_of(self.urn)

    def ensure_sole(self, objects: Iterable[Singleton]) -> None:
        """Claim objects for this resource.

        Raises:
            PropertyError: another resource of the program manages one of them.
        """
        if taken := self.claims.want(self.urn, objects):
            thing, other = taken
            raise PropertyError(thing.property, managed_twice(thing, self.urn, other))

    def past(self, thing: Singleton) -> PropertyMap:
        """Return what the state says of an object of a new resource; empty where it says nothing."""
        past = self.pasts.get(thing.key)
        return past.state if past is not None else {}

    def managed_elsewhere(self, thing: Singleton) -> bool:
        """Return whether another resource of the program manages an object."""
        holder = self.claims.holder(thing.key, self.urn)
        return holder is not None and holder.urn != self.urn

    async def attempted(self) -> PropertyMap:
        """Return the inputs of an update of this resource that was killed; empty where there was none.

        The answer takes a second or more: ask only where what is live differs from the state.
        """
        return await self.stack.attempted(self.urn)

    async def warn_renamed(self, thing: Singleton, *, unchanged: bool) -> None:
        """Warn where a new resource takes over an object that seems to have been managed before.

        Args:
            thing: the object.
            unchanged: whether the object already has exactly the configuration of the new resource.
        """
        past = self.pasts.get(thing.key)
        if past is not None and past.urn == self.urn:
            return  # the resource is being replaced
        if past is not None:
            await self.warn(
                f"{thing.label} is managed by the resource {_distinct(past.urn, self.urn)} so far. If you "
                f"renamed or moved that resource, add an alias to this one; {thing.label} keeps working "
                "either way"
            )
        elif unchanged:
            await self.warn(
                f"{thing.label} already has exactly this configuration, but this resource is new and does not "
                "know what to restore on destroy. If you renamed or moved the resource, add an alias to it; if "
                "another stack manages it, remove it from one of the two stacks"
            )

    async def info(self, message: str) -> None:
        """Tell the user something worth keeping."""
        await self.log.say("info", message, self.urn)

    async def warn(self, message: str) -> None:
        """Tell the user something to act on."""
        await self.log.say("warning", message, self.urn)

    async def status(self, message: str) -> None:
        """Tell the user how it is going; shown while it lasts."""
        await self.log.say("info", message, self.urn, ephemeral=True)


def name_of(urn: str) -> str:
    """Return the logical name in a URN; the name itself may contain ``::``."""
    return urn.split("::", 3)[-1]


def type_of(urn: str) -> str:
    """Return the type token in a URN (``urn:pulumi:stack::project::types::name``), or an empty string."""
    return [*urn.split("::", 3), "", ""][2].rpartition("$")[2]


def managed_twice(thing: Singleton, urn: str, other: str) -> str:
    """Return the sentence for an object that two resources of a program manage."""
    return (
        f"{thing.label} is managed twice, also by the resource {_distinct(other, urn)}; remove one of the "
        "two from the program"
    )


def _distinct(urn: str, other: str) -> str:
    """Return a resource's name, or its URN where the other resource has the same name."""
    return urn if name_of(urn) == name_of(other) else name_of(urn)


@dataclass(frozen=True)
class ReadResult:
    """What a read found.

    Attributes:
        id: the resource's canonical ID.
        state: every property's live value, and whatever else the state carries on.
        inputs: what a program would have to say to describe it; for a resource already in a program, the
            live values of just the properties that the program gives.
    """

    id: str
    state: PropertyMap
    inputs: PropertyMap


@dataclass(frozen=True)
class Difference:
    """What an update would change: path to kind, and whether the old one has to go first."""

    changes: dict[str, PropertyDiff] = field(default_factory=dict)
    delete_before_replace: bool = False


class Resource(ABC, Generic[ClientT]):
    """One resource type. Subclasses say what the vendor's API is asked; the table says the rest."""

    table: ClassVar[ResourceTable]

    def singletons(
        self, operation: Operation[ClientT], values: PropertyMap, resource_id: str = ""
    ) -> list[Singleton]:
        """Return the objects that exist only once at the vendor and that this resource manages.

        Args:
            operation: may not be connected.
            values: the inputs; with an ID, inputs or the state. Objects that are not known yet are left out.
            resource_id: the ID of an existing resource, empty for a new one.
        """
        return []

    async def has_moved(self, operation: Operation[ClientT], resource_id: str, state: PropertyMap) -> bool:
        """Tell whether the very same object is at the client's home now, though the state names another."""
        return False

    async def check(
        self, operation: Operation[ClientT], request: CheckRequest
    ) -> tuple[PropertyMap, list[CheckFailure]]:
        """Check what the table cannot: properties against each other. May normalise and derive.

        Without credentials ``operation.connected`` is false; the operation that follows says so.
        """
        return request.inputs, []

    async def diff(self, operation: Operation[ClientT], request: DiffRequest) -> Difference:
        """Compare; by default the inputs, by the table."""
        return Difference(diff_inputs(self.table, request.old_inputs, request.inputs))

    async def preview_create(self, operation: Operation[ClientT], request: CreateRequest) -> PropertyMap:
        """Return the state a create would leave, and fail where it would; changes nothing."""
        return outputs_unknown(self.table, request.inputs)

    @abstractmethod
    async def create(self, operation: Operation[ClientT], request: CreateRequest) -> tuple[str, PropertyMap]:
        """Create or adopt; return ID and state."""

    @abstractmethod
    async def read(self, operation: Operation[ClientT], request: ReadRequest) -> ReadResult | None:
        """Read what is live; None where it is gone. With empty state and inputs it is an import."""

    async def preview_update(self, operation: Operation[ClientT], request: UpdateRequest) -> PropertyMap:
        """Return the state an update would leave, and fail where it would; changes nothing."""
        kept = {
            p.name: request.state[p.name]
            for p in self.table.properties
            if p.name in request.state and (p.output or (p.computed and not is_given(request.inputs, p.name)))
        }
        return {**outputs_unknown(self.table, request.inputs), **kept}

    @abstractmethod
    async def update(self, operation: Operation[ClientT], request: UpdateRequest) -> PropertyMap:
        """Change what differs; return the state."""

    @abstractmethod
    async def delete(self, operation: Operation[ClientT], request: DeleteRequest) -> None:
        """Undo what this resource did; what is gone already is fine."""


class Function(ABC, Generic[ClientT]):
    """One function: reads, changes nothing."""

    table: ClassVar[FunctionTable]

    @abstractmethod
    async def invoke(self, operation: Operation[ClientT], arguments: PropertyMap) -> PropertyMap:
        """Return the function's result."""
