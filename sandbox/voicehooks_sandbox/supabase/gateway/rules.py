"""Supabase's rules of the gateway: which request may pass, and as whom.

A key becomes the JWT of its role; `verify_jwt` is checked before a function's code runs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from voicehooks_sandbox.supabase.keys import TokenVerifier, token_of_api_key

if TYPE_CHECKING:
    from collections.abc import Container

    from voicehooks_sandbox.supabase.http.http1 import Head, Headers


@dataclass(frozen=True)
class Answer:
    """An answer that the gateway gives itself, without asking anything behind it."""

    status: int
    body: bytes
    headers: Headers


def json_answer(status: int, content: object, *, error_code: str | None = None) -> Answer:
    """An answer with a JSON body; `error_code` is repeated in `sb-error-code`, as hosted."""
    headers: Headers = [(b"content-type", b"application/json"), (b"access-control-allow-origin", b"*")]
    if error_code is not None:
        headers.append((b"sb-error-code", error_code.encode()))
    return Answer(status, json.dumps(content, separators=(",", ":")).encode(), headers)


def text_answer(status: int, text: str, *, error_code: str | None = None) -> Answer:
    """An answer with a plain text body."""
    headers: Headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"access-control-allow-origin", b"*"),
    ]
    if error_code is not None:
        headers.append((b"sb-error-code", error_code.encode()))
    return Answer(status, text.encode(), headers)


def function_error(status: int, code: str, message: str) -> Answer:
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


def idle_timeout(seconds: float) -> Answer:
    """The answer for a function that said nothing for too long (Supabase docs: functions/limits)."""
    return function_error(504, "IDLE_TIMEOUT", f"Request idle timeout limit ({seconds:g}s) reached")


def forced_function_answer(status: int) -> Answer:
    """The platform's answer with this status, for a fault set on the control plane."""
    known = {
        answer.status: answer
        for answer in (FUNCTION_NOT_FOUND, BOOT_ERROR, WORKER_ERROR, WORKER_RESOURCE_LIMIT)
    }
    return known.get(status) or function_error(
        status, "SANDBOX_FAULT", f"The sandbox was told to answer {status}"
    )


def not_emulated(method: bytes, path: bytes) -> Answer:
    """The loud answer for a part of a project that the sandbox does not have."""
    what = f"{method.decode('latin-1')} {path.decode('latin-1')}"
    return json_answer(501, {"message": f"The sandbox does not emulate {what}."})


def rest_authorization(head: Head, query: bytes, deleted_keys: Container[str] = ()) -> Answer | bytes:
    """Decide about a request to /rest/v1: the Authorization value to pass on, or a refusal.

    A preflight passes as it is. New keys are no JWTs: `Bearer sb_...` is treated as absent, and the
    key's role stands in for it; any other Authorization is the user's own token and is kept.
    """
    authorization = head.get(b"authorization")
    if head.start[0] == b"OPTIONS":
        return authorization or b""
    api_key = head.get(b"apikey")
    if api_key is None and b"apikey=" in query:
        api_key = parse_qs(query).get(b"apikey", [b""])[0]
    if not api_key:
        return NO_API_KEY
    token = token_of_api_key(api_key.decode("latin-1"), deleted_keys)
    if token is None:
        return INVALID_API_KEY
    if api_key.startswith(b"sb_secret_") and b"Mozilla/" in (head.get(b"user-agent") or b""):
        return SECRET_KEY_IN_BROWSER
    if authorization is not None and not authorization.startswith(b"Bearer sb_"):
        return authorization
    return b"Bearer " + token.encode()


def refuse_function_request(head: Head, verifier: TokenVerifier) -> Answer | None:
    """Check a request to a function with `verify_jwt`: None lets it pass.

    API keys do not pass, preflights do (Supabase docs: functions/auth).
    """
    if head.start[0] == b"OPTIONS":
        return None
    authorization = head.get(b"authorization")
    if authorization is None:
        return MISSING_AUTHORIZATION
    scheme, _, token = authorization.partition(b" ")
    if scheme.lower() != b"bearer" or not verifier.is_valid(token.strip().decode("latin-1")):
        return INVALID_JWT
    return None
