"""Twilio's error answers: an HTTP status, a code and a text.

Codes and texts of single products are in that product's own ``errors`` module.
Source: Twilio docs, "Twilio's response" and the error dictionary.
"""

from __future__ import annotations

from starlette.responses import JSONResponse


class JsonAnswer(JSONResponse):
    """JSON as Twilio sends it: the content type names the charset."""

    media_type = "application/json;charset=utf-8"


class TwilioError(Exception):
    """An error answer of the REST API.

    Attributes:
        status: HTTP status.
        code: Twilio's error code.
        message: the text a client shows.
    """

    def __init__(self, status: int, code: int, message: str, *, detail: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail

    def response(self) -> JSONResponse:
        """The answer as Twilio writes it."""
        body: dict[str, object] = {"code": self.code}
        if self.detail is not None:
            body["detail"] = self.detail
        body["message"] = self.message
        body["more_info"] = f"https://www.twilio.com/docs/errors/{self.code}"
        body["status"] = self.status
        headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if self.status == 401 else None
        return JsonAnswer(body, self.status, headers)


def authenticate() -> TwilioError:
    """The credentials are missing or wrong."""
    return TwilioError(401, 20003, "Authenticate", detail="")


def forbidden(message: str) -> TwilioError:
    """The credentials are right, but not for this."""
    return TwilioError(403, 20003, message)


def account_not_active(sid: str) -> TwilioError:
    """The account is suspended or closed."""
    return TwilioError(403, 20005, f"Account {sid} is not active")


def not_found(path: str) -> TwilioError:
    """Nothing is there, or it belongs to another account."""
    return TwilioError(404, 20404, f"The requested resource {path} was not found")


def method_not_allowed(method: str, path: str) -> TwilioError:
    """The resource exists but does not take this method."""
    return TwilioError(405, 20004, f"Method {method} is not allowed on {path}")


def page_size_too_large(size: int) -> TwilioError:
    """More than 1,000 items a page were asked for."""
    return TwilioError(400, 20007, f"Page size must be less than or equal to 1000, not {size}")


def page_token_required() -> TwilioError:
    """A page other than the first is named by a token (twilio-python, issue 395)."""
    return TwilioError(400, 20001, "PageToken is required for paging.")


def too_many_requests() -> TwilioError:
    """The account has too many requests under way; this one was not processed."""
    return TwilioError(429, 20429, "Too Many Requests")


def invalid_parameter(name: str, value: str) -> TwilioError:
    """A parameter's value is not one the API takes."""
    return TwilioError(400, 20001, f"Invalid parameter {name}: {value!r}")


def not_emulated(method: str, path: str) -> TwilioError:
    """The real API may have this, and the sandbox does not: the one answer that is not Twilio's."""
    return TwilioError(501, 501, f"voicehooks-sandbox does not emulate {method} {path}; nothing was done.")


def suffix_required(path: str) -> TwilioError:
    """The 2010 API answers XML without ``.json``, which the sandbox does not emulate."""
    return TwilioError(
        501,
        501,
        f"voicehooks-sandbox answers in JSON only (Twilio would send XML for {path}): ask for {path}.json.",
    )
