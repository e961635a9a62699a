"""The console as an ASGI application: the page, and its reading requests over a live environment."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import httpx
from pulumi_provider_kit.rest import tls_context
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from voicehooks_page import LoopbackOnly, page_route
from voicehooks_page.description import describe

from voicehooks.commands.console.access import OneBrowser
from voicehooks.commands.console.reader import Reader, Unknown
from voicehooks.commands.console.stream import Stream
from voicehooks.output.errors import CommandError
from voicehooks.vendors.twilio import open_twilio

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request

    from voicehooks.stack.environment import Environment
    from voicehooks.vendors.database import Database

__all__ = ["create_app"]

_AUDIO_SECONDS = 30.0
_PASSED_ON = ("content-type", "content-length", "content-range", "accept-ranges")


class _Console:
    def __init__(self, environment: Environment, database: Database, ended: asyncio.Event) -> None:
        self._environment = environment
        self._reader = Reader(environment, database)
        self._stream = Stream(environment, database, ended)

    def routes(self) -> list[Route]:
        reader = self._reader

        def document(path: str, read: Callable[[Request], Awaitable[Any]]) -> Route:
            async def answer(request: Request) -> Response:
                return JSONResponse(await read(request), headers={"Cache-Control": "no-store"})

            return Route(f"/{path}", answer)

        return [
            document("about", lambda _: reader.about()),
            document(
                "calls",
                lambda item: reader.calls(_number(item, "limit", 200), item.query_params.get("before", "")),
            ),
            document("calls/{sid}", lambda item: reader.call(item.path_params["sid"])),
            document(
                "webhook-requests",
                lambda item: reader.requests(
                    item.query_params.get("call_sid", ""), _number(item, "after", 0), _number(item, "limit", 0)
                ),
            ),
            document("tables", lambda _: reader.tables()),
            document(
                "tables/{table}",
                lambda item: reader.rows(item.path_params["table"], _number(item, "limit", 200)),
            ),
            Route("/recordings/{sid}", self._recording),
            document("numbers", lambda _: reader.numbers()),
            document("functions", lambda _: reader.functions()),
            document(
                "functions/{slug}/logs",
                lambda item: reader.logs(item.path_params["slug"], _number(item, "after", 0)),
            ),
            document("findings", lambda _: reader.findings()),
            document("openapi.json", self._description),
            Route("/events", self._events),
        ]

    async def _description(self, _: Request) -> dict[str, Any]:
        return describe("console", "voicehooks console")

    async def _events(self, request: Request) -> Response:
        last = request.headers.get("last-event-id", "")
        after = int(last) if last.isdecimal() and len(last) < 19 else _number(request, "after", 0)
        events = await self._stream.begin(after)
        return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _recording(self, request: Request) -> Response:
        """Pass a recording's audio on from Twilio, as the function `recording` does for a CRM."""
        sid = request.path_params["sid"]
        account = await self._reader.recording_account(sid)
        headers = {name: request.headers[name] for name in ("range",) if name in request.headers}
        credentials = self._environment.twilio_credentials
        async with open_twilio(self._environment) as twilio:
            url = f"{twilio.client.host('api')}/2010-04-01/Accounts/{account}/Recordings/{sid}.mp3"
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                httpx.AsyncClient(
                    auth=(credentials.user, credentials.password),
                    timeout=_AUDIO_SECONDS,
                    verify=tls_context(),
                    follow_redirects=True,
                )
            )
            try:
                audio = await stack.enter_async_context(client.stream("GET", url, headers=headers))
            except httpx.HTTPError as error:
                raise CommandError(
                    "the recording cannot be played",
                    f"Twilio did not answer ({type(error).__name__})",
                    "check the network",
                ) from None
            if audio.status_code in (404, 410):
                raise Unknown(f"Twilio has no audio of the recording {sid}.")
            if audio.status_code not in (200, 206, 416):
                raise CommandError(
                    "the recording cannot be played",
                    f"Twilio answered HTTP {audio.status_code}",
                    "try it again",
                )
            kept = {name: audio.headers[name] for name in _PASSED_ON if name in audio.headers}
            stream = _until_end(audio, stack.pop_all())
            return StreamingResponse(stream, audio.status_code, kept)


async def _until_end(audio: httpx.Response, stack: AsyncExitStack) -> AsyncIterator[bytes]:
    async with stack:
        async for chunk in audio.aiter_bytes():
            yield chunk


def create_app(
    environment: Environment,
    database: Database,
    ended: asyncio.Event,
    *,
    token: str,
    port: int,
) -> Starlette:
    """Build the application.

    Args:
        environment: the stack.
        database: its tables.
        ended: set when the console ends; ends the streams.
        token: what lets one browser in.
        port: where it is served.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        ended.set()

    return Starlette(
        routes=[*_Console(environment, database, ended).routes(), page_route()],
        middleware=[Middleware(LoopbackOnly), Middleware(OneBrowser, token=token, port=port)],
        exception_handlers={Unknown: _unknown, CommandError: _failed, HTTPException: _refused},
        lifespan=lifespan,
    )


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise HTTPException(400, f"{name!r} is a whole number, not {text!r}.")
    return int(text)


async def _unknown(_: Request, error: Exception) -> Response:
    return JSONResponse({"message": str(error)}, 404)


async def _failed(_: Request, error: Exception) -> Response:
    return JSONResponse({"message": f"{str(error)[:1].upper()}{str(error)[1:]}."}, 502)


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = f"There is no {request.url.path} here." if status == 404 else getattr(error, "detail", "")
    return JSONResponse({"message": detail}, status)
