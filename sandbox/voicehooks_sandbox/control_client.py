"""Asking the control planes of a running sandbox, with the standard library alone: a command starts fast."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from voicehooks_sandbox.errors import SandboxError

_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """An answer in JSON; empty content where it was none."""

    status: int
    content: dict[str, Any]


def request_json(url: str, body: dict[str, Any] | None = None) -> Answer:
    """GET, or with a body POST, JSON.

    Args:
        url: An address of the sandbox.
        body: What to send.

    Raises:
        SandboxError: Nothing answers there.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
    try:
        headers = {"Content-Type": "application/json"}
        data = None if body is None else json.dumps(body)
        connection.request("GET" if body is None else "POST", parts.path, data, headers)
        response = connection.getresponse()
        text = response.read()
    except OSError as error:
        msg = f"The sandbox does not answer at {url}: {error}; try: voicehooks-sandbox down, then up"
        raise SandboxError(msg) from error
    finally:
        connection.close()
    try:
        content = json.loads(text)
    except ValueError:
        content = {}
    return Answer(response.status, content if isinstance(content, dict) else {})
