"""Errors of the sandbox's PostgREST (12) in the words of the version that hosted projects run (14).

PostgREST docs: references/errors. A missing table is PGRST205 since version 13, and an expired token PGRST303
since version 14; clients decide by these codes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from voicehooks_sandbox.supabase.gateway.forwarding import Client
from voicehooks_sandbox.supabase.gateway.rules import header

if TYPE_CHECKING:
    from starlette.types import Message

_EXPIRED = "JWT expired"


def translated(client: Client, path: bytes) -> Client:
    """The same client, to which errors are sent as a hosted project would.

    Args:
        client: Where the answer goes.
        path: The path below /rest/v1, which names the table.
    """
    held: list[Message] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in (401, 404):
            held.append(message)
            return
        if not held:
            await client.send(message)
            return
        held.append(message)
        if message.get("more_body"):
            return
        body = b"".join(part.get("body", b"") for part in held[1:])
        start = held[0]
        if body:
            error = _translate(_parse(body), client, path, start["status"])
            if error is not None:
                body = json.dumps(error).encode()
                changed = (b"content-length", b"content-type", b"proxy-status")
                headers = [entry for entry in start["headers"] if entry[0] not in changed]
                headers.append((b"content-type", b"application/json; charset=utf-8"))
                headers.append((b"content-length", str(len(body)).encode()))
                headers.append((b"proxy-status", f"PostgREST; error={error['code']}".encode()))
                start = {**start, "headers": headers}
        held.clear()
        await client.send(start)
        await client.send({"type": "http.response.body", "body": body, "more_body": False})

    return Client(client.scope, client.receive, send)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError:
        return {"unreadable": True}
    return content if isinstance(content, dict) else {"unreadable": True}


def _translate(error: dict[str, Any], client: Client, path: bytes, status: int) -> dict[str, Any] | None:
    """The error in the other version's words; None if it is the same there."""
    if status == 401 and error.get("code") == "PGRST301" and error.get("message") == _EXPIRED:
        return {**error, "code": "PGRST303"}
    table = unquote(path.strip(b"/").decode("latin-1"))
    if status != 404 or not table or "/" in table:
        return None
    is_reading = client.scope["method"] in ("GET", "HEAD")
    profile = header(client.scope["headers"], b"accept-profile" if is_reading else b"content-profile")
    schema = (profile or b"public").decode("latin-1")
    missing = f'relation "{schema}.{table}" does not exist'
    # Version 12 answers a write to a missing table with an empty object.
    if error and (error.get("code"), error.get("message")) != ("42P01", missing):
        return None
    message = f"Could not find the table '{schema}.{table}' in the schema cache"
    return {"code": "PGRST205", "details": None, "hint": None, "message": message}
