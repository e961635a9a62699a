"""The door of the REST API: what every request goes through, whatever product it is for.

In this order: a request id, the concurrency limit, ordered faults, credentials, the account in the path,
the permission of the key, then the endpoint; and a record of it all.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import errors
from .accounts.models import require_active

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .accounts.models import Principal
    from .emulator import Emulator
    from .store import Document

API_JOURNAL = "api-request"


@dataclass(frozen=True)
class ApiRequest:
    """One authenticated request to an endpoint.

    Attributes:
        emulator: the sandbox's state and machinery.
        http: the request itself.
        account: the account in the path, or the one whose credentials were given.
        principal: whose credentials were given.
        form: body parameters, the last value of each name.
        form_items: body parameters in order, names repeated where the client repeated them.
    """

    emulator: Emulator
    http: Request
    account: Document
    principal: Principal
    form: Mapping[str, str]
    form_items: tuple[tuple[str, str], ...]

    @property
    def account_sid(self) -> str:
        """SID of the account that the request is about."""
        return str(self.account["sid"])

    @property
    def path(self) -> str:
        """The path asked for, as error texts quote it."""
        return self.http.url.path

    @property
    def query(self) -> Mapping[str, str]:
        """Query parameters."""
        return self.http.query_params

    @property
    def base_url(self) -> str:
        """The address under which the client reaches the API, no slash at its end.

        Through the proxy of this sandbox, that is the name of Twilio's host.
        """
        host = self.http.url.hostname or ""
        return f"https://{host}" if host.endswith(".twilio.com") else str(self.http.base_url).rstrip("/")

    @property
    def own_url(self) -> str:
        """The address for those who are not the client, such as who receives a webhook; no slash at its end."""
        if not (self.http.url.hostname or "").endswith(".twilio.com"):
            return self.base_url
        host, port = self.http.scope["server"]
        return f"http://{host}:{port}"

    def param(self, name: str) -> str:
        """A part of the path, such as ``Sid``."""
        return str(self.http.path_params[name])


class Handler(Protocol):
    """Decodes a request, calls the product's rules, encodes the answer."""

    async def __call__(self, request: ApiRequest, /) -> Response:
        """Answer one request."""


@dataclass(frozen=True)
class Endpoint:
    """One operation of the API.

    Attributes:
        method: HTTP method.
        template: path with Twilio's own parameter names.
        handler: what answers.
        permission: what a restricted key needs for it; empty for nothing.
        main_only: closed to standard API keys.
        suspended_too: answered for an account that is not active.
    """

    method: str
    template: str
    handler: Handler
    permission: str
    main_only: bool = False
    suspended_too: bool = False


def answer(document: Document, status: int = 200) -> Response:
    """A JSON answer."""
    return errors.JsonAnswer(document, status)


def no_content() -> Response:
    """The answer to a deletion."""
    return Response(status_code=204)


async def not_emulated(request: ApiRequest) -> Response:
    """The answer of a resource that Twilio has at a path which another one would match.

    Raises:
        TwilioError: 501, always.
    """
    raise errors.not_emulated(request.http.method, request.path)


