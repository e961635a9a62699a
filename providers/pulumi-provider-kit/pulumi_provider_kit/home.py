"""Where a resource lives: the account whose credentials manage it.

Credentials of another account find none of a resource's objects. That must never read as "it is gone": a
refresh would forget the resource, and a destroy would report success and restore nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import ProviderError
from .resource import type_of
from .values import text, wrap

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue

    from .resource import ClientT, Operation, Resource
    from .table import ProviderTable
    from .values import PropertyMap

__all__ = ["at_home", "ensure_home", "left_home"]


def at_home(operation: Operation[ClientT], state: PropertyMap) -> dict[str, PropertyValue]:
    """Return the state with the outputs that say where the resource lives."""
    return {**state, **{name: wrap(value) for name, value in operation.client.home.items()}}


async def ensure_home(
    resource: Resource[ClientT], operation: Operation[ClientT], resource_id: str, state: PropertyMap
) -> None:
    """Refuse credentials of another account than the one that the state names.

    A state without an account is from an earlier version of the provider; its next read adds it.

    Raises:
        ProviderError: says whose credentials are needed, and how to go on without them.
    """
    home = operation.client.home
    differing = [(name, text(state, name), here) for name, here in home.items()]
    differing = [(name, there, here) for name, there, here in differing if there and there != here]
    if not differing:
        return
    if await resource.has_moved(operation, resource_id, state):
        moves = ", ".join(f"{name} {there} -> {here}" for name, there, here in differing)
        await operation.info(f"was moved and is managed there from now on: {moves}")
        return
    name, there, here = differing[0]
    provider = type_of(operation.urn).partition(":")[0]
    raise ProviderError(
        f"this resource is in {name} {there}, but the credentials are for {here}, so it is neither read nor "
        f"changed nor deleted; use the credentials of {there} (pulumi config set {provider}:{name} {there}, "
        "and its key or token). To make Pulumi forget the resource and leave everything as it is: "
        f"pulumi state delete '{operation.urn}'"
    )


def left_home(table: ProviderTable, olds: PropertyMap, news: PropertyMap) -> list[str]:
    """Return the settings of a provider whose change means another account.

    The engine then replaces the provider and its resources, and deletes the previous ones with the previous
    credentials. A setting that was or becomes absent may come from the environment and is compared later,
    with each resource's state.
    """
    settings = [p.name for p in table.config if p.home]
    places = [(name, text(olds, name), text(news, name)) for name in settings]
    return [name for name, there, here in places if there and here and there != here]
