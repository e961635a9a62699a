"""The page's requests as an OpenAPI document: the reading half, as one of the servers has it."""

from __future__ import annotations

import re
from typing import Any

from voicehooks_page.api import EVENTS, READING, Reading, Server
from voicehooks_page.json_schema import schema_of

__all__ = ["answers", "describe"]


def answers() -> dict[str, dict[str, Any]]:
    """The JSON Schemas of the answers, by the path of the request."""
    return {reading.path: schema_of(reading.answer) for reading in READING if reading.answer is not None}


def describe(server: Server, title: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of a server that has the reading half only.

    Args:
        server: which one.
        title: the document's title.
    """
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": {
            f"/{reading.path}": {"get": _described(reading)} for reading in READING if server in reading.servers
        },
        "components": {"schemas": {f"event-{name}": schema_of(kind) for name, kind in EVENTS.items()}},
    }


def _described(reading: Reading) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", reading.path)
    ] + [{"name": name, "in": "query", "schema": {"type": "string"}} for name in reading.query]
    media_type = {"events": "text/event-stream"}.get(reading.path, "audio/mpeg")
    content = (
        {media_type: {"schema": {"type": "string"}}}
        if reading.answer is None
        else {"application/json": {"schema": schema_of(reading.answer)}}
    )
    return {
        "operationId": reading.path,
        "summary": " ".join((reading.answer.__doc__ or "").split()) if reading.answer else reading.path,
        "parameters": parameters,
        "responses": {"200": {"description": "Done.", "content": content}},
    }
