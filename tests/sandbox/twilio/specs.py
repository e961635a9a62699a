"""Twilio's OpenAPI documents, as far as an answer can be checked by them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx


@dataclass
class Specs:
    """Twilio's OpenAPI descriptions, reduced to what can be checked of an answer."""

    operations: dict[str, dict[str, Any]]
    schemas: dict[str, dict[str, Any]]
    seen: set[str] = field(default_factory=set)

    def operation_of(self, method: str, path: str) -> str | None:
        """The operation of a path; of several that match, the one with the fewest parameters in its path."""
        matching = []
        for key in self.operations:
            its_method, template = key.split(" ", 1)
            pattern = re.sub(r"\\{[A-Za-z]+\\}", "[^/]+", re.escape(template))
            if its_method == method and re.fullmatch(pattern, path):
                matching.append(key)
        return min(matching, key=lambda key: key.count("{"), default=None)

    def check(self, method: str, path: str, response: httpx.Response) -> None:
        """Compare an answer of the 200s with its operation's description; assert that it fits."""
        key = self.operation_of(method, path)
        if key is None or not response.is_success:
            return
        operation = self.operations[key]
        self.seen.add(key)
        assert response.status_code in operation["status"], key
        if response.status_code == 204:
            assert response.content == b""
            return
        body = response.json()
        if "list" in operation:
            assert set(operation["page"]) <= set(body), key
            for item in body[operation["list"]]:
                self.check_object(operation["schema"], item)
        else:
            self.check_object(operation["schema"], body)

    def check_object(self, schema: str, item: dict[str, Any]) -> None:
        properties = self.schemas[schema]
        missing = set(properties) - set(item) - {"encryption_details"}
        assert not missing, f"{schema} lacks {missing}"
        assert not set(item) - set(properties), f"{schema} has unknown {set(item) - set(properties)}"
        for name, rule in properties.items():
            problem = _problem(rule, item.get(name))
            assert problem is None, f"{schema}.{name}: {problem}"


def _problem(rule: dict[str, Any], value: Any) -> str | None:
    if value is None:
        return None if rule.get("nullable") or not rule else "null is not allowed"
    types = {
        "string": str,
        "boolean": bool,
        "integer": int,
        "object": dict,
        "array": list,
        "number": (str, float),
    }
    wanted = types.get(rule.get("type", ""))
    if wanted is not None and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        return f"{value!r} is no {rule['type']}"
    # Twilio shows what is not set as an empty string in some fields (its own examples do).
    if value != "" and "pattern" in rule and not re.search(rule["pattern"], value):
        return f"{value!r} does not match {rule['pattern']}"
    if "enum" in rule and value not in rule["enum"]:
        return f"{value!r} is none of {rule['enum']}"
    if rule.get("format") == "date-time-rfc-2822" and parsedate_to_datetime(value).tzinfo is None:
        return f"{value!r} has no zone"
    if rule.get("format") == "date-time" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
        return f"{value!r} is no ISO moment"
    return None
