"""Supabase's rules of the gateway: which request may pass, and as whom.

A key becomes the JWT of its role; `verify_jwt` is checked before a function's code runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import JSONResponse, PlainTextResponse, Response

from voicehooks_sandbox.supabase.keys import TokenVerifier, token_of_api_key

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

_OPEN_TO_ALL = {"access-control-allow-origin": "*"}


def json_answer(status: int, content: object, *, error_code: str | None = None) -> Response:
    """An answer with a JSON body; `error_code` is repeated in `sb-error-code`, as hosted."""
    return JSONResponse(content, status, _with_error_code(error_code))


def text_answer(status: int, text: str, *, error_code: str | None = None) -> Response:
    """An answer with a plain text body."""
    return PlainTextResponse(text, status, _with_error_code(error_code))


def _with_error_code(error_code: str | None) -> dict[str, str]:
    return _OPEN_TO_ALL if error_code is None else {**_OPEN_TO_ALL, "sb-error-code": error_code}


def function_error(status: int, code: str, message: str) -> Response:
    """The platform's own answer in place of a function's: {code, message}."""
    return json_answer(status, {"code": code, "message": message}, error_code=code)


FUNCTION_NOT_FOUND = text_answer(404, "Function not found", error_code="NOT_FOUND")
BOOT_ERROR = function_error(503, "BOOT_ERROR", "Function failed to start (please check logs)")
WORKER_ERROR = function_error(500, "WORKER_ERROR", "Function exited due to an error (please check logs)")
WORKER_RESOURCE_LIMIT = function_error(
    546,
    "WORKER_RESOURCE_LIMIT",
    "Function failed due to not having enough compute resources (please check logs)",
)
NO_API_KEY = json_answer(
    401,
    {"message": "No API key found in request", "hint": "No `apikey` request header or url param was found."},
)
INVALID_API_KEY = json_answer(
    401,
    {"message": "Invalid API key", "hint": "Double check your Supabase `anon` or `service_role` API key."},
)
SECRET_KEY_IN_BROWSER = json_answer(
    401,
    {
        "message": "Forbidden use of secret API key in browser",
        "hint": "Secret API keys can only be used in a protected environment.",
    },
)
MISSING_AUTHORIZATION = json_answer(401, {"code": 401, "message": "Missing authorization header"})
INVALID_JWT = json_answer(401, {"code": 401, "message": "Invalid JWT"})
PROJECT_PAUSED = json_answer(540, {"message": "Project paused"})
UPSTREAM_UNAVAILABLE = json_answer(503, {"message": "The upstream server is not available"})


def idle_timeout(seconds: float) -> Response:
    """The answer for a function that did not answer in time (Supabase docs: functions/limits)."""
    return function_error(504, "IDLE_TIMEOUT", f"Request idle timeout limit ({seconds:g}s) reached")


def forced_function_answer(status: int) -> Response:
    """The platform's answer with this status, for a fault set on the control plane."""
    known = {
        answer.status_code: answer
        for answer in (FUNCTION_NOT_FOUND, BOOT_ERROR, WORKER_ERROR, WORKER_RESOURCE_LIMIT)
    }
    return known.get(status) or function_error(
        status, "SANDBOX_FAULT", f"A fault set on the sandbox answers {status}"
    )


def not_emulated(method: str, path: bytes) -> Response:
    """The loud answer for a part of a project that the sandbox does not have."""
    what = f"{method} {path.decode('latin-1')}"
    return json_answer(501, {"message": f"The sandbox does not emulate {what}."})


def header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    """The first value of a header; all names in lower case."""
    for key, value in headers:
        if key == name:
            return value
    return None


def rest_authorization(
    method: str, headers: Iterable[tuple[bytes, bytes]], query: bytes, deleted_keys: Container[str] = ()
) -> Response | bytes:
    """Decide about a request to /rest/v1: the Authorization value to pass on, or a refusal.

    A preflight passes as it is. New keys are not JWTs: `Bearer sb_...` is treated as absent and replaced by a
    token of the key's role. Any other Authorization is the user's own token and is kept.
    """
    authorization = header(headers, b"authorization")
    if method == "OPTIONS":
        return authorization or b""
    api_key = header(headers, b"apikey")
    if api_key is None and b"apikey=" in query:
        api_key = parse_qs(query).get(b"apikey", [b""])[0]
    if not api_key:
        return NO_API_KEY
    token = token_of_api_key(api_key.decode("latin-1"), deleted_keys)
    if token is None:
        return INVALID_API_KEY
    if api_key.startswith(b"sb_secret_") and b"Mozilla/" in (header(headers, b"user-agent") or b""):
        return SECRET_KEY_IN_BROWSER
    if authorization is not None and not authorization.startswith(b"Bearer sb_"):
        return authorization
    return b"Bearer " + token.encode()


def refuse_function_request(
    method: str, headers: Iterable[tuple[bytes, bytes]], verifier: TokenVerifier
) -> Response | None:
    """Check a request to a function with `verify_jwt`: None lets it pass.

    API keys do not pass, preflights do (Supabase docs: functions/auth).
    """
    if method == "OPTIONS":
        return None
    authorization = header(headers, b"authorization")
    if authorization is None:
        return MISSING_AUTHORIZATION
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer" or not verifier.is_valid(token.strip().decode("latin-1")):
        return INVALID_JWT
    return None
