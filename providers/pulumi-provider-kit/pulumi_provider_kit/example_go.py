"""Writes an example as a Go program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .example_layout import Group, write
from .examples import Export, Lookup, Reference, Secret, camel_case, parse, used_variables
from .table import ListOf, MapOf, ObjectType, Scalar

if TYPE_CHECKING:
    from .example_layout import Part
    from .examples import Step
    from .table import PropertyType, ProviderTable

__all__ = ["in_go"]

_SCALARS = {Scalar.STRING: "String", Scalar.BOOLEAN: "Bool", Scalar.INTEGER: "Int", Scalar.NUMBER: "Float64"}
_FAILED = ["if err != nil {", "\treturn err", "}"]


def in_go(table: ProviderTable, example: str, home: str = "github.com/OWNER/REPO") -> str:
    """Return the program.

    Args:
        table: the provider.
        example: the example in Python.
        home: where the import path of the SDK begins.
    """
    steps = parse(table, example)
    lines = [
        line for index, step in enumerate(steps) for line in _lines(table, step, steps, is_first=index == 0)
    ]
    body = "\n".join("\t\t" + line for line in [*lines, "return nil"])
    return (
        f'package main\n\nimport (\n\t"{home}/providers/pulumi-{table.name}/sdk/go/{table.name}"\n'
        '\t"github.com/pulumi/pulumi/sdk/v3/go/pulumi"\n)\n\n'
        f"func main() {{\n\tpulumi.Run(func(ctx *pulumi.Context) error {{\n{body}\n\t}})\n}}\n"
    )


def _lines(table: ProviderTable, step: Step, steps: list[Step], *, is_first: bool) -> list[str]:
    if isinstance(step, Export):
        return [f"ctx.Export({json.dumps(step.name)}, {_exported(step, steps)})"]
    if isinstance(step, Lookup):
        function = next(f for f in table.functions if f.name == step.function)
        name = _function(table, step.function)
        given = ", ".join(f"{_upper(key)}: {json.dumps(value)}" for key, value in step.arguments.items())
        arguments = f", &{table.name}.{name}Args{{{given}}}" if function.inputs else ", nil"
        return [f"{camel_case(step.variable)}, err := {table.name}.{name}(ctx{arguments})", *_FAILED]
    is_used = step.variable in used_variables(steps)
    target = camel_case(step.variable) if is_used else "_"
    head = f"{target}, err {':=' if is_used or is_first else '='} {table.name}.New{step.type}"
    types = {p.name: p.type for r in table.resources if r.name == step.type for p in r.properties}
    inputs = tuple((f"{_upper(key)}: ", _value(table, v, types[key])) for key, v in step.inputs.items())
    group = Group(f"&{table.name}.{step.type}Args{{", inputs, "}")
    return [
        *write(group, f"{head}(ctx, {json.dumps(step.name)}, ", "\t", after=")").split("\n"),
        *_FAILED,
    ]


def _value(table: ProviderTable, value: Any, kind: PropertyType) -> Part:
    if isinstance(value, Reference):
        key = f".MapIndex(pulumi.String({json.dumps(value.key)}))" if value.key else ""
        return f"{camel_case(value.variable)}.{_upper(value.property)}{key}"
    if isinstance(value, Secret):
        return f"pulumi.ToSecret(pulumi.String({json.dumps(value.text)})).(pulumi.StringOutput)"
    if isinstance(kind, Scalar):
        return f"pulumi.{_SCALARS[kind]}({json.dumps(value)})"
    if isinstance(kind, ListOf):
        items = tuple(("", _value(table, item, kind.item)) for item in value)
        return Group(f"{_type(table, kind)}{{", items, "}")
    if isinstance(kind, MapOf):
        items = tuple((f"{json.dumps(key)}: ", _value(table, item, kind.value)) for key, item in value.items())
        return Group(f"{_type(table, kind)}{{", items, "}")
    types = {p.name: p.type for p in kind.properties}
    items = tuple((f"{_upper(key)}: ", _value(table, item, types[key])) for key, item in value.items())
    return Group(f"&{table.name}.{kind.name}Args{{", items, "}")


def _type(table: ProviderTable, kind: PropertyType) -> str:
    if isinstance(kind, ObjectType):
        return f"{table.name}.{kind.name}"
    if isinstance(kind, Scalar):
        return f"pulumi.{_SCALARS[kind]}"
    return f"{_type(table, kind.item)}Array" if isinstance(kind, ListOf) else f"{_type(table, kind.value)}Map"


def _exported(step: Export, steps: list[Step]) -> str:
    value = step.value
    key = f"[{json.dumps(value.key)}]" if value.key else ""
    text = f"{camel_case(value.variable)}.{_upper(value.property)}{key}"
    is_result = any(isinstance(s, Lookup) and s.variable == value.variable for s in steps)
    return f"pulumi.Any({text})" if is_result else text


def _function(table: ProviderTable, function: str) -> str:
    """Return Go's name: `Get` and a resource's name is what reads that resource."""
    rest = function.removeprefix("get")
    return f"Lookup{rest}" if any(r.name == rest for r in table.resources) else _upper(function)


def _upper(name: str) -> str:
    return name[0].upper() + name[1:]
