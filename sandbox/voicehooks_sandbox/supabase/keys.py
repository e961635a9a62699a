"""The project's API keys and JWTs: the role of a key, and whether a token is valid.

Supabase docs: guides/api/api-keys (publishable and secret keys in addition to the legacy JWT keys).
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import time
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

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
SIGNING_KEY_ID = "5a4db0c5-0000-4000-8000-000000000001"


def sign_token(claims: dict[str, Any]) -> str:
    """Sign claims with the project's JWT secret (HS256)."""
    return jwt.encode(claims, SUPABASE_JWT_SECRET, algorithm="HS256")


def sign_session_token(claims: dict[str, Any]) -> str:
    """Sign claims with the project's signing key (ES256), as Auth does on new projects."""
    return jwt.encode(claims, _signing_key(), algorithm="ES256", headers={"kid": SIGNING_KEY_ID})


@functools.cache
def _signing_key() -> ec.EllipticCurvePrivateKey:
    # Fixed and published, as all credentials of the sandbox: it opens nothing else.
    number = int.from_bytes(hashlib.sha256(b"voicehooks sandbox signing key").digest(), "big")
    return ec.derive_private_key(number, ec.SECP256R1())


@functools.cache
def public_keys() -> dict[str, Any]:
    """The project's JWKS: the public half of the signing key. Shared secrets never appear in it."""
    numbers = _signing_key().public_key().public_numbers()
    key = {
        "kty": "EC",
        "crv": "P-256",
        "alg": "ES256",
        "use": "sig",
        "key_ops": ["verify"],
        "ext": True,
        "kid": SIGNING_KEY_ID,
        "x": _base64url(numbers.x.to_bytes(32, "big")),
        "y": _base64url(numbers.y.to_bytes(32, "big")),
    }
    return {"keys": [key]}


def verification_keys() -> str:
    """All keys that tokens of the project may be signed with, as a JWKS for PostgREST."""
    shared = {"kty": "oct", "alg": "HS256", "k": _base64url(SUPABASE_JWT_SECRET.encode())}
    # PostgREST verifies with each key in turn, and takes `key_ops` and `use` at their word.
    public = [
        {name: key[name] for name in ("kty", "crv", "alg", "kid", "x", "y")} for key in public_keys()["keys"]
    ]
    return json.dumps({"keys": [*public, shared]})


def decode_token(token: str) -> dict[str, Any]:
    """The claims of a token that is signed by this project, with either key, and has not expired.

    Raises:
        jwt.PyJWTError: It is not.
    """
    is_session = jwt.get_unverified_header(token).get("alg") == "ES256"
    claims: dict[str, Any] = jwt.decode(
        token,
        _signing_key().public_key() if is_session else SUPABASE_JWT_SECRET,
        algorithms=["ES256" if is_session else "HS256"],
        options={"verify_aud": False, "verify_iat": False, "verify_sub": False},
    )
    return claims


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


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
        """Whether a token is signed by this project and has not expired."""
        valid_until = self._valid_until.get(token)
        if valid_until is not None and time.time() < valid_until:
            return True
        try:
            claims = decode_token(token)
        except jwt.PyJWTError:
            return False
        if len(self._valid_until) >= _LARGEST_CACHE:
            self._valid_until.clear()
        self._valid_until[token] = float(claims.get("exp", _EXPIRES_AT))
        return True