class Door:
    """Turns endpoints into routes behind one common entrance."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._busy = 0

    def routes(self, endpoints: Iterable[Endpoint]) -> list[Route]:
        """One route a path, in the order given (a path with a suffix before the same without)."""
        by_path: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            by_path.setdefault(endpoint.template, {})[endpoint.method] = endpoint
        routes = [Route(template, _Path(self, template, methods)) for template, methods in by_path.items()]
        json_routes = [route for route in routes if route.path.endswith(".json")]
        return [*routes, Route("/{rest:path}", _Unknown(self, json_routes))]

    async def admit(self, http: Request, template: str, endpoint: Endpoint | None) -> Response:
        """Answer one request with all that Twilio puts around the endpoint's own work."""
        started = time.monotonic()
        self._busy += 1
        busy = self._busy
        try:
            response = await self._answer(http, template, endpoint, busy)
        except errors.TwilioError as error:
            response = error.response()
        finally:
            self._busy -= 1
        seconds = time.monotonic() - started
        request_id = "RQ" + secrets.token_hex(16)
        response.headers["Twilio-Request-Id"] = request_id
        response.headers["Twilio-Concurrent-Requests"] = str(busy)
        response.headers["Twilio-Request-Duration"] = f"{seconds:.3f}"
        response.headers["X-Home-Region"] = "us1"
        await self._record(http, template, response, request_id, seconds)
        return response

    async def _answer(self, http: Request, template: str, endpoint: Endpoint | None, busy: int) -> Response:
        main = self._emulator.accounts.get(self._emulator.accounts.main_sid)
        if main is not None and main["concurrency_limit"] is not None:
            if busy > main["concurrency_limit"]:
                raise errors.too_many_requests()
            await asyncio.sleep(main["request_seconds"])
        await self._emulator.faults.meet_request(http.method, http.url.path)
        if endpoint is None:
            raise errors.method_not_allowed(http.method, http.url.path)
        principal = self._emulator.accounts.authenticate(*_credentials(http))
        account = principal.account
        if sid := http.path_params.get("AccountSid"):
            account = self._emulator.accounts.reach(principal, sid, http.url.path)
        if not endpoint.suspended_too:
            require_active(account)
        principal.check(endpoint.permission, main_only=endpoint.main_only)
        items = tuple((name, str(value)) for name, value in (await _form(http)).multi_items())
        return await endpoint.handler(ApiRequest(self._emulator, http, account, principal, dict(items), items))

    async def _record(
        self, http: Request, template: str, response: Response, request_id: str, seconds: float
    ) -> None:
        form = await _form(http)
        self._emulator.store.log(
            API_JOURNAL,
            f"{http.method} {template}",
            {
                "time": time.time(),
                "method": http.method,
                "path": http.url.path,
                "template": template,
                "query": http.url.query,
                "params": [[name, str(value)] for name, value in form.multi_items()],
                "status": response.status_code,
                "seconds": round(seconds, 4),
                "request_id": request_id,
            },
        )


class _Path:
    """The ASGI application of one path template."""

    def __init__(self, door: Door, template: str, methods: dict[str, Endpoint]) -> None:
        self._door = door
        self._template = template
        self._methods = methods

    async def __call__(self, scope: dict[str, object], receive: object, send: object) -> None:
        http = Request(scope, receive)  # type: ignore[arg-type]
        method = "GET" if http.method == "HEAD" else http.method
        response = await self._door.admit(http, self._template, self._methods.get(method))
        await response(scope, receive, send)  # type: ignore[arg-type]


class _Unknown:
    """The ASGI application of all paths that no endpoint has: it says so, loudly."""

    def __init__(self, door: Door, json_routes: list[Route]) -> None:
        self._door = door
        self._json_routes = json_routes

    async def __call__(self, scope: dict[str, object], receive: object, send: object) -> None:
        http = Request(scope, receive)  # type: ignore[arg-type]
        path = http.url.path
        bare = path.removesuffix(".xml").removesuffix(".csv")
        if any(route.path_regex.match(f"{bare}.json") for route in self._json_routes):
            refusal = errors.suffix_required(bare)
        else:
            refusal = errors.not_emulated(http.method, path)

        async def refuse(_: ApiRequest) -> Response:
            raise refusal

        endpoint = Endpoint(http.method, path, refuse, "", suspended_too=True)
        response = await self._door.admit(http, path, endpoint)
        await response(scope, receive, send)  # type: ignore[arg-type]


def _credentials(http: Request) -> tuple[str, str]:
    scheme, _, encoded = http.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise errors.authenticate()
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise errors.authenticate() from None
    return user, password


async def _form(http: Request) -> FormData:
    if "form" not in http.headers.get("content-type", ""):
        return FormData()
    return await http.form()
