"""Writes an example as a TypeScript program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .example_layout import Group, write
from .examples import Lookup, Reference, Resource, Secret, camel_case, parse, used_variables, values

if TYPE_CHECKING:
    from .example_layout import Part
    from .table import ProviderTable

__all__ = ["in_typescript"]

_INDENT = " " * 4


def in_typescript(table: ProviderTable, example: str) -> str:
    """Return the program."""
    steps = parse(table, example)
    used = used_variables(steps)
    lines = [f'import * as {table.name} from "@{table.namespace}/{table.name}";', ""]
    if any(isinstance(value, Secret) for step in steps for value in values(step)):
        lines.insert(0, 'import * as pulumi from "@pulumi/pulumi";')
    for step in steps:
        if isinstance(step, Resource):
            head = f"const {camel_case(step.variable)} = " if step.variable in used else ""
            head += f"new {table.name}.{step.type}({json.dumps(step.name)}, "
            lines.append(write(_value(step.inputs), head, _INDENT, after=");"))
        elif isinstance(step, Lookup):
            head = f"const {camel_case(step.variable)} = {table.name}.{step.function}Output("
            lines.append(write(_value(step.arguments) if step.arguments else "", head, _INDENT, after=");"))
        else:
            lines.append(write(_value(step.value), f"export const {step.name} = ", _INDENT, after=";"))
    return "\n".join(lines) + "\n"


def _value(value: Any) -> Part:
    if isinstance(value, Reference):
        key = f"[{json.dumps(value.key)}]" if value.key else ""
        return f"{camel_case(value.variable)}.{value.property}{key}"
    if isinstance(value, Secret):
        return f"pulumi.secret({json.dumps(value.text)})"
    if isinstance(value, list):
        return Group("[", tuple(("", _value(item)) for item in value), "]")
    if isinstance(value, dict):
        return Group("{", tuple((f"{_name(key)}: ", _value(item)) for key, item in value.items()), "}", " ")
    return json.dumps(value)


def _name(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)
