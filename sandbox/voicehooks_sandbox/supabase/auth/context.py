"""What the handlers of Auth's requests share: the transaction, the settings, the outbox, the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jwt

from voicehooks_sandbox.supabase.auth import sessions, users
from voicehooks_sandbox.supabase.auth.errors import AuthError, invalid
from voicehooks_sandbox.supabase.keys import decode_token

if TYPE_CHECKING:
    from starlette.requests import Request

    from voicehooks_sandbox.supabase.auth.mail import Outbox
    from voicehooks_sandbox.supabase.auth.sessions import Sessions
    from voicehooks_sandbox.supabase.auth.settings import AuthSettings
    from voicehooks_sandbox.supabase.auth.users import Connection, User

_MALFORMED = "invalid JWT: unable to parse or verify signature, "
_ADMINISTRATORS = ("service_role", "supabase_admin")


@dataclass(frozen=True)
class Context:
    """One request to Auth.

    Attributes:
        request: The request.
        body: Its JSON object; empty without a body.
        connection: A transaction as supabase_auth_admin, committed if the handler returns.
        settings: Auth's settings.
        outbox: Where mails go.
        sessions: Makes and renews sessions.
    """

    request: Request
    body: dict[str, Any]
    connection: Connection
    settings: AuthSettings
    outbox: Outbox
    sessions: Sessions

    def text(self, name: str) -> str:
        """A string of the body; empty if it is absent.

        Raises:
            AuthError: It is something else.
        """
        value = self.body.get(name) or ""
        if not isinstance(value, str):
            raise invalid(f"{name} must be a string")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """An object of the body; empty if it is absent.

        Raises:
            AuthError: It is something else.
        """
        value = self.body.get(name) or {}
        if not isinstance(value, dict):
            raise invalid(f"{name} must be an object")
        return value

    def claims(self) -> dict[str, Any]:
        """The claims of the request's Bearer token.

        Raises:
            AuthError: There is none, or it is not valid.
        """
        scheme, _, token = self.request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise AuthError(401, "no_authorization", "This endpoint requires a valid Bearer token")
        try:
            return decode_token(token.strip())
        except jwt.ExpiredSignatureError:
            reason = "token has invalid claims: token is expired"
        except jwt.InvalidSignatureError:
            reason = "signature is invalid"
        except jwt.PyJWTError:
            reason = "token is malformed: token contains an invalid number of segments"
        raise AuthError(403, "bad_jwt", _MALFORMED + reason)

    async def user(self) -> tuple[User, str | None]:
        """The caller, and the id of the session of the token.

        Raises:
            AuthError: The token is not one of a user, or the user or the session is gone.
        """
        claims = self.claims()
        if not claims.get("sub"):
            raise AuthError(403, "bad_jwt", "invalid claim: missing sub claim")
        user = await users.find_by_id(self.connection, str(claims["sub"]))
        if user is None:
            raise AuthError(403, "user_not_found", "User from sub claim in JWT does not exist")
        session_id = claims.get("session_id")
        if session_id and not await sessions.exists(self.connection, str(session_id)):
            raise AuthError(403, "session_not_found", "Session from session_id claim in JWT does not exist")
        return user, session_id

    def require_administrator(self) -> None:
        """Let only the service role pass.

        Raises:
            AuthError: The caller is not an administrator.
        """
        if self.claims().get("role") not in _ADMINISTRATORS:
            raise AuthError(403, "not_admin", "User not allowed")
