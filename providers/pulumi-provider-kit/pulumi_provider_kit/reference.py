"""Writes a provider's reference page from its table.

python -m pulumi_provider_kit.reference pulumi_twilio docs/pulumi-twilio.md [--check]
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .example_go import in_go
from .example_typescript import in_typescript
from .example_yaml import in_yaml
from .table import ListOf, MapOf, ObjectType, Scalar, markdown, snake_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .table import FunctionTable, Property, PropertyType, ProviderTable, ResourceTable

__all__ = ["main", "reference"]


def reference(table: ProviderTable, package: str) -> str:
    """Return the page as Markdown."""
    parts = [
        f"# pulumi-{table.name}: reference",
        f"<!-- Generated from the property tables of {package}; change those and run make generate. -->",
        markdown(table.doc),
        _installing(table),
        "## Provider configuration",
        _config(table),
        *(_resource(table, resource) for resource in table.resources),
        *(_function(table, function) for function in table.functions),
    ]
    return "\n\n".join(parts) + "\n"


def _installing(table: ProviderTable) -> str:
    return (
        f"[How to install it](../providers/pulumi-{table.name}/README.md). The names below are those of YAML "
        "and TypeScript. Go's begin with a capital letter, and Python's are in snake_case, also in nested "
        "objects."
    )


def _config(table: ProviderTable) -> str:
    rows = ["| key | environment variable | what |", "| --- | --- | --- |"]
    for prop in table.config:
        variables = ", ".join(f"`{v}`" for v in prop.default.environment) if prop.default else ""
        secret = " Secret." if prop.secret else ""
        default = f" Default: `{prop.default.value}`." if prop.default and prop.default.value else ""
        rows.append(f"| `{table.name}:{prop.name}` | {variables} | {_cell(prop.doc)}{default}{secret} |")
    return "\n".join(rows)


def _resource(table: ProviderTable, resource: ResourceTable) -> str:
    parts = [f"## {resource.name}", f"`{table.token(resource.name)}`", markdown(resource.doc)]
    if resource.rights:
        parts.append(f"Rights that a restricted credential needs: {resource.rights}.")
    parts += ["### Inputs", _properties(resource.arguments)]
    if resource.outputs:
        parts += ["### Outputs", _properties(resource.outputs)]
    parts += _object_sections(resource.properties)
    parts += _example(table, resource.example)
    if resource.import_id:
        command = f"pulumi import {table.token(resource.name)} NAME ID"
        parts += ["### Import", f"`{command}`, where ID is {resource.import_id}.{_elsewhere(resource)}"]
    return "\n\n".join(parts)


def _elsewhere(resource: ResourceTable) -> str:
    """Return how an import names an object that is not in the account of the credentials."""
    home = next((p.name for p in resource.arguments if p.home), "")
    if not home:
        return ""
    return f" If it is not in the account of the credentials, put its `{home}` and a slash in front."


def _example(table: ProviderTable, example: str) -> list[str]:
    """Return the section with an example in each language."""
    if not example:
        return []
    others = {"yaml": in_yaml, "typescript": in_typescript, "go": in_go}
    programs = {"python": example, **{language: write(table, example) for language, write in others.items()}}
    titles = {"python": "Python", "yaml": "YAML", "typescript": "TypeScript", "go": "Go"}
    return [
        "### Example",
        *(f"{titles[name]}:\n\n```{name}\n{text.strip()}\n```" for name, text in programs.items()),
    ]


def _function(table: ProviderTable, function: FunctionTable) -> str:
    name = snake_case(function.name)
    parts = [f"## {name}", markdown(function.doc)]
    if function.rights:
        parts.append(f"Rights that a restricted credential needs: {function.rights}.")
    if function.inputs:
        parts += ["### Arguments", _properties(function.inputs)]
    parts += ["### Result", _properties(function.outputs)]
    parts += _object_sections(function.outputs)
    parts += _example(table, function.example)
    return "\n\n".join(parts)


def _properties(properties: Sequence[Property]) -> str:
    rows = ["| property | type | what |", "| --- | --- | --- |"]
    for prop in properties:
        notes = [_cell(prop.doc)]
        if prop.allowed:
            notes.append("One of " + ", ".join(f"`{v}`" for v in prop.allowed) + ".")
        if prop.required:
            notes.append("Required.")
        if prop.secret:
            notes.append("Secret.")
        if prop.replaces:
            notes.append("Another value means another resource.")
        if prop.source:
            notes.append(f"*{prop.source}.*")
        rows.append(f"| `{prop.name}` | {_type(prop.type)} | {' '.join(notes)} |")
    return "\n".join(rows)


def _type(kind: PropertyType) -> str:
    if isinstance(kind, Scalar):
        return kind.value
    if isinstance(kind, ListOf):
        return f"list of {_type(kind.item)}"
    if isinstance(kind, MapOf):
        return f"map to {_type(kind.value)}"
    return kind.name


def _object_sections(properties: Iterable[Property]) -> list[str]:
    """One section for each type, however many properties are of it."""
    kinds = {kind.name: kind for kind in _objects(properties)}
    return [
        f"### {name}\n\n{markdown(kind.doc)}\n\n{_properties(kind.properties)}" for name, kind in kinds.items()
    ]


def _objects(properties: Iterable[Property]) -> Iterator[ObjectType]:
    for prop in properties:
        kind = prop.type
        while isinstance(kind, ListOf | MapOf):
            kind = kind.item if isinstance(kind, ListOf) else kind.value
        if isinstance(kind, ObjectType):
            yield kind
            yield from _objects(kind.properties)


def _cell(text: str) -> str:
    return " ".join(markdown(text).split()).replace("|", "\\|").replace("<", "&lt;")


def main(arguments: Iterable[str] | None = None) -> int:
    """Write or check the page; returns the process's exit code."""
    package, path, *options = list(sys.argv[1:] if arguments is None else arguments)
    text = reference(importlib.import_module(f"{package}.provider").TABLE, package)
    target = Path(path)
    current = target.read_text(encoding="utf-8") if target.exists() else ""
    if "--check" in options and current != text:
        sys.stderr.write(f"{path} is out of date: run make generate\n")
        return 1
    if current != text and "--check" not in options:
        target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
