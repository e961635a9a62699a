"""The gateway behind the project URL: an ASGI application that decides where a request goes, and as whom."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import Response

from voicehooks_sandbox.http_server import TARGET
from voicehooks_sandbox.supabase.auth.app import OPEN_PATHS
from voicehooks_sandbox.supabase.functions.worker import BootError, Worker
from voicehooks_sandbox.supabase.gateway import rules
from voicehooks_sandbox.supabase.gateway.forwarding import Client, UpstreamSilent, forward, request_head
from voicehooks_sandbox.supabase.gateway.max_affected import max_affected, within_limit, without_rollback
from voicehooks_sandbox.supabase.gateway.postgrest_answers import translated
from voicehooks_sandbox.supabase.gateway.upstream import UpstreamGone
from voicehooks_sandbox.supabase.gateway.websocket_relay import relay_websocket
from voicehooks_sandbox.supabase.keys import TokenVerifier
from voicehooks_sandbox.supabase.realtime.app import HTTP_PREFIX, WEBSOCKET_PATH

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from voicehooks_sandbox.supabase.auth.app import Auth
    from voicehooks_sandbox.supabase.faults import Faults
    from voicehooks_sandbox.supabase.functions.runner import FunctionRunner
    from voicehooks_sandbox.supabase.gateway.upstream import Headers, Upstream
    from voicehooks_sandbox.supabase.realtime.app import Realtime

_FUNCTIONS = b"/functions/v1/"
_REST = b"/rest/v1/"
_AUTH = b"/auth/v1/"
# What a function sees in req.url: plain http and a host that is not the project's (as hosted).
_FUNCTION_HOST = b"edge-runtime.sandbox.internal"
_REST_HOST = b"postgrest.sandbox.internal"
_HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"upgrade", b"expect", b"host")
)


@dataclass(slots=True)
class _Destination:
    """Where a request is passed on to."""

    upstream: Upstream
    target: bytes
    """Path and query, byte for byte: what Twilio has signed."""
    host: bytes
    authorization: bytes | None
    """The Authorization to send; None keeps the client's."""
    worker: Worker | None = None


