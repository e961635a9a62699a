"""The gateway's server: one coroutine a connection, bodies streamed, upstream connections reused."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicehooks_sandbox.supabase.functions.worker import BootError, Worker
from voicehooks_sandbox.supabase.gateway import rules
from voicehooks_sandbox.supabase.gateway.rules import Answer
from voicehooks_sandbox.supabase.http.exchange import Exchange, UpstreamGone, UpstreamSilent
from voicehooks_sandbox.supabase.http.http1 import (
    HEAD_LIMIT,
    BadMessage,
    Head,
    Headers,
    read_head,
    request_framing,
    simple_response,
)
from voicehooks_sandbox.supabase.keys import TokenVerifier

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from voicehooks_sandbox.supabase.faults import Faults
    from voicehooks_sandbox.supabase.functions.runner import FunctionRunner
    from voicehooks_sandbox.supabase.http.upstream import Upstream

_log = logging.getLogger(__name__)
_FUNCTIONS = b"/functions/v1/"
_REST = b"/rest/v1/"
# What a function sees in req.url: plain http and a host that is not the project's (as hosted).
_FUNCTION_HOST = b"edge-runtime.sandbox.internal"
_REST_HOST = b"postgrest.sandbox.internal"
_HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"upgrade", b"expect", b"host")
)


@dataclass(slots=True)
class _Target:
    """Where a request goes on to."""

    upstream: Upstream
    path: bytes
    host: bytes
    authorization: bytes | None
    """The Authorization to send; None keeps the client's."""
    worker: Worker | None = None


class Gateway:
    """The server behind the project URL.

    Args:
        runner: Runs the functions.
        postgrest: Reaches PostgREST.
        faults: Current faults; asked anew for each request.
    """

    def __init__(self, *, runner: FunctionRunner, postgrest: Upstream, faults: Callable[[], Faults]) -> None:
        self._runner = runner
        self._postgrest = postgrest
        self._faults = faults
        self._verifier = TokenVerifier()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, listener: socket.socket) -> None:
        """Serve on a listening socket."""
        self._server = await asyncio.start_server(self._serve, sock=listener, limit=HEAD_LIMIT)

    async def stop(self) -> None:
        """Stop serving; requests in flight are cut off."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._postgrest.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
        peer: bytes = writer.get_extra_info("peername")[0].encode()
        try:
            while (head := await read_head(reader)) is not None:
                if not await self._answer(head, reader, writer, peer):
                    break
        except BadMessage:
            writer.write(simple_response(400, b"Bad Request", [], keep_alive=False))
        except (ConnectionError, asyncio.CancelledError):
            pass
        except Exception:  # noqa: BLE001 - the gateway must outlive any single request
            _log.exception("the gateway failed on a request")
        finally:
            if task is not None:
                self._connections.discard(task)
            with contextlib.suppress(OSError):
                writer.close()

    async def _answer(
        self, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: bytes
    ) -> bool:
        """Answer one request; returns whether the connection may carry another."""
        framing = request_framing(head)
        connection = (head.get(b"connection") or b"").lower()
        keep_alive = b"close" not in connection and head.start[2] == b"HTTP/1.1"
        if head.get(b"expect") is not None:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        exchange = Exchange(head.start[0], framing, reader, writer, keep_alive=keep_alive)
        target = await self._route(head)
        if isinstance(target, Answer):
            return await self._refuse(target, exchange)
        try:
            request = _forwarded(head, target, peer)
            is_function = target.worker is not None
            limit = self._faults().function_timeout_seconds if is_function else None
            return await exchange.run(
                target.upstream,
                request,
                html_as_text=is_function and head.start[0] == b"GET",
                timeout_seconds=limit,
            )
        except UpstreamSilent as silent:
            return await self._refuse(rules.idle_timeout(silent.seconds), exchange)
        except UpstreamGone:
            return await self._refuse(await _explain(target.worker), exchange)
        finally:
            if target.worker is not None:
                target.worker.request_done()

    async def _refuse(self, answer: Answer, exchange: Exchange) -> bool:
        return await exchange.answer(answer.status, answer.body, answer.headers)

    async def _route(self, head: Head) -> _Target | Answer:
        path, question_mark, query = head.start[1].partition(b"?")
        if self._faults().paused:
            return rules.PROJECT_PAUSED
        if path.startswith(_FUNCTIONS):
            return await self._route_function(head, path[len(_FUNCTIONS) - 1 :], question_mark + query)
        if path.startswith(_REST) or path == _REST[:-1]:
            decision = rules.rest_authorization(head, query, self._faults().deleted_api_keys)
            if isinstance(decision, Answer):
                return decision
            rest = path[len(_REST) - 1 :] or b"/"
            return _Target(self._postgrest, rest + question_mark + query, _REST_HOST, decision)
        return rules.not_emulated(head.start[0], path)

    async def _route_function(self, head: Head, path: bytes, query: bytes) -> _Target | Answer:
        slug = path[1:].partition(b"/")[0].decode("latin-1")
        function = self._runner.resolve(slug)
        if function is None:
            return rules.FUNCTION_NOT_FOUND
        if function.verify_jwt and (refusal := rules.refuse_function_request(head, self._verifier)) is not None:
            return refusal
        if (status := self._faults().take_function_fault(slug)) is not None:
            return rules.forced_function_answer(status)
        try:
            worker = await self._runner.acquire(function)
        except (BootError, OSError):
            if self._runner.is_replaced(function):
                # A deploy came in between: the request belongs to the version of now.
                return await self._route_function(head, path, query)
            return rules.BOOT_ERROR
        return _Target(worker.upstream, path + query, _FUNCTION_HOST, None, worker)


def _forwarded(head: Head, target: _Target, peer: bytes) -> bytes:
    """The request's head as it goes on: own host, hop-by-hop headers left out, the client named."""
    headers: Headers = [(b"host", target.host)]
    forwarded_for = peer
    for entry in head.headers:
        name, value = entry
        if name in _HOP_BY_HOP or (name == b"authorization" and target.authorization is not None):
            continue
        if name == b"x-forwarded-for":
            forwarded_for = value + b", " + peer
        elif name not in (b"x-real-ip", b"x-forwarded-proto"):
            headers.append(entry)
    if target.authorization:
        headers.append((b"authorization", target.authorization))
    headers.append((b"x-real-ip", peer))
    headers.append((b"x-forwarded-for", forwarded_for))
    headers.append((b"x-forwarded-proto", b"http"))
    return Head((head.start[0], target.path, b"HTTP/1.1"), headers).encode()


async def _explain(worker: Worker | None) -> Answer:
    """Why a connection to a worker (or PostgREST) broke before an answer came."""
    if worker is None:
        return rules.UPSTREAM_UNAVAILABLE
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(worker.exited.wait(), 1.0)
    return rules.WORKER_RESOURCE_LIMIT if worker.ran_out_of_memory else rules.WORKER_ERROR
