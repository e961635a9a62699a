"""Requests checked against the Management API's own document (OpenAPI 3.0)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

__all__ = ["ManagementDocument", "parts_of"]

_FILE = Path(__file__).parents[2] / "fixtures" / "supabase_specs" / "management_v1.json"
_TYPES: dict[str, Any] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


class ManagementDocument:
    """The document, reduced to the operations that are used."""

    def __init__(self) -> None:
        self._document = json.loads(_FILE.read_text(encoding="utf-8"))

    def operation(self, method: str, path: str) -> tuple[str, Mapping[str, Any]]:
        """Return the operation of a request, the more literal path first; fails where there is none."""
        found = [
            (template, operations[method.lower()])
            for template, operations in self._document["paths"].items()
            if method.lower() in operations and re.fullmatch(re.sub(r"\{[^/]+\}", "[^/]+", template), path)
        ]
        assert found, f"the document has no {method} {path}"
        return min(found, key=lambda entry: entry[0].count("{"))

    def schema(self, name: str) -> dict[str, Any]:
        """Return a type of the document."""
        found: dict[str, Any] = self._document["components"]["schemas"][name]
        return found

    def permissions(self, method: str, path: str) -> set[str]:
        """Return the fine-grained permissions, one of which the operation needs."""
        _, operation = self.operation(method, path)
        return {p for rule in operation["security"] for p in rule.get("fga_permissions", [])}

    def problems(self, request: httpx.Request) -> list[str]:
        """Return what the document does not allow in a request."""
        template, operation = self.operation(request.method, request.url.path)
        parameters = {p["name"]: p for p in operation.get("parameters", [])}
        names = re.findall(r"\{([^/]+)\}", template)
        values = re.fullmatch(re.sub(r"\{[^/]+\}", "([^/]+)", template), request.url.path)
        assert values is not None
        problems = []
        given = dict(zip(names, values.groups(), strict=True)) | dict(request.url.params)
        for name, value in given.items():
            if name not in parameters:
                problems.append(f"{name} is no parameter")
            else:
                problems += self._check(
                    parameters[name]["schema"], _typed(value, parameters[name]["schema"]), name
                )
        problems += [f"{n} is missing" for n, p in parameters.items() if p.get("required") and n not in given]
        if request.headers.get("Authorization", "").partition(" ")[0] != "Bearer":
            problems.append("no bearer token")
        return problems + self._body_problems(request, operation)

    def _body_problems(self, request: httpx.Request, operation: Mapping[str, Any]) -> list[str]:
        content = operation.get("requestBody", {}).get("content")
        if content is None:
            return ["a body where there is none"] if request.content else []
        kind = request.headers.get("Content-Type", "").partition(";")[0]
        if kind not in content:
            return [f"a body of type {kind}"]
        if kind == "application/json":
            return self._check(content[kind]["schema"], json.loads(request.content), "body")
        parts = parts_of(request)
        body: dict[str, Any] = {"file": [text for name, _, text in parts if name == "file"]}
        body |= {name: json.loads(text) for name, _, text in parts if name == "metadata"}
        unknown = {name for name, _, _ in parts} - {"file", "metadata"}
        return self._check(content[kind]["schema"], body, "body") + [f"an unknown part {n}" for n in unknown]

    def _check(self, schema: Mapping[str, Any], value: Any, where: str) -> list[str]:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self._check(self._document["components"]["schemas"][name], value, where)
        kind = _TYPES.get(schema.get("type", ""))
        if kind is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            return [f"{where} is no {schema['type']}"]
        problems = []
        if isinstance(value, str):
            if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
                problems.append(f"{where} has {len(value)} characters")
            if "pattern" in schema and not re.search(schema["pattern"], value):
                problems.append(f"{where} does not match {schema['pattern']}")
            if "enum" in schema and value not in schema["enum"]:
                problems.append(f"{where} is not one of {schema['enum']}")
        if isinstance(value, list):
            for index, item in enumerate(value):
                problems += self._check(schema.get("items", {}), item, f"{where}[{index}]")
        if isinstance(value, dict):
            properties = schema.get("properties", {})
            problems += [f"{where}.{n} is missing" for n in schema.get("required", []) if n not in value]
            problems += [f"{where}.{n} is unknown" for n in value if properties and n not in properties]
            for name, item in value.items():
                problems += self._check(properties.get(name, {}), item, f"{where}.{name}")
        return problems


def parts_of(request: httpx.Request) -> list[tuple[str, str, str]]:
    """Return name, filename and text of each part of a multipart request, in order."""
    boundary = request.headers["Content-Type"].partition("boundary=")[2].encode()
    found = []
    for part in request.content.split(b"--" + boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(r'name="([^"]*)"', head.decode())
        filename = re.search(r'filename="([^"]*)"', head.decode())
        assert name is not None
        text = content.removesuffix(b"\r\n").decode()
        found.append((name[1], filename[1] if filename else "", text))
    return found


def _typed(value: str, schema: Mapping[str, Any]) -> Any:
    return value == "true" if schema.get("type") == "boolean" else value
