"""A WebSocket passed on to an upstream server, message by message in both directions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.responses import Response
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from voicehooks_sandbox.supabase.gateway.upstream import UpstreamGone

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from voicehooks_sandbox.supabase.gateway.forwarding import Client
    from voicehooks_sandbox.supabase.gateway.upstream import Headers, Upstream

_NO_STATUS, _ABNORMAL = 1005, 1006
_NORMAL, _INTERNAL_ERROR = 1000, 1011
_HANDSHAKE = frozenset((b"connection", b"upgrade"))
_OPEN_SECONDS = 150.0


async def relay_websocket(upstream: Upstream, url: str, headers: Headers, client: Client) -> None:
    """Connect a client with an upstream server; returns when either of the two has closed.

    Text and binary messages, the subprotocol, close codes and reasons and refusals of the handshake pass
    unchanged. Pings stay between neighbors.

    Args:
        upstream: The server.
        url: The address, with the host name that the server sees.
        headers: Headers of the client's handshake, those of WebSocket itself included.
        client: Where the client's messages come from and the server's go.

    Raises:
        UpstreamGone: The server does not answer; nothing has been sent to the client yet.
    """
    await client.receive()  # the client's request to connect
    own = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in headers
        if not _is_of_handshake(name)
    ]
    try:
        server = await upstream.websocket(url, own, client.scope["subprotocols"], _OPEN_SECONDS)
    except InvalidStatus as refusal:
        answer = refusal.response
        response = Response(bytes(answer.body or b""), answer.status_code)
        if content_type := answer.headers.get("content-type"):
            response.headers["content-type"] = content_type
        await response(*client)
        return
    except (OSError, InvalidHandshake, TimeoutError) as error:
        raise UpstreamGone from error
    async with server:
        await client.send(_acceptance(server))
        to_server = asyncio.create_task(_pass_to_server(client, server))
        try:
            await _pass_to_client(client, server)
        finally:
            to_server.cancel()


def _is_of_handshake(name: bytes) -> bool:
    return name in _HANDSHAKE or name.startswith(b"sec-websocket-")


def _acceptance(server: ClientConnection) -> dict[str, object]:
    headers = [] if server.response is None else server.response.headers.raw_items()
    own = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {
        "type": "websocket.accept",
        "subprotocol": server.subprotocol,
        "headers": [(name, value) for name, value in own if not _is_of_handshake(name) and name != b"date"],
    }


async def _pass_to_server(client: Client, server: ClientConnection) -> None:
    try:
        while (message := await client.receive())["type"] == "websocket.receive":
            text = message.get("text")
            await server.send(message["bytes"] if text is None else text)
    except ConnectionClosed:
        return
    code = message.get("code", _NO_STATUS)
    if code == _ABNORMAL:
        server.transport.abort()
    else:
        await server.close(_NORMAL if code == _NO_STATUS else code, message.get("reason") or "")


async def _pass_to_client(client: Client, server: ClientConnection) -> None:
    try:
        while True:
            data = await server.recv()
            await client.send({"type": "websocket.send", "text" if isinstance(data, str) else "bytes": data})
    except ConnectionClosed as closed:
        if closed.rcvd is None:
            code, reason = _INTERNAL_ERROR, ""
        else:
            code, reason = closed.rcvd.code, closed.rcvd.reason
        if closed.rcvd_then_sent is not False:  # otherwise the client has closed
            await client.send(
                {
                    "type": "websocket.close",
                    "code": _NORMAL if code == _NO_STATUS else code,
                    "reason": reason,
                }
            )
