"""Python's names inside nested objects: a program writes ``retry_on``, the schema says ``retryOn``.

The generated classes pass nested values through :func:`schema_names`. Both spellings are accepted, since
programs in other languages and older ones in Python use the schema's.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import pulumi

__all__ = ["ListOf", "MapOf", "Shape", "schema_names"]


class MapOf:
    """A map whose keys are data and whose values have the shape ``value``."""

    def __init__(self, value: Shape) -> None:
        self.value = value


class ListOf:
    """A list whose items have the shape ``item``."""

    def __init__(self, item: Shape) -> None:
        self.item = item


Shape = dict[str, tuple[str, "Shape | None"]] | MapOf | ListOf
"""Where nested names are: for an object, the schema's name and the shape of each property by Python's name."""


def schema_names(value: Any, shape: Shape | None) -> Any:
    """Return an input with the schema's names in nested objects. What is not of that shape stays as it is.

    Raises:
        TypeError: an object has a property in both spellings.
    """
    if value is None or shape is None:
        return value
    if isinstance(value, pulumi.Output) or inspect.isawaitable(value):
        return pulumi.Output.from_input(value).apply(lambda known: schema_names(known, shape))
    if isinstance(shape, ListOf):
        return [schema_names(v, shape.item) for v in value] if isinstance(value, list | tuple) else value
    if not isinstance(value, Mapping):
        return value
    if isinstance(shape, MapOf):
        return {key: schema_names(v, shape.value) for key, v in value.items()}
    known = dict(shape.values())
    renamed: dict[str, Any] = {}
    for key, inner_value in value.items():
        name = shape[key][0] if key in shape else key
        if name in renamed:
            raise TypeError(f"{key} is given twice: {name} is the same property")
        renamed[name] = schema_names(inner_value, known.get(name))
    return renamed
