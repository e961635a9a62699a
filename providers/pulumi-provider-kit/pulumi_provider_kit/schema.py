"""The Pulumi package schema of a provider, made from its table.

The format is described in Pulumi's documentation, "Pulumi Package schema"; ``pulumi schema check`` and
``pulumi package get-schema`` read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .table import ListOf, MapOf, ObjectType, ProviderTable, Scalar, markdown, snake_case

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .table import Default, FunctionTable, Property, PropertyType, ResourceTable

__all__ = ["package_schema"]


def package_schema(table: ProviderTable) -> dict[str, Any]:
    """Return the schema as plain JSON data."""
    types: dict[str, Any] = {}
    return {
        "name": table.name,
        "version": table.version,
        "displayName": table.display_name,
        "description": markdown(table.doc),
        "keywords": list(table.keywords),
        **_published(table),
        "license": "Apache-2.0",
        # supportPack: generated SDKs are complete packages, with the version and Go's module file.
        "meta": {"moduleFormat": "(.*)", "supportPack": True},
        "config": {
            "variables": _properties(table, table.config, types),
            "defaults": [p.name for p in table.config if p.required],
        },
        "provider": {
            "description": markdown(table.doc),
            "inputProperties": _properties(table, table.config, types),
            "requiredInputs": [p.name for p in table.config if p.required],
        },
        "resources": {
            table.token(r.name): {
                "description": _described(r),
                "properties": _properties(table, r.state, types),
                "required": [p.name for p in r.state if p.required or p.computed or p in r.outputs],
                "inputProperties": _inputs(table, r.arguments, types),
                "requiredInputs": [p.name for p in r.arguments if p.required],
            }
            for r in table.resources
        },
        "functions": {
            table.token(f.name): {
                "description": _described(f),
                "inputs": {
                    "type": "object",
                    "properties": _inputs(table, f.inputs, types),
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
        "language": _languages(table),
    }


def _published(table: ProviderTable) -> dict[str, str]:
    """Return who publishes the package and where; what is not set is left out."""
    known = {"namespace": table.namespace, "publisher": table.publisher}
    if table.repository:
        path = table.repository.removeprefix("https://github.com/")
        known |= {
            "homepage": table.repository,
            "repository": table.repository,
            "pluginDownloadURL": f"github://api.github.com/{path}",
        }
    return {key: value for key, value in known.items() if value}


def _languages(table: ProviderTable) -> dict[str, Any]:
    # Each provider is a Go module of its own; example.com belongs to nobody.
    home = table.repository.removeprefix("https://") or "example.com"
    return {
        "go": {"importBasePath": f"{home}/providers/pulumi-{table.name}/sdk/go/{table.name}"},
        # The name of the distribution in this repository, also with a namespace.
        "python": {"packageName": f"pulumi_{table.name}", "pyproject": {"enabled": True}},
    }


def _described(entry: ResourceTable | FunctionTable) -> str:
    """Return a description with its example, in the form that Pulumi's documentation generators read."""
    text = markdown(entry.doc)
    if not entry.example:
        return text
    return (
        f"{text}\n\n{{{{% examples %}}}}\n## Example Usage\n{{{{% example %}}}}\n\n"
        f"```python\n{entry.example.strip()}\n```\n{{{{% /example %}}}}\n{{{{% /examples %}}}}"
    )


def _inputs(table: ProviderTable, properties: Iterable[Property], types: dict[str, Any]) -> dict[str, Any]:
    """Return what a program gives; the values that a property is limited to are known to an editor."""
    described = _properties(table, properties, types)
    for prop in properties:
        if prop.allowed:
            described[prop.name] = {
                **{k: v for k, v in described[prop.name].items() if k != "type"},
                "oneOf": [
                    {"type": "string"},
                    {"type": "string", "$ref": f"#/types/{_enumerate(table, prop, types)}"},
                ],
            }
    return described


def _enumerate(table: ProviderTable, prop: Property, types: dict[str, Any]) -> str:
    token = table.token(prop.name[0].upper() + prop.name[1:])
    enumerated = {
        "type": "string",
        "description": f"The values of `{snake_case(prop.name)}`.",
        "enum": [{"value": value} for value in prop.allowed],
    }
    if types.setdefault(token, enumerated) != enumerated:
        raise ValueError(f"two properties named {prop.name} allow different values; give them different names")
    return token


def _properties(table: ProviderTable, properties: Iterable[Property], types: dict[str, Any]) -> dict[str, Any]:
    return {p.name: _property(table, p, types) for p in properties}


def _property(table: ProviderTable, prop: Property, types: dict[str, Any]) -> dict[str, Any]:
    described = {**_type(table, prop.type, types), "description": markdown(prop.doc)}
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
            "description": markdown(kind.doc),
            "properties": _properties(table, kind.properties, types),
            "required": [p.name for p in kind.properties if p.required],
        }
    return token
