"""What the engine asks of a resource, one request for each call of the provider protocol.

Names as in Pulumi's SDKs. ``inputs`` are the program's as this provider's check returned them, ``old_inputs``
those of the previous update (after a refresh, what the read returned), and ``state`` is what the engine keeps
of the resource. Values may be secret or not known yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .values import PropertyMap

__all__ = [
    "CheckRequest",
    "CreateRequest",
    "DeleteRequest",
    "DiffRequest",
    "ReadRequest",
    "UpdateRequest",
]


@dataclass(frozen=True)
class CheckRequest:
    """Are these inputs valid? ``old_inputs`` is empty for a new resource."""

    inputs: PropertyMap
    old_inputs: PropertyMap


@dataclass(frozen=True)
class DiffRequest:
    """What would an update change?"""

    id: str
    state: PropertyMap
    old_inputs: PropertyMap
    inputs: PropertyMap


@dataclass(frozen=True)
class CreateRequest:
    """Create the resource, or preview that."""

    inputs: PropertyMap


@dataclass(frozen=True)
class ReadRequest:
    """Read what is live. ``inputs`` and ``state`` are empty for an import."""

    id: str
    state: PropertyMap
    inputs: PropertyMap


@dataclass(frozen=True)
class UpdateRequest:
    """Update the resource, or preview that."""

    id: str
    state: PropertyMap
    old_inputs: PropertyMap
    inputs: PropertyMap


@dataclass(frozen=True)
class DeleteRequest:
    """Delete the resource."""

    id: str
    state: PropertyMap
    old_inputs: PropertyMap
