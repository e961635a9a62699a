"""One operation of a control plane: JSON in, JSON out, and a refusal as one sentence."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    Action = Callable[[Request], Awaitable[Any]]


class Missing(Exception):
    """What the path names does not exist."""


@dataclass(frozen=True)
class Operation:
    """What can be asked of a sandbox.

    Attributes:
        method: HTTP method.
        path: under ``/_sandbox``.
        action: what answers: a document, or a response of its own; its docstring describes the operation.
        body: JSON Schema of the request's body; None if it has none.
        query: names of query parameters.
        media_type: of the answer.
        status: of an answer without trouble.
    """

    method: str
    path: str
    action: Action
    body: dict[str, Any] | None = None
    query: tuple[str, ...] = ()
    media_type: str = "application/json"
    status: int = 200

    @property
    def route(self) -> Route:
        """The operation as Starlette serves it."""
        return Route(self.path, self._answer, methods=[self.method])

    async def _answer(self, request: Request) -> Response:
        try:
            answer = await self.action(request)
        except Missing as error:
            return JSONResponse({"message": str(error)}, 404)
        except (ValueError, TypeError) as error:
            return JSONResponse({"message": str(error)}, 400)
        return answer if isinstance(answer, Response) else JSONResponse(answer)


async def json_body(request: Request) -> Any:
    """The body as JSON; without a body an empty object.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        return json.loads(await request.body() or b"{}")
    except ValueError:
        msg = f"The body of {request.method} {request.url.path} is not JSON."
        raise ValueError(msg) from None


async def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object.

    Raises:
        ValueError: it is not JSON.
        TypeError: it is JSON of another kind.
    """
    body = await json_body(request)
    if not isinstance(body, dict):
        msg = f"The body of {request.method} {request.url.path} is not a JSON object."
        raise TypeError(msg)
    return body


def query_number(request: Request, name: str) -> float:
    """A query parameter that is a number; 0 if it is not given.

    Raises:
        ValueError: it is not a number.
    """
    text = request.query_params.get(name, "")
    try:
        number = float(text) if text else 0.0
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        msg = f"{name!r} is a number, not {text!r}."
        raise ValueError(msg)
    return number


def base_url(request: Request) -> str:
    """The address under which the sandbox is reached, no slash at its end."""
    return str(request.url.replace(path="", query="", fragment="")).rstrip("/")
