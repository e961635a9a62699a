"""What a resource and a function of a provider are to the plugin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from .diff import diff_inputs
from .values import is_given, outputs_unknown

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue
    from pulumi.provider.experimental.provider import CheckFailure, PropertyDiff

    from .cancellation import Cancellation
    from .engine import Log
    from .table import FunctionTable, ResourceTable
    from .values import PropertyMap

__all__ = ["Client", "ClientT", "Difference", "Function", "Operation", "Reading", "Resource"]


class Client(Protocol):
    """What a provider connects to."""

    async def close(self) -> None:
        """Close its connections."""


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
    """

    urn: str
    client: ClientT
    log: Log
    cancellation: Cancellation
    preview: bool = False
    connected: bool = True

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rpartition("::")[2]

    async def info(self, message: str) -> None:
        """Tell the user something worth keeping."""
        await self.log.say("info", message, self.urn)

    async def warn(self, message: str) -> None:
        """Tell the user something to act on."""
        await self.log.say("warning", message, self.urn)

    async def status(self, message: str) -> None:
        """Tell the user how it is going; shown while it lasts."""
        await self.log.say("info", message, self.urn, ephemeral=True)


@dataclass(frozen=True)
class Reading:
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

    async def check(
        self,
        operation: Operation[ClientT],
        inputs: dict[str, PropertyValue],
        old_inputs: PropertyMap,
    ) -> tuple[dict[str, PropertyValue], list[CheckFailure]]:
        """Check what the table cannot: properties against each other. May normalise and derive.

        Without credentials ``operation.connected`` is false; the operation that follows says so.
        """
        return inputs, []

    async def diff(
        self,
        operation: Operation[ClientT],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
        inputs: PropertyMap,
    ) -> Difference:
        """Compare; by default the inputs, by the table."""
        return Difference(diff_inputs(self.table, old_inputs, inputs))

    async def preview_create(self, operation: Operation[ClientT], inputs: PropertyMap) -> PropertyMap:
        """Return the state a create would leave, and fail where it would; changes nothing."""
        return outputs_unknown(self.table, inputs)

    @abstractmethod
    async def create(self, operation: Operation[ClientT], inputs: PropertyMap) -> tuple[str, PropertyMap]:
        """Create or adopt; return ID and state."""

    @abstractmethod
    async def read(
        self, operation: Operation[ClientT], resource_id: str, state: PropertyMap, inputs: PropertyMap
    ) -> Reading | None:
        """Read what is live; None where it is gone. With empty state and inputs it is an import."""

    async def preview_update(
        self,
        operation: Operation[ClientT],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
        inputs: PropertyMap,
    ) -> PropertyMap:
        """Return the state an update would leave, and fail where it would; changes nothing."""
        kept = {
            p.name: state[p.name]
            for p in self.table.properties
            if p.name in state and (p.output or (p.computed and not is_given(inputs, p.name)))
        }
        return {**outputs_unknown(self.table, inputs), **kept}

    @abstractmethod
    async def update(
        self,
        operation: Operation[ClientT],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
        inputs: PropertyMap,
    ) -> PropertyMap:
        """Change what differs; return the state."""

    @abstractmethod
    async def delete(
        self, operation: Operation[ClientT], resource_id: str, state: PropertyMap, old_inputs: PropertyMap
    ) -> None:
        """Undo what this resource did; what is gone already is fine."""


class Function(ABC, Generic[ClientT]):
    """One function: reads, changes nothing."""

    table: ClassVar[FunctionTable]

    @abstractmethod
    async def invoke(self, operation: Operation[ClientT], arguments: PropertyMap) -> PropertyMap:
        """Return the function's result."""
