"""The project's API keys and JWTs: the role of a key, and whether a token is valid.

Supabase docs: guides/api/api-keys (publishable and secret keys in addition to the legacy JWT keys).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import jwt

from voicehooks_sandbox.credentials import (
    SUPABASE_JWT_SECRET,
    SUPABASE_PROJECT_REF,
    SUPABASE_PUBLISHABLE_KEY,
    SUPABASE_SECRET_KEY,
)

if TYPE_CHECKING:
    from collections.abc import Container

_ISSUED_AT = 1_700_000_000
_EXPIRES_AT = 2_300_000_000
_LARGEST_CACHE = 1_000


def sign_token(claims: dict[str, Any]) -> str:
    """Sign claims with the project's JWT secret (HS256)."""
    return jwt.encode(claims, SUPABASE_JWT_SECRET, algorithm="HS256")


def legacy_key(role: str) -> str:
    """The legacy API key of a role: a JWT with a far expiry. The same on every call."""
    return sign_token(
        {
            "iss": "supabase",
            "ref": SUPABASE_PROJECT_REF,
            "role": role,
            "iat": _ISSUED_AT,
            "exp": _EXPIRES_AT,
        }
    )


ANON_KEY = legacy_key("anon")
SERVICE_ROLE_KEY = legacy_key("service_role")
_TOKEN_OF_KEY = {SUPABASE_PUBLISHABLE_KEY: ANON_KEY, SUPABASE_SECRET_KEY: SERVICE_ROLE_KEY}
_TYPE_OF_KEY = {
    SUPABASE_PUBLISHABLE_KEY: "publishable",
    SUPABASE_SECRET_KEY: "secret",
    ANON_KEY: "legacy",
    SERVICE_ROLE_KEY: "legacy",
}


def token_of_api_key(api_key: str, deleted: Container[str] = ()) -> str | None:
    """The JWT that the gateway passes on for an API key: a new key's role, or the legacy key itself.

    None for a key that is not, or no longer, one of the project's.

    Args:
        api_key: What came as `apikey`.
        deleted: The types of keys that are gone: publishable, secret, legacy.
    """
    kind = _TYPE_OF_KEY.get(api_key)
    if kind is None or kind in deleted:
        return None
    return _TOKEN_OF_KEY.get(api_key, api_key)


class TokenVerifier:
    """Checks JWTs, remembering those that were valid until they expire."""

    def __init__(self) -> None:
        self._valid_until: dict[str, float] = {}

    def is_valid(self, token: str) -> bool:
        """Tell whether a token is signed by this project and has not expired."""
        valid_until = self._valid_until.get(token)
        if valid_until is not None and time.time() < valid_until:
            return True
        try:
            claims = jwt.decode(token, SUPABASE_JWT_SECRET, algorithms=["HS256"], options={"verify_aud": False})
        except jwt.PyJWTError:
            return False
        if len(self._valid_until) >= _LARGEST_CACHE:
            self._valid_until.clear()
        self._valid_until[token] = float(claims.get("exp", _EXPIRES_AT))
        return True
