"""Requests checked against Twilio's own documents (OpenAPI 3.0), reduced to the paths that matter here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

__all__ = ["BUYING", "RELEASING", "problems", "template_of"]

_FILE = Path(__file__).parents[2] / "fixtures" / "twilio_requests" / "requests.json"
_OPERATIONS: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
_NUMBERS = "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers"

BUYING = f"POST {_NUMBERS}.json"
RELEASING = f"DELETE {_NUMBERS}/{{Sid}}.json"
# Written by every list's next page; the document describes them in the answers alone.
_PAGING = {"Page": {"type": "integer"}, "PageToken": {"type": "string"}}


def template_of(request: Mapping[str, Any]) -> str:
    """Return method and path template of a request; fails where the document has none."""
    found = [key for key in _OPERATIONS if _match(key, request) is not None]
    assert found, f"Twilio's documents have no {request['method']} {request['path']}"
    return min(found, key=lambda key: key.count("{"))


def problems(request: Mapping[str, Any]) -> list[str]:
    """Return what the document does not allow in a request as the emulator's journal has it."""
    key = template_of(request)
    operation, match = _OPERATIONS[key], _match(key, request)
    assert match is not None
    query = parse_qsl(request["query"], keep_blank_values=True, strict_parsing=bool(request["query"]))
    return [
        *_problems("path", operation["path"], list(match.groupdict().items())),
        *_problems("query", {**_PAGING, **operation["query"]}, query),
        *_problems("form", operation.get("form", {}), [(n, v) for n, v in request["params"]]),
    ]


def _match(key: str, request: Mapping[str, Any]) -> re.Match[str] | None:
    method, _, template = key.partition(" ")
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+?)", re.escape(template))
    return re.fullmatch(pattern, request["path"]) if method == request["method"] else None


def _problems(where: str, known: Mapping[str, Any], given: Sequence[tuple[str, str]]) -> list[str]:
    found = [f"{where}: {name} is unknown" for name, _ in given if name not in known]
    found += [
        f"{where}: {n} is missing" for n, s in known.items() if s.get("required") and n not in dict(given)
    ]
    for name, value in given:
        schema = known.get(name, {})
        many = schema.get("type") == "array"
        if not many and [n for n, _ in given].count(name) > 1:
            found.append(f"{where}: {name} is there twice")
        reason = _wrong(schema.get("items", {}) if many else schema, value)
        found += [f"{where}: {name} {reason}"] if reason else []
    return found


def _wrong(schema: Mapping[str, Any], value: str) -> str | None:
    # An empty text is how a field is cleared.
    if not value and schema.get("type") == "string":
        return None
    if schema.get("type") == "boolean" and value not in {"true", "false"}:
        return "is no boolean"
    if schema.get("type") == "integer" and not re.fullmatch(r"-?\d+", value):
        return "is no integer"
    if schema.get("format") == "http-method" and value not in {"GET", "POST"}:
        return "is no HTTP method"
    if schema.get("format") == "uri" and not re.match(r"https?://[^/]+|sip:.", value):
        return "is no URL"
    if "enum" in schema and value not in schema["enum"]:
        return f"is not one of {schema['enum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return f"does not match {schema['pattern']}"
    if schema.get("type") == "integer" and not (
        schema.get("minimum", int(value)) <= int(value) <= schema.get("maximum", int(value))
    ):
        return "is out of range"
    return None
