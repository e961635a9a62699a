"""Errors of the Management API: a status and `{"message": ...}`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.requests import Request

_ACCESS_CONTROL = "https://supabase.com/docs/guides/platform/access-control"


class ApiError(Exception):
    """An answer that is not a success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def response(self) -> JSONResponse:
        """The answer as it goes out."""
        return JSONResponse({"message": self.message}, status_code=self.status)


def unauthorized() -> ApiError:
    """No token, or one that is not this account's."""
    return ApiError(401, "Unauthorized")


def forbidden() -> ApiError:
    """A scoped token without the permission that an operation asks for."""
    return ApiError(
        403,
        "Your account does not have the necessary privileges to access this endpoint. "
        f"For more details, refer to our documentation {_ACCESS_CONTROL}",
    )


def not_emulated(method: str, path: str) -> ApiError:
    """An operation that the sandbox does not have: loud, and naming itself."""
    return ApiError(501, f"The sandbox does not emulate {method} {path}.")


async def read_json(request: Request) -> Any:
    """The JSON body of a request.

    Raises:
        ApiError: 400, it is not JSON.
    """
    try:
        body = await request.json()
        # Half a surrogate pair can be written in JSON, but is not text that anything can store.
        json.dumps(body, ensure_ascii=False).encode()
    except ValueError as error:
        raise ApiError(400, f"Unexpected token in JSON body: {error}") from error
    return body


async def read_object(request: Request) -> dict[str, Any]:
    """The JSON body of a request, which must be an object.

    Raises:
        ApiError: 400, it is not.
    """
    body = await read_json(request)
    if not isinstance(body, dict):
        raise ApiError(400, "Expected an object in the request body")
    return body
