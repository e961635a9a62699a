"""The Management API against the vendor's OpenAPI document, with requests generated from it.

In addition, every answer that any test here gets over the `api` fixture is held against the document.
"""

from __future__ import annotations

import json
import random
import string
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.sandbox.supabase.schema import Document, Schema

_WRONG = {"string": 7, "integer": "seven", "boolean": "yes", "array": {}, "object": []}


def values(document: Document, schema: Schema) -> st.SearchStrategy[Any]:
    """Values that fit a schema."""
    schema = document.resolve(schema)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "string" if "pattern" in schema and "SUPABASE_" not in schema["pattern"]:
            return st.text(string.ascii_lowercase, min_size=1, max_size=12)
        case "string":
            return st.text(string.printable, min_size=1, max_size=min(40, schema.get("maxLength", 40)))
        case "integer":
            return st.integers(0, 10_000)
        case "boolean":
            return st.booleans()
        case "array":
            return st.lists(values(document, schema.get("items", {})), max_size=3)
        case "object":
            properties = {name: values(document, part) for name, part in schema.get("properties", {}).items()}
            required = {name: part for name, part in properties.items() if name in schema.get("required", [])}
            optional = {name: part for name, part in properties.items() if name not in required}
            return st.fixed_dictionaries(required, optional=optional)
        case _:
            return st.none() | st.integers() | st.text(max_size=5)


def body_schema(operation: dict[str, Any]) -> Schema | None:
    """The schema of an operation's JSON body."""
    content = operation.get("requestBody", {}).get("content", {})
    schema: Schema | None = content.get("application/json", {}).get("schema")
    return schema


def fill(path: str, ref: str) -> str:
    """A path with its placeholders filled."""
    return path.replace("{ref}", ref).replace("{function_slug}", "hello").replace("{version}", "20260101000000")


def test_every_operation_of_the_document_is_emulated(
    api: httpx.Client, document: Document, sandbox: dict[str, str]
) -> None:
    """None of the operations that the sandbox claims is answered 501."""
    missing = []
    for method, path, _ in document.operations():
        url = fill(path, sandbox["supabase_project_ref"]).replace(
            "{id}", "22222222-2222-4222-8222-222222222222"
        )
        answer = api.request(
            method, url, headers={"Accept": "multipart/form-data", "Content-Type": "application/json"}
        )
        if answer.status_code in (404, 405, 501) and "not found" not in answer.json()["message"]:
            missing.append(f"{method} {path}: {answer.status_code}")

    assert missing == []


@settings(
    max_examples=60,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_generated_requests_get_documented_answers(
    api: httpx.Client, document: Document, sandbox: dict[str, str], data: Any
) -> None:
    """Requests that fit the document are never a 500, and successes have the documented status and shape."""
    with_body = [(m, p, o) for m, p, o in document.operations() if body_schema(o) and "query" not in p]
    method, path, operation = data.draw(st.sampled_from(with_body))
    body = data.draw(values(document, body_schema(operation)))

    answer = api.request(
        method,
        fill(path, sandbox["supabase_project_ref"]),
        content=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )

    assert answer.status_code < 500, (method, path, body, answer.text)
    if answer.status_code >= 400:
        assert set(answer.json()) == {"message"}


def test_bodies_of_a_wrong_type_are_refused_with_a_message(
    api: httpx.Client, document: Document, sandbox: dict[str, str]
) -> None:
    """Each property of each JSON body, given with a wrong type, is answered 400 with {message}."""
    accepted = []
    for method, path, operation in document.operations():
        schema = body_schema(operation)
        if schema is None:
            continue
        resolved = document.resolve(schema)
        parts = document.resolve(resolved["items"]) if resolved["type"] == "array" else resolved
        for name, part in parts.get("properties", {}).items():
            kind = part.get("type")
            if kind is None or name in ("created_at", "import_map", "entrypoint_path", "import_map_path"):
                continue
            body: Any = {
                key: "x" if value.get("type") == "string" else 1 for key, value in parts["properties"].items()
            } | {name: _WRONG[kind]}
            body = [body] if resolved["type"] == "array" else body
            answer = api.request(method, fill(path, sandbox["supabase_project_ref"]), json=body)
            if not (400 <= answer.status_code < 500 and set(answer.json()) == {"message"}):
                accepted.append(f"{method} {path} {name}: {answer.status_code}")

    assert accepted == []


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"null", b"7", b'"text"'])
def test_bodies_that_are_no_json_of_the_right_kind_are_refused(
    api: httpx.Client, document: Document, sandbox: dict[str, str], content: bytes
) -> None:
    """Broken or unexpected JSON is a 400 on every operation that takes JSON."""
    wrong = []
    for method, path, operation in document.operations():
        if body_schema(operation) is not None:
            url = fill(path, sandbox["supabase_project_ref"])
            answer = api.request(method, url, content=content, headers={"Content-Type": "application/json"})
            if answer.status_code not in (400, 404):
                wrong.append(f"{method} {path}: {answer.status_code}")

    assert wrong == []


def test_the_check_itself_finds_what_is_wrong(document: Document) -> None:
    """A wrong status, type, enum value and a missing property are all found."""
    path = "/v1/projects/" + "".join(random.choices(string.ascii_lowercase, k=20)) + "/functions"
    good = {
        "id": "i",
        "slug": "s",
        "name": "n",
        "status": "ACTIVE",
        "version": 1,
        "created_at": 1,
        "updated_at": 1,
    }

    assert document.answer_problems("GET", path, 200, [good]) == []
    for wrong in ({**good, "version": "1"}, {**good, "status": "OFF"}, {"id": "i"}):
        assert document.answer_problems("GET", path, 200, [wrong])
    assert document.answer_problems("POST", path, 200, good)
