"""Writes an example as the parts of a Pulumi.yaml."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from .examples import Lookup, Reference, Resource, Secret, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .table import ProviderTable

__all__ = ["in_yaml"]

# Text that needs no quotes: words with spaces, addresses, fn::invoke and references without a key.
_PLAIN = re.compile(r"(?:https://)?[A-Za-z][\w./-]*(?:::?[A-Za-z][\w-]*)*(?: [\w./-]+)*|\$\{[\w.]+\}")
_WORDS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}


def in_yaml(table: ProviderTable, example: str) -> str:
    """Return the resources, variables and outputs."""
    parts: dict[str, dict[str, Any]] = {"resources": {}, "variables": {}, "outputs": {}}
    for step in parse(table, example):
        if isinstance(step, Resource):
            name = step.variable or step.type[0].lower() + step.type[1:]
            entry: dict[str, Any] = {"type": f"{table.name}:{step.type}"}
            entry |= {"name": step.name} if step.name != name else {}
            parts["resources"][name] = {**entry, "properties": _value(step.inputs)}
        elif isinstance(step, Lookup):
            call: dict[str, Any] = {"function": f"{table.name}:{step.function}"}
            call |= {"arguments": _value(step.arguments)} if step.arguments else {}
            parts["variables"][step.variable] = {"fn::invoke": call}
        else:
            parts["outputs"][step.name] = _value(step.value)
    return "".join(_block({key: value for key, value in parts.items() if value}, ""))


def _block(values: dict[str, Any], indent: str) -> Iterator[str]:
    """Yield the lines of a map: maps as blocks, lists and what is in them on one line."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield f"{indent}{_flow(key)}:\n"
            yield from _block(value, f"{indent}  ")
        else:
            yield f"{indent}{_flow(key)}: {_flow(value)}\n"


def _flow(value: Any, *, nested: bool = False) -> str:
    if isinstance(value, dict):
        items = (f"{_flow(key)}: {_flow(item, nested=True)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item, nested=True) for item in value) + "]"
    is_plain = isinstance(value, str) and _PLAIN.fullmatch(value) and value not in _WORDS
    if nested and is_plain and "{" in value:  # a reference, whose brace would begin a map there
        is_plain = None
    return value if is_plain else json.dumps(value)


def _value(value: Any) -> Any:
    if isinstance(value, Reference):
        key = f"[{json.dumps(value.key)}]" if value.key else ""
        return f"${{{value.variable}.{value.property}{key}}}"
    if isinstance(value, Secret):
        return {"fn::secret": value.text}
    if isinstance(value, list):
        return [_value(item) for item in value]
    return {key: _value(item) for key, item in value.items()} if isinstance(value, dict) else value
