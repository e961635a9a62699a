"""Sessions: access tokens, refresh tokens with rotation, signing out."""

from __future__ import annotations

import secrets
import string
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from voicehooks_sandbox.supabase.auth import users
from voicehooks_sandbox.supabase.auth.errors import AuthError
from voicehooks_sandbox.supabase.keys import sign_session_token

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.auth.settings import AuthSettings
    from voicehooks_sandbox.supabase.auth.users import Connection, User

_ALPHABET = string.ascii_lowercase + string.digits
_SCOPES = ("global", "local", "others")


class Sessions:
    """Makes, renews and ends sessions.

    Args:
        issuer: The `iss` of access tokens: the URL of Auth.
    """

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    async def begin(
        self, connection: Connection, user: User, method: str, settings: AuthSettings
    ) -> dict[str, Any]:
        """Sign a user in.

        Args:
            connection: The request's transaction.
            user: Whom.
            method: How, for the claim `amr`: password, otp, anonymous.
            settings: Auth's settings.

        Returns:
            The session as the API answers it.
        """
        now = datetime.now(UTC)
        user = await users.update(connection, user, {"last_sign_in_at": now})
        session_id = uuid.uuid4()
        await connection.execute(
            "insert into auth.sessions (id, user_id, created_at, updated_at, aal)"
            " values (%s, %s, %s, %s, 'aal1')",
            [session_id, user["id"], now, now],
        )
        await connection.execute(
            "insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method)"
            " values (%s, %s, %s, %s, %s)",
            [uuid.uuid4(), session_id, now, now, method],
        )
        token = await _add_refresh_token(connection, user, session_id, parent=None)
        return await self._answer(connection, user, session_id, token, settings)

    async def refresh(self, connection: Connection, token: object, settings: AuthSettings) -> dict[str, Any]:
        """Exchange a refresh token for a session with new tokens.

        A used token may come again if the client lost the answer: while its successor is the active one, or
        within the reuse interval. Otherwise somebody has copied it, and the session ends.

        Raises:
            AuthError: The token is not valid (any more).
        """
        if not isinstance(token, str) or not token:
            raise AuthError(400, "validation_failed", "Refresh token is not valid")
        cursor = await connection.execute(
            "select * from auth.refresh_tokens where token = %s for update", [token]
        )
        found = await cursor.fetchone()
        user = None if found is None else await users.find_by_id(connection, found["user_id"])
        if found is None or user is None:
            raise AuthError(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found")
        refuse_banned(user)
        session_id = found["session_id"]
        if not found["revoked"]:
            await _revoke(connection, token)
        else:
            active = await _active_token(connection, session_id)
            if active is not None and active["parent"] == token:
                return await self._answer(connection, user, session_id, active["token"], settings)
            interval = timedelta(seconds=settings.security_refresh_token_reuse_interval)
            if datetime.now(UTC) > found["updated_at"] + interval:
                if settings.refresh_token_rotation_enabled:
                    await connection.execute(
                        "update auth.refresh_tokens set revoked = true, updated_at = now()"
                        " where session_id = %s",
                        [session_id],
                    )
                    await connection.commit()  # the error that follows must not undo it
                raise AuthError(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used")
            if active is not None:
                await _revoke(connection, active["token"])
        await connection.execute(
            "update auth.sessions set refreshed_at = now(), updated_at = now() where id = %s", [session_id]
        )
        successor = await _add_refresh_token(connection, user, session_id, parent=token)
        return await self._answer(connection, user, session_id, successor, settings)

    async def _answer(
        self, connection: Connection, user: User, session_id: uuid.UUID, token: str, settings: AuthSettings
    ) -> dict[str, Any]:
        now = int(time.time())
        cursor = await connection.execute(
            "select authentication_method, created_at from auth.mfa_amr_claims where session_id = %s",
            [session_id],
        )
        methods = [
            {"method": row["authentication_method"], "timestamp": int(row["created_at"].timestamp())}
            for row in await cursor.fetchall()
        ]
        claims = {
            "iss": self._issuer,
            "sub": str(user["id"]),
            "aud": user["aud"],
            "exp": now + settings.jwt_exp,
            "iat": now,
            "email": user["email"] or "",
            "phone": user["phone"] or "",
            "app_metadata": user["raw_app_meta_data"] or {},
            "user_metadata": user["raw_user_meta_data"] or {},
            "role": user["role"],
            "aal": "aal1",
            "amr": methods,
            "session_id": str(session_id),
            "is_anonymous": user["is_anonymous"],
        }
        return {
            "access_token": sign_session_token(claims),
            "token_type": "bearer",
            "expires_in": settings.jwt_exp,
            "expires_at": now + settings.jwt_exp,
            "refresh_token": token,
            "user": await users.show(connection, user),
        }


async def exists(connection: Connection, session_id: str) -> bool:
    """Whether a session has not ended."""
    try:
        uuid.UUID(session_id)
    except ValueError:
        return False
    cursor = await connection.execute("select from auth.sessions where id = %s", [session_id])
    return await cursor.fetchone() is not None


async def end(connection: Connection, user: User, session_id: str | None, scope: str) -> None:
    """Sign a user out: everywhere (`global`), of this session (`local`) or of all but this (`others`).

    Raises:
        AuthError: There is no such scope.
    """
    if scope not in _SCOPES:
        raise AuthError(400, "validation_failed", f'Unsupported logout scope "{scope}"')
    condition = {"global": "", "local": " and id = %s", "others": " and id is distinct from %s"}[scope]
    parameters = [user["id"]] if scope == "global" else [user["id"], session_id]
    statement = f"delete from auth.sessions where user_id = %s{condition}"  # noqa: S608 - our own conditions
    await connection.execute(statement.encode(), parameters)


def refuse_banned(user: User) -> None:
    """Refuse a user whom an administrator has banned.

    Raises:
        AuthError: The ban is in force.
    """
    if user["banned_until"] is not None and user["banned_until"] > datetime.now(UTC):
        raise AuthError(400, "user_banned", "User is banned")


async def _active_token(connection: Connection, session_id: uuid.UUID) -> dict[str, Any] | None:
    cursor = await connection.execute(
        "select * from auth.refresh_tokens where session_id = %s and not revoked order by id desc limit 1",
        [session_id],
    )
    return await cursor.fetchone()


async def _revoke(connection: Connection, token: str) -> None:
    await connection.execute(
        "update auth.refresh_tokens set revoked = true, updated_at = now() where token = %s", [token]
    )


async def _add_refresh_token(
    connection: Connection, user: User, session_id: uuid.UUID, *, parent: str | None
) -> str:
    token = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    await connection.execute(
        "insert into auth.refresh_tokens"
        " (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id)"
        " values (%s, %s, %s, false, now(), now(), %s, %s)",
        [uuid.UUID(int=0), token, str(user["id"]), parent, session_id],
    )
    return token
