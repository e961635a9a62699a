"""A function's files as one multipart/form-data answer."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping


def multipart_body(metadata: str, files: Mapping[str, bytes]) -> Response:
    """Build a function's download: a part `metadata`, then one part a file, named by its path."""
    boundary = f"----sandbox{secrets.token_hex(12)}"
    parts = [_part(boundary, 'name="metadata"', "application/json", metadata.encode())]
    parts += [
        _part(
            boundary,
            f'name="{_quoted(path)}"; filename="{_quoted(path)}"',
            "application/octet-stream",
            content,
        )
        for path, content in files.items()
    ]
    content = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return Response(content, media_type=f"multipart/form-data; boundary={boundary}")


def _part(boundary: str, disposition: str, media_type: str, content: bytes) -> bytes:
    head = (
        f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {media_type}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n"


def _quoted(path: str) -> str:
    return path.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
