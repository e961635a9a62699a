"""Users and identities in the database, and how Auth shows them."""

from __future__ import annotations

import asyncio
import re
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import bcrypt
import psycopg
from psycopg.types.json import Jsonb

from voicehooks_sandbox.supabase.auth.errors import AuthError, invalid

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.auth.settings import AuthSettings

Connection = psycopg.AsyncConnection[dict[str, Any]]
User = dict[str, Any]
"""A row of auth.users."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_OPTIONAL_BEFORE_PHONE = ("email_confirmed_at", "invited_at")
_OPTIONAL_AFTER_PHONE = (
    *("phone_confirmed_at", "confirmation_sent_at", "confirmed_at", "recovery_sent_at"),
    *("email_change", "email_change_sent_at", "last_sign_in_at"),
)


async def find_by_email(connection: Connection, email: str) -> User | None:
    """The user with this address."""
    cursor = await connection.execute(
        "select * from auth.users where email = %s and not is_sso_user", [email.lower()]
    )
    return await cursor.fetchone()


async def find_by_id(connection: Connection, user_id: str) -> User | None:
    """The user with this id; None, too, for what is not a UUID."""
    try:
        uuid.UUID(user_id)
    except ValueError:
        return None
    cursor = await connection.execute("select * from auth.users where id = %s", [user_id])
    return await cursor.fetchone()


async def insert(connection: Connection, values: User) -> User:
    """Insert a user, and an identity if there is an address; returns the row.

    Args:
        connection: As supabase_auth_admin, the role that triggers on auth.users run as.
        values: Columns; `id`, the times and the usual constants are added.

    Raises:
        AuthError: A trigger failed, for example because it may not write to the schema public.
    """
    now = datetime.now(UTC)
    row = {
        "instance_id": uuid.UUID(int=0),
        "id": uuid.uuid4(),
        "aud": "authenticated",
        "role": "authenticated",
        "created_at": now,
        "updated_at": now,
        **values,
    }
    try:
        user = await _insert_row(connection, "users", row)
        if user["email"]:
            await _add_identity(connection, user)
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        raise AuthError(500, "unexpected_failure", "Database error saving new user") from error
    return user


async def update(connection: Connection, user: User, changes: dict[str, Any]) -> User:
    """Change columns of a user and return the new row.

    Raises:
        AuthError: A trigger or a constraint refused it.
    """
    changes = {**changes, "updated_at": datetime.now(UTC)}
    assignments = ", ".join(f"{name} = %s" for name in changes)
    statement = f"update auth.users set {assignments} where id = %s returning *"  # noqa: S608 - our names
    try:
        cursor = await connection.execute(statement.encode(), [*map(_adapted, changes.values()), user["id"]])
        changed = await cursor.fetchone()
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        raise AuthError(500, "unexpected_failure", "Database error updating user") from error
    if changed is None:
        raise AuthError(500, "unexpected_failure", "Database error updating user")
    if "email" in changes:
        await connection.execute(
            "update auth.identities set identity_data = identity_data || %s, updated_at = now()"
            " where user_id = %s and provider = 'email'",
            [Jsonb({"email": changed["email"]}), user["id"]],
        )
        if not user["email"]:
            await _add_identity(connection, changed)
    return changed


async def confirm_email(connection: Connection, user: User) -> User:
    """Mark a user's address as confirmed."""
    metadata = {**(user["raw_user_meta_data"] or {}), "email_verified": True}
    return await update(
        connection, user, {"email_confirmed_at": datetime.now(UTC), "raw_user_meta_data": metadata}
    )


