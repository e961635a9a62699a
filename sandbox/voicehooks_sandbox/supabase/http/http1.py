"""HTTP/1.1 on asyncio streams: just what a reverse proxy on the hot path needs.

Heads are parsed into lists of (lower-case name, value); bodies are passed on as they come.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

HEAD_LIMIT = 64 * 1024
_CHUNK = 64 * 1024
Headers = list[tuple[bytes, bytes]]


class BadMessage(Exception):
    """The peer sent something that is not HTTP/1.1."""


@dataclass(slots=True)
class Head:
    """A request's or a response's head."""

    start: tuple[bytes, bytes, bytes]
    """Request: method, target, version. Response: version, status, reason."""
    headers: Headers

    def get(self, name: bytes) -> bytes | None:
        """The first value of a header; the name in lower case."""
        for key, value in self.headers:
            if key == name:
                return value
        return None

    def encode(self) -> bytes:
        """The head as bytes, with the blank line that ends it."""
        lines = [b" ".join(self.start)]
        lines.extend([key + b": " + value for key, value in self.headers])
        lines.append(b"\r\n")
        return b"\r\n".join(lines)


@dataclass(slots=True, frozen=True)
class Framing:
    """Where a body ends: after `length` bytes, after the last chunk, or with the connection."""

    length: int | None = 0
    chunked: bool = False


EMPTY = Framing(0)
UNTIL_CLOSE = Framing(None)


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """Read a head; None when the peer closed the connection instead of sending one.

    Raises:
        BadMessage: What came is no HTTP head, or larger than 64 KiB.
        ConnectionError: The connection broke within a head.
    """
    try:
        data = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial.strip():
            raise ConnectionResetError from error
        return None
    except asyncio.LimitOverrunError as error:
        raise BadMessage from error
    first, *lines = data[:-4].lstrip(b"\r\n").split(b"\r\n")
    start = first.split(b" ", 2)
    if len(start) == 2:
        start.append(b"")
    if len(start) != 3:
        raise BadMessage
    headers: Headers = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name[-1:] in b" \t":
            raise BadMessage
        headers.append((name.lower(), value.strip()))
    return Head((start[0], start[1], start[2]), headers)


def request_framing(head: Head) -> Framing:
    """How the body of a request is delimited.

    Raises:
        BadMessage: The length is no number, or contradicted by a transfer encoding.
    """
    return _framing(head) or EMPTY


def response_framing(head: Head, method: bytes) -> Framing:
    """How the body of the answer to a request of this method is delimited."""
    status = head.start[1]
    if method == b"HEAD" or status in (b"204", b"304") or status[:1] == b"1":
        return EMPTY
    return _framing(head) or UNTIL_CLOSE


def _framing(head: Head) -> Framing | None:
    encoding = head.get(b"transfer-encoding")
    lengths = {value for key, value in head.headers if key == b"content-length"}
    if encoding is not None:
        if lengths or encoding.lower() != b"chunked":
            raise BadMessage
        return Framing(None, chunked=True)
    if not lengths:
        return None
    if len(lengths) > 1:
        raise BadMessage
    length = lengths.pop()
    if not length.isdigit():
        raise BadMessage
    return Framing(int(length))


async def relay_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, framing: Framing) -> None:
    """Pass a body on, byte for byte, with back-pressure.

    Raises:
        ConnectionError: One side went away before the end.
        BadMessage: The chunk framing is broken.
    """
    try:
        if framing.chunked:
            await _relay_chunks(reader, writer)
        elif framing.length is None:
            while data := await reader.read(_CHUNK):
                writer.write(data)
                await writer.drain()
        else:
            await _relay_exactly(reader, writer, framing.length)
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError from error
    except asyncio.LimitOverrunError as error:
        raise BadMessage from error


async def _relay_exactly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, length: int) -> None:
    while length:
        data = await reader.read(min(length, _CHUNK))
        if not data:
            raise ConnectionResetError
        length -= len(data)
        writer.write(data)
        if length:
            await writer.drain()


async def _relay_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        line = await reader.readuntil(b"\r\n")
        writer.write(line)
        try:
            size = int(line.partition(b";")[0].strip(), 16)
        except ValueError as error:
            raise BadMessage from error
        if size == 0:
            break
        await _relay_exactly(reader, writer, size + 2)
        await writer.drain()
    while True:  # trailers, up to the blank line
        line = await reader.readuntil(b"\r\n")
        writer.write(line)
        if line == b"\r\n":
            return


def simple_response(status: int, body: bytes, headers: Headers, *, keep_alive: bool) -> bytes:
    """A whole answer of the proxy's own."""
    try:
        reason = HTTPStatus(status).phrase.encode()
    except ValueError:
        reason = b"Error"
    return (
        Head(
            (b"HTTP/1.1", str(status).encode(), reason),
            [
                *headers,
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"keep-alive" if keep_alive else b"close"),
            ],
        ).encode()
        + body
    )
