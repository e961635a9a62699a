"""Adds operations of Twilio's OpenAPI document to the reduced one that answers are checked by.

``python -m tests.sandbox.twilio.reduce_specs twilio_api_v2010.json "GET /2010-04-01/..." ...``; the document is
in github.com/twilio/twilio-oai and in the npm package @twilio/cli-core, under Apache-2.0. With documents only,
``reduce_specs twilio_api_v2010.json ...``, it lists all operations of these in ``documented.txt``.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[2] / "fixtures" / "twilio_specs"
_NUMBERED = re.compile(r"Parameter([2-9]|\d\d)\.")
_KEPT = ("type", "nullable", "format", "pattern", "enum")


def reduced_operation(document: dict[str, Any], key: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """One operation, and the schemas that it names."""
    method, path = key.split(" ", 1)
    operation = document["paths"][path][method.lower()]
    successes = {int(code): body for code, body in operation["responses"].items() if code.startswith("2")}
    result: dict[str, Any] = {"status": sorted(successes)}
    schemas: dict[str, Any] = {}
    body = successes[min(successes)]
    if content := body.get("content"):
        schema = content["application/json"]["schema"]
        if "$ref" not in schema:
            result["list"] = next(name for name, rule in schema["properties"].items() if "items" in rule)
            result["page"] = sorted(set(schema["properties"]) - {result["list"]})
            schema = schema["properties"][result["list"]]["items"]
        name = schema["$ref"].rpartition("/")[2]
        result["schema"] = name
        schemas[name] = _properties(document, document["components"]["schemas"][name])
        for property_name in _null_in_examples(content["application/json"]):
            if property_name in schemas[name]:
                # The document cannot say of a reference that it is nullable, but its examples show it.
                schemas[name][property_name]["nullable"] = True
    query = [parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"]
    if query:
        result["query"] = query
    if "requestBody" in operation:
        (form,) = operation["requestBody"]["content"].values()
        properties = _properties(document, form["schema"])
        # Of numbered parameters, the first is enough.
        result["form"] = {name: rule for name, rule in properties.items() if not _NUMBERED.match(name)}
    return result, schemas


def _null_in_examples(content: dict[str, Any]) -> set[str]:
    found = set()
    for example in content.get("examples", {}).values():
        value = example.get("value") or {}
        items = next((entry for entry in value.values() if isinstance(entry, list)), [value])
        found |= {name for item in items if isinstance(item, dict) for name in item if item[name] is None}
    return found


def _properties(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return {name: _rule(document, rule) for name, rule in schema.get("properties", {}).items()}


def _rule(document: dict[str, Any], rule: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in rule:
        rule = document["components"]["schemas"][rule["$ref"].rpartition("/")[2]]
        return {"enum": rule["enum"]} if "enum" in rule else {"nullable": True, "type": rule["type"]}
    return {name: rule[name] for name in _KEPT if name in rule}


def main(spec: str, keys: list[str]) -> None:
    """Add operations to the fixtures; those that are there already are replaced."""
    document = json.loads(Path(spec).read_text("utf-8"))
    both = {
        name: json.loads((FIXTURES / f"{name}.json").read_text("utf-8")) for name in ("operations", "schemas")
    }
    for key in keys:
        both["operations"][key], schemas = reduced_operation(document, key)
        both["schemas"] |= schemas
    for name, entries in both.items():
        lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(entry)}" for key, entry in entries.items())
        (FIXTURES / f"{name}.json").write_text(f"{{\n{lines}\n}}\n", "utf-8")


def list_operations(specs: list[str]) -> None:
    """Write the names of all operations of these documents, one per line."""
    keys = {
        f"{method.upper()} {path}"
        for spec in specs
        for path, methods in json.loads(Path(spec).read_text("utf-8"))["paths"].items()
        for method in methods
        if method in {"get", "post", "put", "patch", "delete"}
    }
    (FIXTURES / "documented.txt").write_text("".join(f"{key}\n" for key in sorted(keys)), "utf-8")


if __name__ == "__main__":
    if all(argument.endswith(".json") and " " not in argument for argument in sys.argv[1:]):
        list_operations(sys.argv[1:])
    else:
        main(sys.argv[1], sys.argv[2:])
