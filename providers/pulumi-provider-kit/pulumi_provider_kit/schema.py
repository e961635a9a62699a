"""The Pulumi package schema of a provider, made from its table.

The format is described in Pulumi's documentation, "Pulumi Package schema"; ``pulumi schema check`` and
``pulumi package get-schema`` read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .table import ListOf, MapOf, ObjectType, ProviderTable, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .table import Default, Property, PropertyType

__all__ = ["package_schema"]


def package_schema(table: ProviderTable) -> dict[str, Any]:
    """Return the schema as plain JSON data."""
    types: dict[str, Any] = {}
    return {
        "name": table.name,
        "version": table.version,
        "displayName": table.display_name,
        "description": table.doc,
        "keywords": list(table.keywords),
        "license": "Apache-2.0",
        "meta": {"moduleFormat": "(.*)"},
        "config": {
            "variables": _properties(table, table.config, types),
            "defaults": [p.name for p in table.config if p.required],
        },
        "provider": {
            "description": table.doc,
            "inputProperties": _properties(table, table.config, types),
            "requiredInputs": [p.name for p in table.config if p.required],
        },
        "resources": {
            table.token(r.name): {
                "description": r.doc,
                "properties": _properties(table, r.properties, types),
                "required": [p.name for p in r.properties if p.required or p.computed or p in r.outputs],
                "inputProperties": _properties(table, r.arguments, types),
                "requiredInputs": [p.name for p in r.arguments if p.required],
            }
            for r in table.resources
        },
        "functions": {
            table.token(f.name): {
                "description": f.doc,
                "inputs": {
                    "type": "object",
                    "properties": _properties(table, f.inputs, types),
                    "required": [p.name for p in f.inputs if p.required],
                },
                "outputs": {
                    "type": "object",
                    "properties": _properties(table, f.outputs, types),
                    "required": [p.name for p in f.outputs],
                },
            }
            for f in table.functions
        },
        "types": types,
        "language": {"python": {"pyproject": {"enabled": True}}},
    }


def _properties(table: ProviderTable, properties: Iterable[Property], types: dict[str, Any]) -> dict[str, Any]:
    return {p.name: _property(table, p, types) for p in properties}


def _property(table: ProviderTable, prop: Property, types: dict[str, Any]) -> dict[str, Any]:
    described = {**_type(table, prop.type, types), "description": prop.doc}
    if prop.secret:
        described["secret"] = True
    if prop.replaces:
        described["replaceOnChanges"] = True
    if prop.default is not None:
        described |= _default(prop.default)
    return described


def _default(default: Default) -> dict[str, Any]:
    described: dict[str, Any] = {}
    if default.value is not None:
        described["default"] = default.value
    if default.environment:
        described["defaultInfo"] = {"environment": list(default.environment)}
    return described


def _type(table: ProviderTable, kind: PropertyType, types: dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind, Scalar):
        return {"type": kind.value}
    if isinstance(kind, ListOf):
        return {"type": "array", "items": _type(table, kind.item, types)}
    if isinstance(kind, MapOf):
        return {"type": "object", "additionalProperties": _type(table, kind.value, types)}
    return {"$ref": f"#/types/{_define(table, kind, types)}"}


def _define(table: ProviderTable, kind: ObjectType, types: dict[str, Any]) -> str:
    token = table.token(kind.name)
    if token not in types:
        types[token] = {}  # claimed first: an object may hold itself
        types[token] = {
            "type": "object",
            "description": kind.doc,
            "properties": _properties(table, kind.properties, types),
            "required": [p.name for p in kind.properties if p.required],
        }
    return token
