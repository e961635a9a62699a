"""The frames of a socket: Phoenix' serializers of version 1 and 2, and binary broadcasts.

Supabase docs: guides/realtime/protocol.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_PUSH, _BROADCAST = 3, 4
_BINARY, _JSON = 0, 1
_LONGEST = 255


class MalformedFrame(Exception):
    """A frame that cannot be read; it is dropped, and the socket stays."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the protocol; refs are None on pushes of the server."""

    topic: str
    event: str
    payload: Any
    ref: str | None = None
    join_ref: str | None = None


def decode(frame: str | bytes, version: int) -> Message:
    """Read a client's frame.

    Raises:
        MalformedFrame: It is not one.
    """
    try:
        if isinstance(frame, bytes):
            return _decode_push(frame)
        content = json.loads(frame)
        if version == 1:
            fields = [content.get(name) for name in ("join_ref", "ref", "topic", "event", "payload")]
        else:
            fields = list(content)
        join_ref, ref, topic, event, payload = fields
    except (ValueError, AttributeError, TypeError, IndexError) as error:
        raise MalformedFrame(str(error)) from error
    if not isinstance(topic, str) or not isinstance(event, str):
        msg = "topic and event must be strings"
        raise MalformedFrame(msg)
    return Message(topic, event, payload, _text(ref), _text(join_ref))


def encode(message: Message, version: int) -> str:
    """Write a message of the server."""
    if version == 1:
        content: Any = {
            "topic": message.topic,
            "event": message.event,
            "payload": message.payload,
            "ref": message.ref,
        }
    else:
        content = [message.join_ref, message.ref, message.topic, message.event, message.payload]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def encode_change(topic: str, ids: list[int], data: str, version: int) -> str:
    """Write a message of a changed row, whose data is JSON already: it is the same for many clients."""
    name, payload = json.dumps(topic, ensure_ascii=False), f'{{"ids":{ids},"data":{data}}}'
    if version == 1:
        return f'{{"topic":{name},"event":"postgres_changes","payload":{payload},"ref":null}}'
    return f'[null,null,{name},"postgres_changes",{payload}]'


def encode_broadcast(topic: str, broadcast: Broadcast, version: int) -> str | bytes | None:
    """Write a broadcast; None if this version of the protocol cannot carry it (bytes in version 1)."""
    payload = broadcast.payload
    names = [topic.encode(), broadcast.event.encode()]
    metadata = json.dumps(broadcast.metadata).encode() if broadcast.metadata else b""
    if version == 2 and all(len(part) <= _LONGEST for part in (*names, metadata)):
        is_binary = isinstance(payload, bytes)
        head = bytes([_BROADCAST, len(names[0]), len(names[1]), len(metadata), _BINARY if is_binary else _JSON])
        body = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
        return head + names[0] + names[1] + metadata + body
    if isinstance(payload, bytes):
        return None
    content = {"event": broadcast.event, "payload": payload, "type": "broadcast"}
    if broadcast.metadata:
        content["meta"] = broadcast.metadata
    return encode(Message(topic, "broadcast", content), version)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast: its event, its payload (bytes, or a JSON value), and metadata such as an id."""

    event: str
    payload: Any
    metadata: dict[str, Any]


def _decode_push(frame: bytes) -> Message:
    kind, *lengths = frame[:6]
    encoding = frame[6]
    if kind != _PUSH:
        msg = f"unknown kind {kind}"
        raise ValueError(msg)
    position, parts = 7, []
    for length in lengths:
        parts.append(frame[position : position + length].decode())
        position += length
    join_ref, ref, topic, event, _ = parts
    body: Any = frame[position:]
    payload = json.loads(body) if encoding == _JSON else body
    content = {"type": "broadcast", "event": event, "payload": payload}
    return Message(topic, "broadcast", content, ref or None, join_ref or None)


def _text(ref: object) -> str | None:
    return None if ref is None else str(ref)
