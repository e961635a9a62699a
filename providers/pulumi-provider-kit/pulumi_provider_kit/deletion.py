"""What the deletion of a resource must not touch, because another resource manages it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .claims import Standing
from .errors import ProviderError
from .resource import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .claims import Singleton
    from .resource import ClientT, Operation

__all__ = ["spared_objects"]


async def spared_objects(operation: Operation[ClientT], objects: Iterable[Singleton]) -> frozenset[str]:
    """Return the keys of the objects that a deletion must not touch.

    Those are the objects of another resource of this run, and those of the resource's own replacement. The
    engine deletes last, except where a program says ``delete_before_replace``: there the object is only wanted
    by the replacement so far, and stays for it.

    Raises:
        ProviderError: the resource that is to manage an object could not be created. Until it is, only the
            resource to be deleted knows the object and what to restore, so it has to stay in the state.
    """
    spared = set()
    managers: dict[str, str] = {}
    for thing in objects:
        holder = operation.claims.holder(thing.key, operation.urn)
        if holder is None:
            continue
        other = holder.urn != operation.urn
        if holder.standing is Standing.FAILED or (other and holder.standing is Standing.WANTED):
            raise ProviderError(
                f"{thing.label} is to be managed by the resource {name_of(holder.urn)}, which could not be "
                f"created, so {thing.label} and this resource stay as they are; fix that error and run "
                "pulumi up again"
            )
        if other:
            managers[thing.label] = holder.urn
        spared.add(thing.key)
    for label, urn in managers.items():
        await operation.info(f"{label} is managed by the resource {name_of(urn)} now; it stays as it is")
    return frozenset(spared)
