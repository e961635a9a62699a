"""JSON Schema of the types in `api`: typed dictionaries, lists, unions, literals and plain values."""

from __future__ import annotations

import types
from typing import Any, Literal, NotRequired, Union, get_args, get_origin

from typing_extensions import get_type_hints, is_typeddict

__all__ = ["schema_of"]

_PLAIN: dict[Any, dict[str, Any]] = {
    Any: {},
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
}


def schema_of(kind: Any) -> dict[str, Any]:
    """Return the JSON Schema of a type; keys that are not described are allowed.

    Raises:
        TypeError: it is of a kind that JSON does not have.
    """
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if is_typeddict(kind):
        hints = get_type_hints(kind, include_extras=True)
        described = {
            "type": "object",
            "properties": {name: schema_of(_required(hint)) for name, hint in hints.items()},
            "required": [name for name, hint in hints.items() if not _is_left_out(hint)],
        }
        # Of the function that makes typed dictionaries, the text says nothing.
        text = " ".join((kind.__doc__ or "").split())
        return described if text.startswith("dict(") or not text else {"description": text, **described}
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(argument) for argument in arguments]}
    msg = f"JSON has no {kind!r}."
    raise TypeError(msg)


def _required(hint: Any) -> Any:
    return get_args(hint)[0] if _is_left_out(hint) else hint


def _is_left_out(hint: Any) -> bool:
    origin: Any = get_origin(hint)
    return origin is NotRequired
