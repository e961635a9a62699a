"""The control plane described by OpenAPI 3.1, from the table that serves it."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from voicehooks_page.description import answers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.requests import Request

    from voicehooks_sandbox.operation import Operation

_ANSWERS = answers()
_MESSAGE = {
    "type": "object",
    "required": ["message"],
    "properties": {"message": {"type": "string", "description": "One sentence: what is wrong."}},
}


def describing(operations: Sequence[Operation]) -> Callable[[Request], Awaitable[dict[str, Any]]]:
    """The action that answers with the description of these operations."""
    document = describe(operations)

    async def read(_: Request) -> dict[str, Any]:
        return document

    return read


def describe(operations: Sequence[Operation]) -> dict[str, Any]:
    """The OpenAPI document of these operations."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(f"/_sandbox{operation.path}", {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "voicehooks-sandbox: the control plane", "version": "1"},
        "paths": paths,
    }


def _described(operation: Operation) -> dict[str, Any]:
    text = inspect.getdoc(operation.action) or ""
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", operation.path)
    ] + [{"name": name, "in": "query", "schema": {"type": "string"}} for name in operation.query]
    described: dict[str, Any] = {
        "operationId": f"{operation.method.lower()}{operation.path}",
        "summary": " ".join(text.split("\n\n")[0].split()).replace("``", "`"),
        "parameters": parameters,
        "responses": {
            str(operation.status): _done(operation),
            "400": {"description": "Refused.", "content": {"application/json": {"schema": _MESSAGE}}},
        },
    }
    if "{" in operation.path or operation.path == "/snapshots":
        described["responses"]["404"] = {
            "description": "What the path or the body names does not exist.",
            "content": {"application/json": {"schema": _MESSAGE}},
        }
    if operation.body is not None:
        described["requestBody"] = {"content": {"application/json": {"schema": operation.body}}}
    return described


def _done(operation: Operation) -> dict[str, Any]:
    if operation.status == 204:
        return {"description": "Done."}
    schema = {"type": "object" if operation.media_type == "application/json" else "string"}
    if operation.method == "GET":
        schema = _ANSWERS.get(operation.path.removeprefix("/"), schema)
    return {"description": "Done.", "content": {operation.media_type: {"schema": schema}}}
