"""What only the service role may do: /admin/users, /admin/generate_link and /invite."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from voicehooks_sandbox.supabase.auth import one_time, users
from voicehooks_sandbox.supabase.auth.errors import AuthError, invalid, user_not_found
from voicehooks_sandbox.supabase.auth.sign_up import new_user

if TYPE_CHECKING:
    from voicehooks_sandbox.supabase.auth.context import Context
    from voicehooks_sandbox.supabase.auth.users import User

_DEFAULT_PAGE = 50
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_LINK_TYPES = {
    "signup": "signup",
    "invite": "invite",
    "magiclink": "magiclink",
    "recovery": "recovery",
    "email_change_current": "email_change_current",
    "email_change_new": "email_change",
}


async def list_users(context: Context) -> Response:
    """GET /admin/users: a page of users, newest first, with the total and links to other pages."""
    context.require_administrator()
    query = context.request.query_params
    try:
        page, size = int(query.get("page") or 1), int(query.get("per_page") or _DEFAULT_PAGE)
    except ValueError:
        raise invalid("Bad Pagination Parameters: page and per_page must be numbers") from None
    page, size = max(1, page), max(1, size)
    cursor = await context.connection.execute("select count(*)::int as total from auth.users")
    counted = await cursor.fetchone()
    total = counted["total"] if counted else 0
    cursor = await context.connection.execute(
        "select * from auth.users order by created_at desc, id limit %s offset %s", [size, (page - 1) * size]
    )
    shown = [await users.show(context.connection, user) for user in await cursor.fetchall()]
    last = max(1, -(-total // size))
    links = [f'</admin/users?page={page + 1}&per_page={size}>; rel="next"'] if page < last else []
    links.append(f'</admin/users?page={last}&per_page={size}>; rel="last"')
    headers = {"x-total-count": str(total), "link": ", ".join(links)}
    return JSONResponse({"users": shown, "aud": "authenticated"}, headers=headers)


async def create_user(context: Context) -> Response:
    """POST /admin/users."""
    context.require_administrator()
    if not context.text("email"):
        if context.text("phone"):
            raise AuthError(
                400, "phone_provider_disabled", "The sandbox does not emulate phone numbers of users"
            )
        raise invalid("Cannot create a user without either an email or phone number")
    email = users.checked_email(context.body["email"])
    if await users.find_by_email(context.connection, email) is not None:
        raise _taken()
    values = await _changes(context, {"raw_app_meta_data": {"provider": "email", "providers": ["email"]}})
    values["email"] = email
    values["raw_user_meta_data"] = {
        **values.get("raw_user_meta_data", {}),
        "email_verified": bool(context.body.get("email_confirm")),
    }
    if given := context.text("id"):
        values["id"] = _user_id(given, "ID must conform to the uuid v4 format")
    user = await users.insert(context.connection, values)
    return JSONResponse(await users.show(context.connection, user))


async def get_user(context: Context) -> Response:
    """GET /admin/users/{id}."""
    context.require_administrator()
    return JSONResponse(await users.show(context.connection, await _named_user(context)))


async def update_user(context: Context) -> Response:
    """PUT /admin/users/{id}: metadata is merged; null removes a key."""
    context.require_administrator()
    user = await _named_user(context)
    changes = await _changes(context, user)
    if context.text("email"):
        email = users.checked_email(context.body["email"])
        other = await users.find_by_email(context.connection, email)
        if other is not None and other["id"] != user["id"]:
            raise _taken()
        changes["email"] = email
    user = await users.update(context.connection, user, changes)
    return JSONResponse(await users.show(context.connection, user))


async def delete_user(context: Context) -> Response:
    """DELETE /admin/users/{id}; `should_soft_delete` keeps the row without its personal data."""
    context.require_administrator()
    user = await _named_user(context)
    if context.body.get("should_soft_delete"):
        await context.connection.execute("delete from auth.sessions where user_id = %s", [user["id"]])
        await context.connection.execute("delete from auth.identities where user_id = %s", [user["id"]])
        gone = {"email": f"{uuid.uuid4().hex}@deleted", "encrypted_password": "", "raw_user_meta_data": {}}
        await users.update(context.connection, user, {**gone, "deleted_at": datetime.now(UTC)})
    else:
        await context.connection.execute("delete from auth.users where id = %s", [user["id"]])
    return JSONResponse({})


async def invite(context: Context) -> Response:
    """POST /invite: makes a user, and writes the invitation."""
    context.require_administrator()
    email = users.checked_email(context.body.get("email"))
    user = await users.find_by_email(context.connection, email)
    if user is not None and user["email_confirmed_at"] is not None:
        raise _taken()
    if user is None:
        user = await _invited(context, email)
    redirect_to = _redirect(context)
    user = await one_time.send_mail(context.connection, context.outbox, user, "invite", redirect_to=redirect_to)
    return JSONResponse(await users.show(context.connection, user))


async def generate_link(context: Context) -> Response:
    """POST /admin/generate_link: the code and the link of a mail, which is not sent."""
    context.require_administrator()
    kind = _LINK_TYPES.get(context.text("type"))
    if kind is None:
        raise invalid(f"Invalid email action link type requested: {context.text('type')}")
    email = users.checked_email(context.body.get("email"))
    user = await users.find_by_email(context.connection, email)
    if user is None:
        if kind not in ("signup", "invite", "magiclink"):
            raise AuthError(404, "user_not_found", "User with this email not found")
        password = context.text("password")
        if kind == "signup" and not password:
            raise invalid("Signup requires a valid password")
        if kind == "invite":
            user = await _invited(context, email)
        else:
            password = password or uuid.uuid4().hex
            user = await new_user(context, email, password, context.mapping("data"), confirmed=False)
            kind = "signup"
    elif kind in ("signup", "invite") and user["email_confirmed_at"] is not None:
        raise _taken()
    to = email
    if kind.startswith("email_change"):
        new = users.checked_email(context.body.get("new_email"))
        user = await users.update(
            context.connection, user, {"email_change": new, "email_change_confirm_status": 0}
        )
        to = new if kind == "email_change" else email
    redirect_to = _redirect(context)
    shown_kind = "email_change" if kind.startswith("email_change") else kind
    mail = context.outbox.write(shown_kind, to, redirect_to)
    user = await one_time.issue(context.connection, user, kind, mail)
    link = {
        "action_link": mail.action_link,
        "email_otp": mail.otp,
        "hashed_token": mail.token_hash,
        "verification_type": context.text("type") if kind.startswith("email_change") else kind,
        "redirect_to": redirect_to,
    }
    return JSONResponse({**await users.show(context.connection, user), **link})


async def _changes(context: Context, before: dict[str, Any]) -> dict[str, Any]:
    """The columns that a request of an administrator sets."""
    body = context.body
    changes: dict[str, Any] = {}
    for key, column in (("app_metadata", "raw_app_meta_data"), ("user_metadata", "raw_user_meta_data")):
        given = context.mapping(key)
        if given or before.get(column):
            merged = {**(before.get(column) or {}), **given}
            changes[column] = {name: value for name, value in merged.items() if value is not None}
    if password := context.text("password"):
        users.check_password_strength(password, context.settings)
        changes["encrypted_password"] = await users.hash_password(password)
    elif hashed := context.text("password_hash"):
        changes["encrypted_password"] = hashed
    if body.get("email_confirm"):
        changes["email_confirmed_at"] = datetime.now(UTC)
    if role := context.text("role"):
        changes["role"] = role
    if duration := context.text("ban_duration"):
        changes["banned_until"] = None if duration == "none" else datetime.now(UTC) + _duration(duration)
    return changes


async def _invited(context: Context, email: str) -> User:
    return await users.insert(
        context.connection,
        {
            "email": email,
            "encrypted_password": "",
            "invited_at": datetime.now(UTC),
            "raw_app_meta_data": {"provider": "email", "providers": ["email"]},
            "raw_user_meta_data": context.mapping("data"),
        },
    )


async def _named_user(context: Context) -> User:
    user_id = _user_id(context.request.path_params["id"], "user_id must be an UUID", status=404)
    user = await users.find_by_id(context.connection, str(user_id))
    if user is None:
        raise user_not_found()
    return user


def _redirect(context: Context) -> str:
    wanted = context.request.query_params.get("redirect_to") or context.body.get("redirect_to")
    return one_time.allowed_redirect(wanted, context.settings)


def _user_id(text: str, message: str, *, status: int = 400) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise AuthError(status, "validation_failed", message) from None


def _duration(text: str) -> timedelta:
    parts = _DURATION.findall(text)
    if "".join(number + unit for number, unit in parts) != text:
        raise invalid(f'invalid format for ban duration: time: invalid duration "{text}"')
    return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))


def _taken() -> AuthError:
    return AuthError(422, "email_exists", "A user with this email address has already been registered")
