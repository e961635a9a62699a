"""The expressions and texts of generated Python: types, arguments, docstrings."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from .table import ListOf, MapOf, ObjectType, Scalar, markdown, snake_case

if TYPE_CHECKING:
    from .table import Property, PropertyType

__all__ = [
    "argument",
    "docstring",
    "input_type",
    "output_type",
    "sentence",
    "setting",
    "shape",
    "shape_constant",
]

_SCALARS = {Scalar.STRING: "str", Scalar.BOOLEAN: "bool", Scalar.INTEGER: "int", Scalar.NUMBER: "float"}
_WIDTH = 108


def input_type(kind: PropertyType) -> str:
    """Return the type of what a program gives."""
    if isinstance(kind, Scalar):
        return _SCALARS[kind]
    if isinstance(kind, ListOf):
        return f"Sequence[pulumi.Input[{input_type(kind.item)}]]"
    if isinstance(kind, MapOf):
        return f"Mapping[str, pulumi.Input[{input_type(kind.value)}]]"
    return f"{kind.name}Args"


def output_type(kind: PropertyType) -> str:
    """Return the type of an output's value."""
    if isinstance(kind, Scalar):
        return _SCALARS[kind]
    if isinstance(kind, ListOf):
        return f"Sequence[{output_type(kind.item)}]"
    if isinstance(kind, MapOf):
        return f"Mapping[str, {output_type(kind.value)}]"
    # The SDK checks outputs against classes of its own; a mapping it hands on as it is.
    return "Mapping[str, Any]"


def argument(prop: Property) -> str:
    """Return the expression that sends an argument."""
    name = snake_case(prop.name)
    if names := shape(prop.type):
        name = f"schema_names({name}, {names})"
    if prop.secret and prop.required:
        return f"pulumi.Output.secret({name})"
    if prop.secret:
        return f"None if {snake_case(prop.name)} is None else pulumi.Output.secret({name})"
    return name


def setting(prop: Property) -> str:
    """Return the expression for a provider's setting, which the engine takes as text."""
    if prop.type is Scalar.STRING:
        return argument(prop)
    name = snake_case(prop.name)
    return f"None if {name} is None else pulumi.Output.json_dumps({name})"


def shape(kind: PropertyType) -> str | None:
    """Return the expression for the shape of a type; None where nothing nested has names."""
    if isinstance(kind, ObjectType):
        return shape_constant(kind)
    if isinstance(kind, ListOf | MapOf):
        inner = shape(kind.item if isinstance(kind, ListOf) else kind.value)
        return inner and f"{type(kind).__name__}({inner})"
    return None


def shape_constant(kind: ObjectType) -> str:
    """Return the name of the constant with an object's names."""
    return f"_{snake_case(kind.name).upper()}"


def sentence(prop: Property) -> str:
    """Return a property's description."""
    text = markdown(prop.doc)
    if prop.allowed:
        text += f" One of {', '.join(f'`{v}`' for v in prop.allowed)}."
    if prop.source:
        text += f" ({prop.source})"
    return text


def docstring(text: str, level: int) -> str:
    """Return text as a docstring, indented to a level."""
    indent = "    " * level
    wrapped: list[str] = []
    for line in text.splitlines():
        lead = " " * (len(line) - len(line.lstrip()))
        hanging = lead + "    " if lead else lead
        wrapped += textwrap.wrap(
            line, _WIDTH - len(indent), initial_indent="", subsequent_indent=hanging, break_long_words=False
        ) or [""]
    body = "\n".join(f"{indent}{line}".rstrip() for line in wrapped)
    quoted = body.lstrip().replace("\\", "\\\\").replace('"""', "'''")
    return f'{indent}"""{quoted}\n{indent}"""' if "\n" in quoted else f'{indent}"""{quoted}"""'
