"""Realtime as one ASGI application: the WebSocket, and broadcasts over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import psycopg
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket

from voicehooks_sandbox.supabase.keys import token_of_api_key
from voicehooks_sandbox.supabase.realtime.feed import Feed
from voicehooks_sandbox.supabase.realtime.frames import Broadcast
from voicehooks_sandbox.supabase.realtime.limits import RealtimeLimits
from voicehooks_sandbox.supabase.realtime.rates import Rate, Rates
from voicehooks_sandbox.supabase.realtime.socket import Socket
from voicehooks_sandbox.supabase.realtime.tokens import TokenError, identify
from voicehooks_sandbox.supabase.realtime.topics import Topics
from voicehooks_sandbox.supabase.settings_file import SettingsFile

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from voicehooks_sandbox.supabase.realtime.tokens import Identity

WEBSOCKET_PATH = b"/realtime/v1/websocket"
HTTP_PREFIX = b"/realtime/v1/api/broadcast"
_DISCONNECT_SECONDS = 1.0
_LARGEST_BODY = 3_000_000
_RATE_EXCEEDED = {"message": "You have exceeded your rate limit"}


class Realtime:
    """The application and its state.

    Args:
        database_url: Connection URL of a superuser, who reads the log and asks row-level security for others.
        limits_file: Where the limits are kept.
        deleted_keys: Returns the types of API keys that are gone.
    """

    def __init__(
        self, *, database_url: str, limits_file: Path, deleted_keys: Callable[[], Container[str]]
    ) -> None:
        self._limits = SettingsFile(limits_file, RealtimeLimits())
        self._rates = Rates(lambda: self._limits.current)
        self._topics = Topics()
        self.feed = Feed(database_url, self._broadcast_from_database)
        self._deleted_keys = deleted_keys
        self._sockets: set[Socket] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket, or answer one request (which the gateway has let pass)."""
        if scope["type"] == "websocket":
            await self._serve_socket(WebSocket(scope, receive, send))
            return
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    @property
    def limits(self) -> RealtimeLimits:
        """The limits in force."""
        return self._limits.current

    def change_limits(self, changes: Mapping[str, Any]) -> None:
        """Change some limits and keep them; counts begin at 0.

        Raises:
            ValueError: As `RealtimeLimits.changed`.
        """
        self._limits.change(changes)
        self._rates.clear()

    def reset_limits(self) -> None:
        """Go back to the default limits."""
        self._limits.reset()
        self._rates.clear()

    async def disconnect_all(self) -> None:
        """End all sockets, and wait a moment until their clients know; they connect again."""
        sockets = [*self._sockets]
        for socket in sockets:
            socket.disconnect()
        if sockets:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_DISCONNECT_SECONDS):
                    await asyncio.gather(*(socket.ended.wait() for socket in sockets))

    async def close(self) -> None:
        """End all sockets and follow the database no longer."""
        await self.disconnect_all()
        await self.feed.close()

    async def _serve_socket(self, websocket: WebSocket) -> None:
        await websocket.receive()  # the client's request to connect
        key = websocket.query_params.get("apikey") or websocket.headers.get("x-api-key") or ""
        refusal, identity = _refusal(key, self._deleted_keys())
        most = self.limits.max_concurrent_users
        if most and len(self._sockets) >= most:
            refusal = (429, "Too many connected users")
        elif not self._rates.allows(Rate.JOINS):
            refusal = (429, Rate.JOINS.message)
        if refusal is not None or identity is None:
            status, message = refusal or (401, "")
            await websocket.send_denial_response(JSONResponse({"error": message}, status))
            return
        await websocket.accept()
        version = 2 if websocket.query_params.get("vsn", "1.0.0").startswith("2.") else 1
        socket = Socket(websocket, version, identity, self._topics, self.feed, rates=self._rates)
        self._sockets.add(socket)
        try:
            await socket.serve()
        finally:
            self._sockets.discard(socket)

    async def _answer(self, request: Request) -> Response:
        """POST /api/broadcast: messages; or one, with topic and event in the path."""
        headers = {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
        if request.method != "POST":
            return Response(status_code=405, headers={**headers, "allow": "POST"})
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            identity = identify(token if scheme.lower() == "bearer" else "")
        except TokenError:
            return JSONResponse({"message": "Unauthorized"}, 401, headers)
        body = await request.body()
        if len(body) > _LARGEST_BODY:
            return JSONResponse({"message": "Payload too large"}, 413, headers)
        try:
            rest = request.url.path.encode().removeprefix(HTTP_PREFIX).decode()
            response = await self._send(request, identity, rest, body)
        except psycopg.Error:
            response = JSONResponse({"message": "The database is not available"}, 503)
        response.headers.update(headers)
        return response

    async def _send(self, request: Request, identity: Identity, rest: str, body: bytes) -> Response:
        if not rest:
            messages, errors = _messages(body)
            if errors:
                return JSONResponse({"errors": errors}, 422)
            if not self._rates.take(Rate.MESSAGES, len(messages)):
                return JSONResponse(_RATE_EXCEEDED, 429)
            for message in messages:
                is_private = message.get("private") is True
                if await self._may_write(identity, message["topic"], is_private=is_private):
                    broadcast = Broadcast(message["event"], message["payload"], {})
                    self._topics.broadcast((message["topic"], is_private), broadcast)
            return Response(status_code=202)
        parts = rest.strip("/").split("/")
        if len(parts) != 3 or parts[1] != "events":
            return Response(status_code=404)
        topic, event = unquote(parts[0]), unquote(parts[2])
        kind = request.headers.get("content-type", "").partition(";")[0]
        payload: Any = body
        if kind == "application/json":
            try:
                payload = json.loads(body)
            except ValueError:
                return JSONResponse({"errors": {"payload": ["is invalid"]}}, 422)
        elif kind != "application/octet-stream":
            return JSONResponse({"error": f"Unsupported content type: {kind}"}, 415)
        is_private = request.query_params.get("private") == "true"
        if not await self._may_write(identity, topic, is_private=is_private):
            return JSONResponse({"message": "Unauthorized"}, 403)
        if not self._rates.take(Rate.MESSAGES):
            return JSONResponse(_RATE_EXCEEDED, 429)
        self._topics.broadcast((topic, is_private), Broadcast(event, payload, {}))
        return Response(status_code=202)

    async def _may_write(self, identity: Identity, topic: str, *, is_private: bool) -> bool:
        if not is_private:
            return True
        rights = await self.feed.rows.may("write", topic, (identity.role, identity.claims))
        return rights["broadcast"]

    def _broadcast_from_database(self, topic: str, is_private: bool, broadcast: Broadcast) -> None:
        self._topics.broadcast((topic, is_private), broadcast)


def _refusal(key: str, deleted: Container[str]) -> tuple[tuple[int, str] | None, Identity | None]:
    """Why a handshake is refused, or who the socket acts for."""
    if not key:
        return (401, "API key is missing"), None
    try:
        return None, identify(token_of_api_key(key, deleted) or key)
    except TokenError as error:
        message = "Token has expired" if "expired" in error.message else error.message
        return (401, message), None


def _messages(body: bytes) -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    with contextlib.suppress(ValueError, AttributeError):
        messages = json.loads(body).get("messages")
        if isinstance(messages, list) and all(isinstance(message, dict) for message in messages):
            for message in messages:
                for name in ("topic", "event"):
                    if not isinstance(message.get(name), str) or not message[name]:
                        return [], {name: ["can't be blank"]}
                if "payload" not in message:
                    return [], {"payload": ["can't be blank"]}
            return messages, {}
    return [], {"messages": ["is invalid"]}
