"""A reverse proxy in front of an API: loses answers or garbles them, or runs something before an answer."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.support.waiting import PATIENCE

__all__ = ["GARBAGE", "Interception", "intercepted"]

GARBAGE = {
    "HTML": b"<!doctype html><html><title>Sign in to the network</title></html>",
    "empty": b"{}",
    "wrong types": b'{"incoming_phone_numbers": 7, "sid": [], "phone_number": null, "name": {}, "slug": 1}',
    "truncated": b'{"incoming_phone_numbers": [{"sid": "PN5a4d',
}
"""Bodies that an API never sends with 200, as a network's own pages or a broken proxy do."""

_HOP_BY_HOP = {"connection", "content-encoding", "content-length", "host", "transfer-encoding"}


@dataclass
class Interception:
    """What happens to requests on their way.

    Attributes:
        url: where clients send them.
        method: the method of the requests that are struck; empty for any.
        path: a part of their path.
        times: how many are struck.
        before: whether they are struck before the API sees them, in place of after.
        act: what is done then; their answer is lost.
        garbage: the body of a 200 that the client receives in place of their answer.
        struck: the paths that were struck.
        each_write: whether every write is struck once instead, in the order in which they come.
    """

    url: str
    method: str = "POST"
    path: str = ""
    times: int = 0
    before: bool = False
    act: Callable[[], None] = lambda: None
    garbage: bytes | None = None
    struck: list[str] = field(default_factory=list)
    each_write: bool = False
    _known: set[tuple[str, str, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def strike(
        self,
        method: str,
        path: str,
        *,
        times: int = 1,
        before: bool = False,
        act: Callable[[], None] = lambda: None,
    ) -> None:
        """Choose which requests are struck from now on, and how."""
        self.method, self.path, self.times, self.before, self.act = method, path, times, before, act
        self.garbage = None

    def garble(self, garbage: bytes, method: str = "", path: str = "") -> None:
        """Answer each of these requests with 200 and this body once the API has carried it out."""
        self.strike(method, path, times=10_000)
        self.garbage = garbage

    def strike_each_write(self, act: Callable[[], None], *, before: bool = False) -> None:
        """Strike the next write that was not struck before; it passes when it comes again."""
        self.each_write, self.times, self.act, self.before = True, 1, act, before

    def pass_all(self) -> None:
        """Strike nothing from now on."""
        self.times = 0

    def hits(self, method: str, path: str, body: bytes = b"") -> bool:
        """Count a request; tell whether it is struck."""
        with self._lock:
            if self.each_write:
                write = _write(method, path, body)
                hit = self.times > 0 and write is not None and write not in self._known
                if write is not None and hit:
                    self._known.add(write)
            else:
                hit = self.times > 0 and self.method in ("", method) and self.path in path
            if hit:
                self.times -= 1
                self.struck.append(path)
            return hit


def _write(method: str, path: str, body: bytes) -> tuple[str, str, str] | None:
    """Return what tells a write from others, or None for a request that only reads.

    An SQL query is known by its text. Of other writes the body does not count: a form's boundary is random.
    """
    if method == "GET" or b'"read_only":true' in body.replace(b" ", b""):
        return None
    digest = hashlib.sha256(body).hexdigest() if path.endswith("/database/query") else ""
    return method, path, digest


@contextmanager
def intercepted(upstream: str) -> Iterator[Interception]:
    """Run a proxy in front of an API for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            hit = interception.hits(self.command, self.path, body)
            if hit and interception.before:
                self._lose()
                return
            sent = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_BY_HOP}
            answer = client.request(self.command, upstream + self.path, content=body, headers=sent)
            if hit and interception.garbage is None:
                self._lose()
            elif hit:
                self._answer(200, {"Content-Type": "application/json"}, interception.garbage or b"")
            else:
                self._answer(answer.status_code, answer.headers, answer.content)

        def _answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _lose(self) -> None:
            interception.act()
            self.close_connection = True

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _forward  # noqa: N815 - the server's own names

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with httpx.Client(timeout=PATIENCE) as client, ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        interception = Interception(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield interception
        finally:
            server.shutdown()
            thread.join()
