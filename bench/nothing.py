"""A provider that does nothing: one resource that keeps its inputs. The engine's own floor.

Run as a program it is the plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_provider_kit.plugin import serve
from pulumi_provider_kit.resource import Operation, Reading, Resource
from pulumi_provider_kit.table import Property, ProviderTable, ResourceTable, Scalar

if TYPE_CHECKING:
    from pulumi_provider_kit.cancellation import Cancellation
    from pulumi_provider_kit.values import PropertyMap

__all__ = ["main"]

_INPUTS = ("phoneNumber", "voiceUrl", "statusCallback")


class NoClient:
    """Connects to nothing."""

    async def close(self) -> None:
        """Close nothing."""


class Nothing(Resource[NoClient]):
    """Keeps its inputs."""

    table = ResourceTable(
        "Nothing", "Keeps its inputs.", tuple(Property(name, Scalar.STRING, "Kept.") for name in _INPUTS)
    )

    async def create(self, operation: Operation[NoClient], inputs: PropertyMap) -> tuple[str, PropertyMap]:
        """Return a state that is the inputs."""
        return operation.name, inputs

    async def read(
        self, operation: Operation[NoClient], resource_id: str, state: PropertyMap, inputs: PropertyMap
    ) -> Reading | None:
        """Return what is known already."""
        return Reading(resource_id, state, inputs)

    async def update(
        self,
        operation: Operation[NoClient],
        resource_id: str,
        state: PropertyMap,
        old_inputs: PropertyMap,
        inputs: PropertyMap,
    ) -> PropertyMap:
        """Return a state that is the inputs."""
        return inputs

    async def delete(
        self, operation: Operation[NoClient], resource_id: str, state: PropertyMap, old_inputs: PropertyMap
    ) -> None:
        """Leave everything as it is."""


def main() -> None:
    """Serve it to the engine that started this process."""
    table = ProviderTable("nothing", "0.1.0", "Nothing", "Does nothing.", (), (Nothing.table,))

    def connect(config: PropertyMap, cancellation: Cancellation) -> NoClient:  # noqa: ARG001
        return NoClient()

    serve(table, (Nothing(),), (), connect)


if __name__ == "__main__":
    main()
