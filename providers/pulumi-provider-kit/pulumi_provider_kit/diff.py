"""Compares the previous and the new inputs, property by property.

After a refresh the old inputs have the live values (from a resource's read), so the same comparison shows
changes in the program and changes outside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pulumi.provider.experimental.provider import PropertyDiff, PropertyDiffKind

from .table import MapOf, ObjectType
from .values import same

if TYPE_CHECKING:
    from pulumi.provider.experimental.property_value import PropertyValue

    from .table import Property, ResourceTable
    from .values import PropertyMap

__all__ = ["diff_inputs"]

_KINDS = {
    "add": (PropertyDiffKind.ADD, PropertyDiffKind.ADD_REPLACE),
    "delete": (PropertyDiffKind.DELETE, PropertyDiffKind.DELETE_REPLACE),
    "update": (PropertyDiffKind.UPDATE, PropertyDiffKind.UPDATE_REPLACE),
}


def diff_inputs(table: ResourceTable, old_inputs: PropertyMap, inputs: PropertyMap) -> dict[str, PropertyDiff]:
    """Return the differing paths: ``voiceUrl``, ``delivery.retries``, ``values.NAME``."""
    found: dict[str, PropertyDiff] = {}
    for prop in table.inputs:
        for path, how in _changes(prop, old_inputs.get(prop.name), inputs.get(prop.name)):
            found[path] = PropertyDiff(_KINDS[how][prop.replaces], input_diff=True)
    return found


def _changes(prop: Property, old: PropertyValue | None, new: PropertyValue | None) -> list[tuple[str, str]]:
    old = None if old is not None and old.value is None else old
    new = None if new is not None and new.value is None else new
    if old is None and new is None:
        return []
    if old is None:
        return [(prop.name, "add")]
    if new is None:
        return [(prop.name, "delete")]
    if same(old, new):
        return []
    if (
        prop.element_path
        and isinstance(prop.type, MapOf | ObjectType)
        and isinstance(old.value, Mapping)
        and isinstance(new.value, Mapping)
    ):
        return [
            (f"{prop.name}{_key(key)}", how)
            for key in sorted({*old.value, *new.value})
            if (how := _element(old.value.get(key), new.value.get(key)))
        ]
    return [(prop.name, "update")]


def _element(old: PropertyValue | None, new: PropertyValue | None) -> str:
    if old is None or new is None:
        return "add" if old is None else "delete"
    return "" if same(old, new) else "update"


def _key(key: str) -> str:
    """Return a path's step: ``.NAME``, or ``["a.b"]`` where a dot would read as two steps."""
    return f".{key}" if key.replace("_", "a").isalnum() else f'["{key}"]'
