"""How soon the sandbox's page shows a request, and how its list scrolls, at 600 events a second.

A server that answers the page's requests with 20,000 calls; a real browser with the page. The time is from the
moment at which the server has a webhook request's answer until the browser draws the frame with its row.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from email.utils import formatdate
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from voicehooks_page import page_route

from bench.figure import Figure, Goal
from tests.support.chromium import browser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.sync_api import Page
    from starlette.requests import Request

__all__ = ["run"]

_CALLS = 20_000
_PER_SECOND = 600
_TICKS_PER_SECOND = 60
_REQUESTS_PER_SECOND = 5
_SELECTED = f"CA{0:032x}"
_FRAME_MILLISECONDS = 1000 / 60

_WATCH = """async (seconds) => {
  const { requests } = await import(new URL("stores/story.js", document.baseURI).href);
  const shown = new Set(requests.value.map((request) => request.id));
  const delays = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    const rows = document.querySelectorAll(".requests tbody tr").length;
    for (const request of requests.value.slice(0, rows)) {
      if (shown.has(request.id)) continue;
      shown.add(request.id);
      delays.push(Date.now() - request.time * 1000);
    }
  }
  return delays;
}"""
_SCROLL = """async (seconds) => {
  const list = document.querySelector(".call-list .list-body");
  const frames = [];
  let rows = 0;
  let last = await new Promise(requestAnimationFrame);
  const end = last + seconds * 1000;
  while (last < end) {
    list.scrollTop = (list.scrollTop + 300) % (list.scrollHeight - list.clientHeight);
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    rows = Math.max(rows, list.querySelectorAll(".list-row").length);
    last = now;
  }
  return [frames, rows];
}"""


def run(*, long: bool) -> list[Figure]:
    """Five seconds of each; with `long` half a minute."""
    seconds = 30 if long else 5
    with _server() as url, browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{url}?call={_SELECTED}")
        page.wait_for_selector(".requests tbody tr")
        delays, (frames, rows) = page.evaluate(_WATCH, seconds), _scroll(page, seconds)
    cuts = quantiles(delays, n=100)
    return [
        Figure("page", "answer of a request to the screen, p50", cuts[49], "ms"),
        Figure("page", "answer of a request to the screen, p99", cuts[98], "ms", Goal(200, at_most=True)),
        Figure("page", "frame while 20,000 rows scroll, p50", median(frames), "ms", Goal(17, at_most=True)),
        Figure("page", "frame while 20,000 rows scroll, p95", quantiles(frames, n=20)[18], "ms"),
        Figure("page", "rows in the document", rows, "1"),
    ]


def _scroll(page: Page, seconds: int) -> tuple[list[float], int]:
    frames, rows = page.evaluate(_SCROLL, seconds)
    return frames, rows


@contextlib.contextmanager
def _server() -> Iterator[str]:
    """Serve the page over made-up calls."""
    routes = [
        Route("/about", _about),
        Route("/calls", _calls),
        Route("/calls/{sid}", _call),
        Route("/webhook-requests", _webhook_requests),
        Route("/events", _events),
        page_route(),
    ]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(
            uvicorn.Config(Starlette(routes=routes), log_config=None, timeout_graceful_shutdown=1)
        )
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True
        thread.join()


async def _about(_: Request) -> JSONResponse:
    return JSONResponse({"name": "Benchmark", "read_only": True})


async def _calls(request: Request) -> JSONResponse:
    return JSONResponse(
        {"calls": [] if "before" in request.query_params else [_made_up(n) for n in range(_CALLS)]}
    )


async def _call(_: Request) -> JSONResponse:
    call = _made_up(0)
    story = {"sid": call["sid"], "status": call["status"], "finished": False, "call": call}
    return JSONResponse({**story, "legs": [], "recordings": [], "steps": []})


async def _webhook_requests(_: Request) -> JSONResponse:
    return JSONResponse({"webhook_requests": [_request(1)]})


async def _events(_: Request) -> StreamingResponse:
    return StreamingResponse(_stream(), media_type="text/event-stream")


async def _stream() -> AsyncIterator[str]:
    """Yield events at an even pace: mostly changed calls, and a few requests of the selected call."""
    started, number = time.monotonic(), 1
    while True:
        tick = number // (_PER_SECOND // _TICKS_PER_SECOND)
        await asyncio.sleep(max(0.0, started + tick / _TICKS_PER_SECOND - time.monotonic()))
        for _ in range(_PER_SECOND // _TICKS_PER_SECOND):
            number += 1
            if number % (_PER_SECOND // _REQUESTS_PER_SECOND) == 0:
                yield _event("webhook-request", number, _request(number))
            else:
                yield _event("call", number, _made_up(1 + number % (_CALLS - 1)))


def _event(name: str, number: int, data: dict[str, Any]) -> str:
    return f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n"


def _made_up(number: int) -> dict[str, Any]:
    return {
        "sid": f"CA{number:032x}",
        "from": f"+1555{number:07}",
        "to": "+15551234567",
        "direction": "inbound",
        "status": "completed" if number else "in-progress",
        "date_created": formatdate(time.time() - number),
        "duration": "5",
    }


def _request(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "time": time.time(),
        "kind": "status",
        "call_sid": _SELECTED,
        "root_call_sid": _SELECTED,
        "method": "POST",
        "url": "https://example.com/twilio-webhook",
        "params": {f"Parameter{n}": "a value of some length" for n in range(20)}
        | {"CallStatus": "in-progress"},
        "status": 204,
        "duration_ms": 8,
    }
