"""The proxy: connections to emulated hosts end in the sandbox, to other Twilio hosts nowhere.

Source: RFC 9110, section 9.3.6 (CONNECT); RFC 9112, section 3.2.2 (a plain request names the whole URL).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from voicehooks_sandbox.ports import LOOPBACK
from voicehooks_sandbox.tasks import end_all

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator

    from .authority import Authority
    from .hosts import Hosts

_log = logging.getLogger(__name__)
_HEAD_LIMIT = 64 * 1024
_CHUNK = 64 * 1024
_HEAD_SECONDS = 30.0
_CONNECT_SECONDS = 15.0


class Refusal(Exception):
    """A request that the proxy does not forward.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@contextlib.asynccontextmanager
async def proxying(listener: socket.socket, hosts: Hosts, authority: Authority) -> AsyncIterator[None]:
    """Run the proxy while the block runs.

    Args:
        listener: A listening socket.
        hosts: What happens with which host.
        authority: Vouches for the emulated hosts.
    """
    authority.context()  # makes the bundle that clients are given
    proxy = _Proxy(hosts, authority)
    server = await asyncio.start_server(proxy.serve, sock=listener, limit=_HEAD_LIMIT)
    try:
        yield
    finally:
        server.close()
        await proxy.close()


class _Proxy:
    def __init__(self, hosts: Hosts, authority: Authority) -> None:
        self._hosts = hosts
        self._authority = authority
        self._connections: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """End all connections."""
        await end_all(self._connections)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client's connection."""
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            await self._forward(reader, writer)
        except Refusal as refusal:
            body = f"voicehooks-sandbox: {refusal}\n".encode()
            # Clients show the reason of a refused CONNECT, and not its body.
            head = f"HTTP/1.1 {refusal.status} {refusal}\r\nContent-Type: text/plain\r\nConnection: close\r\n"
            with contextlib.suppress(OSError):
                writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError) as error:
            _log.debug("a connection ended: %s", error)
        finally:
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, target, head = await _read_head(reader)
        if method == "CONNECT":
            await self._tunnel(target, reader, writer)
        else:
            await self._forward_plain(method, target, head, reader, writer)

    async def _tunnel(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = _host_and_port(f"//{target}", 443)
        self._check(host)
        own = self._hosts.port(host)
        if own is not None and port != 443:
            raise Refusal(403, f"{host} is emulated on port 443 only, not on {port}")
        upstream = await _connect(host, port) if own is None else await _connect(LOOPBACK, own)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        if own is not None:
            await writer.start_tls(self._authority.context())
        await _exchange((reader, writer), upstream)

    async def _forward_plain(
        self, method: str, target: str, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Forward one request to a host without TLS."""
        url = urlsplit(target)
        if url.scheme != "http" or not url.netloc:
            raise Refusal(400, "this is a proxy, and the request names no URL")
        host, port = _host_and_port(f"//{url.netloc}", 80)
        self._check(host)
        if self._hosts.port(host) is not None:
            raise Refusal(403, f"{host} is served with https only")
        upstream = await _connect(host, port)
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        kept = [
            line
            for line in head.split(b"\r\n")
            if line and line.partition(b":")[0].lower() not in {b"proxy-connection", b"connection"}
        ]
        # One request per connection: the next one may be for another host.
        lines = [f"{method} {path} HTTP/1.1".encode(), *kept, b"Connection: close", b"", b""]
        upstream[1].write(b"\r\n".join(lines))
        await _exchange((reader, writer), upstream)

    def _check(self, host: str) -> None:
        if self._hosts.refused(host):
            raise Refusal(403, f"the sandbox does not emulate {host} and sent nothing to the real one")


async def _read_head(reader: asyncio.StreamReader) -> tuple[str, str, bytes]:
    """The method, the target and the header lines of a request."""
    try:
        async with asyncio.timeout(_HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise Refusal(431, "the request's head is too large") from None
    except TimeoutError:
        raise Refusal(408, "the request did not arrive in time") from None
    line, _, rest = head.partition(b"\r\n")
    parts = line.decode("latin-1").split(" ")
    if len(parts) != 3:
        raise Refusal(400, "this is not an HTTP request")
    return parts[0].upper(), parts[1], rest


def _host_and_port(authority: str, default: int) -> tuple[str, int]:
    try:
        parts = urlsplit(authority)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host:
        raise Refusal(400, "the request names no valid host")
    return host, port or default


async def _connect(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            return await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        raise Refusal(502, f"{host}:{port} cannot be reached from this machine") from None


_Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _exchange(client: _Stream, upstream: _Stream) -> None:
    """Pass bytes on in both directions until either side is done."""
    sending = asyncio.create_task(_pass_on(client[0], upstream[1]))
    receiving = asyncio.create_task(_pass_on(upstream[0], client[1]))
    try:
        await receiving
    finally:
        await end_all((sending, receiving))
        upstream[1].close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
