"""Where a resource lives: the account whose credentials manage it, or an account below that one.

A program may say where a resource is (``accountSid``); otherwise it is in the account of the credentials.
Credentials of another account find none of a resource's objects. That must never read as "it is gone": a
refresh would forget the resource, and a destroy would report success and restore nothing.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from pulumi.provider.experimental.provider import PropertyDiff, PropertyDiffKind

from .errors import ProviderError
from .resource import type_of
from .values import is_known, text, wrap

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue

    from .request import DiffRequest, UpdateRequest
    from .resource import ClientT, Difference, Operation, Resource
    from .table import ProviderTable
    from .values import PropertyMap

__all__ = [
    "Move",
    "at_home",
    "ensure_home",
    "is_located",
    "left_home",
    "located",
    "names_home",
    "settle",
    "without_false_move",
]


class Move(Enum):
    """What a program's inputs say about where a resource is."""

    STAYS = "stays"
    FOLLOWS = "the very same object is in the other account already"
    LEAVES = "another object, in another account"


def located(operation: Operation[ClientT], values: PropertyMap) -> Operation[ClientT]:
    """Return the operation in the account that inputs or a state name."""
    return replace(operation, client=operation.client.at(values)) if operation.connected else operation


def names_home(resource: Resource[ClientT]) -> list[str]:
    """Return the properties by which a program says where a resource is."""
    return [p.name for p in resource.table.arguments if p.home]


def is_located(resource: Resource[ClientT], values: PropertyMap) -> bool:
    """Tell whether it is known already where the resource is."""
    return all(is_known(values.get(name)) for name in names_home(resource))


async def settle(
    resource: Resource[ClientT], operation: Operation[ClientT], request: DiffRequest | UpdateRequest
) -> tuple[Operation[ClientT], Move]:
    """Return the operation in the account that a resource is in, and what its program wants of that.

    Raises:
        ProviderError: the credentials are those of another account.
    """
    known = is_located(resource, request.inputs)
    wanted = located(operation, request.inputs) if known else operation
    if known and not _differing(wanted, request.state):
        return wanted, Move.STAYS
    present = located(operation, request.old_inputs)
    await ensure_home(resource, present, request.id, request.state)
    if known and wanted.client.home == present.client.home:
        return present, Move.STAYS
    if known and await resource.has_moved(wanted, request.id, request.state):
        return wanted, Move.FOLLOWS
    return present, Move.LEAVES


def without_false_move(names: list[str], difference: Difference, move: Move) -> Difference:
    """Return the difference; an account that is named in another way is not another account.

    Args:
        names: the properties that say where the resource is.
        difference: by the table, where such a property means another resource.
        move: what :func:`settle` found.
    """
    if move is Move.LEAVES:
        return difference
    changes = {path: change for path, change in difference.changes.items() if path not in names}
    if move is Move.FOLLOWS:
        changes |= {n: PropertyDiff(PropertyDiffKind.UPDATE, input_diff=True) for n in names}
    return replace(difference, changes=changes)


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
    differing = _differing(operation, state)
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


def _differing(operation: Operation[ClientT], state: PropertyMap) -> list[tuple[str, str, str]]:
    """Return what a state says of the resource's home and what differs from the operation's."""
    homes = [(name, text(state, name), here) for name, here in operation.client.home.items()]
    return [(name, there, here) for name, there, here in homes if there and there != here]
