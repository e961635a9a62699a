"""A table's example, which is Python, as data that the other languages are written from.

An example is a short program: constants, resources, lookups and exports. Nothing else of Python is understood
here. So no other language needs a text of its own.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .table import ListOf, MapOf, ObjectType, snake_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .table import PropertyType, ProviderTable

__all__ = [
    "Export",
    "Lookup",
    "Reference",
    "Resource",
    "Secret",
    "Step",
    "camel_case",
    "parse",
    "used_variables",
]


@dataclass(frozen=True)
class Reference:
    """A property of a resource or a result: its variable, its schema name, and a key if it is a map."""

    variable: str
    property: str
    key: str | None = None


@dataclass(frozen=True)
class Secret:
    """A text that is secret."""

    text: str


@dataclass(frozen=True)
class Resource:
    """A resource: the variable (empty if nothing refers to it), the type, the logical name and the inputs."""

    variable: str
    type: str
    name: str
    inputs: dict[str, Any]


@dataclass(frozen=True)
class Lookup:
    """A function's result: the variable, the function and its arguments."""

    variable: str
    function: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Export:
    """A stack output."""

    name: str
    value: Reference


Step = Resource | Lookup | Export


def parse(table: ProviderTable, example: str) -> list[Step]:
    """Return the steps of an example; property names are the schema's.

    Raises:
        ValueError: the example has something that cannot be translated; the text has its line.
    """
    steps = list(_Parser(table).steps(ast.parse(example)))
    variables = {camel_case(step.variable) for step in steps if not isinstance(step, Export)}
    for step in steps:
        if isinstance(step, Export) and step.name in variables:
            raise ValueError(f"an export and a variable are both named {step.name}, which TypeScript refuses")
    return steps


def camel_case(name: str) -> str:
    """Return a variable's name in the other languages."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def used_variables(steps: list[Step]) -> set[str]:
    """Return the variables that another step refers to."""
    return {v.variable for step in steps for v in values(step) if isinstance(v, Reference)}


def values(step: Step) -> Iterator[Any]:
    """Yield the values of a step that are not a list or an object."""
    waiting: list[Any]
    if isinstance(step, Export):
        waiting = [step.value]
    else:
        waiting = list((step.inputs if isinstance(step, Resource) else step.arguments).values())
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value
        else:
            yield value


class _Parser:
    def __init__(self, table: ProviderTable) -> None:
        self._table = table
        self._names = {snake_case(f.name): f.name for f in table.functions}
        properties = [p for r in table.resources for p in r.properties]
        properties += [p for f in table.functions for p in (*f.inputs, *f.outputs)]
        self._properties = {snake_case(p.name): p.name for p in properties}
        self._inputs = {r.name: {p.name: p.type for p in r.properties} for r in table.resources}
        self._inputs |= {f.name: {p.name: p.type for p in f.inputs} for f in table.functions}
        self._constants: dict[str, str] = {}

    def steps(self, module: ast.Module) -> Iterator[Step]:
        """Yield the steps of a program."""
        for line in module.body:
            match line:
                case ast.Import():
                    continue
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                    self._constants[name] = text
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                    yield self._call(name, call)
                case ast.Expr(value=ast.Call() as call):
                    yield self._call("", call)
                case _:
                    raise _not_understood(line)

    def _call(self, variable: str, call: ast.Call) -> Step:
        match call.func:
            case ast.Attribute(value=ast.Name(id="pulumi"), attr="export"):
                return Export(str(self._value(call.args[0])), self._value(call.args[1]))
            case ast.Attribute(value=ast.Name(), attr=name):
                called = self._names.get(name, name)
                given = {self._properties[k.arg]: self._value(k.value) for k in call.keywords if k.arg}
                inputs = {key: _schema_names(value, self._inputs[called][key]) for key, value in given.items()}
                if name in self._names:
                    return Lookup(variable, called, inputs)
                return Resource(variable, name, str(self._value(call.args[0])), inputs)
        raise _not_understood(call)

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name) if name in self._constants:
                return self._constants[name]
            case ast.List(elts=items):
                return [self._value(item) for item in items]
            case ast.Dict(keys=keys, values=values):
                return {self._value(k): self._value(v) for k, v in zip(keys, values, strict=True) if k}
            case ast.Call(func=ast.Attribute(attr="secret"), args=[inner]):
                return Secret(str(self._value(inner)))
            case ast.Attribute(value=ast.Name(id=variable), attr=name):
                return Reference(variable, self._properties[name])
            case ast.Subscript(value=ast.Attribute(value=ast.Name(id=variable), attr=name), slice=key):
                return Reference(variable, self._properties[name], str(self._value(key)))
        raise _not_understood(node)


def _schema_names(value: Any, kind: PropertyType) -> Any:
    """Return a value with the schema's names in nested objects."""
    if isinstance(kind, ListOf) and isinstance(value, list):
        return [_schema_names(item, kind.item) for item in value]
    if isinstance(kind, MapOf) and isinstance(value, dict):
        return {key: _schema_names(item, kind.value) for key, item in value.items()}
    if isinstance(kind, ObjectType) and isinstance(value, dict):
        known = {snake_case(p.name): p for p in kind.properties}
        return {known[key].name: _schema_names(item, known[key].type) for key, item in value.items()}
    return value


def _not_understood(node: ast.AST) -> ValueError:
    return ValueError(f"an example has code that is not translated: {ast.unparse(node)}")