class Gateway:
    """The ASGI application behind the project URL.

    Args:
        runner: Runs the functions.
        postgrest: Reaches PostgREST.
        auth: Answers /auth/v1.
        realtime: Answers /realtime/v1.
        faults: The current faults; asked for each request.
    """

    def __init__(
        self,
        *,
        runner: FunctionRunner,
        postgrest: Upstream,
        auth: Auth,
        realtime: Realtime,
        faults: Callable[[], Faults],
    ) -> None:
        self._runner = runner
        self._postgrest = postgrest
        self._auth = auth
        self._realtime = realtime
        self._faults = faults
        self._verifier = TokenVerifier()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or relay one WebSocket."""
        destination = await self._route(scope)
        if not isinstance(destination, _Destination):
            await destination(scope, receive, send)
            return
        try:
            await self._pass_on(destination, Client(scope, receive, send))
        except UpstreamSilent as silent:
            await rules.idle_timeout(silent.seconds)(scope, receive, send)
        except UpstreamGone:
            answer = await _explain(destination.worker)
            await answer(scope, receive, send)
        finally:
            if destination.worker is not None:
                destination.worker.request_done()

    def close(self) -> None:
        """Close the idle connections to PostgREST."""
        self._postgrest.close()

    async def _pass_on(self, destination: _Destination, client: Client) -> None:
        upstream, target, host = destination.upstream, destination.target, destination.host
        headers = _passed_on(client.scope, destination)
        if client.scope["type"] == "websocket":
            url = b"ws://" + host + target
            await relay_websocket(upstream, url.decode("latin-1"), headers, client)
            return
        method: str = client.scope["method"]
        is_function = destination.worker is not None
        head = partial(request_head, method.encode() + b" " + target + b" HTTP/1.1", host)
        if not is_function:
            headers = without_rollback(headers)
            limit = max_affected(method, headers)
            if limit is not None:
                checked = await within_limit(upstream, head, headers, client, limit)
                if checked is None:
                    return
                client, headers = checked
            client = translated(client, target.partition(b"?")[0])
        await forward(
            upstream,
            head(headers),
            client,
            html_as_text=is_function and method == "GET",
            timeout_seconds=self._faults().function_timeout_seconds if is_function else None,
        )

    async def _route(self, scope: Scope) -> _Destination | ASGIApp:
        """Where a request goes: to another server, or to an application of this process (or a ready answer)."""
        method = scope.get("method", "GET")  # a WebSocket's handshake is a GET
        path, question_mark, query = _target(scope).partition(b"?")
        if self._faults().paused:
            return rules.PROJECT_PAUSED
        if path.startswith(_FUNCTIONS):
            return await self._route_function(
                method, scope["headers"], path[len(_FUNCTIONS) - 1 :], question_mark + query
            )
        if path.startswith(_REST) or path == _REST[:-1]:
            deleted = self._faults().deleted_api_keys
            decision = rules.rest_authorization(method, scope["headers"], query, deleted)
            if isinstance(decision, Response):
                return decision
            rest = path[len(_REST) - 1 :] or b"/"
            # A key in the address is the gateway's; PostgREST would take it for a filter.
            own = b"&".join(part for part in query.split(b"&") if not part.startswith(b"apikey="))
            own = question_mark + own if own or not query else b""
            return _Destination(self._postgrest, rest + own, _REST_HOST, decision)
        if path.startswith(_AUTH):
            if path in OPEN_PATHS:
                return self._auth
            deleted = self._faults().deleted_api_keys
            decision = rules.rest_authorization(method, scope["headers"], query, deleted)
            return decision if isinstance(decision, Response) else _as(decision, self._auth)
        if path == WEBSOCKET_PATH and scope["type"] == "websocket":
            return self._realtime
        if path.startswith(HTTP_PREFIX):
            deleted = self._faults().deleted_api_keys
            decision = rules.rest_authorization(method, scope["headers"], query, deleted)
            return decision if isinstance(decision, Response) else _as(decision, self._realtime)
        return rules.not_emulated(method, path)

    async def _route_function(
        self, method: str, headers: Headers, path: bytes, query: bytes
    ) -> _Destination | Response:
        slug = path[1:].partition(b"/")[0].decode("latin-1")
        function = self._runner.resolve(slug)
        if function is None:
            return rules.FUNCTION_NOT_FOUND
        if function.verify_jwt:
            refusal = rules.refuse_function_request(method, headers, self._verifier)
            if refusal is not None:
                return refusal
        if (status := self._faults().take_function_fault(slug)) is not None:
            return rules.forced_function_answer(status)
        try:
            worker = await self._runner.acquire(function)
        except (BootError, OSError):
            if self._runner.is_replaced(function):
                # A deploy came in between: the request belongs to the current version.
                return await self._route_function(method, headers, path, query)
            return rules.BOOT_ERROR
        return _Destination(worker.upstream, path + query, _FUNCTION_HOST, None, worker)


def _as(authorization: bytes, app: ASGIApp) -> ASGIApp:
    """An application of this process, called with another Authorization."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [entry for entry in scope["headers"] if entry[0] != b"authorization"]
        if authorization:
            headers.append((b"authorization", authorization))
        await app({**scope, "headers": headers}, receive, send)

    return call


def _target(scope: Scope) -> bytes:
    """Path and query as the client sent them; of an absolute target only these."""
    target: bytes | None = scope.get(TARGET)
    if target is not None and target.startswith(b"/"):
        return target
    query: bytes = scope["query_string"]
    path: bytes = scope["raw_path"]
    return path + b"?" + query if query else path


def _passed_on(scope: Scope, destination: _Destination) -> Headers:
    """The request's headers as they are passed on: hop-by-hop headers left out, the client named."""
    headers: Headers = []
    peer = forwarded_for = scope["client"][0].encode()
    for entry in scope["headers"]:
        name, value = entry
        if name in _HOP_BY_HOP or (name == b"authorization" and destination.authorization is not None):
            continue
        if name == b"x-forwarded-for":
            forwarded_for = value + b", " + peer
        elif name not in (b"x-real-ip", b"x-forwarded-proto"):
            headers.append(entry)
    if destination.authorization:
        headers.append((b"authorization", destination.authorization))
    headers.append((b"x-real-ip", peer))
    headers.append((b"x-forwarded-for", forwarded_for))
    headers.append((b"x-forwarded-proto", b"http"))
    return headers


async def _explain(worker: Worker | None) -> Response:
    """Why a connection to a worker (or PostgREST) broke before an answer came."""
    if worker is None:
        return rules.UPSTREAM_UNAVAILABLE
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(worker.exited.wait(), 1.0)
    return rules.WORKER_RESOURCE_LIMIT if worker.ran_out_of_memory else rules.WORKER_ERROR