async def show(connection: Connection, user: User) -> dict[str, Any]:
    """A user as the API shows it; keys in Auth's order, empty times left out."""
    cursor = await connection.execute(
        "select * from auth.identities where user_id = %s order by created_at", [user["id"]]
    )
    shown: dict[str, Any] = {
        "id": str(user["id"]),
        "aud": user["aud"] or "",
        "role": user["role"] or "",
        "email": user["email"] or "",
    }
    shown |= {name: rfc3339(user[name]) for name in _OPTIONAL_BEFORE_PHONE if user[name]}
    shown["phone"] = user["phone"] or ""
    for name in _OPTIONAL_AFTER_PHONE:
        if user[name]:
            key = "new_email" if name == "email_change" else name
            shown[key] = user[name] if isinstance(user[name], str) else rfc3339(user[name])
    shown["app_metadata"] = user["raw_app_meta_data"] or {}
    shown["user_metadata"] = user["raw_user_meta_data"] or {}
    shown["identities"] = [_show_identity(identity) for identity in await cursor.fetchall()]
    shown["created_at"], shown["updated_at"] = rfc3339(user["created_at"]), rfc3339(user["updated_at"])
    shown |= {name: rfc3339(user[name]) for name in ("banned_until", "deleted_at") if user[name]}
    shown["is_anonymous"] = user["is_anonymous"]
    return shown


def rfc3339(value: datetime | None) -> str | None:
    """A time as Auth writes it."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def checked_email(value: object) -> str:
    """An address in lower case.

    Raises:
        AuthError: It is not one.
    """
    if not isinstance(value, str) or not _EMAIL.fullmatch(value):
        msg = "Unable to validate email address: invalid format"
        raise invalid(msg)
    return value.lower()


def check_password_strength(password: str, settings: AuthSettings) -> None:
    """Refuse a password that is too short.

    Raises:
        AuthError: It is.
    """
    least = settings.password_min_length
    if len(password) < least:
        raise AuthError(
            422,
            "weak_password",
            f"Password should be at least {least} characters.",
            weak_password={"reasons": ["length"]},
        )


async def hash_password(password: str) -> str:
    """The hash as Postgres' `crypt(..., gen_salt('bf'))` and Auth store it."""
    hashed = await asyncio.to_thread(
        bcrypt.hashpw, password.encode()[:72], bcrypt.gensalt(rounds=10, prefix=b"2a")
    )
    return hashed.decode()


async def has_password(user: User, password: str) -> bool:
    """Whether this is the user's password."""
    stored = (user["encrypted_password"] or "").encode()
    if not stored.startswith(b"$2"):
        return False
    return await asyncio.to_thread(bcrypt.checkpw, password.encode()[:72], stored)


async def _insert_row(connection: Connection, table: str, row: dict[str, Any]) -> dict[str, Any]:
    names, places = ", ".join(row), ", ".join(["%s"] * len(row))
    statement = f"insert into auth.{table} ({names}) values ({places}) returning *"  # noqa: S608 - our names
    cursor = await connection.execute(statement.encode(), [*map(_adapted, row.values())])
    inserted = await cursor.fetchone()
    assert inserted is not None  # noqa: S101 - an insert without conflict clause returns its row
    return inserted


async def _add_identity(connection: Connection, user: User) -> None:
    user_id = str(user["id"])
    own = {"sub": user_id, "email": user["email"], "email_verified": False, "phone_verified": False}
    given = {key: value for key, value in (user["raw_user_meta_data"] or {}).items() if key not in own}
    now = datetime.now(UTC)
    row = {
        "provider_id": user_id,
        "user_id": user["id"],
        "identity_data": {**given, **own},
        "provider": "email",
        "last_sign_in_at": now,
        "created_at": now,
        "updated_at": now,
    }
    await _insert_row(connection, "identities", row)


def _show_identity(identity: dict[str, Any]) -> dict[str, Any]:
    return {
        "identity_id": str(identity["id"]),
        "id": identity["provider_id"],
        "user_id": str(identity["user_id"]),
        "identity_data": identity["identity_data"],
        "provider": identity["provider"],
        "last_sign_in_at": rfc3339(identity["last_sign_in_at"]),
        "created_at": rfc3339(identity["created_at"]),
        "updated_at": rfc3339(identity["updated_at"]),
        "email": identity["email"],
    }


def _adapted(value: object) -> object:
    return Jsonb(value) if isinstance(value, dict) else value
