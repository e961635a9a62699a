"""Answers held against the vendor's OpenAPI document (the part of JSON Schema that it uses)."""

from __future__ import annotations

import re
from typing import Any

Schema = dict[str, Any]
_KINDS: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}


class Document:
    """The vendor's document."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content
        self._paths = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), path)
            # A fixed path wins over one with a placeholder.
            for path in sorted(content["paths"], key=lambda path: path.count("{"))
        ]

    def operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        """All operations as (method, path, operation)."""
        paths = self._content["paths"]
        return [(method, path, paths[path][method]) for path in sorted(paths) for method in sorted(paths[path])]

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """The operation behind a request, if the document has it."""
        for pattern, name in self._paths:
            if pattern.match(path):
                operation: dict[str, Any] | None = self._content["paths"][name].get(method.lower())
                return operation
        return None

    def resolve(self, schema: Schema) -> Schema:
        """Follow a reference."""
        reference = schema.get("$ref")
        if reference is None:
            return schema
        resolved: Schema = self._content["components"]["schemas"][reference.rpartition("/")[2]]
        return resolved

    def answer_problems(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with an answer: an undocumented success status, or a body against its schema."""
        operation = self.operation(method, path)
        if operation is None or status >= 400:
            return []
        documented = operation["responses"].get(str(status))
        if documented is None:
            return [f"{method} {path}: status {status} is not one of {sorted(operation['responses'])}"]
        schema = documented.get("content", {}).get("application/json", {}).get("schema")
        return self.problems(schema, body, f"{method} {path}") if schema and body is not None else []

    def problems(self, schema: Schema, value: Any, where: str) -> list[str]:
        """Where a value breaks its schema."""
        schema = self.resolve(schema)
        if value is None:
            return [] if schema.get("nullable") or not schema else [f"{where}: null"]
        if "oneOf" in schema:
            fits = [option for option in schema["oneOf"] if not self.problems(option, value, where)]
            return [] if fits else [f"{where}: fits none of oneOf"]
        kind = schema.get("type")
        if kind is not None:
            right = isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))
            if not right:
                return [f"{where}: {value!r} is not of type {kind}"]
        found = []
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{where}: {value!r} is not in {schema['enum']}")
        if isinstance(value, str):
            found += self._text_problems(schema, value, where)
        if isinstance(value, dict):
            found += self._object_problems(schema, value, where)
        if isinstance(value, list):
            for index, item in enumerate(value):
                found += self.problems(schema.get("items", {}), item, f"{where}[{index}]")
        return found

    def _text_problems(self, schema: Schema, value: str, where: str) -> list[str]:
        found = []
        if "pattern" in schema and re.search(schema["pattern"], value) is None:
            found.append(f"{where}: {value!r} does not match {schema['pattern']}")
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            found.append(f"{where}: {value!r} has the wrong length")
        return found

    def _object_problems(self, schema: Schema, value: dict[str, Any], where: str) -> list[str]:
        found = [f"{where}.{name}: missing" for name in schema.get("required", []) if name not in value]
        for name, item in value.items():
            if name in schema.get("properties", {}):
                found += self.problems(schema["properties"][name], item, f"{where}.{name}")
        return found
