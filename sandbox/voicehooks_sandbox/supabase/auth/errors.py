"""Errors of Auth, in both shapes: clients of API version 2024-01-01 get the code as `code`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from starlette.requests import Request

API_VERSION_HEADER = "x-supabase-api-version"


class AuthError(Exception):
    """An answer that is not a success.

    Args:
        status: The HTTP status.
        code: Auth's error code (Supabase docs: guides/auth/debugging/error-codes).
        message: Auth's message.
        more: Further keys of the body.
    """

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.more = more

    def response(self, request: Request) -> Response:
        """The answer as it goes out, in the shape that the client understands."""
        headers = {"x-sb-error-code": self.code}
        version = request.headers.get(API_VERSION_HEADER)
        if version is None:
            body = {"code": self.status, "error_code": self.code, "msg": self.message, **self.more}
        else:
            headers[API_VERSION_HEADER] = version
            body = {"code": self.code, "message": self.message, **self.more}
        return JSONResponse(body, self.status, headers)


def invalid(message: str) -> AuthError:
    """A request whose content is not valid."""
    return AuthError(400, "validation_failed", message)


def user_not_found() -> AuthError:
    """The admin API was asked for a user who does not exist."""
    return AuthError(404, "user_not_found", "User not found")


def expired_token() -> AuthError:
    """A one-time token that is wrong, used or too old."""
    return AuthError(403, "otp_expired", "Token has expired or is invalid")
