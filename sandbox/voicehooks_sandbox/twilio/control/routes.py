"""The control plane over HTTP; its bodies are described in the package's docstring."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from ..api import API_JOURNAL
from ..calls.models import FINAL
from ..calls.models import encode as encode_call
from ..numbers.models import encode as encode_number
from ..recordings.models import KIND as RECORDING
from ..recordings.models import encode as encode_recording
from ..simulation.live_call import STEP_JOURNAL
from ..store import Where
from ..webhooks.delivery import WEBHOOK_JOURNAL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from ..store import Document
    from ..twin import Twin

    Action = Callable[[Request], Awaitable[Any]]

_LONGEST_WAIT = 300.0


class _Missing(Exception):
    """What the path names does not exist."""


class Control:
    """What can be asked of a sandbox."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    async def health(self, _: Request) -> Document:
        twin = self._twin
        return {"ok": True, "account_sid": twin.accounts.main_sid, "calls_under_way": twin.switchboard.under_way}

    async def call(self, request: Request) -> Document:
        document = self._twin.switchboard.call_in(await _object(request), _base_url(request))
        return {"sid": document["sid"], "status": document["status"]}

    async def read_call(self, request: Request) -> Document:
        twin, sid = self._twin, str(request.path_params["sid"])
        root = twin.calls.find(sid)
        if root is None:
            msg = f"There is no call {sid}."
            raise _Missing(msg)
        if seconds := _number(request, "wait"):
            await twin.switchboard.wait(sid, min(seconds, _LONGEST_WAIT))
            root = twin.calls.find(sid) or root
        steps = twin.store.journal(STEP_JOURNAL, topic=sid)
        recordings = twin.store.page(RECORDING, None, [Where.equals("call_sid", sid)], limit=100)
        return {
            "sid": sid,
            "status": root["status"],
            "finished": root["status"] in FINAL and not twin.switchboard.busy(sid),
            "call": encode_call(root),
            "legs": [encode_call(child) for child in twin.calls.children(sid)],
            "recordings": [encode_recording(one, _base_url(request)) for one in recordings[::-1]],
            "steps": sorted(steps, key=lambda step: (step["offset"], step["id"])),
        }

    async def stock(self, request: Request) -> Document:
        body = await _object(request)
        twin, account = self._twin, str(body.get("account_sid") or self._twin.accounts.main_sid)
        if "count" in body:
            fresh = twin.numbers.stock_many(account, int(body["count"]))
        else:
            fresh = twin.numbers.stock(account, body.get("phone_numbers") or [])
        shown = [] if len(fresh) > 1000 else [encode_number(one) for one in fresh]
        return {"stocked": len(fresh), "numbers": shown}

    async def read_faults(self, _: Request) -> Document:
        return {"faults": self._twin.faults.active()}

    async def add_faults(self, request: Request) -> Document:
        body = await _json(request)
        self._twin.faults.add(body if isinstance(body, list) else [body])
        return {"faults": self._twin.faults.active()}

    async def clear_faults(self, _: Request) -> Document:
        self._twin.faults.clear()
        return {"faults": []}

    async def reset(self, _: Request) -> Document:
        await self._twin.reset()
        return {"ok": True}

    async def webhook_requests(self, request: Request) -> Document:
        sid = request.query_params.get("call_sid")
        found = self._twin.store.journal(WEBHOOK_JOURNAL, topic=sid, after=int(_number(request, "after")))
        return {"webhook_requests": found}

    async def api_requests(self, request: Request) -> Document:
        if request.query_params.get("count"):
            return {"counts": self._twin.store.topics(API_JOURNAL)}
        return {"api_requests": self._twin.store.journal(API_JOURNAL, after=int(_number(request, "after")))}

    async def forget_requests(self, _: Request) -> Document:
        self._twin.store.clear(journals_only=True)
        return {"ok": True}

    async def read_clock(self, _: Request) -> Document:
        clock = self._twin.clock
        return {"factor": "max" if math.isinf(clock.factor) else clock.factor, "now": clock.now()}

    async def set_clock(self, request: Request) -> Document:
        body, clock = await _object(request), self._twin.clock
        if "factor" in body:
            clock.set_factor(math.inf if body["factor"] == "max" else float(body["factor"]))
        if "advanceSeconds" in body:
            clock.advance(float(body["advanceSeconds"]))
        return await self.read_clock(request)

    async def read_scenarios(self, _: Request) -> Document:
        return self._twin.switchboard.scripts()

    async def set_scenarios(self, request: Request) -> Document:
        self._twin.switchboard.set_scripts(await _object(request))
        return self._twin.switchboard.scripts()


def routes(twin: Twin) -> list[Mount]:
    """All paths of the control plane."""
    control = Control(twin)
    table: list[tuple[str, str, Action]] = [
        ("GET", "/health", control.health),
        ("POST", "/calls", control.call),
        ("GET", "/calls/{sid}", control.read_call),
        ("POST", "/numbers", control.stock),
        ("GET", "/faults", control.read_faults),
        ("POST", "/faults", control.add_faults),
        ("DELETE", "/faults", control.clear_faults),
        ("POST", "/reset", control.reset),
        ("GET", "/webhook-requests", control.webhook_requests),
        ("DELETE", "/webhook-requests", control.forget_requests),
        ("GET", "/api-requests", control.api_requests),
        ("DELETE", "/api-requests", control.forget_requests),
        ("GET", "/clock", control.read_clock),
        ("POST", "/clock", control.set_clock),
        ("GET", "/scenarios", control.read_scenarios),
        ("PUT", "/scenarios", control.set_scenarios),
    ]
    return [Mount("/_sandbox", routes=[Route(path, _answering(action), methods=[method]) for method, path, action in table])]


def _answering(action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(await action(request))
        except _Missing as error:
            return JSONResponse({"error": str(error)}, 404)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)

    return endpoint


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body() or b"{}")
    except ValueError:
        msg = f"The body of {request.method} {request.url.path} is not JSON."
        raise ValueError(msg) from None


async def _object(request: Request) -> dict[str, Any]:
    body = await _json(request)
    if not isinstance(body, dict):
        msg = f"The body of {request.method} {request.url.path} is not a JSON object."
        raise TypeError(msg)
    return body


def _number(request: Request, name: str) -> float:
    text = request.query_params.get(name, "")
    return float(text) if text else 0.0


def _base_url(request: Request) -> str:
    return str(request.url.replace(path="", query="", fragment="")).rstrip("/")
