"""Property values: the step between what the engine sends and what Python code computes with.

Values stay :class:`PropertyValue` objects, which carry their secretness, until the very edge where a
vendor's API needs the bare value. Only :func:`plain` takes the wrapping off; its callers are that edge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from pulumi.provider.experimental.property_value import Computed, PropertyValue

if TYPE_CHECKING:
    from .table import ResourceTable

__all__ = [
    "UNKNOWN",
    "PropertyMap",
    "flag",
    "has_secret",
    "is_given",
    "is_known",
    "outputs_unknown",
    "plain",
    "same",
    "secret",
    "strings",
    "text",
    "wrap",
]

PropertyMap = Mapping[str, PropertyValue]
"""Inputs or state of a resource: schema name to value."""

UNKNOWN = PropertyValue(Computed())
"""A value that is known only after the update."""


def wrap(value: Any, *, is_secret: bool = False) -> PropertyValue:
    """Return a plain Python value (None, bool, number, str, list, dict) as a property value."""
    if isinstance(value, PropertyValue):
        return secret(value) if is_secret else value
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return PropertyValue(value, is_secret)
    if isinstance(value, int | float):
        return PropertyValue(float(value), is_secret)
    if isinstance(value, Mapping):
        return PropertyValue({str(k): wrap(v) for k, v in value.items()}, is_secret)
    if isinstance(value, Sequence):
        return PropertyValue([wrap(v) for v in value], is_secret)
    raise TypeError(f"a {type(value).__name__} is not a property value")


def secret(value: PropertyValue) -> PropertyValue:
    """Return the same value, secret."""
    return value if value.is_secret else PropertyValue(value.value, True, value.dependencies)


def plain(value: PropertyValue | None) -> Any:
    """Return the bare Python value, whole numbers as int; None for a missing one.

    Raises:
        ValueError: the value, or a part of it, is not known yet.
    """
    if value is None:
        return None
    inner = value.value
    if isinstance(inner, Computed):
        raise ValueError("the value is not known yet")  # noqa: TRY004 - the type is right, the moment is not
    if isinstance(inner, float) and inner.is_integer():
        return int(inner)
    if isinstance(inner, str):
        return inner
    if isinstance(inner, Mapping):
        return {k: plain(v) for k, v in inner.items()}
    if isinstance(inner, Sequence):
        return [plain(v) for v in cast("Sequence[PropertyValue]", inner)]
    return inner


def is_known(value: PropertyValue | None) -> bool:
    """Tell whether the value and all its parts are known; a missing value is."""
    if value is None:
        return True
    inner = value.value
    if isinstance(inner, Computed):
        return False
    if isinstance(inner, Mapping):
        return all(is_known(v) for v in inner.values())
    if isinstance(inner, Sequence) and not isinstance(inner, str):
        return all(is_known(v) for v in inner)
    return True


def has_secret(value: PropertyValue) -> bool:
    """Tell whether the value or a part of it is secret."""
    inner = value.value
    if value.is_secret:
        return True
    if isinstance(inner, Mapping):
        return any(has_secret(v) for v in inner.values())
    if isinstance(inner, Sequence) and not isinstance(inner, str):
        return any(has_secret(v) for v in inner)
    return False


def is_given(values: PropertyMap, name: str) -> bool:
    """Tell whether a program gave the property: not absent and not null. An empty string is given."""
    value = values.get(name)
    return value is not None and value.value is not None


def same(a: PropertyValue | None, b: PropertyValue | None) -> bool:
    """Tell whether two values are equal, whatever their secretness. Unknown values equal nothing."""
    if not is_known(a) or not is_known(b):
        return False
    return bool(plain(a) == plain(b))


def text(values: PropertyMap, name: str) -> str | None:
    """Return a string property, or None where it is absent, null or not known yet."""
    value = values.get(name)
    return value.value if value is not None and isinstance(value.value, str) else None


def flag(values: PropertyMap, name: str) -> bool:
    """Return a boolean property; absent, null or not known yet counts as false."""
    value = values.get(name)
    return value is not None and value.value is True


def strings(values: PropertyMap, name: str) -> list[str]:
    """Return a list-of-strings property; empty where it is absent or not known yet."""
    value = values.get(name)
    if value is None or not is_known(value) or value.value is None:
        return []
    return [str(item) for item in plain(value)]


def outputs_unknown(table: ResourceTable, inputs: PropertyMap) -> dict[str, PropertyValue]:
    """Return the state that a preview shows: the inputs, and every output not known yet."""
    state = dict(inputs)
    for prop in table.properties:
        if prop.output or (prop.computed and not is_given(inputs, prop.name)):
            state[prop.name] = secret(UNKNOWN) if prop.secret else UNKNOWN
    return state
