"""The tokens that sockets and channels are opened with."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import jwt

from voicehooks_sandbox.supabase.keys import decode_token


class TokenError(Exception):
    """A token that is not accepted.

    Args:
        code: Realtime's code of the error.
        message: Its text.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Identity:
    """Who a channel acts for.

    Attributes:
        token: The token itself.
        role: Its role in the database.
        claims: All its claims, as JSON.
        expires_at: Seconds since 1970.
    """

    token: str
    role: str
    claims: str
    expires_at: float


def identify(token: str) -> Identity:
    """Check a token.

    Raises:
        TokenError: It is not valid (any more).
    """
    try:
        claims: dict[str, Any] = decode_token(token)
    except jwt.ExpiredSignatureError:
        expired = jwt.decode(token, options={"verify_signature": False})
        seconds = int(time.time() - expired["exp"])
        raise TokenError("InvalidJWTToken", f"Token has expired {seconds} seconds ago") from None
    except jwt.InvalidSignatureError:
        raise TokenError("JwtSignatureError", "Failed to validate JWT signature") from None
    except jwt.PyJWTError:
        raise TokenError("MalformedJWT", "The token provided is not a valid JWT") from None
    if not isinstance(claims.get("role"), str) or "exp" not in claims:
        raise TokenError("InvalidJWTToken", "Fields `role` and `exp` are required in JWT")
    return Identity(token, claims["role"], json.dumps(claims), float(claims["exp"]))
